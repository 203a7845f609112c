"""The data key of a site that is enrolled: made, and wrapped for who may open it, before anything is written."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.cli import machine_key
from agentdesk.cli.errors import CommandError
from agentdesk.cli.machine import MachineEntropy
from agentdesk.cli.options import OUTBOX
from agentdesk.cli.unlocking import ask_agent, by_machine, read_password
from agentdesk.trust.vault_file import FILE, LOCK

if TYPE_CHECKING:
    from agentdesk.store.site import Site
    from agentdesk.trust.vault import Vault

TRIES = 3
KEY_BYTES = 32


def add_keying(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say who may open a new site."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--machine-key",
        type=Path,
        metavar="FILE",
        help="where the machine's key is, or is made, for syncing while nobody is there [in the user's settings]",
    )
    which.add_argument(
        "--no-machine-key", action="store_true", help="only a password opens the site: an agent signs in now"
    )


def new_key(folder: Path, place: Path | None, machine: bool = True) -> bytes:
    """Make a folder's data key and vault, and let the machine open it; raises CommandError.

    An enrolment that was broken off is taken up where its key is still known; where it isn't, nobody can ever open what
    it wrote, which is thrown away.
    """
    from agentdesk.trust.vault import Vault, VaultError

    if place is not None:
        # asked before anything is made: a place in the folder itself would be no place
        machine_key.check_place(place, folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        vault = Vault.read(folder)
        if vault is not None:
            key = by_machine(folder) if vault.has_machine else None
            if key is not None:
                return key
            if vault.has_machine or vault.agents():
                raise CommandError(f"{folder} is a site already, and locked: use another folder for another site")
            discard(folder)
        elif (folder / OUTBOX).exists():
            raise CommandError(
                f"{folder} has files already that aren't encrypted: use another folder for a new site, or "
                f"`agentdesk site encrypt --data {folder}` for the one in it"
            )
        key = MachineEntropy().token_bytes(KEY_BYTES)
        vault = Vault.create(folder, key)
        if machine:
            admit_machine(folder, vault, key, place)
    except VaultError as error:
        raise CommandError(str(error)) from None
    return key


def admit_machine(folder: Path, vault: Vault, key: bytes, place: Path | None) -> None:
    """Let the machine open a vault, by the key in a file of its own."""
    known = machine_key.known_place(vault.folder)
    assert known is not None  # it has a vault
    path = place or known
    vault.admit_machine(key, machine_key.read_or_make(path, folder))
    machine_key.remember(vault.folder, path)


def discard(folder: Path) -> None:
    """Take away what a broken enrolment has left, which nobody can open."""
    for name in (f"{OUTBOX}-wal", f"{OUTBOX}-shm", OUTBOX, FILE, LOCK):
        (folder / name).unlink(missing_ok=True)


def first_agent(site: Site, vault: Vault, key: bytes, arguments: argparse.Namespace) -> str:
    """Let an agent sign in at the centre, and from then on here without it; returns who. Raises CommandError."""
    from agentdesk.sync.sign_in import NotRight, SignInFailed, admit, sign_in

    tries = TRIES if sys.stdin.isatty() and arguments.password_file is None else 1
    for left in reversed(range(tries)):
        agent = arguments.agent or ask_agent()
        password = read_password(arguments.password_file, f"password of {agent}: ")
        try:
            signed = sign_in(site, agent, password)
            if signed.must_change:
                new = read_password(None, "choose a password of your own: ")
                if new != read_password(None, "once more: "):
                    raise CommandError("the two aren't the same")
                signed, password = sign_in(site, agent, password, new), new
        except NotRight as wrong:
            if left:
                sys.stderr.write(f"{wrong}\n")
                continue
            raise CommandError(str(wrong)) from None
        except SignInFailed as failed:
            raise CommandError(str(failed)) from None
        admit(site, vault, key, signed, password)
        return signed.agent
    raise AssertionError("a last try is answered")
