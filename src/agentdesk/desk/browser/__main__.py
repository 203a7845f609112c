"""`python -m agentdesk.desk.browser demo`: who opens the address gets the screen of that command in his browser."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
"""Where the page is; textual-serve's own takes its letters from a server abroad, and waits for it."""

COMMANDS = ("desk", "demo")
LOCAL = ("localhost", "127.0.0.1", "::1")


def command_of(arguments: Sequence[str]) -> str:
    """Return the command whose screen is shown, for a shell."""
    return shlex.join([sys.executable, "-m", "agentdesk", *arguments])


def parser() -> argparse.ArgumentParser:
    """Return what the arguments may be."""
    found = argparse.ArgumentParser(prog="python -m agentdesk.desk.browser", description=__doc__, allow_abbrev=False)
    found.add_argument("--host", default="localhost", help="the address to listen at [localhost]")
    found.add_argument("--port", type=int, default=8000, help="the port to listen at [8000]")
    found.add_argument(
        "--public-url", metavar="URL", help="the address that browsers see, where a proxy stands before it"
    )
    found.add_argument("command", choices=COMMANDS, help="whose screen it is; each page that is opened starts its own")
    found.add_argument("arguments", nargs=argparse.REMAINDER, help="the arguments of that command")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a desk until it is ended with Ctrl+C; returns the exit code."""
    given = parser().parse_args(arguments)
    try:
        from textual_serve.server import Server
    except ImportError:
        print("this needs textual-serve: pip install 'agentdesk[web]'", file=sys.stderr)
        return 1
    if given.host not in LOCAL:
        print(
            f"whoever reaches {given.host}:{given.port} works at this desk under its agent's name: "
            "let a proxy that asks who it is stand before it",
            file=sys.stderr,
        )
    server = Server(
        command_of([given.command, *given.arguments]),
        host=given.host,
        port=given.port,
        title="AgentDesk",
        public_url=given.public_url,
        templates_path=str(TEMPLATES),
    )
    server.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
