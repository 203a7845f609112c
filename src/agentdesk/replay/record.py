"""Writing a session down beside the desk: what came in, in its order, a line of JSON for each thing.

The desk's thread only puts what it has at hand into a queue. A thread of its own gives everybody another name, writes,
and flushes once a second; when it can't, it stops for good and says so once, and the desk goes on.
"""

from __future__ import annotations

import itertools
import json
import queue
import secrets
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from agentdesk.domain.faults import place_of
from agentdesk.domain.operation import Clock
from agentdesk.replay.pseudonyms import Pseudonyms
from agentdesk.replay.values import Encoder, Unkept, as_it_is
from agentdesk.store.committing import Entropy

FORMAT = 1
FLUSH_S = 1.0

PULSE = "desk.queries.pulse"
LOOKS = frozenset(
    {
        PULSE,
        "desk.company.Companion.look.<locals>.<lambda>",
        "desk.calls.helping.Helping.look.<locals>.<lambda>",
    }
)
"""What the desk asks twice a second; what is as before needn't be written."""


class Said(NamedTuple):
    """An answer to what the desk asked: `what` says what it was, `filled` what it put into lists of who asked."""

    what: str
    value: Any
    failed: bool
    filled: tuple[list[Any], ...]


class Asked(NamedTuple):
    """The desk has asked something."""


class Step(NamedTuple):
    """Something came in from outside; `seen` is what clock and chance gave since the one before."""

    number: int
    what: str
    data: Mapping[str, Any]
    wall: int
    mono: int


class Readings(NamedTuple):
    """What the clock and chance gave to the screen since the last line."""

    walls: list[int]
    monos: list[int]
    chance: list[bytes]


_Item = Said | Asked | Step | Readings | Mapping[str, Any]


class Recorder:
    """Records one session into a new file; raises OSError when it can't be made.

    `pseudonyms` are None for an invented world, which is written as it is.
    """

    def __init__(self, path: Path, clock: Clock, entropy: Entropy, *, real: bool = True) -> None:
        self._file = path.open("x", encoding="utf-8", errors="backslashreplace", buffering=1 << 16)
        path.chmod(0o600)
        self.path = path
        self.clock = RecordedClock(clock, self)
        self.entropy = RecordedEntropy(entropy, self)
        self.pseudonyms = Pseudonyms(secrets.token_bytes(32)) if real else None
        self.step = 0
        """The number of the last thing that came in."""
        self.problem = ""
        """Why nothing is recorded any more; empty while all is well."""
        self._thread = threading.get_ident()
        self._items: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._readings = Readings([], [], [])
        self._ended = threading.Event()
        self._encoder = Encoder(
            self._line,
            self.pseudonyms.text if self.pseudonyms else as_it_is,
            self.pseudonyms.learn if self.pseudonyms else lambda _catalogue: None,
        )
        self._last: dict[str, Any] = {}
        self._idle: list[_Item] = []
        self._writer = threading.Thread(target=self._write, name="recorder", daemon=True)

    # what the desk's thread calls

    def begin(self, header: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        """Write how the desk was started, and record from now on."""
        self._items.put({"session": FORMAT, **header})
        self._items.put(settings)
        self._writer.start()

    def came(self, what: str, **data: Any) -> None:
        """Note what came in from outside, before the desk does anything about it."""
        self._seen()
        self.step += 1
        wall, mono = self.clock.now()
        self._items.put(Step(self.step, what, data, wall, mono))

    def asked(self) -> None:
        """Note that the desk asks for something."""
        self._items.put(Asked())

    def said(self, what: str, value: Any, failed: bool = False, filled: tuple[list[Any], ...] = ()) -> None:
        """Note what the desk was answered."""
        self._seen()
        self._items.put(Said(what, value, failed, filled))

    def read(self, *, wall: int | None = None, mono: int | None = None, chance: bytes | None = None) -> None:
        """Note what the clock or chance gave; the store's own are no part of what is seen."""
        if threading.get_ident() != self._thread:
            return
        if wall is not None:
            self._readings.walls.append(wall)
        if mono is not None:
            self._readings.monos.append(mono)
        if chance is not None:
            self._readings.chance.append(chance)

    def end(self) -> None:
        """Write what is left; returns when it is on its way to the disk."""
        self._seen()
        self._ended.set()
        if self._writer.ident is not None:
            self._writer.join()
        self._close()

    def _seen(self) -> None:
        if any(self._readings):
            self._items.put(self._readings)
            self._readings = Readings([], [], [])

    # what the recorder's own thread does

    def _write(self) -> None:
        ended = False
        while not ended:
            ended = self._ended.wait(FLUSH_S)
            try:
                for item in self._waiting():
                    self._take(item)
                if ended:
                    self._let_go()
                self._file.flush()
            except Exception as error:  # a recording that fails is over; the desk isn't
                why = error.strerror if isinstance(error, OSError) and error.strerror else place_of(error)
                self.problem = self.problem or f"{self.path}: {why}"
                self._close()
                return

    def _waiting(self) -> Iterator[_Item]:
        while True:
            try:
                yield self._items.get_nowait()
            except queue.Empty:
                return

    def _close(self) -> None:
        try:
            self._file.close()
        except OSError as error:
            self.problem = self.problem or f"{self.path}: {error.strerror}"

    def _take(self, item: _Item) -> None:
        """Write an item; a look at the files that found nothing new leaves no trace."""
        if isinstance(item, Step):
            if self._idle and not _found_something(self._idle, self._last):
                self._idle.clear()
            self._let_go()
            if item.what == "look":
                self._idle.append(item)
                return
        if self._idle:
            self._idle.append(item)
            return
        self._put(item)

    def _let_go(self) -> None:
        for item in self._idle:
            self._put(item)
        self._idle.clear()

    def _put(self, item: _Item) -> None:
        if isinstance(item, Asked):
            return
        if isinstance(item, Step):
            data = {name: self._encoder.value(value, name) for name, value in item.data.items()}
            self._line({"step": item.number, "what": item.what, "at": [item.wall, item.mono], **data})
        elif isinstance(item, Said):
            self._line(self._answer(item))
        elif isinstance(item, Readings):
            walls, monos = _differences(item.walls), _differences(item.monos)
            self._line({"clock": [walls, monos], "chance": [one.hex() for one in item.chance]})
        else:
            self._line({name: self._encoder.value(value, name) for name, value in item.items()})

    def _answer(self, item: Said) -> dict[str, Any]:
        line: dict[str, Any] = {"said": item.what}
        if item.failed:
            line["failed"] = True
        if item.filled:
            line["filled"] = [[self._encoder.value(value, "text") for value in one] for one in item.filled]
        if item.what in self._last and not item.failed and _same(self._last[item.what], item.value):
            return {**line, "same": True}
        try:
            line["v"] = self._encoder.value(item.value)
        except Unkept as error:
            return {"said": item.what, "lost": str(error)}
        if not item.failed:
            self._last[item.what] = item.value
        return line

    def _line(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


class RecordedClock:
    """A clock whose readings are noted."""

    def __init__(self, clock: Clock, recorder: Recorder) -> None:
        self._clock = clock
        self._recorder = recorder

    @property
    def boot(self) -> str:
        """Which start of the machine the monotonic clock counts from."""
        return self._clock.boot

    def now(self) -> tuple[int, int]:
        """Return both readings without noting them."""
        return self._clock.wall_ms(), self._clock.mono_ms()

    def wall_ms(self) -> int:
        """Return ms UTC."""
        found = self._clock.wall_ms()
        self._recorder.read(wall=found)
        return found

    def mono_ms(self) -> int:
        """Return ms of a clock that never goes back."""
        found = self._clock.mono_ms()
        self._recorder.read(mono=found)
        return found


class RecordedEntropy:
    """Chance that is noted."""

    def __init__(self, entropy: Entropy, recorder: Recorder) -> None:
        self._entropy = entropy
        self._recorder = recorder

    def token_bytes(self, count: int) -> bytes:
        """Return random bytes."""
        found = self._entropy.token_bytes(count)
        self._recorder.read(chance=found)
        return found


def _found_something(items: list[_Item], last: Mapping[str, Any]) -> bool:
    """Tell whether a look changed anything, or anything else was asked or answered meanwhile."""
    said = [item for item in items if isinstance(item, Said)]
    asked = sum(isinstance(item, Asked) for item in items)
    whole = asked == len(said) and [one.what for one in said].count(PULSE) == 1
    return not whole or any(
        one.what not in LOOKS or one.failed or one.what not in last or not _same(last[one.what], one.value)
        for one in said
    )


def _same(before: Any, after: Any) -> bool:
    return type(before) is type(after) and bool(before == after)


def _differences(readings: list[int]) -> list[int]:
    return readings[:1] + [after - before for before, after in itertools.pairwise(readings)]
