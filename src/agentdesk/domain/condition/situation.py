"""The conditions of a whole catalogue, asked of one case: each distinct one once, however many templates share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentdesk.domain.condition.conditions import VOCABULARY, Test

if TYPE_CHECKING:
    from agentdesk.domain.case import Case
    from agentdesk.domain.policy import Catalogue, Condition, Template

_KEPT = 4
"""Catalogues whose index is kept: the newest, and those that open promises were made under."""

_ABOUT = frozenset({"has_line", "segment"})


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
    entries: Mapping[str | None, tuple[Entry, ...]]
    """The templates that may be for a kind of line (None: no line is chosen); another kind has those of `""`."""

    def of(self, kind: str | None) -> tuple[Entry, ...]:
        """Return the entries of templates that may be for a kind of line, without the condition that says so."""
        return self.entries.get(kind, self.entries[""])


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
        known = self._known
        for place in places:
            held = known[place]
            if held is False or (held is None and not self.holds(place)):
                return False
        return True

    def points(self, boosts: tuple[tuple[int, int], ...]) -> int:
        """Return the points of the boosts that hold."""
        known, points = self._known, 0
        for place, more in boosts:
            held = known[place]
            if held or (held is None and self.holds(place)):
                points += more
        return points

    def strongest(self, boosts: tuple[tuple[int, int], ...]) -> int | None:
        """Return which boost that holds has the most points, the first of several; None where none holds."""
        held = [(points, -number) for number, (place, points) in enumerate(boosts) if self.holds(place)]
        return -max(held)[1] if held else None


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

    def entry(template: Template) -> Entry:
        asked = [condition for condition in template.applies if condition.name != "line"]
        return Entry(
            template,
            tuple(map(place, asked)),
            tuple(place(condition) for condition in asked if condition.name in _ABOUT),
            tuple((place(boost.when), boost.points) for boost in template.boosts),
        )

    entries = [(entry(template), _kinds(template)) for template in catalogue.templates.values()]
    kinds = {kind for _, own in entries if own is not None for kind in own}
    # most templates are for one kind of line, so that most of them needn't be looked at
    by_kind = {
        kind: tuple(entry for entry, own in entries if own is None or kind in own)
        for kind in (None, "", *sorted(kinds))
    }
    return Index(catalogue, tuple(tests), by_kind)


def _kinds(template: Template) -> frozenset[str] | None:
    """Return the kinds of line that a template is for; None where it is for any, or for no line at all."""
    found: frozenset[str] | None = None
    for condition in template.applies:
        kinds = condition.args.get("kinds")
        if condition.name == "line" and isinstance(kinds, list | tuple):
            found = frozenset(map(str, kinds)) if found is None else found & frozenset(map(str, kinds))
    return found
