"""Names as they may be shown: masked unless the caller was verified (DOMAIN rule 9)."""

from __future__ import annotations

from agentdesk.desk.models.rows import safe
from agentdesk.domain.documents import Document
from agentdesk.domain.language.text import mask_name


def name_of(document: Document | None, verified: bool = False) -> str:
    """Return the name on a customer's document, masked unless verified."""
    if document is None:
        return ""
    name = safe(document.data.get("name") or "", 40)
    return name if verified else mask_name(name)
