"""Macros: what is often done together, by a name: a note, a ticket, a promise, with blanks to fill.

    [weak_signal]
    name = "弱信号"
    [weak_signal.blanks]
    place = "在哪里?"
    [[weak_signal.steps]]
    do = "note"
    text = "在 {place} 信号弱"
    [[weak_signal.steps]]
    do = "ticket"
    kind = "fault"
    class = "mobile.signal.weak"
    text = "{place} 信号弱"
    [[weak_signal.steps]]
    do = "promise"
    code = "U04"

A site has `macros.toml`, an agent `agents/ID.macros.toml` beside his settings; his own come first.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SITE = "macros.toml"
FIELDS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "note": (frozenset({"text"}), frozenset()),
    "ticket": (frozenset({"kind", "text"}), frozenset({"class"})),
    "promise": (frozenset({"code"}), frozenset()),
}
"""What each step must have, and what it may have."""


@dataclass(frozen=True, slots=True)
class MacroStep:
    """One thing that a macro does: `note`, `ticket` or `promise`, with its fields."""

    do: str
    fields: Mapping[str, str]

    def filled(self, blanks: Mapping[str, str]) -> MacroStep:
        """Return it with its blanks filled."""
        return MacroStep(self.do, {name: _fill(value, blanks) for name, value in self.fields.items()})


@dataclass(frozen=True, slots=True)
class Macro:
    """A named sequence; `blanks` are what is asked for, in their order, each with its question."""

    id: str
    name: str
    steps: tuple[MacroStep, ...]
    blanks: Mapping[str, str]


class MacroError(Exception):
    """A file of macros that can't be used: one line with the file, the line, and what to do."""


def _fill(text: str, blanks: Mapping[str, str]) -> str:
    # in one go: what was typed into a blank has no blanks of its own
    return re.sub(r"\{([^{}]*)\}", lambda part: blanks.get(part[1], part[0]), text)


def paths_of(folder: Path, settings: Path) -> tuple[Path, ...]:
    """Return where macros stand: the agent's beside his settings, then the site's."""
    return settings.with_suffix(".macros.toml"), folder / SITE


def read(paths: tuple[Path, ...], kinds: tuple[str, ...] = ()) -> tuple[Macro, ...]:
    """Return the macros of all files that are there, the first of a name counts; raises MacroError."""
    found: dict[str, Macro] = {}
    for path in paths:
        try:
            text = path.read_text("utf-8-sig")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise MacroError(f"the macros can't be read from {path}: {error}") from None
        for macro in parse(text, str(path), kinds):
            found.setdefault(macro.id, macro)
    return tuple(found.values())


def parse(text: str, name: str, kinds: tuple[str, ...] = ()) -> tuple[Macro, ...]:
    """Return the macros of a file's text; raises MacroError with its first mistake."""
    from agentdesk.domain.language.forms import toml_of

    try:
        table = toml_of(text)
    except ValueError as error:
        raise MacroError(f"{name} is not TOML: {error}") from None
    return tuple(_macro(id_, given, text, name, kinds) for id_, given in table.items())


def _macro(id_: str, given: Any, text: str, name: str, kinds: tuple[str, ...]) -> Macro:
    def wrong(what: str, place: int = 0) -> MacroError:
        return MacroError(f"{name}, line {_line(text, id_, place)}: {what}")

    if not isinstance(given, dict) or not re.fullmatch(r"[a-z][a-z0-9_]*", id_):
        raise wrong(f"{id_!r} is no macro: write [a_short_name] and below it name and steps")
    for key in given.keys() - {"name", "steps", "blanks"}:
        raise wrong(f"{key!r} of {id_} is not known: there are name, blanks and steps")
    said, steps, blanks = given.get("name"), given.get("steps"), given.get("blanks", {})
    if not isinstance(said, str) or not said.strip():
        raise wrong(f'{id_} needs a name: name = "what it is called"')
    if not isinstance(steps, list) or not steps:
        raise wrong(f"{id_} has no steps: add [[{id_}.steps]] with do = note, ticket or promise")
    if not isinstance(blanks, dict) or not all(isinstance(asks, str) and asks for asks in blanks.values()):
        raise wrong(f'the blanks of {id_} need a question each: place = "where?"')
    found = []
    for place, step in enumerate(steps, start=1):
        problem = _step_problem(step, blanks, kinds)
        if problem:
            raise wrong(f"step {place} of {id_}: {problem}", place)
        found.append(MacroStep(step["do"], {key: value for key, value in step.items() if key != "do"}))
    unused = blanks.keys() - {blank for step in found for value in step.fields.values() for blank in _blanks(value)}
    for blank in sorted(unused):
        raise wrong(f"no step of {id_} has the blank {{{blank}}}: use it or remove its question")
    return Macro(id_, said.strip(), tuple(found), dict(blanks))


def _step_problem(step: Any, blanks: Mapping[str, str], kinds: tuple[str, ...]) -> str:
    if not isinstance(step, dict) or step.get("do") not in FIELDS:
        return "do must be note, ticket or promise"
    needed, optional = FIELDS[step["do"]]
    given = step.keys() - {"do"}
    for key in sorted(needed - given):
        return f"a {step['do']} needs {key}"
    for key in sorted(given - needed - optional):
        return f"a {step['do']} has no {key}: it has {', '.join(sorted(needed | optional))}"
    for key in sorted(given):
        if not isinstance(step[key], str) or not step[key].strip():
            return f"{key} must be a text"
        for blank in _blanks(step[key]):
            if blank not in blanks:
                return f"the blank {{{blank}}} has no question: add it to the blanks"
    if kinds and step["do"] == "ticket" and step["kind"] not in kinds:
        return f"there is no kind of ticket {step['kind']!r}: give one of {', '.join(kinds)}"
    return ""


def _blanks(text: str) -> Iterator[str]:
    try:
        yield from (name for _text, name, _form, _turn in string.Formatter().parse(text) if name)
    except ValueError:
        return


def _line(text: str, id_: str, place: int) -> int:
    """Return the line of a macro's head, or of its nth step, from 1; tomllib doesn't say."""
    steps, head = 0, 1
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.split("#")[0].replace(" ", "")
        if head == 1 and bare.startswith((f"[{id_}]", f"{id_}=")):
            head = number
        steps += bare.startswith(f"[[{id_}.steps]]")
        if place and steps == place:
            return number
    return head
