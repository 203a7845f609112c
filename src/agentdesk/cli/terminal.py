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


def needs_terminal() -> None:
    """Refuse to draw the desk where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandError("the desk needs a terminal; in scripts use `agentdesk find`, `show` and `promise`")


def colours() -> str:
    """Return how many colours the terminal says it has."""
    if os.environ.get("NO_COLOR"):
        return "no"
    if os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "16 million"
    return "256" if "256" in os.environ.get("TERM", "") else "8 or 16"


def ambiguous_is_wide(seconds: float = 0.5) -> bool:
    """Ask the terminal how wide it draws a character of ambiguous width; narrow when it doesn't answer.

    One such character is printed at the left edge, the terminal is asked where its cursor stands, and both go again.
    """
    try:
        fd = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return False
    try:
        before = termios.tcgetattr(fd)
        try:
            tty.setcbreak(fd, termios.TCSANOW)
            os.write(fd, "\r\u2026\x1b[6n".encode())
            column = _column(fd, seconds)
            os.write(fd, b"\r\x1b[K")
        finally:
            termios.tcsetattr(fd, termios.TCSANOW, before)
    except (OSError, termios.error):
        return False
    finally:
        os.close(fd)
    return column == 3


def _column(fd: int, seconds: float) -> int | None:
    """Read a report of the cursor's position, and return its column; None when none comes in time."""
    said = b""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and select.select([fd], [], [], left)[0]:
        said += os.read(fd, 64)
        if (report := re.search(rb"\x1b\[[0-9]+;([0-9]+)R", said)) is not None:
            return int(report[1])
    return None
