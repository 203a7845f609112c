"""Folding operations over documents in memory: a batch at the centre, the pending operations at a site."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agentdesk.domain.decide import Decision
from agentdesk.domain.documents import (
    MONEY_TYPES,
    WORK_TYPES,
    WORK_WINDOW_MS,
    Document,
    changed,
    in_order,
    is_open,
    stamped,
)
from agentdesk.domain.needs import Answers, DocumentNeed, Need, WorkNeed


class Fold:
    """Documents that operations are folded over, with what the folding changed.

    Every need of the operations must have been loaded before (`load`); `revision` gives the next number of a
    home scope, or 0 at a site, where only the centre numbers.
    """

    def __init__(self, revision: Callable[[str], int]) -> None:
        self._revision = revision
        self._documents: dict[tuple[str, str], Document] = {}
        self._by_customer: dict[tuple[str, str], dict[str, Document]] = {}
        self._by_owner: dict[tuple[str, str], dict[str, Document]] = {}

    def load(self, documents: Iterable[Document]) -> None:
        """Take in documents as they stand before the folding; a document that is already here is kept."""
        for document in documents:
            if (document.scope, document.id) not in self._documents:
                self._keep(document)

    def get(self, scope: str, document_id: str) -> Document | None:
        return self._documents.get((scope, document_id))

    def answers(self, needs: Iterable[Need], at: int, partial: frozenset[Need] = frozenset()) -> Answers:
        """Answer needs from what is here; `at` is the instant of the operation, ms UTC."""
        return Answers({need: self._find(need, at) for need in needs}, partial)

    def apply(self, decision: Decision, lineage: str) -> tuple[Document, ...]:
        """Fold a decision in and return the documents as they now stand, in the order of its changes."""
        result = []
        for change in decision.changes:
            before = self._documents.get((change.scope, change.id))
            rev = self._revision(change.scope)
            after = stamped(before, change, rev, lineage) if rev else changed(before, change)
            self._keep(after)
            result.append(after)
        return tuple(result)

    def _keep(self, document: Document) -> None:
        self._documents[(document.scope, document.id)] = document
        if document.type in WORK_TYPES:
            customer, owner = document.data.get("customer"), document.data.get("owner")
            if customer:
                self._by_customer.setdefault((document.scope, customer), {})[document.id] = document
            if document.type in MONEY_TYPES and owner:
                self._by_owner.setdefault((document.scope, owner), {})[document.id] = document

    def _find(self, need: Need, at: int) -> tuple[Document, ...]:
        if isinstance(need, DocumentNeed):
            document = self._documents.get((need.scope, need.id))
            return (document,) if document else ()
        if isinstance(need, WorkNeed):
            work = self._by_customer.get((need.scope, need.customer), {}).values()
            return in_order(d for d in work if in_work(d, at))
        made = self._by_owner.get((need.scope, need.owner), {}).values()
        return in_order(d for d in made if (d.data.get("at") or 0) >= need.since)


def in_work(document: Document, at: int) -> bool:
    """Tell whether a document of the work types belongs to a customer's work at an instant."""
    return is_open(document) or (document.data.get("at") or 0) > at - WORK_WINDOW_MS
