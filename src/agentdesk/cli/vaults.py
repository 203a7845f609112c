"""A site's vault at the centre: the last way in, for who has the centre's secret."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

from agentdesk.cli.errors import CommandError

DAY_MS = 86_400_000
"""How long who was let in like this may work without the line: time to send what waits, and to sign in."""


def operator() -> str:
    """Return who sits at the centre's machine, for the archive."""
    try:
        return f"operator:{getpass.getuser()}"
    except (OSError, KeyError):
        return "operator"


def new_password(agent: str, from_input: bool) -> str:
    """Return a new password as it is typed, twice, or read; raises CommandError for one that can't be one."""
    from agentdesk.trust.passwords import BadPassword, checked

    if from_input:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("new password: ")
        if getpass.getpass("once more: ") != password:
            raise CommandError("the two aren't the same: nothing was changed")
    try:
        return checked(password, agent)
    except BadPassword as bad:
        raise CommandError(str(bad)) from None


def let_in(folder: Path, secret: bytes, agent: str, password: str, now: int) -> int:
    """Give an agent an entry in the vault of a folder; returns until when, ms UTC. Raises CommandError."""
    from agentdesk.trust.vault import Vault, VaultError
    from agentdesk.trust.wrapping import WrongKey

    try:
        vault = Vault.read(folder)
        if vault is None:
            raise CommandError(f"{folder} has no vault.json: copy it there from the site's folder")
        key = vault.unlock_centre(secret)
        vault.admit(key, agent, password, now + DAY_MS, now)
    except WrongKey:
        raise CommandError(
            f"{folder / 'vault.json'} wasn't sealed for this centre: without a password or the machine's key nobody "
            "opens it"
        ) from None
    except VaultError as error:
        raise CommandError(str(error)) from None
    return now + DAY_MS
