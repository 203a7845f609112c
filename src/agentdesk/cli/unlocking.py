"""How a command gets the key of a site: the machine's, or an agent's password; it goes on in memory only.

A password is typed where nobody sees it, or read from a file or a pipe; it is never an argument, which every user of
the machine could read. Folders that were enrolled before sites had keys have no vault: they open without one.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.cli import machine_key
from agentdesk.cli.errors import CommandError
from agentdesk.cli.machine import MachineClock, MachineEntropy

if TYPE_CHECKING:
    from agentdesk.store.site import Site
    from agentdesk.sync.entering import Door

LONGEST = 4096
"""Bytes that are read of a password's file."""

HOW = "give the machine's key with AGENTDESK_MACHINE_KEY, or sign in: --as ID with --password-file FILE (- for stdin)"


def add_unlocking(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say who signs in, and where his password comes from."""
    parser.add_argument("--as", dest="sign_in_as", metavar="ID", help="who signs in, where no machine's key opens it")
    parser.add_argument(
        "--password-file",
        metavar="FILE",
        help="a file with the agent's password, - for stdin, where no machine's key opens the site [asked for]",
    )


def is_keyed(folder: Path) -> bool:
    """Tell whether a site's files are encrypted."""
    return (folder / "vault.json").exists()


def key_of(folder: Path, arguments: argparse.Namespace | None = None) -> bytes | None:
    """Return the key of a site's files, None where they aren't encrypted; raises CommandError."""
    if not is_keyed(folder):
        return None
    key = by_machine(folder)
    return key if key is not None else door_of(folder, arguments).key


def by_machine(folder: Path) -> bytes | None:
    """Return the key of a site's files as the machine's key opens it; None where the machine has none."""
    from agentdesk.trust.vault import Vault, VaultError, WrongKey

    path = machine_key.place_of(folder)
    if path is None:
        return None
    try:
        vault = Vault.read(folder)
        if vault is None or not vault.has_machine:
            return None
        return vault.unlock_machine(machine_key.read(path))
    except WrongKey:
        raise CommandError(f"{path} is the key of another site: name this one's in {machine_key.VARIABLE}") from None
    except VaultError as error:
        raise CommandError(str(error)) from None


def door_of(folder: Path, arguments: argparse.Namespace | None) -> Door:
    """Return the site's door, gone through by an agent's password; raises CommandError."""
    from agentdesk.sync.entering import Door, NotIn

    door = Door(folder, MachineClock(), MachineEntropy())
    agent = _agent(folder, arguments)
    password = _password(arguments, agent)
    try:
        door.enter(agent, password)
    except NotIn as no:
        from agentdesk.desk.models.sign_in import reason

        raise CommandError(f"not signed in: {reason(no)}") from None
    return door


def opened(folder: Path, arguments: argparse.Namespace | None = None) -> Site:
    """Open a site's files with its key; raises CommandError and StoreError."""
    from agentdesk.store.site import Site

    return Site(folder, MachineClock(), MachineEntropy(), key_of(folder, arguments))


def ask_agent(words: str = "staff number: ") -> str:
    """Ask the terminal for a staff number; raises CommandError where nobody is there."""
    if not sys.stdin.isatty():
        raise CommandError(f"the site is locked, and nobody is there to ask: {HOW}")
    sys.stderr.write(words)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def read_password(given: str | None, words: str) -> str:
    """Return a password from a file, from stdin (`-`), or as it is typed, unseen; raises CommandError."""
    if given == "-":
        return _first_line(sys.stdin.buffer.read(LONGEST), "standard input")
    if given is not None:
        path = Path(given).expanduser()
        if path.is_file() and path.stat().st_mode & 0o077:
            raise CommandError(f"{path} is open to other users: run `chmod 600 {path}`")
        with path.open("rb") as file:
            return _first_line(file.read(LONGEST), str(path))
    if not sys.stdin.isatty():
        raise CommandError(f"the site is locked, and nobody is there to ask: {HOW}")
    from getpass import getpass

    return getpass(words, sys.stderr)


def _agent(folder: Path, arguments: argparse.Namespace | None) -> str:
    from agentdesk.cli.agents import AGENT_VARIABLE
    from agentdesk.cli.config import read_config

    said = (getattr(arguments, name, None) for name in ("sign_in_as", "agent"))
    ways = (*said, os.environ.get(AGENT_VARIABLE), read_config(folder).desk.agent)
    given = next(filter(None, ways), None)
    return str(given) if given else ask_agent()


def _password(arguments: argparse.Namespace | None, agent: str) -> str:
    return read_password(getattr(arguments, "password_file", None), f"password of {agent}: ")


def _first_line(text: bytes, where: str) -> str:
    try:
        line = text.decode("utf-8").split("\n", 1)[0].removesuffix("\r")
    except UnicodeDecodeError:
        line = ""
    if not line:
        raise CommandError(f"no password in {where}: its first line has it, as UTF-8")
    return line
