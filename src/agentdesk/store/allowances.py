"""What a site may still promise without asking: its leases, less what was drawn on them here."""

from __future__ import annotations

from collections.abc import Mapping

from agentdesk.domain.decide import Allowance
from agentdesk.domain.documents import Document
from agentdesk.domain.policy import MoneyKind
from agentdesk.store.files import Files
from agentdesk.store.view import View


class Allowances:
    """The leases of one site; amounts are minor units."""

    def __init__(self, files: Files, view: View) -> None:
        self._files = files
        self._view = view

    def all(self, site: str) -> Mapping[MoneyKind, Allowance]:
        """Return one lease of each kind, that with the most left."""
        found: dict[MoneyKind, Allowance] = {}
        for lease in self._view.of_type(f"site/{site}", "allowance"):
            one = self._left(lease)
            if one.kind not in found or found[one.kind].left < one.left:
                found[one.kind] = one
        return found

    def one(self, site: str, allowance: str | None) -> Allowance | None:
        """Return a lease of the site by its id, None if it has no such lease."""
        if allowance is None:
            return None
        lease = self._view.document(f"site/{site}", allowance)
        return self._left(lease) if lease else None

    def _left(self, lease: Document) -> Allowance:
        row = self._files.outbox.execute("SELECT spent FROM spending WHERE allowance = ?", (lease.id,)).fetchone()
        return Allowance(lease.id, lease.data["kind"], lease.data["amount"] - (row[0] if row else 0))
