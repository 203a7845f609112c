"""What can be done in dialogs: each dialog's own actions, and those that all dialogs have."""

from __future__ import annotations

from agentdesk.desk.actions.action import Action
from agentdesk.desk.actions.of_doors import LOCK
from agentdesk.desk.actions.of_pages import OUTBOX
from agentdesk.desk.i18n import N_

COMMON: tuple[Action, ...] = (
    Action("back", "escape", N_("back"), N_("one step back")),
    Action("go", "enter", N_("do it"), N_("do what stands beside Enter")),
    Action("help", "question_mark,f1", N_("more"), N_("all keys")),
    Action("palette", "ctrl+p", N_("palette"), N_("find an action by its name"), priority=True),
    Action("copy", "y", N_("copy"), N_("copy the number under the cursor; a masked one copies its mask")),
    Action("cut", "ctrl+o", N_("cut the line"), N_("demo: cut the line to the centre, or restore it")),
    LOCK,
)
"""What works in every dialog."""


def _enter(place: str, word: str) -> Action:
    return Action(f"{place}.go", "enter", word, call="go")


def _up_down(place: str, priority: bool = False) -> tuple[Action, ...]:
    return (
        Action(f"{place}.up", "up", N_("up"), N_("one line up"), call="move(-1)", priority=priority),
        Action(f"{place}.down", "down", N_("down"), N_("one line down"), call="move(1)", priority=priority),
    )


OWN: dict[str, tuple[str, tuple[Action, ...]]] = {
    "promising": (
        N_("promise"),
        (
            _enter("promising", N_("promise")),
            Action("promising.edit", "e", N_("change the amount")),
            Action("promising.calculate", "c", N_("work it out"), N_("pick or enter what the amount follows from")),
            Action("promising.approval", "g", N_("have it approved")),
            Action("promising.void", "z", N_("void a mis-key")),
            Action("promising.reason", "1-3", N_("void it"), call="reason({index})", series="123"),
        ),
    ),
    "approving": (
        N_("have it approved"),
        (
            Action("approving.staff", "s", N_("a superior is here"), call="way('staff')"),
            Action("approving.ask", "g", N_("ask them"), call="way('ask')"),
            Action("approving.wait", "l", N_("he waits: promise it so"), call="way('wait')"),
        ),
    ),
    "wrap_up": (
        N_("wrap up"),
        (
            _enter("wrap_up", N_("finish")),
            Action("wrap_up.add", "a", N_("add"), N_("add what it was about")),
            Action("wrap_up.outcome", "o", N_("outcome")),
            Action("wrap_up.solved", "s", N_("solved")),
            Action("wrap_up.drop", "d", N_("take out"), N_("take the matter out of the wrap-up")),
            Action("wrap_up.summary", "e", N_("summary")),
            Action("wrap_up.more", "plus", N_("more time"), N_("more time for the wrap-up, with a reason")),
            *_up_down("wrap_up"),
        ),
    ),
    "verifying": (
        N_("verify"),
        (
            _enter("verifying", N_("compare")),
            Action("verifying.method", "m", N_("other method")),
            Action("verifying.role", "r", N_("who calls")),
            Action("verifying.handler", "n", N_("who acts for him")),
            Action("verifying.erase", "backspace", N_("rub out")),
        ),
    ),
    "vas": (
        N_("value-added services"),
        (
            Action("vas.cancel", "1-9", N_("cancel this one"), call="cancel({index})", series="123456789"),
            Action("vas.all", "a", N_("cancel all")),
        ),
    ),
    "new_ticket": (
        N_("new ticket"),
        (
            _enter("new_ticket", N_("open the ticket")),
            Action(
                "new_ticket.other_clock",
                "tab",
                N_("another clock"),
                N_("outside towns, or an appeal: another clock"),
                priority=True,
            ),
        ),
    ),
    "choose": (
        N_("choice"),
        (
            _enter("choose", N_("choose")),
            Action("choose.take", "1-k", N_("choose"), call="take({index})", series="123456789abcdefghijk"),
            *_up_down("choose"),
            Action("choose.next", "tab", N_("next line"), call="move(1)"),
        ),
    ),
    "pick": (
        N_("choice"),
        (
            _enter("pick", N_("choose")),
            *_up_down("pick", priority=True),
            Action("pick.next", "tab", N_("next line"), call="move(1)", priority=True),
        ),
    ),
    "giving": (
        N_("give a remedy"),
        (
            _enter("giving", N_("give it")),
            Action("giving.more", "plus,equals_sign,right", N_("more"), N_("the next size"), call="size(1)"),
            Action("giving.less", "minus,left", N_("less"), N_("the size before"), call="size(-1)"),
            Action("giving.approval", "g", N_("ask for approval")),
            Action("giving.calculate", "c", N_("work it out"), N_("pick or enter what the amount follows from")),
            Action("giving.void", "z", N_("void a mis-key")),
            Action("giving.reason", "1-3", N_("void it"), call="reason({index})", series="123"),
        ),
    ),
    "ordering": (
        N_("order a service"),
        (
            _enter("ordering", N_("next")),
            Action("ordering.take", "1-9", N_("choose"), call="take({key})", series="123456789"),
            Action("ordering.next", "tab", N_("next"), call="go", priority=True),
            Action("ordering.before", "shift+tab", N_("the answer before"), priority=True),
            *_up_down("ordering"),
        ),
    ),
    "scripts": (
        N_("what to say"),
        (
            Action("scripts.next", "tab,i,down,right", N_("next script"), call="move(1)"),
            Action("scripts.before", "up,left", N_("the one before"), call="move(-1)"),
        ),
    ),
    "result": (
        N_("what came of it"),
        (Action("result.take", "1-4", N_("what came of it"), call="result_at({index})", series="1234"),),
    ),
    "ringing_back": (
        N_("ring back"),
        (Action("ringing_back.take", "1-4", N_("what came of it"), call="result_at({index})", series="1234"),),
    ),
    "entry": (
        N_("one entry of the outbox"),
        (
            _enter("entry", N_("open it")),
            *(
                Action(f"entry.{action.does}", action.key, action.word, action.help, call=f"do('{action.does}')")
                for action in OUTBOX
            ),
            Action("entry.up", "up,pageup", N_("up"), call="scroll(-1)"),
            Action("entry.down", "down,pagedown", N_("down"), call="scroll(1)"),
        ),
    ),
    "ask": (N_("question"), (_enter("ask", N_("do it")),)),
    "handing": (
        N_("transfer"),
        (
            _enter("handing", N_("transfer")),
            Action("handing.other", "tab", N_("what he should know"), priority=True),
        ),
    ),
    "note": (N_("note"), (_enter("note", N_("write it down")),)),
    "disputing": (N_("you promised me"), (_enter("disputing", N_("write it down")),)),
    "receipts": (N_("texts to the customer"), (_enter("receipts", N_("send the receipt")),)),
    "revealed": (N_("personal data"), ()),
    "keys": (
        N_("keys"),
        (
            *_up_down("keys"),
            Action("keys.left", "left", N_("to the left"), call="beside(-1)"),
            Action("keys.right", "right", N_("to the right"), call="beside(1)"),
            Action("keys.by_name", "slash", N_("by name"), call="palette"),
        ),
    ),
    "help": (N_("keys"), _up_down("help", priority=True)),
}
"""Every dialog's title and own actions, by its name."""
