"""What PostgreSQL's errors mean: what may be tried again, and what is said about the rest."""

from __future__ import annotations

import psycopg
from psycopg import errors

from agentdesk.centre.storage.contract import StorageBusy, StorageError, StorageFull

AGAIN = errors.SerializationFailure | errors.DeadlockDetected | errors.UniqueViolation
"""Another transaction came between: the work runs again, over what that one wrote.

A row that is unexpectedly there was written after the work had looked for it.
"""


class Broken(BaseException):
    """A statement failed in a way that ends the transaction; no part of the work may take it for its own fault.

    The error itself is the cause.
    """


class Careful(BaseException):
    """A part failed and may leave nothing behind: the work runs again, with savepoints."""


def is_own_fault(error: psycopg.Error) -> bool:
    """Tell whether an error is about the values that a statement was given."""
    if isinstance(error, AGAIN):
        return False
    return isinstance(error, psycopg.DataError | psycopg.IntegrityError | psycopg.ProgrammingError)


def is_gone(error: psycopg.Error) -> bool:
    """Tell whether an error is that of a connection that broke, or couldn't be made."""
    if isinstance(error, errors.AdminShutdown | errors.CrashShutdown | errors.IdleInTransactionSessionTimeout):
        return True
    return isinstance(error, psycopg.OperationalError) and not error.sqlstate


def worded(error: psycopg.Error, place: str) -> StorageError:
    """Return an error of PostgreSQL as one line that says what to do; `place` names the database."""
    text = str(error).strip().split("\n")[0]
    if isinstance(error, errors.DiskFull):
        return StorageFull(f"the disk of {place} is full: make room there, nothing was written")
    if isinstance(error, errors.LockNotAvailable | errors.TooManyConnections | AGAIN):
        return StorageBusy(f"{place} is busy ({text}): try again in a moment")
    if isinstance(error, errors.InsufficientPrivilege):
        return StorageError(f"{place} lets its user not do that ({text}): grant it, or give another user")
    if isinstance(error, psycopg.OperationalError):
        return StorageError(f"{place} can't be reached ({text}): check that it runs, and the URL")
    return StorageError(f"{place}: {text}")
