"""Who sits down at a desk: signed in on a screen of its own before anything of the site is read.

A demo's agent is signed in by itself, as everything there is invented; and where a site has no vault, nobody can be.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.cli.errors import CommandError
from agentdesk.cli.machine import MachineClock, MachineEntropy
from agentdesk.cli.unlocking import by_machine, is_keyed, read_password

if TYPE_CHECKING:
    from agentdesk.cli.config import SiteConfig
    from agentdesk.cli.launch import Look
    from agentdesk.desk.settings import SampleAgent
    from agentdesk.sync.entering import Door


@dataclass(frozen=True, slots=True)
class Came:
    """Who came: his id, the door that he went through (None: the site has none), and since when he is in."""

    agent: str | None
    door: Door | None = None
    since: int | None = None
    sample_staff: Sequence[SampleAgent] = ()


def signed_in(folder: Path, arguments: argparse.Namespace, config: SiteConfig, look: Look) -> Came | None:
    """Let somebody sign in; None where he left instead. Raises CommandError."""
    named: str | None = arguments.sign_in_as or arguments.agent or config.desk.agent
    if not is_keyed(folder):
        return Came(named)
    from agentdesk.sync.entering import Door, NotIn

    door = Door(folder, MachineClock(), MachineEntropy(), by_machine(folder))
    if arguments.password_file is not None:
        if named is None:
            raise CommandError("say whose password it is: --agent ID")
        try:
            entered = door.enter(named, read_password(arguments.password_file, ""))
        except NotIn as no:
            from agentdesk.desk.models.sign_in import reason

            raise CommandError(f"not signed in: {reason(no)}") from None
        return Came(entered.agent, door, entered.since)
    from agentdesk.cli.demo_world import read_note, sample_staff_of

    note = read_note(folder)
    if note is not None and note.ready and door.key is not None:
        return Came(named or note.agent, door, None, sample_staff_of(note))
    from agentdesk.desk.screens.sign_in import SignInApp

    app = SignInApp(door, named or "", look.language, look.theme, look.ambiguous_wide)
    came = app.run()
    return None if came is None else Came(came.agent, door, came.since)
