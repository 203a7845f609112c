"""The one thread that owns the site's store; the screen asks it and never waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from agentdesk.store.site import Site

T = TypeVar("T")


class Closed(RuntimeError):
    """The store's thread has ended: the desk is going down."""


class Backend:
    """Runs functions of a site, one after the other, in a thread that opened it."""

    def __init__(self, open_site: Callable[[], Site]) -> None:
        self._open = open_site
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="store", daemon=True)
        self._started = False
        self._closed = False

    def start(self) -> None:
        """Open the site in the thread, before anybody asks for it."""
        if not self._started:
            self._started = True
            self._thread.start()

    async def run(self, function: Callable[[Site], T]) -> T:
        """Run a function of the site and return what it returns; what it raises is raised here."""
        if self._closed:
            raise Closed("the store is closed")
        self.start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(function, loop, future))
        return await future

    def close(self) -> None:
        """Finish what was asked for and close the site; returns when that is done."""
        if self._closed:
            return
        self._closed = True
        if self._started:
            self._jobs.put(None)
            self._thread.join(timeout=10)

    def _work(self) -> None:
        site: Site | None = None
        trouble: Exception | None = None
        try:
            site = self._open()
        except Exception as error:  # whoever asks first is told
            trouble = error
        while (job := self._jobs.get()) is not None:
            job.do(site, trouble)
        if site is not None:
            site.close()


class _Job:
    def __init__(
        self, function: Callable[[Site], Any], loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any]
    ) -> None:
        self._function = function
        self._loop = loop
        self._future = future

    def do(self, site: Site | None, trouble: Exception | None) -> None:
        try:
            if site is None:
                raise trouble or Closed("the store isn't open")
            result = self._function(site)
        except Exception as error:
            self._tell(self._fail, error)
        else:
            self._tell(self._succeed, result)

    def _tell(self, how: Callable[[Any], None], value: Any) -> None:
        # a loop that has gone has nobody who waits
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(how, value)

    def _succeed(self, value: Any) -> None:
        if not self._future.done():
            self._future.set_result(value)

    def _fail(self, error: Exception) -> None:
        if not self._future.done():
            self._future.set_exception(error)
