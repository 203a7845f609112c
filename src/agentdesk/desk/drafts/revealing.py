"""What is written down before a customer's data are shown unmasked: why, which fields, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.domain.operation import Draft

if TYPE_CHECKING:
    from agentdesk.desk.drafts import By
    from agentdesk.domain.documents import Document


@dataclass(frozen=True, slots=True)
class Reveal:
    """A look at a customer's data: `seconds` at most, None where it is printed and stays."""

    reason: str
    shown: tuple[str, ...]
    seconds: int | None
    about: str | None = None
    contact: str | None = None

    def draft(self, by: By, customer: Document, document: str) -> Draft:
        """Return the operation that says so."""
        body = {
            "customer": customer.id,
            "reason": self.reason,
            "about": self.about,
            "contact": self.contact,
            "shown": list(self.shown),
            "seconds": self.seconds,
        }
        return by.draft("reveal.noted", customer.scope, document, body, version=2)
