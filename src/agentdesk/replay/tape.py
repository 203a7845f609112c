"""Reading a recording: its steps, and what the desk was answered in each; mistakes are told with their line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, count
from pathlib import Path
from typing import Any

from agentdesk.domain.language.forms import json_of
from agentdesk.replay.record import FORMAT
from agentdesk.replay.values import BadValue, Decoder

LONGEST_LINE = 1 << 26
"""Bytes; a catalogue is the longest that a desk writes, and far from it."""

DEEPEST = 200
"""How deep what a desk was answered may nest."""

QUIET = frozenset({"tick", "look", "pause"})
"""Steps that nobody made."""


class BadRecording(Exception):
    """A file is no recording, or none that can be played: one line that says where and why."""


@dataclass(frozen=True, slots=True)
class Readings:
    """What clock and chance give next."""

    walls: tuple[int, ...]
    monos: tuple[int, ...]
    chance: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk is answered; `lost` says of which kind the answer was where it couldn't be written."""

    what: str
    value: Any = None
    failed: bool = False
    filled: tuple[tuple[Any, ...], ...] = ()
    lost: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What came in, and all that followed until the next; the first has number 0 and is the start."""

    number: int
    what: str
    wall: int
    mono: int
    data: Mapping[str, Any]
    follows: list[Answer | Readings] = field(default_factory=list)

    def words(self) -> str:
        """Return the step as one line of a list says it."""
        data = self.data
        if self.what == "key":
            return f"key {data['key']}"
        if self.what == "size":
            return "size {} x {}".format(*data["size"])
        if self.what == "call":
            notice = data["notice"]
            moment = getattr(notice, "kind", None) or getattr(notice, "link", None) or getattr(notice, "status", "")
            return f"call {getattr(moment, 'value', moment)} from {data['source']}"
        if "where" in data:
            return "{} at {}, {}".format(self.what.replace("_", " "), *data["where"][:2])
        return self.what


@dataclass(frozen=True, slots=True)
class Recording:
    """A session: how the desk was started, and its steps in order.

    `locks` says that the desk could be locked, `cut` that the last line was torn.
    """

    program: str
    size: tuple[int, int]
    settings: Mapping[str, Any]
    keymap: Mapping[str, tuple[str, ...]] | None
    steps: tuple[Step, ...]
    locks: bool = False
    cut: bool = False


def read(path: Path) -> Recording:
    """Return a recording; raises BadRecording with the line that is wrong, and OSError."""
    return _Reader(path).recording()


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._decoder = Decoder()
        self._last: dict[str, Any] = {}
        self._cut = False

    def recording(self) -> Recording:
        lines = self._lines()
        head = self._expect(next(lines, None), "session", 1)
        if head["session"] != FORMAT:
            raise self._bad(
                1, f"its form is {head['session']!r}, this program plays {FORMAT}: use the one that made it"
            )
        start = Step(0, "start", 0, 0, {})
        steps, settings = [start], None
        for number, line in lines:
            try:
                if self._decoder.define(line):
                    continue
                if settings is None:
                    settings = self._expect((number, line), "settings", number)
                    continue
                self._take(line, steps)
            except BadRecording:
                raise
            except (BadValue, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
                why = str(error) if isinstance(error, BadValue) else f"{type(error).__name__}: {error}"
                raise self._bad(number, why) from None
        if settings is None:
            raise self._bad(2, "it ends before it begins: record for longer than a second")
        try:
            size = (int(head["size"][0]), int(head["size"][1]))
            kept = self._decoder.value(settings["settings"])
            moved = self._decoder.value(settings["keymap"])
            locks = bool(settings.get("locks"))
            return Recording(str(head["program"]), size, kept, moved, tuple(steps), locks, self._cut)
        except (BadValue, KeyError, TypeError, ValueError, IndexError) as error:
            raise self._bad(1, f"{type(error).__name__}: {error}") from None

    def _take(self, line: Mapping[str, Any], steps: list[Step]) -> None:
        if "step" in line:
            data = {name: self._decoder.value(value) for name, value in line.items() if name not in _OWN}
            wall, mono = line["at"]
            if line["step"] <= steps[-1].number:
                raise BadValue(f"step {line['step']} stands behind step {steps[-1].number}")
            steps.append(Step(int(line["step"]), str(line["what"]), int(wall), int(mono), data))
        elif "said" in line:
            steps[-1].follows.append(self._answer(line))
        elif "clock" in line:
            walls, monos = (tuple(accumulate(one)) for one in line["clock"])
            chance = tuple(map(bytes.fromhex, line["chance"]))
            steps[-1].follows.append(Readings(walls, monos, chance))
        else:
            raise BadValue("it is none of a recording")

    def _answer(self, line: Mapping[str, Any]) -> Answer:
        what = str(line["said"])
        if "lost" in line:
            return Answer(what, lost=str(line["lost"]))
        filled = tuple(map(self._decoder.value, line.get("filled", ())))
        failed = bool(line.get("failed"))
        if line.get("same"):
            if what not in self._last:
                raise BadValue(f"{what!r} is said to be as before, and wasn't said before")
            return Answer(what, self._last[what], failed, filled)
        value = self._decoder.value(line["v"])
        if failed and not isinstance(value, Exception):
            raise BadValue(f"{what!r} failed without an error")
        if not failed:
            self._last[what] = value
        return Answer(what, value, failed, filled)

    def _lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        with self._path.open("rb") as file:
            for number in count(1):
                raw = file.readline(LONGEST_LINE)
                if not raw:
                    return
                if len(raw) == LONGEST_LINE:
                    raise self._bad(number, f"it is longer than {LONGEST_LINE} bytes")
                if not raw.endswith(b"\n"):
                    self._cut = True  # somebody was killed here
                    return
                try:
                    line = json_of(raw.decode("utf-8"), DEEPEST)
                except ValueError:
                    raise self._bad(number, "it isn't JSON") from None
                if not isinstance(line, dict):
                    raise self._bad(number, "it isn't an object")
                yield number, line

    def _expect(self, found: tuple[int, dict[str, Any]] | None, name: str, number: int) -> dict[str, Any]:
        if found is None or name not in found[1]:
            raise self._bad(number, f"no {name}: this is no recorded session (agentdesk desk --record FILE makes one)")
        return found[1]

    def _bad(self, number: int, why: str) -> BadRecording:
        return BadRecording(f"{self._path}, line {number}: {why}")


_OWN = frozenset({"step", "what", "at"})
