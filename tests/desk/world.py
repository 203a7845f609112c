"""The world of the desk's tests: the cast and the site that come with the package."""

from __future__ import annotations

from agentdesk.domain.documents import Document
from agentdesk.qa.cast import (
    HOSTILE,
    LI,
    NOBODY,
    PASSWORD,
    REGION,
    SHARED,
    TAIL,
    WANG,
    customer,
    documents,
    work,
)
from agentdesk.qa.clock import DAY, HOUR, MINUTE, NOW, FrozenClock, SeededEntropy
from agentdesk.qa.desk import Desk
from agentdesk.qa.world import SITE, catalogue, compiled, entries, fill, make_site
from agentdesk.store.outbox import Entry
from agentdesk.store.site import Site

__all__ = [
    "DAY",
    "HOSTILE",
    "HOUR",
    "LI",
    "MINUTE",
    "NOBODY",
    "NOW",
    "PASSWORD",
    "REGION",
    "SHARED",
    "SITE",
    "TAIL",
    "WANG",
    "Desk",
    "FrozenClock",
    "SeededEntropy",
    "catalogue",
    "compiled",
    "customer",
    "document_of",
    "documents",
    "entries",
    "fill",
    "make_site",
    "work",
]


def document_of(site: Site, made: Entry) -> Document:
    """Return the region's document that an operation is about, as an agent of the site sees it."""
    document = site.view.document(REGION, made.document)
    assert document is not None
    return document
