"""The help: all keys at one look, grouped, in columns that are read from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agentdesk.desk.actions import GROUPS, Action, Place
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models.rows import EMPTY, Column, Row, joined, pad, row, table
from agentdesk.desk.models.rows import width as cells_of

COLUMN = 24
"""Cells of a column: the key, and a word or three."""
KEY = 5
MOST = 12
"""Actions of a page that stand below each other in its help."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where each action stands: `columns` hold actions, the words over their groups, and gaps."""

    columns: tuple[tuple[Action | str, ...], ...]

    @property
    def actions(self) -> tuple[Action, ...]:
        """Return the actions in the order in which they are read."""
        return tuple(item for column in self.columns for item in column if isinstance(item, Action))

    @property
    def height(self) -> int:
        return max(len(column) for column in self.columns)

    def spot(self, index: int) -> tuple[int, int]:
        """Return the column and the line of an action."""
        action = self.actions[index]
        return next((c, lines.index(action)) for c, lines in enumerate(self.columns) if action in lines)

    def beside(self, index: int, by: int) -> int:
        """Return the action that stands nearest in the next column to one side; the same at the edge."""
        column, line = self.spot(index)
        if not 0 <= column + by < len(self.columns):
            return index
        there = [n for n, item in enumerate(self.columns[column + by]) if isinstance(item, Action)]
        found = self.columns[column + by][min(there, key=lambda n: abs(n - line))]
        return next(n for n, action in enumerate(self.actions) if action is found)


Groups = tuple[tuple[str, tuple[Action, ...]], ...]


def groups_of(place: Place) -> Groups:
    """Return a place's actions as its help groups them: its own, and what works on all of its kind."""
    if place.name == "desk":
        macros = tuple(action for action in place.own if action.macro)
        return (*GROUPS, (N_("macros"), macros)) if macros else GROUPS
    own = len(place.own)
    # a long list of a page's own is set in several parts, so that they can stand side by side
    parts = [(place.word if not begin else "", place.own[begin : begin + MOST]) for begin in range(0, own, MOST)]
    return (*parts, (N_("on every screen"), place.actions[own:]))


def sheet(width: int, found: Groups = GROUPS) -> Sheet:
    """Return the groups set into as many columns as fit, about equally long; no group is broken."""
    count = max(1, min(3, (width + 2) // COLUMN))
    groups: list[tuple[Action | str, ...]] = [(word, *actions) for word, actions in found]
    # the shortest longest column that holds all, groups kept in their order
    for most in range(max(map(len, groups)), sum(map(len, groups)) + len(groups) + 1):
        columns = _set(groups, most)
        if len(columns) <= count:
            return Sheet(tuple(tuple(column) for column in columns))
    raise AssertionError("one column holds all")  # pragma: no cover


def _set(groups: Sequence[tuple[Action | str, ...]], most: int) -> list[list[Action | str]]:
    columns: list[list[Action | str]] = [[]]
    for group in groups:
        gap = 1 if columns[-1] else 0
        if columns[-1] and len(columns[-1]) + gap + len(group) > most:
            columns.append([])
        elif gap:
            columns[-1].append("")
        columns[-1].extend(group)
    return columns


def sheet_rows(found: Sheet, works: Callable[[Action], bool], selected: int, width: int) -> list[Row]:
    """Return the lines: keys that work now are bright, the selected one is marked."""
    count = len(found.columns)
    keys = max(KEY, *(cells_of(row(action.shown)) for action in found.actions))
    cells = (width - 2 * (count - 1)) // count
    chosen = found.actions[selected]
    return [
        joined(
            [
                pad(_cell(column[line], works, chosen, cells, keys) if line < len(column) else EMPTY, cells)
                for column in found.columns
            ]
        )
        for line in range(found.height)
    ]


def _cell(item: Action | str, works: Callable[[Action], bool], chosen: Action, cells: int, keys: int) -> Row:
    if isinstance(item, str):
        return row((_(item), "strong")) if item else EMPTY
    now = works(item)
    tone = "next" if item is chosen else "" if now else "quiet"
    key = row((item.shown, "key" if now else "quiet"))
    return table((Column(keys), Column(0)), (key, row((_(item.word), tone))), cells)
