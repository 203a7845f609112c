"""The centre's database as the operator's commands name it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.cli.errors import CommandError
from agentdesk.cli.options import add_data, data_folder

if TYPE_CHECKING:
    from agentdesk.centre.authors import Means
    from agentdesk.centre.storage.contract import Database

DATABASE = "centre.db"
KEY = "centre.key"
KEY_FILE = "AGENTDESK_KEY_FILE"
"""The variable that names the file with the centre's secret."""


def add_database(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name the centre's database."""
    parser.add_argument(
        "--database",
        metavar="URL",
        help=f"such as sqlite:///centre.db or postgresql://user@host/name [{DATABASE} in the folder]",
    )
    add_key_file(parser)
    add_data(parser, "the folder with the centre's files")


def add_key_file(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names the file with the centre's secret."""
    parser.add_argument(
        "--key-file",
        metavar="FILE",
        type=Path,
        help=f"with PostgreSQL: the centre's secret, the same on all its machines [{KEY} in the folder; {KEY_FILE}]",
    )


def url_of(path: Path) -> str:
    """Return the URL of a database in a file."""
    return f"sqlite:///{path.absolute()}"


def database_url(arguments: argparse.Namespace) -> str:
    """Return the database's URL as given, or that of the default file; raises CommandError for what can't be one."""
    url: str | None = arguments.database
    if url is None:
        return url_of(data_folder(arguments, "centre") / DATABASE)
    if url.startswith("sqlite:///") or "://" in url:
        return url
    return url_of(Path(url).expanduser())


def existing_url(arguments: argparse.Namespace) -> str:
    """Return the database's URL; raises CommandError for a file that isn't there."""
    url = database_url(arguments)
    path = url.removeprefix("sqlite:///")
    if url.startswith("sqlite:///") and not Path(path).is_file():
        raise CommandError(f"{path} does not exist: start the centre on it once, or name another with --database")
    return url


def key_file(arguments: argparse.Namespace) -> Path | None:
    """Return the file with the secret of a centre on a server; None for a centre in a file, which has its own."""
    from agentdesk.centre.storage.opening import is_postgresql

    given: Path | None = arguments.key_file
    if not is_postgresql(database_url(arguments)):
        if given is not None:
            raise CommandError("--key-file is for PostgreSQL: the key of a SQLite file lies beside it")
        return None
    if given is None and os.environ.get(KEY_FILE):
        given = Path(os.environ[KEY_FILE])
    return (given.expanduser() if given is not None else data_folder(arguments, "centre") / KEY).absolute()


@contextmanager
def opened_database(arguments: argparse.Namespace, *, must_exist: bool) -> Iterator[tuple[Database, Means]]:
    """Open the centre's database, set up if it is new, for a command that works on it directly."""
    from agentdesk.centre.own_key import open_signed
    from agentdesk.centre.service import Centre

    url = existing_url(arguments) if must_exist else database_url(arguments)
    database = open_signed(url, key_file(arguments))
    try:
        centre = Centre(database)
        centre.start()
        yield database, centre.means
    finally:
        database.close()
