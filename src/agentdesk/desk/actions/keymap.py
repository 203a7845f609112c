"""A keymap: which keys an agent gave to which actions, read from a TOML file; one desk has one, so the process has.

    verify = "f3"              # an action of the desk by its id
    [worklist]
    chase = "h"                # worklist.chase
    other = ["tab", "o"]       # several keys
    [macro]
    weak_signal = "f5"         # a macro by its id: it has no key of its own

A key that is pressed is exchanged for the one that the screen's binding has, before it gets there; a key whose action
was moved away does nothing. Keys are printed as they are now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from agentdesk.desk.actions.action import CHARACTERS, MACRO, RESERVED, TALKING, Action, named

NOTHING = ""
"""What a key means whose action was moved away."""


@dataclass(frozen=True)
class Keymap:
    """The keys of the actions that were moved, by id."""

    moved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _found: dict[object, Mapping[str, str]] = field(default_factory=dict, compare=False, repr=False)

    def keys(self, action: Action) -> tuple[str, ...]:
        """Return the keys that an action has now."""
        return self.moved.get(action.id, action.keys)

    def meant(self, place: str, key: str, state: str | None = None) -> str:
        """Return the key that a screen knows for the one that was pressed; NOTHING where it means nothing any more."""
        if not self.moved:
            return key
        known = self._found.get((place, state))
        if known is None:
            known = self._found[place, state] = self._exchanged(place, state)
        return known.get(key, key)

    def macro(self, place: str, key: str, state: str | None) -> str:
        """Return the macro that a key does, or an empty text: macros are done at the desk, while there is a contact."""
        if place != "desk" or state not in TALKING:
            return ""
        return next((id_.removeprefix(MACRO) for id_ in self.macros() if key in self.moved[id_]), "")

    def macros(self) -> list[str]:
        """Return the ids of the macros that have a key."""
        return [id_ for id_ in self.moved if id_.startswith(MACRO)]

    def printed(self, place: str, shown: str) -> str:
        """Return how a key is printed on a screen that prints it as it was without this keymap."""
        if not self.moved:
            return shown
        known = self._found.get(place)
        if known is None:
            known = self._found[place] = self._printed(place)
        return known.get(shown, shown)

    def _exchanged(self, place: str, state: str | None) -> Mapping[str, str]:
        from agentdesk.desk.actions.places import place_of

        found: dict[str, str] = {}
        working = [action for action in place_of(place).actions if state is None or state in action.where]
        for action in working:
            if action.id in self.moved:
                found |= dict.fromkeys(action.keys, NOTHING)
        for action in working:
            # what stayed where it is isn't taken away by what has left the same key
            found |= {key: key for key in action.keys if action.id not in self.moved and key in found}
        for action in working:
            if action.id in self.moved:
                found |= dict.fromkeys(self.moved[action.id], action.keys[0])
        return found

    def _printed(self, place: str) -> Mapping[str, str]:
        from agentdesk.desk.actions.places import place_of

        return {
            named(action.keys[0]): named(self.moved[action.id][0])
            for action in place_of(place).actions
            if action.id in self.moved
        }


_current = Keymap()


def use(keymap: Keymap | None) -> None:
    """Work with a keymap from now on, or with the keys as they are."""
    global _current  # noqa: PLW0603 - the one place that holds the keymap
    _current = keymap or Keymap()


def current() -> Keymap:
    """Return the keymap in use."""
    return _current


class KeymapError(Exception):
    """A keymap that can't be used: one line with the file, the line, and what to do."""


def parse(text: str, name: str, macros: Collection[str] | None = None) -> Keymap:
    """Return the keymap of a file's text; raises KeymapError with its first mistake.

    `macros` are the ids of those that there are; without them any may have a key.
    """
    from agentdesk.domain.language.forms import toml_of

    try:
        table = toml_of(text)
    except ValueError as error:
        raise KeymapError(f"{name} is not TOML: {error}") from None
    moved: dict[str, tuple[str, ...]] = {}
    for given, value in _flat(table):
        if macros is not None and given.startswith(MACRO) and given.removeprefix(MACRO) not in macros:
            raise KeymapError(f"{name}, line {_line(text, given)}: {no_macro(given)}")
        moved[given] = _read(given, value, text, name)
    _no_clash(moved, text, name)
    return Keymap(moved)


def no_macro(given: str) -> str:
    """Return what is wrong with a key for a macro that isn't there, and what to do."""
    return f"there is no macro {given.removeprefix(MACRO)!r}: write it into the macros, or remove the line"


def _macro(given: str) -> Action | None:
    """Return the action of a macro by its id: it has no key but those that a keymap gives it."""
    return Action(given, "", given, where=TALKING) if given.startswith(MACRO) and given != MACRO else None


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _read(given: str, value: Any, text: str, name: str) -> tuple[str, ...]:
    from agentdesk.desk.actions.places import all_actions

    where = f"{name}, line {_line(text, given)}"
    action = _macro(given) or all_actions().get(given)
    if action is None:
        close = _nearest(given)
        hint = f"did you mean {close}? " if close else ""
        raise KeymapError(f"{where}: there is no action {given!r}: {hint}`agentdesk keys` lists all")
    if action.fixed:
        raise KeymapError(f"{where}: the keys of {given} can't be moved ({action.shown}): remove the line")
    keys = [value] if isinstance(value, str) else value
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) and key for key in keys):
        raise KeymapError(f'{where}: {given} needs a key such as "f3", or a list of keys')
    found = tuple(_key(key) for key in keys)
    for typed, key in zip(keys, found, strict=True):
        if not _possible(key):
            raise KeymapError(f"{where}: {typed!r} is no key: write a character, f1 to f12, or ctrl+ and a letter")
        if key in RESERVED:
            raise KeymapError(f"{where}: {typed!r} is reserved: give {given} another key")
    return found


def _key(typed: str) -> str:
    text = typed.strip() if typed != " " else typed
    text = text.replace("^", "ctrl+", 1) if text.startswith("^") and len(text) > 1 else text
    if len(text) == 1:
        return CHARACTERS.get(text, text)
    lower = text.lower()
    return {"shift-tab": "shift+tab"}.get(lower, lower)


_NAMED = frozenset(
    {*CHARACTERS.values(), "tab", "shift+tab", "left", "right", "insert", *(f"f{number}" for number in range(1, 13))}
)


def _possible(key: str) -> bool:
    if len(key) == 1:
        return key.isascii() and key.isalnum()
    if key.startswith("ctrl+"):
        return len(key) == len("ctrl+x") and key[-1].isascii() and key[-1].isalpha()
    return key in _NAMED or key in RESERVED


def _no_clash(moved: Mapping[str, tuple[str, ...]], text: str, name: str) -> None:
    """Find two actions that work in one place and state and have one key."""
    from agentdesk.desk.actions.places import PLACES

    keymap = Keymap(moved)
    for place in PLACES.values():
        for state in place.states or (None,):
            taken: dict[str, Action] = {}
            macros = filter(None, map(_macro, moved)) if place.name == "desk" else ()
            for action in (*place.actions, *macros):
                if state is not None and state not in action.where:
                    continue
                for key in keymap.keys(action):
                    other = taken.setdefault(key, action)
                    if other is not action and (action.id in moved or other.id in moved):
                        given = action.id if action.id in moved else other.id
                        rest = other.id if given == action.id else action.id
                        raise KeymapError(
                            f"{name}, line {_line(text, given)}: {named(key)!r} of {given} is taken by {rest}: "
                            f"give one of them another key"
                        )


def _line(text: str, given: str) -> int:
    """Return the line that an id stands on, from 1; tomllib doesn't say."""
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if bare.startswith("[") and bare.endswith("]"):
            section = bare.strip("[] ").replace('"', "").replace("'", "") + "."
        elif "=" in bare and not bare.startswith("#"):
            key = bare.partition("=")[0].replace('"', "").replace("'", "").replace(" ", "")
            if given in (f"{section}{key}", key):
                return number
    return 1


@lru_cache(maxsize=32)
def _nearest(given: str) -> str:
    from difflib import get_close_matches

    from agentdesk.desk.actions.places import all_actions

    return next(iter(get_close_matches(given, all_actions(), 1, 0.5)), "")
