"""A site's vault at the centre: the last way in, for who has the centre's secret."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.cli.errors import CommandError

if TYPE_CHECKING:
    from agentdesk.centre.storage.contract import Database

DAY_MS = 86_400_000
"""How long who was let in like this may work without the line: time to send what waits, and to sign in."""


def operator() -> str:
    """Return who sits at the centre's machine, for the archive."""
    try:
        return f"operator:{getpass.getuser()}"
    except (OSError, KeyError):
        return "operator"


def own_password(database: Database, agent: str, from_input: bool) -> str:
    """Return an agent's password at the centre as it is typed, or read; raises CommandError when it isn't his."""
    from agentdesk.trust.passwords import verify

    if from_input:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = getpass.getpass(f"password of {agent}: ", sys.stderr)
    else:
        raise CommandError(f"nobody is there to ask for the password of {agent}: give it with --stdin")
    credential = database.read(lambda snapshot: snapshot.credential(agent)).result()
    if credential is None or not verify(credential.hash, password):
        raise CommandError(
            f"it isn't the password of {agent} at this centre: `agentdesk staff password {agent}` gives one"
        )
    return password


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
