"""Who the staff in documents are: their names by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document

if TYPE_CHECKING:
    from agentdesk.store.site import Site

ROLES = ("owner", "first_responsible", "previous_handler", "handler", "approver", "asked_by", "approved_by")
"""The fields that name a member of the staff."""


def staff_of(site: Site, *documents: Document) -> dict[str, str]:
    """Return the names of those whom documents and the lists of what was done with them name, as far as known here."""
    ids: set[str] = set()
    for document in documents:
        ids |= {str(document.data[name]) for name in ROLES if document.data.get(name)}
        for move in document.data.get("moves") or ():
            ids |= {str(move[name]) for name in ("by", "to") if move.get(name)}
    found = ((who, site.view.document(ORG, who)) for who in sorted(ids))
    return {who: str(one.data["name"]) for who, one in found if one is not None and one.data.get("name")}
