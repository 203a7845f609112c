"""What can go wrong with a site's files, in words for a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agentdesk.replica.driver import NOT_OURS, sqlite
from agentdesk.replica.opening import WrongKey

_FULL, _IOERR, _BUSY, _LOCKED = 13, 10, 5, 6
_FORBIDDEN = frozenset({3, 8, 14, 23})
"""SQLite's codes: PERM, READONLY, CANTOPEN, AUTH."""


class StoreError(Exception):
    """Something a person can mend; the message is one line that says what happened and what to do."""


class DiskFull(StoreError):
    """The disk is full: nothing was written, and nothing may be called promised."""


class WrongDataKey(StoreError):
    """The site's files are encrypted with another data key than the one that was given; nothing was changed."""


@contextmanager
def saying(folder: Path) -> Iterator[None]:
    """Say what a database's trouble means: DiskFull, or StoreError where a person can mend it."""
    try:
        yield
    except (sqlite.DatabaseError, WrongKey) as error:
        raise worded(error, folder) from error


def worded(error: Exception, folder: Path) -> Exception:
    """Return what a database's trouble means to a person, or the error itself where nobody foresaw it."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == NOT_OURS or isinstance(error, WrongKey):
        return WrongDataKey(
            f"the files in {folder} don't open with this data key, or aren't a site's: nothing was changed; "
            "sign in, or name another folder with --data"
        )
    if not isinstance(error, sqlite.OperationalError):
        return error
    if code == _FULL:
        return DiskFull(f"the disk of {folder} is full: nothing was recorded; free some space and try again")
    if code == _IOERR:
        return DiskFull(f"the disk of {folder} can't be written: nothing was recorded; look at its space and health")
    if code in (_BUSY, _LOCKED):
        return StoreError("another desk on this site is writing for a long time; try again")
    if code in _FORBIDDEN:
        return StoreError(f"the files in {folder} can't be opened or written: look at whose they are")
    return error
