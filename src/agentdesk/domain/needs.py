"""What a decision needs to know: questions for documents, and the answers that a site or the centre gives to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from agentdesk.domain.documents import Document


class DocumentNeed(NamedTuple):
    """The present revision of one document."""

    scope: str
    id: str
    asks: Literal["document"] = "document"
    """Keeps needs of different sorts apart, as tuples are equal by what is in them."""


class WorkNeed(NamedTuple):
    """A customer's documents of the work types: all open ones, and closed ones of the work window."""

    scope: str
    customer: str
    asks: Literal["work"] = "work"


class DayNeed(NamedTuple):
    """The commitments that an agent made, and the remedies that he gave, since an instant, ms UTC."""

    scope: str
    owner: str
    since: int


Need = DocumentNeed | WorkNeed | DayNeed


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to an operation's needs.

    `found` holds a tuple of documents for each need (empty: there is none); `partial` are those that a site
    can't answer fully while the centre may know more.
    """

    found: Mapping[Need, tuple[Document, ...]]
    partial: frozenset[Need] = frozenset()

    def document(self, scope: str, document_id: str) -> Document | None:
        documents = self.found.get(DocumentNeed(scope, document_id), ())
        return documents[0] if documents else None

    def work(self, scope: str, customer: str) -> tuple[Document, ...]:
        return self.found.get(WorkNeed(scope, customer), ())

    def made(self, scope: str, owner: str) -> tuple[Document, ...]:
        """Return the answer to the one DayNeed about an agent."""
        return next(
            (
                found
                for need, found in self.found.items()
                if isinstance(need, DayNeed) and (need.scope, need.owner) == (scope, owner)
            ),
            (),
        )
