"""What can be done on the full pages: each page's own actions, and those that all pages have."""

from __future__ import annotations

from agentdesk.desk.actions.action import Action
from agentdesk.desk.actions.of_doors import LOCK
from agentdesk.desk.i18n import N_


def _enter(place: str, word: str, help_: str = "") -> Action:
    return Action(f"{place}.go", "enter", word, help_, call="go")


def _close(place: str, key: str) -> Action:
    """Return the key that opened a page and closes it again."""
    return Action(f"{place}.close", key, N_("back"), N_("back to where you came from"), call="back")


COMMON: tuple[Action, ...] = (
    Action("back", "escape", N_("back"), N_("one step back")),
    Action("go", "enter", N_("open"), N_("open the line under the cursor")),
    Action("up", "up", N_("up"), N_("one line up"), call="move(-1)"),
    Action("down", "down", N_("down"), N_("one line down"), call="move(1)"),
    Action("page_up", "pageup", N_("page up"), N_("ten lines up"), call="move(-10)"),
    Action("page_down", "pagedown", N_("page down"), N_("ten lines down"), call="move(10)"),
    Action("first", "home", N_("first line"), call="move(-9999)"),
    Action("last", "end", N_("last line"), call="move(9999)"),
    Action("help", "question_mark,f1", N_("more"), N_("all keys")),
    Action("palette", "ctrl+p", N_("palette"), N_("find an action by its name"), priority=True),
    Action("copy", "y", N_("copy"), N_("copy the number under the cursor; a masked one copies its mask")),
    Action("jump", "semicolon,ctrl+g", N_("jump"), N_("letters beside all that can be opened")),
    Action("reveal", "U", N_("unmask"), N_("show a customer's data unmasked: the reason is recorded")),
    Action("theme", "ctrl+t", N_("theme"), N_("dark, light, high contrast, or the terminal's colours")),
    Action("cut", "ctrl+o", N_("cut the line"), N_("demo: cut the line to the centre, or restore it")),
    LOCK,
)
"""What works on every page."""

TICKET: tuple[Action, ...] = (
    Action("ticket.accept", "a", N_("accept"), call="do('a')"),
    Action("ticket.dispatch", "d", N_("dispatch"), call="do('d')"),
    Action("ticket.answered", "i", N_("answered in the call"), call="do('i')"),
    Action("ticket.reply", "p", N_("reply"), call="do('p')"),
    Action("ticket.follow_up", "c", N_("follow-up call"), call="do('c')"),
    Action("ticket.archive", "z", N_("archive"), call="do('z')"),
    Action("ticket.chase", "u", N_("chase"), call="do('u')"),
    Action("ticket.supplement", "s", N_("add to it"), call="do('s')"),
    Action("ticket.note", "n", N_("note"), call="do('n')"),
    Action("ticket.return", "b", N_("return"), call="do('b')"),
    Action("ticket.reassign", "g", N_("reassign"), call="do('g')"),
    Action("ticket.recall", "e", N_("take back"), call="do('e')"),
    Action("ticket.pause", "h", N_("pause"), N_("pause it, or go on with it"), call="do('h')"),
    Action("ticket.classify", "k", N_("class"), call="do('k')"),
    Action("ticket.hand_over", "t", N_("hand over"), call="do('t')"),
    Action("ticket.link", "l", N_("link"), call="do('l')"),
    Action("ticket.merge", "m", N_("merge"), N_("merge it with another, or take it out again"), call="do('m')"),
    Action("ticket.split", "x", N_("split"), call="do('x')"),
    Action("ticket.reopen", "r", N_("reopen"), call="do('r')"),
    Action("ticket.judge", "v", N_("responsibility"), call="do('v')"),
    Action("ticket.object", "o", N_("object"), N_("object to a judgement"), call="do('o')"),
    Action("ticket.make_good", "j", N_("make good"), N_("remedies for a ticket or a promise")),
    Action("ticket.why", "w", N_("why"), N_("why this deadline")),
    Action("ticket.receipts", "P", N_("texts sent"), N_("texts to the customer")),
)

PROMISE: tuple[Action, ...] = (
    Action("promise.tell", "s", N_("tell the words"), call="do('s')"),
    Action("promise.chase", "u", N_("chase"), call="do('u')"),
    Action("promise.dispatch", "d", N_("dispatch"), call="do('d')"),
    Action("promise.accept", "b", N_("accept"), call="do('b')"),
    Action("promise.note", "n", N_("how far it is"), call="do('n')"),
    Action("promise.interim", "k", N_("interim deadline kept"), call="do('k')"),
    Action("promise.hand_over", "h", N_("hand over"), call="do('h')"),
    Action("promise.keep", "f", N_("kept"), call="do('f')"),
    Action("promise.withdraw", "x", N_("withdraw"), call="do('x')"),
    Action("promise.rebook", "r", N_("move the cost"), call="cost('r')"),
    Action("promise.object", "e", N_("object"), N_("object to a cost"), call="cost('e')"),
    Action("promise.judge", "v", N_("decide the objection"), call="cost('v')"),
    Action("promise.make_good", "j", N_("make good"), N_("remedies for a ticket or a promise")),
    Action("promise.why", "w", N_("why"), N_("why this deadline")),
    Action("promise.receipts", "p", N_("texts sent"), N_("texts to the customer")),
)

OUTBOX: tuple[Action, ...] = (
    Action("outbox.retry", "r", N_("try again"), N_("have the centre judge the entry again")),
    Action("outbox.amend", "e", N_("correct"), N_("put a corrected entry in the place of one that is not in force")),
    Action("outbox.withdraw", "d", N_("withdraw"), N_("withdraw an entry that is not in force")),
    Action("outbox.seen", "space", N_("seen"), N_("seen to: take the entry off your list")),
)
"""What can be done about an entry of the outbox."""


def _lists(place: str) -> tuple[Action, ...]:
    return (
        Action(f"{place}.other", "tab", N_("other list"), call="other(1)"),
        Action(f"{place}.other_back", "shift+tab", N_("the list before"), call="other(-1)"),
    )


OWN: dict[str, tuple[str, tuple[Action, ...]]] = {
    "worklist": (
        N_("worklist"),
        (
            _enter("worklist", N_("open")),
            Action("worklist.chase", "u", N_("chase"), N_("chase an open ticket")),
            *_lists("worklist"),
            _close("worklist", "l"),
        ),
    ),
    "ticket": (N_("ticket"), TICKET),
    "promise": (N_("promise"), PROMISE),
    "document": (
        N_("document"),
        (
            Action("document.tell", "s", N_("tell the words"), call="do('s')"),
            Action("document.keep", "f", N_("kept"), call="do('f')"),
            Action("document.withdraw", "x", N_("withdraw"), call="do('x')"),
            Action("document.receipts", "p", N_("texts sent"), N_("texts to the customer")),
        ),
    ),
    "approvals": (
        N_("approvals"),
        (
            Action("approvals.approve", "a", N_("approve"), call="answer(True)"),
            Action("approvals.decline", "d", N_("decline"), call="answer(False)"),
            _enter("approvals", N_("promise what is approved, or open")),
            _close("approvals", "g"),
        ),
    ),
    "helping": (
        N_("who asks for help"),
        (
            _enter("helping", N_("answer")),
            _close("helping", "G"),
        ),
    ),
    "dispute": (
        N_("disputed promise"),
        (
            Action("dispute.honour", "a", N_("honour it"), call="decide(True)"),
            Action("dispute.dismiss", "d", N_("not found: dismiss"), call="decide(False)"),
            _enter("dispute", N_("open")),
        ),
    ),
    "hall": (
        N_("hall"),
        (
            Action("hall.take", "t", N_("queue number")),
            Action("hall.call_next", "c", N_("call the next")),
            Action("hall.book", "n", N_("book")),
            Action("hall.slip", "p", N_("slip"), N_("print the slip of the visit")),
            Action("hall.slip_sms", "s", N_("by SMS"), N_("send the slip of the visit by SMS")),
            Action("hall.receipt", "k", N_("receipt"), N_("enter a receipt's number")),
            Action("hall.clerk", "w", N_("other clerk")),
            _close("hall", "B"),
        ),
    ),
    "appointment": (
        N_("appointment"),
        (
            Action("appointment.came", "a", N_("is here")),
            Action("appointment.serve", "s", N_("served")),
            Action("appointment.move_it", "m", N_("another time")),
            Action("appointment.cancel", "x", N_("cancel")),
        ),
    ),
    "customer": (
        N_("all about the customer"),
        (
            Action("customer.seen", "c", N_("the customer's view")),
            Action("customer.outlets", "s", N_("outlets")),
            Action("customer.leaving", "l", N_("why he leaves")),
            Action("customer.supply", "e", N_("enter"), N_("enter what isn't known yet")),
            _close("customer", "R"),
        ),
    ),
    "group": (
        N_("announcements and management tickets"),
        (
            _enter("group", N_("open")),
            Action("group.new", "n", N_("new announcement")),
            Action("group.manage", "t", N_("new management ticket")),
        ),
    ),
    "announcement": (
        N_("announcement"),
        (
            Action("announcement.change", "c", N_("other words or time")),
            Action("announcement.over", "o", N_("it is over")),
        ),
    ),
    "management": (
        N_("management ticket"),
        (
            _enter("management", N_("open")),
            Action("management.join", "j", N_("join a ticket")),
            Action("management.let_go", "l", N_("let a ticket go")),
            Action("management.measure", "m", N_("measure")),
            Action("management.measured", "d", N_("measure done")),
            Action("management.solve", "s", N_("solve")),
            Action("management.close", "c", N_("close")),
        ),
    ),
    "call_backs": (
        N_("call-backs"),
        (
            _enter("call_backs", N_("ring")),
            Action("call_backs.drop", "x", N_("close without a call"), call="close"),
            Action("call_backs.hand_over", "h", N_("hand over")),
            _close("call_backs", "C"),
        ),
    ),
    "outbox": (
        N_("outbox"),
        (_enter("outbox", N_("its whole life")), *OUTBOX, *_lists("outbox"), _close("outbox", "o")),
    ),
    "order": (
        N_("order by phone"),
        (
            Action("order.promise", "p", N_("promise instead"), call="do('p')"),
            Action("order.effected", "e", N_("it works"), call="do('e')"),
            Action("order.failed", "f", N_("can't be done"), call="do('f')"),
            Action("order.cancel", "x", N_("cancel the order"), call="do('x')"),
            Action("order.undo", "z", N_("take it back"), call="do('z')"),
        ),
    ),
    "bills": (
        N_("bills"),
        (
            Action("bills.earlier", "left", N_("an earlier month"), call="month(1)"),
            Action("bills.later", "right", N_("a later month"), call="month(-1)"),
            Action("bills.fit", "f", N_("which plan fits")),
            Action("bills.vas", "V", N_("value-added services")),
            Action("bills.verify", "v", N_("verify"), N_("verify who calls")),
        ),
    ),
    "plans": (N_("which plan fits"), (_enter("plans", N_("change to this plan")),)),
    "shift": (
        N_("end of shift"),
        (
            _enter("shift", N_("hand over to ...")),
            Action("shift.keep", "space", N_("keep this one")),
            Action("shift.other", "tab", N_("somebody else's")),
            _close("shift", "z"),
        ),
    ),
    "remedy": (
        N_("remedy"),
        (
            Action("remedy.close", "c", N_("close with a result"), call="do('c')"),
            Action("remedy.tell", "s", N_("told the customer"), call="do('s')"),
            Action("remedy.done", "f", N_("carried out"), call="do('f')"),
            Action("remedy.withdraw", "x", N_("withdraw"), call="do('x')"),
            Action("remedy.rebook", "r", N_("move the cost"), call="do('r')"),
            Action("remedy.object", "n", N_("object"), N_("object to a cost"), call="do('n')"),
            Action("remedy.judge", "v", N_("decide the objection"), call="do('v')"),
        ),
    ),
    "flows": (
        N_("question flows"),
        (
            _enter("flows", N_("ask it")),
            Action("flows.section", "tab", N_("category"), call="section(1)", priority=True),
            Action("flows.section_back", "shift+tab", N_("the category before"), call="section(-1)", priority=True),
        ),
    ),
    "flow": (
        N_("question flow"),
        (
            Action("flow.answer", "1-9", N_("choose"), call="answer({key})", series="1234567890"),
            Action("flow.step_back", "b,backspace,left", N_("one back")),
            Action("flow.ticket", "t", N_("a ticket instead")),
            Action("flow.choose", "tab", N_("who, which line")),
            Action("flow.verify", "v", N_("verify")),
            _enter("flow", N_("take the end of the flow")),
        ),
    ),
    "make_good": (
        N_("make good"),
        (
            _enter("make_good", N_("open")),
            Action("make_good.category", "1-5", N_("category"), call="category({index})", series="12345"),
            Action("make_good.next", "right,tab", N_("the next category"), call="turn(1)"),
            Action("make_good.before", "left", N_("the category before"), call="turn(-1)"),
        ),
    ),
    "services": (
        N_("services by phone"),
        (
            _enter("services", N_("order")),
            Action("services.vas", "f2", N_("value-added services")),
            Action("services.group", "tab", N_("category"), call="group(1)", priority=True),
            Action("services.group_back", "shift+tab", N_("the category before"), call="group(-1)", priority=True),
        ),
    ),
    "channels": (
        N_("from other channels"),
        (_enter("channels", N_("take it, or done")), Action("channels.pass_on", "p", N_("pass on"))),
    ),
    "outlets": (
        N_("outlets"),
        (_enter("outlets", N_("what is done there")), Action("outlets.filter", "f", N_("by service"))),
    ),
    "settings": (
        N_("settings"),
        (
            _enter("settings", N_("change")),
            Action("settings.next", "right", N_("the next value"), call="turn(1)"),
            Action("settings.before", "left", N_("the value before"), call="turn(-1)"),
            _close("settings", "comma"),
        ),
    ),
    "find": (N_("find"), (_enter("find", N_("open")),)),
}
"""Every page's title and own actions, by its name."""
