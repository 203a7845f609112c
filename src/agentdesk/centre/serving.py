"""Running the centre as a process of its own."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from agentdesk import _collecting
from agentdesk.centre.authors import system_means
from agentdesk.centre.connections import Settings
from agentdesk.centre.guard import Face
from agentdesk.centre.jobs import Tools
from agentdesk.centre.live import Live
from agentdesk.centre.logs import log_to_stderr
from agentdesk.centre.notices import NOTICES, sender_of
from agentdesk.centre.own_key import open_signed
from agentdesk.centre.preparing import Preparer
from agentdesk.centre.provisioning import PROVISION, Provisioning, provisioner_of
from agentdesk.centre.server import create_app
from agentdesk.centre.service import Centre
from agentdesk.centre.storage.opening import is_postgresql
from agentdesk.centre.tls import BadCertificate, Tls
from agentdesk.trust.addresses import is_loopback

DEFAULT_PORT = 8710
FILES = 16_384
"""Open files of the process, if the system allows as many."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""What a centre on this machine alone is called: a page of some other name that points here gets nothing."""
SWITCH_S = 0.001
"""How long one thread of the process computes while another wants to, seconds: a request waits several times for it."""


class ServeError(Exception):
    """The centre can't be served like this; the message is one line that says what to do."""


class Server(uvicorn.Server):
    """A server that says when it is ready.

    When it stops it ends what would go on for ever first: the streams of those who listen.
    """

    def __init__(
        self, config: uvicorn.Config, live: Live, url: str, ready_file: Path | None, tls: Tls | None = None
    ) -> None:
        super().__init__(config)
        self._tls = tls
        self._live = live
        self._url = url
        self._ready_file = ready_file

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        if self._tls is not None and self.config.ssl is not None:
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGHUP, self._tls.renew, self.config.ssl)
        say_ready(self._url, self._ready_file)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._live.stop()
        await super().shutdown(sockets)


def serve(
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    database_url: str = "sqlite:///centre.db",
    *,
    key: Path | None = None,
    workers: int = 1,
    behind_tls: bool = False,
    ready_file: Path | None = None,
    docs: bool = True,
    hosts: Sequence[str] = (),
    tls: Tls | None = None,
) -> None:
    """Serve a centre until SIGTERM or SIGINT; port 0 takes a free one.

    When it takes requests it prints one line, `centre ready on URL`, and writes `ready_file` (JSON: url, pid).
    Plain HTTP stays on this machine, unless a proxy that speaks TLS stands in front (`behind_tls`). With `tls` nothing
    else is spoken, 1.2 or later; at SIGHUP the certificate is read again. `key` is the
    file with the centre's secret where the database is on a server; only there `workers` may be several, each a
    process. Without `docs` it doesn't document itself; `hosts` are the names that it goes by, by default any, but on a
    loopback address only those of this machine. Raises ServeError, StorageError, and WrongKey for a key that the
    database wasn't signed with.
    """
    if workers > 1 and not is_postgresql(database_url):
        raise ServeError("SQLite has one writer: give --workers 1, or a database on a PostgreSQL server")
    if tls is None and not behind_tls and not is_loopback(host):
        raise ServeError(
            f"plain HTTP on {host} could be read by anybody on the way: give --tls-cert and --tls-key, put a TLS proxy "
            "in front and give --behind-tls, or serve on 127.0.0.1"
        )
    log_to_stderr()
    if tls is not None:
        try:
            tls.check()
        except BadCertificate as bad:
            raise ServeError(str(bad)) from None
    _open_many_files()
    face = Face(docs, tuple(hosts) or (() if behind_tls or not is_loopback(host) else LOOPBACK), behind_tls)
    listening = listen(host, port)
    try:
        if workers > 1:
            from agentdesk.centre.workers import Workers

            Workers(listening, url_of(listening, tls), database_url, key, workers, ready_file, face, tls).run()
        else:
            serve_on(listening, database_url, key, ready_file, face, tls)
    finally:
        listening.close()
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)


def serve_on(
    listening: socket.socket,
    database_url: str,
    key: Path | None,
    ready_file: Path | None = None,
    face: Face | None = None,
    tls: Tls | None = None,
) -> None:
    """Serve a centre on a bound socket, in this process; raises StorageError and BadCertificate."""
    if tls is not None:
        tls.check()
    database = open_signed(database_url, key)
    means = system_means()
    preparer = Preparer(database, means)
    try:
        app = create_app(database, means, face)
        app.state.centre.start()
        sender = sender_of(os.environ.get(NOTICES))
        app.state.centre.send_with(sender)
        if sender is None:
            logging.getLogger("agentdesk.centre").info("texts to customers stay queued: nobody sends them")
        provisioning = _provisioning(app.state.centre)
        preparer.start()
        _collecting.in_batches()
        sys.setswitchinterval(SWITCH_S)
        config = Settings(app, proxy_headers=face is not None and face.proxied, **_files(tls))
        config.load()
        if tls is not None and config.ssl is not None:
            tls.into(config.ssl)
        app.state.centre.jobs.start()
        if provisioning is not None:
            provisioning.start()
        try:
            with _signals_are_the_servers():
                Server(config, app.state.centre.live, url_of(listening, tls), ready_file, tls).run([listening])
        finally:
            if provisioning is not None:
                provisioning.stop()
            app.state.centre.jobs.stop()
    finally:
        preparer.stop()
        database.close()


def _provisioning(centre: Centre) -> Provisioning | None:
    """Return what has services effected; without it orders wait for their departments."""
    provisioner = provisioner_of(os.environ.get(PROVISION))
    if provisioner is None:
        return None
    tools = Tools(centre.means, centre.policies, centre.database.secret)
    return Provisioning(centre.database, tools, provisioner)


def say_ready(url: str, ready_file: Path | None) -> None:
    """Say that requests are taken, to whoever reads this process's output or its ready file."""
    if ready_file is not None:
        part = ready_file.with_name(f"{ready_file.name}.{os.getpid()}")
        part.write_text(json.dumps({"url": url, "pid": os.getpid()}))
        part.replace(ready_file)
    print(f"centre ready on {url}", flush=True)


def _files(tls: Tls | None) -> dict[str, Any]:
    return {} if tls is None else {"ssl_certfile": tls.certificate, "ssl_keyfile": tls.key}


def listen(host: str, port: int) -> socket.socket:
    """Return a bound socket; raises ServeError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # named as TCP, or asyncio doesn't switch off Nagle's algorithm: 40 ms on each answer
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        reason = error.strerror or str(error)
        raise ServeError(f"can't listen on {host}:{port} ({reason}): give another --host or --port") from error
    return listening


def url_of(listening: socket.socket, tls: Tls | None = None) -> str:
    host, port = listening.getsockname()[:2]
    scheme = "http" if tls is None else "https"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _open_many_files() -> None:
    """Let the process have many files open: each site that listens takes one."""
    with suppress(OSError, ValueError):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


@contextmanager
def _signals_are_the_servers() -> Iterator[None]:
    """Keep the server's way of stopping from ending the process before the database is closed.

    It raises the signal that stopped it once more when it is done.
    """

    def ignore(_number: int, _frame: FrameType | None) -> None:
        return None

    before = {number: signal.signal(number, ignore) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
