"""A desk whose site is locked: its files have a key, its agents passwords, its superior a PIN; all at no cost."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from agentdesk.qa.cast import AGENT
from agentdesk.qa.clock import FrozenClock, SeededEntropy
from agentdesk.qa.world import SITE
from agentdesk.store.access import Pin
from agentdesk.store.site import Site
from agentdesk.sync.entering import Door, Entered, NotIn
from agentdesk.trust.passwords import Cost, derive, for_site
from agentdesk.trust.vault import Vault
from tests.desk.world import DAY, NOW, Desk

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)
KEY = bytes(range(32))
PASSWORD, OTHERS, PIN = "sieben Brücken 7", "acht Brücken 8", "318204"
COLLEAGUE, LEADER = "bj1025", "bj3001"


def locked(folder: Path, **more: Any) -> Desk:
    """Return a desk, cut off, on a locked site; its agent and his colleague may sign in."""
    door = Door(folder, FrozenClock(), SeededEntropy(random.Random(5)), KEY, CHEAP)
    desk = Desk(folder, door=door, **{"online": False, **more})
    door._clock = desk.clock
    vault = Vault.create(folder, KEY, cost=CHEAP)
    site = desk.site()
    for agent, password in ((AGENT, PASSWORD), (COLLEAGUE, OTHERS)):
        vault.admit(KEY, agent, password, NOW + 14 * DAY, NOW)
        site.access.admitted(vault, agent)
    give_pin(site)
    site.close()
    return desk


def give_pin(site: Site, agent: str = LEADER) -> None:
    """Let a site know somebody's PIN."""
    salt = b"0123456789abcdef"
    site.access.keep_pin(agent, Pin(salt, CHEAP, for_site(derive(PIN, salt, CHEAP), SITE), NOW))


class Closed(Door):
    """A door that gives one answer, to everybody."""

    def __init__(self, folder: Path, no: NotIn) -> None:
        super().__init__(folder, FrozenClock(), SeededEntropy())
        self._no = no

    def enter(self, typed: str, password: str, new_password: str | None = None) -> Entered:
        raise self._no

    def unlock(self, agent: str, password: str) -> Entered:
        raise self._no
