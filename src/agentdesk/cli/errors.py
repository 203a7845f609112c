"""What a command says when it can't do its work: one line on stderr, and an exit code."""

from __future__ import annotations

FAILED = 1
USAGE = 2
REFUSED = 3
"""The rules don't allow it: nothing was done."""
SEVERAL = 4
"""More than one fits: the list is on stdout, and the caller has to say which."""
INTERRUPTED = 130

LONGEST_LINE = 600

_DATABASE_ERRORS = frozenset({"sqlite3.DatabaseError", "sqlcipher3.dbapi2.DatabaseError"})
"""Of the library that has the centre's file, and of the one that has a site's."""


class CommandError(Exception):
    """Something a person can mend; the message is one line that says what happened and what to do."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


def one_line(text: str) -> str:
    """Return a text as one line that a terminal may show."""
    from agentdesk.domain.language.text import clean

    return clean(text, LONGEST_LINE)


def foreseen(error: Exception) -> CommandError | None:
    """Return an error of any room as a command's; None for one that nobody foresaw."""
    if isinstance(error, CommandError):
        return error
    from agentdesk.store.errors import StoreError
    from agentdesk.telephony.source import TelephonyError

    if isinstance(error, StoreError | TelephonyError):
        return CommandError(str(error))
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return CommandError(f"{where}{error.strerror.lower()}; look at the path and its permissions")
    if isinstance(error, UnicodeEncodeError):
        return CommandError(f"{error.object[error.start]!a} in a text is half a character: type it anew")
    return _by_name(error)


def _by_name(error: Exception) -> CommandError | None:
    """Name the errors of what takes long to import by their class: it is loaded already, if it is its error."""
    names = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
    if names & _DATABASE_ERRORS and "not a database" in str(error):
        return CommandError("a file of this folder is no database of ours; name another folder with --data")
    known = {
        "agentdesk.centre.enrol.BadRegion",
        "agentdesk.centre.importer.source.ImportRefused",
        "agentdesk.centre.serving.ServeError",
        "agentdesk.centre.storage.contract.StorageError",
        "agentdesk.catalogue.sources.CatalogueError",
        "agentdesk.sync.client.RequestFailed",
        "agentdesk.sync.connecting.BadAuthority",
        "agentdesk.trust.addresses.BadAddress",
    }
    return CommandError(str(error)) if names & known else None
