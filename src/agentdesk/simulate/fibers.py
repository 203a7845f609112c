"""Pieces of work that wait in the middle, one running at a time: a session's request, while the world goes on.

A fiber is a thread that runs only while whoever runs it waits for it, so that nothing is ever done at once and the
order of things is the timeline's alone. It is a thread because the shipped code that waits is plain synchronous code.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Killed(BaseException):
    """The process that was doing this has ended: nothing of it may go on, not even what cleans up."""


class Fiber:
    """Work that may pause; `failure` is what it raised, `over` whether it has ended."""

    def __init__(self, work: Callable[[], None], name: str) -> None:
        self._work = work
        self._go = threading.Lock()
        self._back = threading.Lock()
        self._go.acquire()
        self._back.acquire()
        self._killed = False
        self.over = False
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def resume(self) -> None:
        """Let it run until it pauses or ends; called from outside."""
        if not self.over:
            self._go.release()
            self._back.acquire()

    def pause(self) -> None:
        """Give the turn back until `resume`; called from inside. Raises Killed."""
        self._back.release()
        self._go.acquire()
        if self._killed:
            raise Killed

    def kill(self) -> None:
        """End it where it stands; called from outside."""
        if not self.over:
            self._killed = True
            self.resume()
        self._thread.join()

    def _run(self) -> None:
        self._go.acquire()
        try:
            if not self._killed:
                self._work()
        except Killed:
            pass
        except BaseException as error:
            self.failure = error
        finally:
            self.over = True
            self._back.release()
