"""The command line as a whole: which commands there are, and how one of them is run."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple, NoReturn, Protocol, cast

from agentdesk import __version__, _collecting
from agentdesk.cli.errors import FAILED, INTERRUPTED, USAGE, foreseen, one_line

DESCRIPTION = "Promise first, then process: a desk for customer service agents, with or without a line to the centre."

EPILOG = """\
exit codes: 0 done, 1 failed, 2 wrongly called, 3 refused by the rules (nothing was done), 4 several fit, say which.
AGENTDESK_DATA names the folder that --data means when it isn't given.
"""


class Command(NamedTuple):
    """A command's name, the module that it lives in, and what it does in one line."""

    name: str
    module: str
    summary: str


COMMANDS = (
    Command("demo", "demo", "open the desk on a whole sample world, with calls that ring by themselves"),
    Command("desk", "desk", "open the desk of an enrolled site"),
    Command("serve", "serve", "run the centre"),
    Command("find", "find", "find customers by number or name, and tickets and promises by their number"),
    Command("show", "show", "show a caller's card: who it is, what is open, what may be promised"),
    Command("promise", "promise", "make an instant commitment to a customer"),
    Command("keys", "keys", "list every key of the desk, or check a keymap"),
    Command("call", "call", "make a running desk ring"),
    Command("site", "site", "enrol this machine, look how it stands, sync once"),
    Command("outbox", "outbox", "what waits, what was answered, and what to do about an operation"),
    Command("centre", "centre", "keep the centre's database: back it up, put it back, tidy it"),
    Command("catalogue", "catalogue", "check the catalogue's files, or look into it"),
    Command("import", "import_data", "bring customers and agents into the centre from files"),
    Command("staff", "staff", "at the centre: agents, their passwords, locks and roles, and dismissing them"),
    Command("budget", "budget", "at the centre: what regions may promise, and what is leased to which site"),
    Command("ledger", "ledger", "at the centre: what was given, on whose account, and what for"),
    Command("simulate", "simulate", "run whole worlds with faults from a seed, and check what sync promises"),
    Command("held", "held", "at the centre, decide what waits for a person"),
    Command("audit", "audit", "find what was tampered with, and tell who saw a customer"),
    Command("qa", "qa", "for testers: a page of what scenarios and picture tests showed"),
    Command("replay", "replay", "show the screen at any step of a recorded session"),
    Command("doctor", "doctor", "look at terminal, files, clock, line and versions, and say what to do"),
)


class CommandModule(Protocol):
    """A command's module: adds its arguments to a parser and sets `run`, which returns the exit code."""

    def configure(self, parser: argparse.ArgumentParser) -> None: ...


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line that says where to read more."""

    def error(self, message: str) -> NoReturn:
        hint = f"; see `{self.prog} --help`"
        self.exit(USAGE, f"{self.prog}: {one_line(message)}{hint}\n")


def build_parser(chosen: str | None) -> Parser:
    """Return the whole command line; only the chosen command's module is loaded for its arguments."""
    parser = Parser(
        prog="agentdesk",
        description=DESCRIPTION,
        epilog=EPILOG,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"agentdesk {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for command in COMMANDS:
        summary = f"{command.summary[0].upper()}{command.summary[1:]}."
        own = commands.add_parser(command.name, help=command.summary, description=summary, allow_abbrev=False)
        if command.name == chosen:
            module = cast("CommandModule", import_module(f"agentdesk.cli.commands.{command.module}"))
            module.configure(own)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code."""
    _collecting.load()
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # a name that the terminal's encoding lacks must not end the command
            stream.reconfigure(errors="backslashreplace")
    chosen = next((word for word in words if not word.startswith("-")), None)
    parser = build_parser(chosen)
    arguments = parser.parse_args(words)
    if arguments.command is None:
        parser.print_help()
        return 0
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read us has seen enough; what is still buffered goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        from agentdesk.domain.faults import told

        known = foreseen(error)
        if known is None:
            # its text may be about a customer: what is printed is where it happened
            print(f"agentdesk {arguments.command}: a fault of the program", *told(error), sep="\n", file=sys.stderr)
            return FAILED
        print(f"agentdesk {arguments.command}: {one_line(str(known))}", file=sys.stderr)
        return known.code
    return code
