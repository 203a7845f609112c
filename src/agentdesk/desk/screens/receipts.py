"""Texts to the customer about a promise or a ticket: what was sent, what waits, and sending the receipt anew."""

from __future__ import annotations

from collections.abc import Sequence

from agentdesk.desk import terms
from agentdesk.desk.actions import hint_of, hints_of
from agentdesk.desk.calling import receipts_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.rows import EMPTY, Row, ends, joined, row, safe, wrap
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.terms.clocks import NOTICE_STATES
from agentdesk.domain.case import Customer
from agentdesk.domain.documents import Document
from agentdesk.domain.numbering.numbers import display
from agentdesk.domain.work.notices import mobile_of
from agentdesk.store.site import Site


class ReceiptDialog(Dialog[None]):
    """The receipts (回执) of one promise or ticket; Enter queues one more."""

    place = "receipts"

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._notices: tuple[Document, ...] = ()
        self._to: str | None = None
        self._language = "zh"
        self._loaded = False
        self._busy = False

    def on_mount(self) -> None:
        super().on_mount()
        self.desk.spawn(self._load())

    async def _load(self) -> None:
        document = self._document

        def read(site: Site) -> tuple[tuple[Document, ...], str | None, str]:
            found = site.view.document(document.scope, str(document.data.get("customer") or ""))
            customer = Customer(found) if found is not None else None
            line = customer.subscription(document.data.get("subscription")) if customer else None
            if customer is None:
                return receipts_of(site, document), None, "zh"
            return receipts_of(site, document), mobile_of(customer, line), customer.text("language") or "zh"

        self._notices, self._to, self._language = await self.desk.backend.run(read)
        self._loaded = True
        self.paint()

    def body(self, width: int) -> Sequence[Row]:
        at = self.desk.at()
        lines: list[Row] = [row((_("texts to the customer"), "strong")), EMPTY]
        for notice in self._notices:
            data = notice.data
            state = str(data.get("state"))
            when = times.moment(int(data.get("sent_at") or data.get("at") or at), at)
            tone = {"sent": "good", "failed": "late"}.get(state, "warn")
            to = display(str(data.get("to") or ""), masked=True)
            lines.append(ends(row(to, "  ", (terms.term(NOTICE_STATES, state), tone)), row((when, "quiet")), width))
            lines += wrap(safe(data.get("text"), 300), width, "quiet", most=3)
            if state == "queued":
                lines.append(row((_("the centre sends it; nobody has told of it yet"), "quiet")))
            elif data.get("problem"):
                lines.append(row((safe(data["problem"], 80), "late")))
        if not self._notices and self._loaded:
            lines.append(row((_("none was sent"), "quiet")))
        if self._loaded and self._to is None:
            lines += [EMPTY, row((_("the customer has no mobile number: no text can be sent"), "warn"))]
        return lines

    def keys(self) -> Row:
        if self._to is None:
            return hints_of("back")
        to = display(self._to, masked=True)
        return joined([hint_of("receipts.go", _("send the receipt to {number}").format(number=to)), hint_of("back")])

    def action_go(self) -> None:
        if self._to is not None and not self._busy:
            self._busy = True
            self.desk.spawn(self._send(self._to))

    async def _send(self, to: str) -> None:
        done = await self.desk.calling.receipt(self._document, to, self._language)
        self._busy = False
        self.doze()
        self.say(done.problem)
        await self._load()
