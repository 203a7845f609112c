"""What waits for a superior: approvals, disputed promises and labels, answered here or by who signs at this desk."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from agentdesk.desk.actions import bindings_of, hints_of
from agentdesk.desk.deeds import promises as deeds_promises
from agentdesk.desk.i18n import _
from agentdesk.desk.models import approvals as ways
from agentdesk.desk.models import disputes
from agentdesk.desk.models.approvals import AskedLine, Superior
from agentdesk.desk.models.group import label_row
from agentdesk.desk.models.offers import OfferLine
from agentdesk.desk.models.rows import EMPTY, Row, row
from agentdesk.desk.queries import promises as queries_promises
from agentdesk.desk.queries.promises import AskedFound
from agentdesk.desk.screens.approval import SignDialog, approving_roles
from agentdesk.desk.screens.labels import decide_label
from agentdesk.desk.screens.page import Page
from agentdesk.domain.documents import Document
from agentdesk.domain.offering.offers import assess
from agentdesk.store.site import Site

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp


class ApprovalsPage(Page):
    """The list of what is asked of superiors; what was approved for oneself is promised from here by one key."""

    place = "approvals"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("approvals")

    def __init__(self) -> None:
        super().__init__()
        self._found: AskedFound | None = None
        self._asked: tuple[AskedLine, ...] = ()

    async def load(self) -> None:
        self._found = await self.desk.backend.run(queries_promises.asked)
        agent = self.desk.settings.agent.id
        self._asked = ways.asked_lines(self._found.approvals, self._found.names, self._found.staff, agent)
        self.paint()

    @property
    def _disputes(self) -> tuple[Document, ...]:
        return self._found.disputes if self._found else ()

    @property
    def _labels(self) -> tuple[Document, ...]:
        return self._found.labels if self._found else ()

    def title_rows(self, width: int) -> Sequence[Row]:
        waiting = sum(1 for line in self._asked if line.document.data.get("state") == "open") + len(self._labels)
        head = _("to be approved {n}, disputed promises {m}").format(n=waiting, m=len(self._disputes))
        return [row((head, "strong"))]

    def head(self, width: int) -> Sequence[Row]:
        if self._found is None or self._asked or self._disputes or self._labels:
            return ()
        return (row((_("nothing waits for a superior"), "quiet")),)

    def items(self, width: int) -> Sequence[Row]:
        at = self.desk.at()
        names = self._found.names if self._found else {}
        return [
            *(ways.asked_row(line, self.desk.catalogue, at, width) for line in self._asked),
            *(disputes.dispute_row(one, names, at, width) for one in self._disputes),
            *(
                row((_("label"), "quiet"), "  ", label_row(one, self.desk.catalogue, width - 10))
                for one in self._labels
            ),
        ]

    def subjects(self) -> Sequence[Hashable]:
        asked = (line.document for line in self._asked)
        return [one.key for one in (*asked, *self._disputes, *self._labels)]

    def keys(self) -> Row:
        return hints_of("approvals.approve", "approvals.decline", "approvals.go", "back")

    def _under(self, index: int) -> AskedLine | None:
        return self._asked[index] if index < len(self._asked) else None

    def under_cursor(self) -> Document | None:
        line = self._under(self.cursor)
        return line.document if line is not None else None

    def chosen(self, index: int) -> None:
        line = self._under(index)
        if line is None:
            self._open(index - len(self._asked))
        elif line.document.data.get("state") == "given" and line.mine:
            self.desk.spawn(self._promise(line.document))
        else:
            self.action_answer(True)

    def _open(self, index: int) -> None:
        """Open a dispute, or decide a label: they stand below the approvals."""
        if index < len(self._disputes):
            self.desk.deal.open_document(self._disputes[index])
        elif index - len(self._disputes) < len(self._labels):
            decide_label(self.desk, self._labels[index - len(self._disputes)], self.say)

    def action_answer(self, yes: bool) -> None:
        line = self._under(self.cursor)
        if line is None:
            self.say(_("open it with Enter: it is decided there"))
            return
        if line.document.data.get("state") != "open":
            self.say(_("this is answered already"))
            return

        def lines(width: int) -> list[Row]:
            return ways.asked_rows(line, self.desk.deeds.catalogue, self.desk.at(), width)

        async def sign(superior: Superior | None, reason: str) -> str:
            done = await deeds_promises.answer(self.desk.deeds, line.document, yes, reason, superior)
            if done.ok:
                await self.desk.reload()
            return done.problem

        roles = approving_roles(self.desk.deeds.catalogue)
        self.desk.push_screen(SignDialog(lines, sign, _("approve") if yes else _("decline"), roles, optional=yes))

    async def _promise(self, approval: Document) -> None:
        """Turn to the customer, and open the promise that was approved."""
        problem = await turn_to(self.desk, approval)
        if problem:
            self.say(problem)
            return
        self.dismiss(None)
        self.desk.call_later(open_approved, self.desk, approval)


async def turn_to(app: DeskApp, approval: Document) -> str:
    """Turn to the customer of an approval; returns what stands in its way."""
    scope, who = approval.scope, str(approval.data.get("customer"))
    contact = app.flow.contact
    present = contact.facts.customer if contact is not None and contact.facts is not None else None
    if present is not None and present.document.id == who:
        return ""
    if contact is not None:
        return _("the contact is about somebody else: wrap it up first")
    customer = await app.backend.run(lambda site: site.view.document(scope, who))
    if customer is None:
        return _("the customer isn't known here yet: wait for the next sync")
    await app.flow.begin(customer, approval.data.get("subscription"))
    return ""


def open_approved(app: DeskApp, approval: Document) -> None:
    """Open the promise that an approval is for, with the amount that was asked for."""
    contact = app.flow.contact
    facts = contact.facts if contact is not None else None
    template = facts.catalogue.templates.get(str(approval.data.get("template"))) if facts is not None else None
    if contact is None or facts is None or facts.case is None or template is None:
        app.flow.say(_("the policy here doesn't know this promise any more"))
        return
    first = assess(template, facts.case, facts.catalogue)
    asked = assess(template, facts.case, facts.catalogue, approval.data.get("amount"))
    line = contact.board.of(template.code) or OfferLine("", 0, first)
    app.deal.offer(contact, replace(line, offer=ways.approved(asked, facts)))


class DisputePage(Page):
    """A disputed promise: what the customer says, what the records have, and the superior's decision."""

    place = "dispute"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("dispute")

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document
        self._evidence: tuple[Document, ...] = ()

    async def load(self) -> None:
        document = self.document
        data = document.data

        def read(site: Site) -> tuple[Document | None, tuple[Document, ...]]:
            ids = (*(data.get("promises") or ()), *(data.get("contacts") or ()))
            found = (site.view.document(document.scope, str(one)) for one in ids)
            return site.view.document(document.scope, document.id), tuple(d for d in found if d is not None)

        known, self._evidence = await self.desk.backend.run(read)
        self.document = known or document
        self.paint()

    def head(self, width: int) -> Sequence[Row]:
        lines = disputes.dispute_rows(self.document, self.desk.deeds.catalogue, self.desk.at(), width)
        return [*lines, EMPTY, row((_("what the records have"), "strong"))]

    def items(self, width: int) -> Sequence[Row]:
        at, catalogue = self.desk.at(), self.desk.deeds.catalogue
        return [disputes.evidence_row(one, catalogue, at, width) for one in self._evidence]

    def keys(self) -> Row:
        if self.document.data.get("state") != "open":
            return hints_of("back")
        return hints_of("dispute.honour", "dispute.dismiss", "dispute.go", "back")

    def chosen(self, index: int) -> None:
        if index < len(self._evidence) and self._evidence[index].type == "commitment":
            self.desk.deal.open_document(self._evidence[index])

    def action_decide(self, honoured: bool) -> None:
        if self.document.data.get("state") == "open":
            from agentdesk.desk.screens.dispute import Deciding

            deciding = Deciding(self.desk, self.document, self._decided)
            if honoured:
                deciding.honour()
            else:
                deciding.sign(_("dismiss it"))

    def _decided(self, done: bool | None) -> None:
        if done:
            self.desk.spawn(self.desk.reload())
