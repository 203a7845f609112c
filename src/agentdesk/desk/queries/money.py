"""What the desk asks its site about what was made good; in the store's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.domain.documents import Document

if TYPE_CHECKING:
    from agentdesk.store.site import Site


def given(site: Site, under: Document) -> tuple[Document, ...]:
    """Return the remedies given under a ticket, promise or dispute, and the checks about it, oldest first."""
    customer = under.data.get("customer")
    if not customer:
        return ()
    work = site.view.work(under.scope, str(customer), site.now())
    return tuple(
        d
        for d in work
        if (d.type == "remedy" and under.id in (d.data.get("under"), d.data.get("matter")))
        or (d.type == "check" and d.data.get("about") == under.id)
    )
