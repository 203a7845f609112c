"""A progress bar on stderr, with the rate; silent where stderr is no terminal, so that an error stays the only line."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

WIDTH = 16
REDRAW_S = 0.1


class Progress:
    """How far some long work is: `total` steps, or an unknown number of them.

    Used as a context manager; its last line stays, with how many were done in what time.
    """

    def __init__(
        self,
        what: str,
        total: int | None,
        *,
        stream: TextIO | None = None,
        now: Callable[[], float] = time.monotonic,
        quiet: bool = False,
    ) -> None:
        self._what = what
        self._total = total
        self._stream = stream or sys.stderr
        self._now = now
        self._quiet = quiet or not self._stream.isatty()
        self._began = now()
        self._drawn = -REDRAW_S
        self.done = 0

    def __enter__(self) -> Progress:
        self.to(0)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._quiet:
            return
        self._write(self._last() if kind is None else self._line(), end="\n")

    def to(self, done: int, total: int | None = None, what: str | None = None) -> None:
        """Say that so many steps are done, and perhaps that there are now so many in all, or of something else."""
        self.done = done
        if what is not None and what != self._what:
            self._what, self._total, self._began = what, None, self._now()
        self._total = self._total if total is None else total
        now = self._now()
        if self._quiet or now - self._drawn < REDRAW_S:
            return
        self._drawn = now
        self._write(self._line(), end="")

    def by(self, steps: int) -> None:
        """Say that so many more steps are done."""
        self.to(self.done + steps)

    def _line(self) -> str:
        if not self._total:
            return f"{self._what}  {self.done:,}  {self._rate()}"
        share = min(1.0, self.done / self._total)
        bar = "#" * int(share * WIDTH)
        return f"{self._what}  [{bar:.<{WIDTH}}] {share:4.0%}  {self.done:,} of {self._total:,}  {self._rate()}"

    def _last(self) -> str:
        return f"{self._what}  {self.done:,} in {self._now() - self._began:.1f} s  {self._rate()}"

    def _rate(self) -> str:
        seconds = self._now() - self._began
        return f"{self.done / seconds:,.0f}/s" if seconds > 0 and self.done else ""

    def _write(self, line: str, end: str) -> None:
        # a line that wraps could not be drawn over again
        room = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r{line.rstrip()[:room]}\x1b[K{end}")
        self._stream.flush()
