"""The world of the desk's tests: the cast and the site that come with the package."""

from __future__ import annotations

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
    "documents",
    "entries",
    "fill",
    "make_site",
    "work",
]
