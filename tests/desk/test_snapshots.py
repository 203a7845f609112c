"""Pictures of the desk's main states, in both languages, at 80x24 and 120x40; each shows one thing on purpose."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from agentdesk.desk.screens.dialog import Dialog
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.verdict import Verdict
from agentdesk.qa.driving import come_to_rest
from agentdesk.qa.plugin import Snap
from agentdesk.store.errors import DiskFull
from agentdesk.store.outbox import Answer
from agentdesk.store.site import Site
from agentdesk.telephony.model import CallMoment
from tests.desk.driving import Hand, answered, ring, running, until, verified
from tests.desk.world import LI, NOBODY, REGION, SHARED, WANG, Desk

Act = Callable[[Desk, Hand], Awaitable[None]]
SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
LANGUAGES = ("zh-CN", "en")


async def idle(desk: Desk, pilot: Hand) -> None:
    """Wait for a call."""
    await until(pilot, lambda: desk.app.deeds.catalogue is not None and desk.app.open_work is not None)


async def ringing(desk: Desk, pilot: Hand) -> None:
    """Let a diamond customer ring."""
    await ring(desk, pilot, WANG)


async def offers(desk: Desk, pilot: Hand) -> None:
    """Answer and verify."""
    await verified(desk, pilot, WANG)


async def asking(desk: Desk, pilot: Hand) -> None:
    """Open a promise of money."""
    await offers(desk, pilot)
    await pilot.press("1")


async def telling(desk: Desk, pilot: Hand) -> None:
    """Promise, before the words are told."""
    await asking(desk, pilot)
    desk.clock.advance(500)
    await pilot.press("enter")
    await until(pilot, lambda: desk.contact.promises)


async def told(desk: Desk, pilot: Hand) -> None:
    """Tell the words; the promise stands first, here."""
    await telling(desk, pilot)
    desk.clock.advance(500)
    await pilot.press("enter")
    await until(pilot, lambda: desk.contact.promises[0].told and desk.app.screen is desk.app.desk_screen)


async def offline(desk: Desk, pilot: Hand) -> None:
    """Answer while the line is down."""
    await answered(desk, pilot, WANG)


async def holders(desk: Desk, pilot: Hand) -> None:
    """Let a number ring that leads to three customers."""
    await ring(desk, pilot, SHARED)


async def unknown(desk: Desk, pilot: Hand) -> None:
    """Let a number ring that nobody has."""
    await ring(desk, pilot, NOBODY)


async def verifying(desk: Desk, pilot: Hand) -> None:
    """Miss once at the verification."""
    await answered(desk, pilot, WANG)
    await pilot.press("v")
    desk.clock.advance(500)
    await pilot.press(*"0000", "enter")
    await until(pilot, lambda: desk.contact.misses)


async def verdicts(desk: Desk, pilot: Hand) -> None:
    """Look at what the centre answered."""
    await told(desk, pilot)
    site = desk.site()
    waiting = site.outbox.batch(100, 1_000_000)
    assert waiting is not None
    answers = []
    for entry in sorted(site.outbox.entries(), key=lambda e: e.seq)[:-1]:
        made = entry.kind == "commitment.made"
        reasons = (Reason.of("once_per_cycle", number="100010000777"),) if made else ()
        answers.append(Answer(entry.id, entry.seq, Verdict.FLAGGED if made else Verdict.APPLIED, reasons, REGION, 20))
    site.take_answers(waiting.lineage, answers)
    site.close()
    await until(pilot, lambda: desk.app.pulse and desk.app.pulse.inbox == 1)
    await pilot.press("o")
    await until(pilot, lambda: getattr(desk.app.screen, "count", 0) == 1)


async def life(desk: Desk, pilot: Hand) -> None:
    """Look at what happened to a promise that was marked."""
    await verdicts(desk, pilot)
    desk.clock.mono += 500  # Enter is awake, and no clock that is shown has moved
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(desk.app.screen, Dialog))


async def full_disk(desk: Desk, pilot: Hand) -> None:
    """Promise on a full disk."""

    def fill_disk(site: Site) -> None:
        def commit_all(drafts: object) -> None:
            raise DiskFull("full")

        setattr(site, "commit_all", commit_all)  # noqa: B010 - the disk is full from now on

    await asking(desk, pilot)
    await desk.app.backend.run(fill_disk)
    desk.clock.advance(500)
    await pilot.press("enter")
    await until(pilot, lambda: getattr(desk.app.screen, "problem", ""))


async def ticket(desk: Desk, pilot: Hand) -> None:
    """Open a ticket with the reasons for its deadline."""
    await answered(desk, pilot, WANG)
    await pilot.press("a")
    await until(pilot, lambda: desk.app.screen is not desk.app.desk_screen)
    await pilot.press("w")


async def several(desk: Desk, pilot: Hand) -> None:
    """Speak to a second caller, with the first on hold and a third who rings."""
    await offers(desk, pilot)
    assert desk.phone is not None
    for number in (LI, NOBODY):
        await desk.phone.ring(number)
        await until(pilot, lambda: desk.app.flow.lookups)
        if number == LI:
            await pilot.press("P")
            await until(pilot, lambda: desk.who == "c-li" and desk.contact.spoken and desk.contact.recorded)
    desk.clock.advance(8_000)


async def dropped(desk: Desk, pilot: Hand) -> None:
    """Lose the line: the key that rings back, and the clock of the wrap-up."""
    call_id = await verified(desk, pilot, WANG)
    assert desk.phone is not None
    await desk.phone.move(call_id, CallMoment.ENDED, reason="network out of order")
    await until(pilot, lambda: desk.app.flow.state == "wrap_up")
    desk.clock.advance(8_000)


async def wrapping_up(desk: Desk, pilot: Hand) -> None:
    """Wrap up."""
    await told(desk, pilot)
    await pilot.press("w")
    await until(pilot, lambda: desk.app.screen is not desk.app.desk_screen)


async def settings(desk: Desk, pilot: Hand) -> None:
    """What an agent may choose for himself."""
    await pilot.press("comma")
    await until(pilot, lambda: desk.app.screen is not desk.app.desk_screen)


async def keys(desk: Desk, pilot: Hand) -> None:
    """The help of a page, over the letters of what can be done with its ticket."""
    await answered(desk, pilot, WANG)
    await pilot.press("a")
    await until(pilot, lambda: desk.app.screen is not desk.app.desk_screen)
    await pilot.press("question_mark")
    await until(pilot, lambda: len(desk.app.screen_stack) == 3)


async def jumping(desk: Desk, pilot: Hand) -> None:
    """Letters beside all that can be opened."""
    await pilot.press("l")
    await until(pilot, lambda: desk.app.screen is not desk.app.desk_screen)
    await pilot.press("semicolon")


STATES: dict[str, Act] = {
    "idle": idle,
    "ringing": ringing,
    "offers": offers,
    "asking": asking,
    "telling": telling,
    "told": told,
    "offline": offline,
    "holders": holders,
    "unknown": unknown,
    "verifying": verifying,
    "verdicts": verdicts,
    "life": life,
    "full_disk": full_disk,
    "ticket": ticket,
    "settings": settings,
    "keys": keys,
    "jumping": jumping,
    "several": several,
    "dropped": dropped,
    "wrapping_up": wrapping_up,
}


async def see(snap: Snap, desk: Desk, act: Act, size: str) -> None:
    """Bring a desk into a state and compare its picture."""
    async with running(desk, SIZES[size]) as pilot:
        await act(desk, pilot)
        # what is written down in the background is part of the picture
        await come_to_rest(desk, pilot)
        snap(desk.app)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
async def test_the_desk(snap: Snap, tmp_path: Path, state: str, language: str, size: str) -> None:
    await see(snap, Desk(tmp_path, language=language, online=state != "offline"), STATES[state], size)


@pytest.mark.parametrize("state", ["ringing", "asking"])
async def test_the_desk_in_the_light(snap: Snap, tmp_path: Path, state: str) -> None:
    await see(snap, Desk(tmp_path, theme="light"), STATES[state], "80x24")


@pytest.mark.parametrize("state", ["ringing", "telling", "holders"])
async def test_the_desk_where_ambiguous_characters_are_wide(snap: Snap, tmp_path: Path, state: str) -> None:
    await see(snap, Desk(tmp_path, wide=True), STATES[state], "80x24")
