"""The stage that a scenario is played on: what each sentence does to a desk, or looks for on it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import Document
from agentdesk.domain.verdict import Verdict
from agentdesk.qa import svg
from agentdesk.qa.cast import AGENT, AGENT_NAME, HALL, documents
from agentdesk.qa.centre import ScriptedCentre
from agentdesk.qa.clock import MINUTE
from agentdesk.qa.desk import Desk
from agentdesk.qa.driving import ENTER_WAKES_MS, come_to_rest, ring, running, until, verified, visible_text
from agentdesk.qa.hand import Hand
from agentdesk.qa.scenarios import people, words
from agentdesk.qa.scenarios.text import in_language, size_of
from agentdesk.qa.world import fill
from agentdesk.telephony.model import CallMoment

NAME = 60
_NAME = re.compile(rf"\w[\w -]{{0,{NAME - 1}}}")
CHINA = timezone(timedelta(hours=8))

Picture = Callable[[str, str], None]
"""Takes the name of a picture and what it shows; raises AssertionError when that isn't what was accepted."""


class Unclear(Exception):
    """What stands in a blank means nothing here; the message says what does."""


class NotSo(AssertionError):
    """What a scenario expects isn't so."""


@dataclass
class Stage:
    """One performance of a scenario: a desk in a language and a size, and who plays with it."""

    folder: Path
    language: str
    size: tuple[int, int]
    picture: Picture
    online: bool = True
    role: str = "agent"
    theme: str = "dark"
    at: int | None = None
    extra: list[Document] = field(default_factory=list)
    keys: int = 0
    call: str = ""
    desk: Desk = field(init=False)
    hand: Hand = field(init=False)
    centre: ScriptedCentre = field(init=False)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Open the desk on what was given."""
        self.desk = Desk(self.folder, language=self.language, online=self.online, role=self.role, theme=self.theme)
        if self.at is not None:
            self.desk.clock.wall = self.at
        if self.extra:
            site = self.desk.site()
            for scope in {document.scope for document in self.extra}:
                fill(site, scope, [one for one in self.extra if one.scope == scope], upto=20)
            site.close()
        self.centre = ScriptedCentre(self.desk.site)
        async with running(self.desk, self.size) as self.hand:
            await self._look()
            yield

    def shown(self) -> str:
        """Return what the screen says; nothing before it is there."""
        return visible_text(self.desk.app) if hasattr(self, "hand") and self.desk.app.screen_stack else ""

    # given

    def is_now(self, time: str) -> None:
        """Set the clock, in China's time."""
        try:
            at = datetime.fromisoformat(_iso(time)).replace(tzinfo=CHINA)
        except ValueError:
            raise Unclear(f"there is no day or time {time}") from None
        self.at = round(at.timestamp() * 1000)

    def is_cut(self) -> None:
        self.online = False

    def is_role(self, what: str) -> None:
        self.role = _one_of(words.ROLES, what)
        self.extra.append(Document("org", AGENT, "agent", 2, {"name": AGENT_NAME, "role": self.role}))

    def looks(self, what: str) -> None:
        self.theme = _one_of(words.THEMES, what)

    def has_hall(self) -> None:
        self.extra.append(HALL)

    def has_customer(self, text: str) -> None:
        try:
            self.extra.append(people.customer_of(text, len(self.extra)))
        except ValueError as error:
            raise Unclear(str(error)) from None

    # when

    async def calls(self, who: str) -> None:
        """Let somebody ring, by his name or his number; keys are counted from here."""
        self.keys = 0
        self.call = await ring(self.desk, self.hand, self._number(who))
        await self._look()

    async def calls_verified(self, who: str) -> None:
        """Let somebody ring, answer, and verify him; keys are counted from here."""
        self.call = await verified(self.desk, self.hand, self._number(who))
        await self._look()
        self.keys = 0

    async def hangs_up(self) -> None:
        assert self.desk.phone is not None
        await self.desk.phone.end(self.call, "caller")
        await self._look()

    async def gives_up(self, number: str) -> None:
        assert self.desk.phone is not None
        self.desk.clock.advance(int(number) * 1000)
        await self.desk.phone.move(self.call, CallMoment.ABANDONED)
        await self._look()

    async def presses(self, keys: str) -> None:
        for key in words.keys(keys):
            await self._press(key)
        await self._look()

    async def types(self, text: str) -> None:
        for character in words.unquoted(in_language(text, self.language)):
            await self._press(character)
        await self._look()

    async def waits(self, number: str) -> None:
        self.desk.clock.advance(int(number) * MINUTE)
        await self._look()

    async def cuts(self) -> None:
        self.centre.cut()
        await self._look()

    async def restores(self) -> None:
        self.centre.restore()
        await self._look()

    def will_refuse(self, what: str, text: str) -> None:
        self.centre.answers(_one_of(words.KINDS, what), Verdict.REFUSED, _reason(text))

    def will_flag(self, what: str, text: str) -> None:
        self.centre.answers(_one_of(words.KINDS, what), Verdict.FLAGGED, _reason(text))

    def will_hold(self, what: str, text: str) -> None:
        self.centre.answers(_one_of(words.KINDS, what), Verdict.HELD, _reason(text))

    async def exchanges(self) -> None:
        self.centre.exchange()
        await self._look()

    async def resizes(self, size: str) -> None:
        found = size_of(size)
        assert found is not None
        await self.hand.resize_terminal(*found)
        await self._look()

    # then

    async def on_screen(self, text: str) -> None:
        wanted = words.unquoted(in_language(text, self.language))
        try:
            await until(self.hand, lambda: words.stands(wanted, self.shown()), words.PATIENCE_S)
        except AssertionError:
            raise NotSo(f"the screen doesn't say {wanted!r}") from None

    async def not_on_screen(self, text: str) -> None:
        unwanted = words.unquoted(in_language(text, self.language))
        if words.stands(unwanted, self.shown()):
            raise NotSo(f"the screen says {unwanted!r}")

    def nothing_waits(self) -> None:
        if kinds := self._waiting():
            raise NotSo(f"there waits: {', '.join(kinds)}")

    def in_outbox(self, what: str) -> None:
        kind = _one_of(words.KINDS, what)
        kinds = self._waiting()
        if kind not in kinds:
            raise NotSo(f"no {kind} waits in the outbox; there waits: {', '.join(kinds) or 'nothing'}")

    def took_keys(self, number: str) -> None:
        if self.keys != int(number):
            raise NotSo(f"it took {self.keys} keys")

    async def takes_picture(self, text: str) -> None:
        name = text.strip()
        if _NAME.fullmatch(name) is None:
            # it becomes the name of a file, beside the scenario and nowhere else
            raise Unclear(f"a picture's name has letters, digits, spaces, - and _, at most {NAME} of them")
        await self._look()
        self.picture(name, svg.take(self.desk.app))

    # parts of the above

    async def _press(self, key: str) -> None:
        """Press a key as a person does: not before he has read what came up."""
        self.desk.clock.advance(ENTER_WAKES_MS)
        self.keys += 1
        await self.hand.press(key)

    async def _look(self) -> None:
        await come_to_rest(self.desk, self.hand)

    def _number(self, who: str) -> str:
        who = words.unquoted(who)
        if re.fullmatch(r"\+?[\d\s-]{3,}", who):
            return who
        who = people.CAST.get(who, who)
        found = {str(one.data["name"]): one for one in (*documents(), *self.extra) if one.type == "customer"}
        if who not in found:
            raise Unclear(f"nobody is called {who}; there are: {', '.join(people.plain_names(found))}")
        return str(found[who].data["subscriptions"][0]["number"])

    def _waiting(self) -> list[str]:
        site = self.desk.site()
        try:
            return sorted({entry.kind for entry in site.outbox.entries() if entry.verdict is None})
        finally:
            site.close()


def _one_of(known: dict[str, str], what: str) -> str:
    """Return what a word stands for; a name of the program's own may stand for itself."""
    word = words.unquoted(what).lower()
    for article in ("a ", "an ", "the "):
        word = word.removeprefix(article)
    if word in known.values():
        return word
    if word not in known:
        raise Unclear(f"{what} means nothing here; known are: {', '.join(known)}")
    return known[word]


def _reason(text: str) -> Reason:
    """Return a reason by its code, with what it tells: `ticket_state state=archived`."""
    code, *told = words.unquoted(text).split() or [""]
    if not code:
        raise Unclear("a reason begins with its code, such as ticket_state")
    return Reason(code, dict(pair.split("=", 1) for pair in told if "=" in pair))


def _iso(time: str) -> str:
    """Return a time such as 2026-9-1 8:05 with its zeros."""
    year, month, day, hour, minute = map(int, re.findall(r"\d+", time))
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}"
