"""What the terminal can show, and the refusal of one that would show rubbish."""

from __future__ import annotations

import locale
import os
import sys

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
