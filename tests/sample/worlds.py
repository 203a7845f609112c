"""Worlds for the tests: seeds and instants as hypothesis gives them, and one that most tests share."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from agentdesk.catalogue import packaged
from agentdesk.domain.documents import Document
from agentdesk.domain.policy import Catalogue
from agentdesk.sample import World
from agentdesk.sample.places import PLACES

NOW = 1_790_000_000_000
"""A Monday afternoon in China, ms UTC."""

seeds = st.integers(0, 2**31)
regions = st.sampled_from(sorted(PLACES))
instants = st.integers(1_700_000_000_000, 2_000_000_000_000)


@cache
def catalogue() -> Catalogue:
    """The packaged catalogue, read once."""
    return packaged()


def world(seed: int = 1, size: int = 2_000, region: str = "region/bj", now_ms: int = NOW) -> World:
    """A world over the catalogue that is read once."""
    return World(seed, size, region, now_ms, catalogue())


@cache
def shared() -> World:
    """A world of the demo's usual make, a little smaller."""
    return world(size=6_000)


@cache
def customers() -> tuple[Document, ...]:
    """The customers of the shared world."""
    return tuple(shared().customers())
