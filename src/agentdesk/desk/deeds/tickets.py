"""Deeds on tickets that are more than one move: merging with its drafts, splitting with a number of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.desk.deeds import Done
from agentdesk.desk.queries.tickets import move_drafts
from agentdesk.domain.documents import Document
from agentdesk.store.site import Site

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp


async def merge(desk: DeskApp, ticket: Document, other: Document) -> Done:
    """Merge a ticket into another; unsent words about it go with it."""
    done = await desk.deeds.move(ticket, "merged", {"ticket": other.id})
    if done.ok:
        await desk.backend.run(lambda site: move_drafts(site, ticket, other))
    return done


async def split(desk: DeskApp, ticket: Document, part: Mapping[str, Any]) -> Done:
    """Split a part off as a ticket of its own."""
    deeds = desk.deeds
    document = deeds.new_id()

    def numbered(site: Site) -> str:
        return site.next_number()

    number = await desk.backend.run(numbered)
    return await deeds.move(ticket, "split", {**part, "ticket": document, "number": number})
