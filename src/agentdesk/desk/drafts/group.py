"""Drafts about what concerns many that come with other deeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentdesk.desk.drafts import By
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Draft


def unhappy(by: By, ticket: Document, move: str, body: Mapping[str, Any]) -> tuple[Draft, ...]:
    """Return what an unhappy answer means for the ticket's management ticket: it is opened again."""
    management = ticket.data.get("management")
    if move not in ("followed_up", "reopened") or not management:
        return ()
    if move == "followed_up" and body.get("answer") != "unsatisfied":
        return ()
    reason = str(body.get("text") or body.get("reason") or "")
    content = {"ticket": ticket.id, "reason": reason or None}
    return (by.draft("management.reopened", ticket.scope, str(management), content),)
