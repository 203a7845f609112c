"""Playing a recording: the desk itself, on nothing but what was written down of its session."""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events
from textual.geometry import Size

from agentdesk.desk.actions.keymap import Keymap
from agentdesk.desk.app import DeskApp
from agentdesk.desk.backend import Backend
from agentdesk.desk.screens.lock import LockScreen
from agentdesk.desk.settings import DeskSettings, Pause
from agentdesk.qa import svg
from agentdesk.qa.hand import Hand
from agentdesk.replay.desk import FOCUS, MOUSE, lists_of, name_of, styles
from agentdesk.replay.tape import Answer, Readings, Recording, Step
from agentdesk.sync.entering import Door, Entered

if TYPE_CHECKING:
    from pathlib import PurePath

    from rich.console import RenderableType
    from textual.timer import Timer
    from textual.widget import Widget

    from agentdesk.store.site import Site
    from agentdesk.telephony.source import CallSource, Command, Notice, Order

T = TypeVar("T")

LOOK_S = 0.002
SIZED_S = 0.1
NEVER_S = 1e9
PATIENCE = 500
"""So often the desk is looked at until it asks for what it was answered; then the replay has parted from the session.

It is counted and not timed: the desk runs between two looks, however slow the machine is.
"""


class Tape:
    """What the desk gets while a recording is played: clock, chance and answers, in the order of the session."""

    def __init__(self, recording: Recording) -> None:
        first = next((step for step in recording.steps if step.wall), recording.steps[0])
        self.wall, self.mono = first.wall, first.mono
        self.walls: deque[int] = deque()
        self.monos: deque[int] = deque()
        self.chance: deque[bytes] = deque()
        self.waiting: defaultdict[str, deque[tuple[asyncio.Future[Any], list[list[Any]]]]] = defaultdict(deque)
        self.boot = "replay"

    def at(self, step: Step) -> None:
        """Let the clock stand where a step came in; what follows reads on from there."""
        if step.number:
            self.walls.clear()
            self.monos.clear()
            self.wall, self.mono = step.wall, step.mono

    def read_on(self, readings: Readings) -> None:
        """Let the next readings be these; what nobody read of those before is passed over."""
        while self.walls:
            self.wall_ms()
        while self.monos:
            self.mono_ms()
        self.walls.extend(readings.walls)
        self.monos.extend(readings.monos)
        self.chance.extend(readings.chance)

    def wall_ms(self) -> int:
        """Return ms UTC as they were."""
        if self.walls:
            self.wall = self.walls.popleft()
        return self.wall

    def mono_ms(self) -> int:
        """Return ms as they were."""
        if self.monos:
            self.mono = self.monos.popleft()
        return self.mono

    def token_bytes(self, count: int) -> bytes:
        """Return the bytes that were random in the session."""
        found = self.chance.popleft() if self.chance else b""
        return found if len(found) == count else bytes(count)

    async def asked(self, what: str, lists: list[list[Any]]) -> Any:
        """Wait for the answer to a question."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.waiting[what].append((answer, lists))
        return await answer

    def answers(self, what: str) -> bool:
        """Tell whether the desk waits for an answer; what it no longer waits for is forgotten."""
        waiting = self.waiting[what]
        while waiting and waiting[0][0].done():
            waiting.popleft()
        return bool(waiting)

    def give(self, answer: Answer) -> None:
        """Answer the oldest question of this name."""
        future, lists = self.waiting[answer.what].popleft()
        for one, more in zip(lists, answer.filled, strict=False):
            one.extend(more)
        if answer.failed:
            future.set_exception(answer.value)
        else:
            future.set_result(answer.value)


class PlayedDesk(DeskApp):
    """The desk, whose time passes only as it is told."""

    TITLE = DeskApp.__name__
    CSS_PATH: ClassVar[list[str | PurePath]] = styles()

    def __init__(self, settings: DeskSettings, tape: Tape) -> None:
        super().__init__(settings)
        self.pauses: list[PlayedPause] = []
        self.backend = PlayedBackend(self._open_site, tape)

    def set_interval(
        self,
        interval: float,
        callback: Callable[[], Any] | None = None,
        *,
        name: str | None = None,
        repeat: int = 0,
        pause: bool = False,
    ) -> Timer:
        return super().set_interval(NEVER_S, callback, name=name, repeat=repeat, pause=pause)

    def after(self, widget: Widget, seconds: float, call: Callable[[], Any]) -> Pause:
        pause = PlayedPause(widget, call)
        self.pauses.append(pause)
        return pause

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Stay: what stood on the screen last can be looked at."""

    def tick(self) -> None:
        """Let a second pass."""
        self._tick()

    def enter(self, entered: Entered) -> None:
        """Let in at the lock who was let in."""
        screen = self.screen
        if isinstance(screen, LockScreen):
            screen.opened(entered)


class PlayedPause:
    """Something that happens when it happened in the session, and only then."""

    def __init__(self, widget: Widget, call: Callable[[], Any]) -> None:
        self._widget = widget
        self._call = call

    def stop(self) -> None:
        """Leave it to the tape: what was stopped in the session didn't happen there.

        A pause that ended between a key and what that key does is stopped here before its end comes.
        """

    def end(self) -> None:
        """Let it happen now."""
        if self._widget.is_mounted:
            self._widget.call_later(self._call)


class PlayedBackend(Backend):
    """A store that says what it said in the session; there are no files."""

    def __init__(self, open_site: Callable[[], Site], tape: Tape) -> None:
        super().__init__(open_site)
        self._tape = tape

    async def run(self, function: Callable[[Site], T]) -> T:
        found: T = await self._tape.asked(name_of(function), lists_of(function))
        return found


class PlayedSource:
    """A place that calls come from as they came in the session."""

    def __init__(self, name: str, can: frozenset[Command], tape: Tape) -> None:
        self.name = name
        self.can = can
        self._tape = tape
        self._notices: asyncio.Queue[Notice | None] = asyncio.Queue()

    async def start(self) -> None:
        """Begin; nothing comes by itself."""

    async def stop(self) -> None:
        """End the stream."""
        self._notices.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[Notice]:
        while (notice := await self._notices.get()) is not None:
            yield notice

    async def do(self, order: Order) -> None:
        """Do what was done."""
        await self._tape.asked(f"{self.name}: {order.command.value}", [])

    def tell(self, notice: Notice, can: frozenset[Command]) -> None:
        """Let a notice come."""
        self.can = can
        self._notices.put_nowait(notice)


class _Hand(Hand):
    """A hand that waits for nothing that only the tape can bring."""

    def _busy(self) -> bool:
        return False


class Player:
    """A desk on which a recording is played.

    `parted` are steps in which it did something else than in the session, each with what it didn't ask for.
    """

    def __init__(self, recording: Recording, folder: Path) -> None:
        self.recording = recording
        self.parted: list[tuple[int, str]] = []
        self._tape = Tape(recording)
        self._sources = self._made_sources()
        # the desk looks at the clock while it is made
        self._begun = list(recording.steps[0].follows)
        self._read_on(self._begun)
        kept = dict(recording.settings)
        moved = recording.keymap
        sources: Callable[[], list[CallSource]] | None = (
            (lambda: list(self._sources.values())) if self._sources else None
        )
        self.desk = PlayedDesk(
            DeskSettings(
                gather_s=0.0,
                folder=folder,
                clock=self._tape,
                entropy=self._tape,
                sources=sources,
                door=Door(folder, self._tape, self._tape) if recording.locks else None,
                keymap=Keymap(moved) if moved is not None else None,
                **kept,
            ),
            self._tape,
        )
        self._hand = _Hand(self.desk)

    def _made_sources(self) -> dict[str, PlayedSource]:
        begun = [step for step in self.recording.steps if step.what == "source"]
        return {step.data["source"]: PlayedSource(step.data["source"], step.data["can"], self._tape) for step in begun}

    async def steps(self, upto: int | None = None) -> AsyncIterator[Step]:
        """Play step by step, at most to the one of a number; at each the desk stands as it stood before the next."""
        for step in self.recording.steps:
            if upto is not None and step.number > upto:
                return
            await self._play(step)
            yield step

    def picture(self) -> str:
        """Return the screen as SVG."""
        return svg.take(self.desk)

    def text(self) -> str:
        """Return what can be read on the screen."""
        return "\n".join(svg.lines(self.picture()))

    async def _play(self, step: Step) -> None:
        self._tape.at(step)
        follows = list(step.follows) if step.number else self._begun
        # what was read while something came in and went its way, before the first answer
        self._read_on(follows)
        self._come(step)
        await self._hand.arrive()
        if step.what == "size":
            await self._until(lambda: tuple(self.desk.screen.size) == tuple(step.data["size"]))
            # the layout follows in its own time
            await asyncio.sleep(SIZED_S)
        while follows:
            answer = follows.pop(0)
            assert isinstance(answer, Answer)
            self._read_on(follows)
            await self._give(answer, step)
        await self._hand.arrive()

    def _read_on(self, follows: list[Any]) -> None:
        if follows and isinstance(follows[0], Readings):
            self._tape.read_on(follows.pop(0))

    async def _give(self, answer: Answer, step: Step) -> None:
        tape = self._tape
        await self._until(lambda: tape.answers(answer.what))
        if answer.lost or not tape.answers(answer.what):
            self.parted.append((step.number, answer.lost or answer.what))
        else:
            tape.give(answer)
            await self._hand.arrive()

    async def _until(self, met: Callable[[], bool]) -> None:
        for _look in range(PATIENCE):
            if met():
                return
            await asyncio.sleep(LOOK_S)
            await self._hand.arrive()

    def _come(self, step: Step) -> None:
        desk, data = self.desk, step.data
        if step.what == "key":
            desk.post_message(events.Key(data["key"], data["character"]))
        elif step.what == "paste":
            desk.post_message(events.Paste(data["pasted"]))
        elif step.what == "size":
            size = Size(*data["size"])
            driver: Any = desk._driver
            driver._size = size
            desk.post_message(events.Resize(size, size))
        elif step.what in MOUSE:
            x, y, button, shift, meta, ctrl = data["where"]
            kind = MOUSE[step.what]
            desk.post_message(kind(None, x, y, 0, 0, button, shift, meta, ctrl, x, y))
        elif step.what in FOCUS:
            desk.post_message(FOCUS[step.what]())
        elif step.what == "call":
            self._sources[data["source"]].tell(data["notice"], data["can"])
        elif step.what == "pause":
            if data["which"] <= len(desk.pauses):
                desk.pauses[data["which"] - 1].end()
        elif step.what == "tick":
            desk.call_later(desk.tick)
        elif step.what == "look":
            desk.call_later(desk.news.beat)
        elif step.what == "entered":
            desk.call_later(desk.enter, Entered(data["agent"], b"", False, data["since"]))
        elif step.what == "unlocked":
            desk.call_later(desk.lock.open)


@asynccontextmanager
async def playing(recording: Recording) -> AsyncIterator[Player]:
    """Open a desk on which a recording is played; its folder goes away with it."""
    with tempfile.TemporaryDirectory(prefix="agentdesk-replay-") as folder:
        player = Player(recording, Path(folder))
        async with player.desk.run_test(size=recording.size):
            yield player
            # what still waits for an answer that no recording has
            for waiting in player._tape.waiting.values():
                for future, _lists in waiting:
                    future.cancel()
