"""What the terminal can show, and the refusal of one that would show rubbish."""

from __future__ import annotations

import locale
import os
import re
import select
import sys
import termios
import time
import tty
from contextlib import suppress
from typing import Any

from agentdesk.cli.errors import CommandError

COLUMNS, LINES = 80, 24
"""The smallest window that the desk is made for."""


def charset() -> str:
    """Return the character set that the environment says the terminal has: `UTF-8`, `GB18030`…

    What the environment says counts, not what Python makes of it: in Python's UTF-8 mode every locale looks right.
    Where it says nothing at all, UTF-8 is taken for granted.
    """
    named = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := os.environ.get(name))), "")
    if not named:
        return "UTF-8"
    said = named.partition(".")[2].partition("@")[0]
    if not said:
        try:
            locale.setlocale(locale.LC_CTYPE, "")
            said = locale.nl_langinfo(locale.CODESET)
        except locale.Error:
            said = ""
    name = said.upper()
    if name in ("UTF-8", "UTF8"):
        return "UTF-8"
    return name if name not in ("", "ANSI_X3.4-1968", "US-ASCII", "646") else "ASCII"


def needs_utf8() -> None:
    """Refuse to draw the desk where the locale isn't UTF-8."""
    found = charset()
    if found != "UTF-8":
        raise CommandError(
            f"the terminal's locale is {found}, not UTF-8, and Chinese names would come out broken: set the terminal "
            "to UTF-8 and start again with LC_ALL=C.UTF-8 (or zh_CN.UTF-8) before the command"
        )


def in_browser() -> bool:
    """Tell whether a browser draws the desk: textual-serve says so by the driver that it names."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def needs_terminal() -> None:
    """Refuse to draw the desk where there is no terminal, nor a browser that stands for one."""
    if in_browser():
        return
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise CommandError("the desk needs a terminal; in scripts use `agentdesk find`, `show` and `promise`")
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise CommandError("TERM says that this terminal can't be drawn on: set it, for example TERM=xterm-256color")


def colours() -> str:
    """Return how many colours the terminal says it has."""
    if os.environ.get("NO_COLOR"):
        return "no"
    if os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "16 million"
    return "256" if "256" in os.environ.get("TERM", "") else "8 or 16"


class WidthProbe:
    """Asks a terminal how wide it draws a character of ambiguous width; a context manager.

    One such character is printed at the left edge, the terminal is asked where its cursor stands, and the line is
    cleared again: it works that off in order, so nothing stays, whenever the answer is read. While the probe is open
    the terminal shows nothing of what it answers.
    """

    def __init__(self, reads: int, writes: int, seconds: float = 0.3) -> None:
        self._reads = reads
        self._writes = writes
        self._seconds = seconds
        self._before: list[Any] | None = None
        self._until = 0.0
        self._column: int | None = None

    def __enter__(self) -> WidthProbe:
        with suppress(OSError, termios.error):
            self._before = termios.tcgetattr(self._reads)
            tty.setcbreak(self._reads, termios.TCSANOW)
            os.write(self._writes, "\r\u2026\x1b[6n\r\x1b[K".encode())
            self._until = time.monotonic() + self._seconds
        return self

    def __exit__(self, *_: object) -> None:
        self.wide()

    def wide(self) -> bool:
        """Return whether it is two cells wide; no when the terminal doesn't answer in time. Ends the probe."""
        if self._before is not None:
            with suppress(OSError, termios.error):
                self._column = self._answer()
                termios.tcsetattr(self._reads, termios.TCSANOW, self._before)
            self._before = None
        return self._column == 3

    def _answer(self) -> int | None:
        """Read the report of the cursor's position, and return its column."""
        said = b""
        while select.select([self._reads], [], [], max(0.0, self._until - time.monotonic()))[0]:
            said += os.read(self._reads, 64)
            if (report := re.search(rb"\x1b\[[0-9]+;([0-9]+)R", said)) is not None:
                return int(report[1])
        return None
