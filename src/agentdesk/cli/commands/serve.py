"""`agentdesk serve`: run the centre."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path

from agentdesk.cli.databases import add_database, database_url, key_file
from agentdesk.cli.errors import CommandError

PORT = 8710
GRACE_S = 12.0
"""How long a centre whose starter is gone may take to end before it is ended."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk serve`."""
    add_database(parser)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on [127.0.0.1]")
    parser.add_argument("--port", type=_port, default=PORT, help=f"the port; 0 takes a free one [{PORT}]")
    parser.add_argument(
        "--workers", type=_count, default=1, metavar="N", help="serving processes; several only with PostgreSQL [1]"
    )
    parser.add_argument(
        "--tls-cert", type=Path, metavar="FILE", help="serve HTTPS with this certificate and those above it (PEM)"
    )
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="the certificate's key (PEM); SIGHUP reads both")
    parser.add_argument("--behind-tls", action="store_true", help="a proxy in front speaks TLS: listen anywhere")
    parser.add_argument("--no-docs", action="store_true", help="no /docs and no /openapi.json")
    parser.add_argument(
        "--hostname",
        action="append",
        default=[],
        metavar="NAME",
        help="a name or address that the centre goes by; requests for others are turned away "
        "(again for more) [any; on 127.0.0.1 those of this machine]",
    )
    parser.add_argument(
        "--ready-file", type=Path, metavar="FILE", help="write url and pid there once it takes requests"
    )
    parser.add_argument(
        "--while-stdin", action="store_true", help="end when standard input does: for programs that start a centre"
    )
    parser.add_argument(
        "--notices",
        metavar="FILE|command:WORDS",
        help="where texts to customers go: a line of JSON for each, appended to a file or given to a command; "
        "without it they stay queued",
    )
    parser.add_argument(
        "--provision",
        metavar="FOLDER|command:WORDS|simulated",
        help="what effects services ordered by phone: orders and answers as files of JSON in a folder, or given to a "
        "command; `simulated` pretends. Without it orders wait for their departments",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT, or until standard input ends."""
    url = database_url(arguments)
    from agentdesk.centre.notices import NOTICES
    from agentdesk.centre.provisioning import PROVISION
    from agentdesk.centre.serving import serve
    from agentdesk.centre.tls import Tls

    if (arguments.tls_cert is None) != (arguments.tls_key is None):
        raise CommandError("a certificate goes with its key: give both --tls-cert and --tls-key")
    tls = None if arguments.tls_cert is None else Tls(arguments.tls_cert.absolute(), arguments.tls_key.absolute())
    if arguments.notices:
        os.environ[NOTICES] = arguments.notices  # several serving processes have it from here, too
    if arguments.provision:
        os.environ[PROVISION] = arguments.provision
    if arguments.while_stdin:
        threading.Thread(target=_end_with_stdin, name="starter", daemon=True).start()
    serve(
        arguments.host,
        arguments.port,
        url,
        key=key_file(arguments),
        workers=arguments.workers,
        behind_tls=arguments.behind_tls,
        tls=tls,
        ready_file=arguments.ready_file,
        docs=not arguments.no_docs,
        hosts=arguments.hostname,
    )
    return 0


def _end_with_stdin() -> None:
    """Wait until whoever started this process is gone, in whatever way, and end in order; at last in any case."""
    while sys.stdin.buffer.read(4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes: give one from 1 to 64")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 to 65535")
    return int(text)
