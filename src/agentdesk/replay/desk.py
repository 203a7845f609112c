"""A desk that records what comes to it: keys, sizes, calls, and what its site's files say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from random import Random
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events

from agentdesk import __version__
from agentdesk.desk import app as desk_app
from agentdesk.desk.app import DeskApp
from agentdesk.desk.backend import Backend, Closed
from agentdesk.desk.i18n import _
from agentdesk.desk.locking import Lock
from agentdesk.desk.models.rows import safe
from agentdesk.desk.news import News
from agentdesk.desk.widgets.secret import Secret
from agentdesk.replay.private import Typing
from agentdesk.replay.pseudonyms import Pseudonyms
from agentdesk.replay.record import Recorder
from agentdesk.replay.values import Plain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import PurePath

    from textual.widget import Widget

    from agentdesk.desk.deeds.signing import PinTried
    from agentdesk.desk.settings import DeskSettings, Pause
    from agentdesk.store.site import Site
    from agentdesk.sync.entering import Entered
    from agentdesk.telephony.source import CallSource, Command, Notice, Order

T = TypeVar("T")

KEPT = (
    *("agent", "language", "theme", "ambiguous_wide", "demo", "hotline", "first", "choices", "problems"),
    "sample_staff",
)
"""What a recording has of a desk's settings."""

MOUSE = {
    "mouse_down": events.MouseDown,
    "mouse_up": events.MouseUp,
    "scroll_down": events.MouseScrollDown,
    "scroll_up": events.MouseScrollUp,
}
TYPED = "desk.locking.Lock.try_pin."
"""What is asked of the store with what was typed at the lock: a desk that is played isn't told of that."""

FOCUS = {"focus": events.AppFocus, "blur": events.AppBlur}


def styles() -> list[str | PurePath]:
    """Return the desk's styles, for classes that are at home elsewhere."""
    from pathlib import Path

    return [Path(desk_app.__file__).parent / path for path in DeskApp.CSS_PATH]


class RecordedDesk(DeskApp):
    """The desk, and beside it a recorder that is told what comes in before the desk is."""

    TITLE = DeskApp.__name__
    CSS_PATH: ClassVar[list[str | PurePath]] = styles()

    def __init__(self, settings: DeskSettings, recorder: Recorder) -> None:
        self.recorder = recorder
        made = settings.sources
        sources = None if made is None else lambda: [RecordedSource(one, recorder) for one in made()]
        super().__init__(replace(settings, clock=recorder.clock, entropy=recorder.entropy, sources=sources))
        self.backend = RecordedBackend(self._open_site, recorder)
        self.news = RecordedNews(self, *(settings.first or (None, None)))
        self.lock = RecordedLock(self.lock, recorder)
        self._dice = Random()
        self._typing = Typing()
        self._told = False
        self._pauses = 0

    def on_mount(self) -> None:
        # the desk's own handler follows: nothing has been asked yet
        if self.recorder.pseudonyms is not None:
            self.recorder.pseudonyms.learn_staff(self._working())
        kept = {name: getattr(self.settings, name) for name in KEPT}
        moved = self.settings.keymap.moved if self.settings.keymap is not None else None
        size = tuple(self.size)
        more = {"keymap": moved, "locks": self.settings.door is not None}
        self.recorder.begin({"program": Plain(__version__), "size": size}, {"settings": kept, **more})

    def _working(self) -> set[str]:
        """Return the ids and numbers of the agent and of all whom the site knows."""
        me = self.settings.agent
        site = self._open_site()
        try:
            found = site.view.of_type("org", "agent")
        finally:
            site.close()
        numbers = (str(one.data.get("number") or "") for one in found)
        return {me.id, me.number, *(one.id for one in found), *numbers}

    async def on_unmount(self) -> None:
        import asyncio

        await asyncio.to_thread(self.recorder.end)

    async def on_event(self, event: events.Event) -> None:
        if not event.is_forwarded:
            self._note(event)
        await super().on_event(event)

    def _note(self, event: events.Event) -> None:
        recorder = self.recorder
        if isinstance(event, events.Key | events.Paste) and (self.lock.on or isinstance(self.focused, Secret)):
            return  # a password or a PIN, of which not even the length is written down
        if isinstance(event, events.Key):
            key, character = event.key, event.character
            if recorder.pseudonyms is not None:
                _wall, at = recorder.clock.now()
                if self._typing.is_private(self, character or "", at) and character:
                    other = recorder.pseudonyms.typed(character, self._dice)
                    key, character = (other if key == character else key), other
            recorder.came("key", key=Plain(key), character=Plain(character) if character else None)
        elif isinstance(event, events.Paste):
            recorder.came("paste", pasted=Plain(_pasted(event.text, recorder.pseudonyms, self._dice)))
        elif isinstance(event, events.Resize):
            if recorder.step or tuple(event.size) != tuple(self.size):
                recorder.came("size", size=tuple(event.size))
        elif isinstance(event, events.MouseEvent):
            name = next((name for name, kind in MOUSE.items() if type(event) is kind), None)
            if name is not None:
                where = (event.screen_x, event.screen_y, event.button, event.shift, event.meta, event.ctrl)
                recorder.came(name, where=where)
        elif isinstance(event, events.AppFocus | events.AppBlur):
            recorder.came(next(name for name, kind in FOCUS.items() if type(event) is kind))

    def after(self, widget: Widget, seconds: float, call: Callable[[], Any]) -> Pause:
        self._pauses += 1
        return super().after(widget, seconds, partial(self._paused, self._pauses, call))

    def _paused(self, which: int, call: Callable[[], Any]) -> Any:
        self.recorder.came("pause", which=which)
        return call()

    def _tick(self) -> None:
        self.recorder.came("tick")
        super()._tick()
        if self.recorder.problem and not self._told:
            self._told = True
            words = _("the recording has ended, the desk goes on: {why}")
            self.flow.say(words.format(why=safe(self.recorder.problem, 120)), "late")


class RecordedNews(News):
    """News whose looks at the files are noted."""

    def beat(self) -> None:
        self._app.recorder.came("look")  # type: ignore[attr-defined]
        super().beat()


class RecordedLock(Lock):
    """The desk's lock: who was let in is noted, and nothing of what was typed for it."""

    def __init__(self, lock: Lock, recorder: Recorder) -> None:
        # it is the same lock: the clock was looked at when that was made
        vars(self).update(vars(lock))
        self._recorder = recorder

    async def let_in(self, entered: Entered) -> str:
        self._recorder.came("entered", agent=entered.agent, since=entered.since)
        return await super().let_in(entered)

    async def try_pin(self, typed: str) -> PinTried:
        tried = await super().try_pin(typed)
        if tried.right:
            self._recorder.came("unlocked")
        return tried


class RecordedBackend(Backend):
    """The site's store, whose answers are noted."""

    def __init__(self, open_site: Callable[[], Site], recorder: Recorder) -> None:
        super().__init__(open_site)
        self._recorder = recorder

    async def run(self, function: Callable[[Site], T]) -> T:
        what = name_of(function)
        if what.startswith(TYPED):
            return await super().run(function)
        self._recorder.asked()
        lists = lists_of(function)
        sizes = [len(one) for one in lists]
        try:
            found = await super().run(function)
        except Closed:
            raise
        except Exception as error:
            self._recorder.said(what, error, failed=True)
            raise
        self._recorder.said(what, found, filled=_more(lists, sizes))
        return found


class RecordedSource:
    """A place that calls come from, whose notices and answers are noted."""

    def __init__(self, source: CallSource, recorder: Recorder) -> None:
        self._source = source
        self._recorder = recorder
        self._can: frozenset[Command] | None = None

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def can(self) -> frozenset[Command]:
        return self._source.can

    async def start(self) -> None:
        self._recorder.came("source", source=self.name, can=self.can)
        await self._source.start()

    async def stop(self) -> None:
        await self._source.stop()

    async def __aiter__(self) -> AsyncIterator[Notice]:
        async for notice in self._source:
            self._recorder.came("call", source=self.name, can=self.can, notice=notice)
            yield notice

    async def do(self, order: Order) -> None:
        what = f"{self.name}: {order.command.value}"
        self._recorder.asked()
        try:
            await self._source.do(order)
        except Exception as error:
            self._recorder.said(what, error, failed=True)
            raise
        self._recorder.said(what, None)


def name_of(function: Callable[..., Any]) -> str:
    """Return by which name what is asked of the store is known again."""
    inner = getattr(function, "func", function)
    module = str(inner.__module__).removeprefix("agentdesk.")
    # what is asked through another function is known by what it asks
    asked = [cell for cell in _cells(inner) if isinstance(cell, FunctionType)]
    return ">".join((f"{module}.{inner.__qualname__}", *(one.__qualname__ for one in asked)))


def lists_of(function: Callable[..., Any], depth: int = 3) -> list[list[Any]]:
    """Return the lists that a question fills beside its answer."""
    found: list[list[Any]] = []
    for cell in _cells(getattr(function, "func", function)):
        if isinstance(cell, list):
            found.append(cell)
        elif isinstance(cell, FunctionType) and depth:
            found += lists_of(cell, depth - 1)
    return found


def _cells(function: Any) -> Sequence[Any]:
    found = []
    for cell in getattr(function, "__closure__", None) or ():
        try:
            found.append(cell.cell_contents)
        except ValueError:  # not set yet
            continue
    return found


def _more(lists: Sequence[list[Any]], sizes: Sequence[int]) -> tuple[list[Any], ...]:
    """Return what lists have beyond their sizes, nothing at all where none has grown."""
    more = tuple(one[size:] for one, size in zip(lists, sizes, strict=True))
    return more if any(more) else ()


def _pasted(text: str, pseudonyms: Pseudonyms | None, dice: Random) -> str:
    return text if pseudonyms is None else "".join(pseudonyms.typed(one, dice) for one in text)
