"""A desk on a world of its own, with a phone that a test rings."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from agentdesk.desk.app import DeskApp
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.session import Contact
from agentdesk.desk.settings import AgentIdentity, DeskSettings
from agentdesk.qa.cast import AGENT, AGENT_NAME
from agentdesk.qa.clock import FrozenClock, SeededEntropy
from agentdesk.qa.world import copy_site
from agentdesk.store.site import Site
from agentdesk.sync.entering import Door
from agentdesk.telephony.hand import HandSource


class Desk:
    """A desk on its own world, with a phone that the test rings.

    `online` says how the line is, `make` is False for a second desk on the same files; what else is given is a
    setting of the desk (`DeskSettings`).
    """

    def __init__(
        self,
        folder: Path,
        *,
        language: str = "zh-CN",
        online: bool = True,
        wide: bool = False,
        theme: str = "dark",
        demo: bool = True,
        role: str = "agent",
        make: bool = True,
        **more: Any,
    ) -> None:
        self.clock = FrozenClock()
        door: Door | None = more.get("door")
        key = door.key if door is not None else None
        self.entropy = copy_site(folder, online, key) if make else SeededEntropy(random.Random(8))
        self.folder = folder
        self.phone: HandSource | None = None
        agent = AgentIdentity(AGENT, AGENT_NAME, "1024", role, "8001")
        self.settings = DeskSettings(
            gather_s=0.0,
            folder=folder,
            agent=agent,
            clock=self.clock,
            entropy=self.entropy,
            language=language,
            sources=self._sources,
            theme=theme,
            ambiguous_wide=wide,
            demo=demo,
            **more,
        )
        self.app = DeskApp(self.settings)
        self.app.animation_level = "none"

    @property
    def contact(self) -> Contact:
        """The contact on the screen."""
        assert self.app.flow.contact is not None
        return self.app.flow.contact

    @property
    def facts(self) -> Facts:
        """What is known about the contact on the screen."""
        assert self.contact.facts is not None
        return self.contact.facts

    @property
    def who(self) -> str:
        """The id of the customer on the screen."""
        assert self.facts.customer is not None
        return self.facts.customer.document.id

    def _sources(self) -> list[HandSource]:
        self.phone = HandSource("hand", self.clock.wall_ms, agent="8001")
        return [self.phone]

    def site(self) -> Site:
        """Open the site's files beside the desk, as another process does."""
        return Site(self.folder, self.clock, self.entropy, self.settings.key)
