"""A site that begins with nothing and reads a log from its first number on: what every other replica is measured by."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.replica.driver import sqlite
from agentdesk.simulate.people import beginning, ram
from agentdesk.simulate.sites import Dice, Machine, Straight
from agentdesk.store.site import Site
from agentdesk.sync.client import client_of

if TYPE_CHECKING:
    from agentdesk.simulate.world import World

ROWS = 50
"""How many rows of the log come at a time."""
_LOOKS = count()


@contextmanager
def pulled_from_zero(world: World, machine: Machine, scope: str) -> Iterator[sqlite.Connection]:
    """Give a replica of a scope that was pulled from zero, as the site of a machine may; the centre must be up."""
    with tempfile.TemporaryDirectory(prefix="agentdesk-zero-", dir=ram()) as name:
        folder = Path(name) / "site"
        beginning().blank_site(folder, world.key)
        with closing(Site(machine.folder, machine.clock, machine.entropy, world.key)) as there:
            identity = there.identity
        with closing(Site(folder, machine.clock, Dice(f"{world.seed}/zero"), world.key)) as site:
            site.enrol(identity, "zero")
            with closing(client_of(site, Straight(world), f"from-zero-{next(_LOOKS)}")) as client:
                more = True
                while more:
                    cursors = {s: cursor for s, cursor in site.pull_cursors().items() if s == scope}
                    answer = client.pull(cursors, ROWS)
                    more = answer.more
                    for page in answer.pages:
                        site.take_page(page)
            with closing(site.files.open_replica(scope)) as replica:
                yield replica
