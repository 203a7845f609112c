"""What can be done on the desk itself, as the help groups it, and what its footer names."""

from __future__ import annotations

from dataclasses import replace

from agentdesk.desk.actions.action import AFTER, ALWAYS, CALL, CONTACT, DIGITS, IDLE, RINGING, TALKING, Action
from agentdesk.desk.actions.of_doors import LOCK
from agentdesk.desk.i18n import N_

CALLER: tuple[Action, ...] = (
    Action("verify", "v", N_("verify"), N_("verify who calls"), TALKING),
    Action("choose", "tab", N_("who, which line"), N_("choose the customer and the line in question"), CONTACT),
    Action("rights", "R", N_("rights"), N_("all about the customer: rights, portrait, lines, money"), CONTACT),
    Action("matter", "M", N_("matter"), N_("say what it is about: offers are ranked for it"), TALKING),
    Action("bills", "F", N_("bills"), N_("bills, two months side by side, each line explained"), TALKING),
    Action("value_added", "V", N_("VAS"), N_("value-added services: who ordered what, cancel one or all"), TALKING),
    Action("note", "n", N_("note"), N_("write a note; what is typed is kept at every pause"), CONTACT),
    Action("reveal", "U", N_("unmask"), N_("show a customer's data unmasked: the reason is recorded"), CONTACT),
    Action("nuisance", "N", N_("harmful call"), N_("end a harmful call by its words, or label it"), TALKING),
)
PROMISES: tuple[Action, ...] = (
    Action(
        "offer",
        "1-9",
        N_("promise"),
        N_("open the nth promise on offer; Enter there promises it"),
        frozenset({CALL}),
        call="offer('{key}')",
        series=DIGITS,
    ),
    Action("make_good", "j", N_("make good"), N_("remedies for a ticket or a promise"), TALKING),
    Action("dispute", "D", N_("you promised me"), N_("a promise that he remembers: look for it first"), TALKING),
    Action("approvals", "g", N_("approvals"), N_("what waits for a superior, and what was approved"), ALWAYS),
)
WORK: tuple[Action, ...] = (
    Action(
        "work",
        "a-f",
        N_("open"),
        N_("open a ticket or promise of the list"),
        ALWAYS,
        call="work('{key}')",
        series="abcdef",
    ),
    Action("ticket", "t", N_("ticket"), N_("open a new ticket"), TALKING),
    Action("chase", "u", N_("chase"), N_("chase an open ticket"), TALKING),
    Action("services", "s", N_("services"), N_("order a service by phone"), TALKING),
    Action("speed_test", "T", N_("speed test"), N_("note a speed test of the line"), TALKING),
    Action("announcements", "A", N_("announced"), N_("attach the caller; all that concerns many"), ALWAYS),
    Action("worklist", "l", N_("worklist"), N_("all open work, late first"), ALWAYS),
    Action("find", "slash", N_("find"), N_("find a customer, a ticket or a promise"), ALWAYS),
)
TELEPHONE: tuple[Action, ...] = (
    Action("answer", "enter", N_("answer"), N_("answer the call that rings"), frozenset({RINGING})),
    Action("hold", "h", N_("hold"), N_("hold the call, or take it back"), frozenset({CALL})),
    Action("transfer", "x", N_("transfer"), N_("transfer the call, at once or after talking"), frozenset({CALL})),
    Action("take_call", "P", N_("take the call"), N_("answer who rings behind: the other one is held"), ALWAYS),
    Action("turn_back", "p", N_("back to"), N_("back to the contact that was parked"), ALWAYS),
    Action("ask_help", "G", N_("ask for help"), N_("ask a superior for help; the caller hears nothing"), ALWAYS),
    Action("wrap_up", "w", N_("wrap up"), N_("wrap the contact up; hangs up if the caller is still there"), TALKING),
    Action("call_backs", "C", N_("call-backs"), N_("who gave up waiting, by time left; Enter rings"), ALWAYS),
    Action("channels", "X", N_("other channel"), N_("hand on to another channel; what others left"), ALWAYS),
)
WORDS: tuple[Action, ...] = (
    Action("knowledge", "k", N_("knowledge"), N_("question flows: what to ask, and what it comes to"), ALWAYS),
    Action("scripts", "i", N_("what to say"), N_("scripts: what to say now"), ALWAYS),
)
PLACE: tuple[Action, ...] = (
    Action("hall", "B", N_("hall"), N_("branch hall and bookings: queue, ID card, appointments, slip"), ALWAYS),
    Action("outbox", "o", N_("outbox"), N_("what waits, what was sent, what the centre answered"), ALWAYS),
    Action("ready", "r", N_("ready or not"), N_("not ready, or ready again; during a call from its end"), ALWAYS),
    Action("shift", "z", N_("end of shift"), N_("hand over what is due after your shift"), frozenset({IDLE})),
    Action("more", "m", N_("other pane"), N_("offers, open work or earlier contacts at full height"), CONTACT),
    Action("back", "escape", N_("back"), N_("one step back"), ALWAYS),
    Action("help", "question_mark,f1", N_("more"), N_("all keys"), ALWAYS),
    Action("palette", "ctrl+p", N_("palette"), N_("find an action by its name"), ALWAYS, priority=True),
    Action("copy", "y", N_("copy"), N_("copy the number under the cursor; a masked one copies its mask"), ALWAYS),
    Action("jump", "semicolon,ctrl+g", N_("jump"), N_("letters beside all that can be opened"), ALWAYS),
    Action("theme", "ctrl+t", N_("theme"), N_("dark, light, high contrast, or the terminal's colours"), ALWAYS),
    Action("macros", "full_stop", N_("macros"), N_("what is often done together, by its name"), TALKING),
    Action("settings", "comma", N_("settings"), N_("language, theme, bell, keymap: what you choose is kept"), ALWAYS),
    Action("cut", "ctrl+o", N_("cut the line"), N_("demo: cut the line to the centre, or restore it"), ALWAYS),
    replace(LOCK, where=ALWAYS),
    Action("quit", "q", N_("quit"), N_("leave the desk; everything is kept"), ALWAYS),
)

GROUPS: tuple[tuple[str, tuple[Action, ...]], ...] = (
    (N_("the caller"), CALLER),
    (N_("promises"), PROMISES),
    (N_("work"), WORK),
    (N_("the telephone"), TELEPHONE),
    (N_("words to say"), WORDS),
    (N_("this place"), PLACE),
)
"""What can be done on the desk itself, as the help groups it."""

DESK: tuple[Action, ...] = tuple(action for _word, group in GROUPS for action in group)
"""What can be done on the desk itself."""

ANYWHERE: frozenset[str] = frozenset(
    {
        *("verify", "rights", "bills", "value_added", "note", "nuisance", "make_good", "dispute", "approvals"),
        *("ticket", "chase", "services", "speed_test", "announcements", "worklist", "find", "hold", "transfer"),
        *("ask_help", "call_backs", "channels", "knowledge", "scripts", "hall", "outbox", "ready", "shift"),
        *("macros", "settings"),
    }
)
"""What can be begun from a page as well: it comes over the page, or has nothing to do with what is shown."""

FOOT: dict[str, str] = {
    IDLE: "find worklist call_backs knowledge ready hall outbox announcements approvals channels scripts shift",
    RINGING: "answer choose rights note find knowledge scripts worklist",
    CALL: "offer verify ticket services knowledge wrap_up chase rights make_good hold transfer ask_help matter note"
    " choose bills value_added find scripts announcements dispute",
    AFTER: "wrap_up ticket services note chase knowledge rights make_good find call_backs worklist matter bills"
    " value_added scripts",
}
"""What the footer names in each state, what matters most first: as many as fit; the help has all."""
