"""A catalogue from a folder of TOML files."""

from __future__ import annotations

from pathlib import Path

from agentdesk.catalogue.build import build
from agentdesk.catalogue.check import examine
from agentdesk.catalogue.entries import parse
from agentdesk.catalogue.sources import CatalogueError, read_sources
from agentdesk.domain.policy import Catalogue


def load(root: Path) -> Catalogue:
    """Return the catalogue of a folder's TOML files, all of which must pass the check.

    Takes about a second, most of it for the holidays. Raises CatalogueError with every problem found.
    """
    sources, unreadable = read_sources(root)
    entries, misshapen = parse(sources)
    problems = unreadable + misshapen or examine(entries)
    if problems:
        raise CatalogueError(tuple(sorted(problems)))
    return build(entries)
