"""Which screen answers what the agent means to make good; no widget, no rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk.deeds import money as deeds_money
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import EMPTY, Row, row, wrap
from agentdesk.desk.models.sorts import name_of_sort, title_of
from agentdesk.desk.models.speed import read_test, test_words
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.session import Contact
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.line_test import repair_id
from agentdesk.domain.offering.remedies import MATTERS

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

MOST_MATTERS = 9


def choose(app: DeskApp, contact: Contact) -> None:
    """Open the remedies of the caller's matter; of several he chooses, the open ones first."""
    from agentdesk.desk.screens.choose import ChooseDialog

    facts = contact.facts
    work = facts.work if facts is not None else ()
    matters = [d for d in work if d.type in MATTERS and d.data.get("state") not in ("voided", "withdrawn")]
    open_first = {line.document.id for line in app.desk_screen.work}
    matters.sort(key=lambda d: (d.id not in open_first, -(d.data.get("at") or 0)))
    if not matters:
        app.flow.say(_("there is nothing to make good yet: open a ticket (t) or promise something first"))
    elif len(matters) == 1:
        under(app, matters[0])
    else:
        dialog = ChooseDialog(_("what is to be made good?"), matters[:MOST_MATTERS], _matter)
        app.push_screen(dialog, lambda d: under(app, d) if d is not None else None)


def _matter(document: Document, _width: int) -> Row:
    tail = str(document.data.get("number") or "")[-5:]
    return row((name_of_sort(document), "quiet"), "  ", (title_of(document), "strong"), "  ", (tail, "quiet"))


def under(app: DeskApp, document: Document) -> None:
    """Open the remedies under a ticket, promise or dispute; with the contact, where it is about this customer."""
    from agentdesk.desk.screens.make_good import MakeGoodPage

    contact = app.flow.contact
    customer = contact.facts.customer if contact is not None and contact.facts is not None else None
    same = customer is not None and customer.document.id == document.data.get("customer")
    app.push_screen(MakeGoodPage(document, contact if same else None))


def speed_test(app: DeskApp, contact: Contact) -> None:
    """Note a speed test of the line in question."""
    facts = contact.facts
    if facts is None or facts.line is None:
        app.flow.say(_("no line is chosen; press Tab"))
        return
    line = facts.line
    if not line.rate_mbps:
        app.flow.say(_("this line has no contracted speed: choose the broadband with Tab"))
        return

    async def submit(typed: str) -> str:
        test = read_test(typed)
        if test is None:
            return _("type the speed, how often it was run and how: 62 3 wired")
        done = await deeds_money.speed_test(app.deeds, contact, facts, test)
        if done.ok:
            made = [d for c in done.committed for d in c.documents if d.id == repair_id(c.operation.document)]
            await app.flow.refresh()
            if made:
                app.flow.say(test_words(facts, str(made[0].data.get("number"))).text, "strong")
            else:
                app.flow.say(_("the test is noted; nothing follows from it"), "quiet")
        return done.problem

    def lines(width: int) -> list[Row]:
        contracted = _("contracted: {rate} Mbit/s").format(rate=line.rate_mbps)
        asks = _("speed in Mbit/s, how often it was run, and how: wired, engineer or wireless")
        return [row((_("speed test"), "strong"), "  ", (contracted, "quiet")), EMPTY, *wrap(asks, width, "quiet")]

    app.push_screen(AskDialog(lines, submit, _("note it")))
