"""Asking a superior for help in a call (求助): he sees who asks, about whom, and what; the caller notices nothing.

It goes by the site's presence files, so it needs no line to the centre; who leaves or dies asks no more.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import safe
from agentdesk.store.presence import SAY_MS, Presence, Present, near

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.desk.session import Contact

ASKS, HEARS = "asks", "hears"
LONGEST = 200


class Helping:
    """What this desk asks of superiors, what it hears of others where its agent is one, and what was answered."""

    def __init__(self, desk: DeskApp) -> None:
        self._desk = desk
        agent = desk.settings.agent
        who = f"{agent.id}-{os.getpid()}"
        self._folder = desk.settings.folder
        self._question = Presence(self._folder, f"near-{ASKS}-{who}")
        self._ear = Presence(self._folder, f"near-{HEARS}-{who}")
        self._said_at = self._heard_at = -SAY_MS
        self._contact: Contact | None = None
        self._asked: Present | None = None
        self._answers: dict[str, Present] = {}
        self.since = 0
        self.superiors: tuple[str, ...] = ()
        self.requests: tuple[Present, ...] = ()
        self.answer = ""

    @property
    def asked(self) -> Contact | None:
        """The contact that help is asked for."""
        return self._contact

    @property
    def _now(self) -> int:
        return self._desk.settings.clock.wall_ms()

    async def ask(self, contact: Contact, words: str) -> None:
        """Ask the superiors of this site; it is said again and again while the contact lasts."""
        agent = self._desk.settings.agent
        self._contact, self.since, self.answer = contact, self._now, ""
        self._asked = Present(contact.scope, contact.id, agent.id, agent.name, words=words[:LONGEST])
        self._said_at = -SAY_MS
        await self.look()

    async def take_back(self) -> None:
        """Ask no more."""
        self._contact = self._asked = None
        self.answer = ""
        await self._desk.backend.run(lambda _site: self._question.say(None, 0))

    async def tell(self, request: Present, words: str) -> None:
        """Answer who asks; a superior's desk says it until he asks no more."""
        agent = self._desk.settings.agent
        self._answers[request.id] = replace(request, agent=agent.id, name=agent.name, words=words[:LONGEST])
        self._heard_at = -SAY_MS
        await self.look()

    async def look(self) -> bool:
        """Say and hear what is to be said and heard; True when there is something else to show."""
        if self._contact is not None and all(one is not self._contact for one in self._desk.flow.stack):
            await self.take_back()
            return True
        superior = self._desk.approves
        if self._asked is None and not superior:
            return False
        before = (self.requests, self.superiors, self.answer)
        heard, asking = await self._desk.backend.run(lambda _site: self._exchange(superior))
        if heard is not None and self._asked is not None:
            self.superiors, self.answer = heard
        if superior:
            self.requests = asking
        after = (self.requests, self.superiors, self.answer)
        if self.answer and self.answer != before[2]:
            self._desk.flow.say(self.answer, "good")
        return after != before

    def _exchange(self, superior: bool) -> tuple[tuple[tuple[str, ...], str] | None, tuple[Present, ...]]:
        """Return who hears what is asked here and what one of them says, and the requests of others."""
        heard_here: tuple[tuple[str, ...], str] | None = None
        requests: tuple[Present, ...] = ()
        now, agent = self._now, self._desk.settings.agent
        if self._asked is not None:
            if now - self._said_at >= SAY_MS:
                self._said_at = now
                self._question.say(self._asked, now)
            heard = [one for one in near(self._folder, HEARS, now) if one.agent != agent.id]
            superiors = tuple(dict.fromkeys(safe(one.name, 20) for one in heard))
            told = next((one for one in heard if one.id == self._asked.id and one.words), None)
            heard_here = superiors, f"{safe(told.name, 20)}: {safe(told.words, LONGEST)}" if told is not None else ""
        if superior:
            requests = tuple(one for one in near(self._folder, ASKS, now) if one.agent != agent.id)
            there = {one.id for one in requests}
            self._answers = {key: one for key, one in self._answers.items() if key in there}
            if now - self._heard_at >= SAY_MS:
                self._heard_at = now
                me = Present("", HEARS, agent.id, agent.name)
                self._ear.say_all((me, *self._answers.values()), now)
        return heard_here, requests

    def answered(self, request: Present) -> str:
        """Return what this desk has answered to a request."""
        found = self._answers.get(request.id)
        return found.words if found is not None else ""

    def gone(self) -> None:
        """Say nothing any more: this desk ends."""
        self._question.say(None, 0)
        self._ear.say(None, 0)

    def words(self) -> str:
        """Return what the desk of who asks says of it."""
        if self._contact is None:
            return ""
        if self.answer:
            return self.answer
        if not self.superiors:
            return _("help is asked for: no superior's desk is open at this site")
        return _("help is asked for: {names} see it").format(names=", ".join(self.superiors))
