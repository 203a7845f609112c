"""The conditions of a whole catalogue, asked of one case: each distinct one once, however many templates share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentdesk.domain.conditions import VOCABULARY, Test

if TYPE_CHECKING:
    from agentdesk.domain.case import Case
    from agentdesk.domain.policy import Catalogue, Condition, Template

_KEPT = 4
"""Catalogues whose index is kept: the newest, and those that open promises were made under."""

_ABOUT = frozenset({"line", "has_line", "segment"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A template; what it asks, and what moves it up with how many points, as places in `Index.tests`.

    `about` are those of `applies` that say what it is about at all: where they fail it isn't even worth a why not.
    """

    template: Template
    applies: tuple[int, ...]
    about: tuple[int, ...]
    boosts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Index:
    """What of a catalogue doesn't depend on a case."""

    catalogue: Catalogue
    tests: tuple[tuple[Test, Mapping[str, Any]], ...]
    entries: tuple[Entry, ...]


class Situation:
    """What holds in one case."""

    __slots__ = ("_case", "_catalogue", "_known", "_tests")

    def __init__(self, index: Index, case: Case) -> None:
        self._tests = index.tests
        self._catalogue = index.catalogue
        self._case = case
        self._known: list[bool | None] = [None] * len(index.tests)

    def holds(self, place: int) -> bool:
        """Tell whether the condition at a place of the index holds."""
        known = self._known[place]
        if known is None:
            test, args = self._tests[place]
            known = self._known[place] = test(self._case, self._catalogue, args) is None
        return known

    def all_hold(self, places: tuple[int, ...]) -> bool:
        """Tell whether all of them hold."""
        return all(map(self.holds, places))


_indexes: dict[int, Index] = {}


def index_of(catalogue: Catalogue) -> Index:
    """Return the index of a catalogue; it is made once for each of the last few."""
    known = _indexes.get(id(catalogue))
    # an id is used again once its owner is gone, but what is kept here isn't gone
    if known is not None and known.catalogue is catalogue:
        return known
    made = _made(catalogue)
    while len(_indexes) >= _KEPT:
        _indexes.pop(next(iter(_indexes)), None)
    _indexes[id(catalogue)] = made
    return made


def _made(catalogue: Catalogue) -> Index:
    places: dict[tuple[str, str], int] = {}
    tests: list[tuple[Test, Mapping[str, Any]]] = []

    def place(condition: Condition) -> int:
        key = (condition.name, repr(sorted(condition.args.items())))
        if key not in places:
            places[key] = len(tests)
            tests.append((VOCABULARY[condition.name].test, condition.args))
        return places[key]

    entries = tuple(
        Entry(
            template,
            tuple(place(condition) for condition in template.applies),
            tuple(place(condition) for condition in template.applies if condition.name in _ABOUT),
            tuple((place(boost.when), boost.points) for boost in template.boosts),
        )
        for template in catalogue.templates.values()
    )
    return Index(catalogue, tuple(tests), entries)
