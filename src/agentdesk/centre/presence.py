"""Who is in which document now, over all sites: in this process's memory, for seconds, never in a log.

It is lossy on purpose: several servers over one database each know their own part, and a restart forgets all. Nothing
but a quiet line on a screen depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from agentdesk.domain.language.text import clean

EXPIRES_MS = 15_000
"""How long a word counts that isn't said again, ms."""

MOST_PER_SITE = 200
"""Desks of one site that are remembered."""


@dataclass(frozen=True, slots=True)
class There:
    """Somebody in a document: who, and whether he is writing in it."""

    scope: str
    id: str
    agent: str
    name: str
    writing: bool


class Presences:
    """Where the desks of all sites are; used on one event loop. `now` is ms UTC."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._sites: dict[str, tuple[int, str, tuple[There, ...]]] = {}

    def say(self, site: str, name: str, here: Iterable[There], scopes: Collection[str]) -> frozenset[str]:
        """Take in where a site's desks are; return the other sites to tell: they are where somebody came or went.

        Of what lies outside the site's own scopes nothing is taken.
        """
        before = {(t.scope, t.id, t.agent, t.writing) for t in self._of(site)}
        found = tuple(replace(t, name=clean(t.name, 80)) for t in here if t.scope in scopes)[:MOST_PER_SITE]
        if found:
            self._sites[site] = (self._now() + EXPIRES_MS, name, found)
        else:
            self._sites.pop(site, None)
        after = {(t.scope, t.id, t.agent, t.writing) for t in found}
        moved = {(scope, document) for scope, document, _, _ in before ^ after}
        return frozenset(
            other for other in self._sites if other != site and any((t.scope, t.id) in moved for t in self._of(other))
        )

    def others(self, site: str, scopes: Collection[str]) -> list[tuple[str, There]]:
        """Return who of other sites is in the documents that a site's desks are in, each with his site's name."""
        wanted = {(t.scope, t.id) for t in self._of(site) if t.scope in scopes}
        return [
            (self._sites[other][1], there)
            for other in sorted(self._sites)
            if other != site
            for there in self._of(other)
            if (there.scope, there.id) in wanted
        ]

    def _of(self, site: str) -> tuple[There, ...]:
        known = self._sites.get(site)
        if known is None or known[0] < self._now():
            return ()
        return known[2]
