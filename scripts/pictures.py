"""The pictures of the README and of the handbook: desks on the invented small world, with a clock that stands still.

Each is one SVG file in docs/pictures/; the same code gives the same bytes.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import Document
from agentdesk.domain.verdict import Verdict
from agentdesk.qa import svg
from agentdesk.qa.cast import WANG
from agentdesk.qa.centre import ScriptedCentre
from agentdesk.qa.clock import MINUTE
from agentdesk.qa.desk import Desk
from agentdesk.qa.driving import ENTER_WAKES_MS, answered, come_to_rest, running, until, verified
from agentdesk.qa.hand import Hand
from agentdesk.qa.world import fill

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
LANGUAGES = ("zh-CN", "en")
WIDE, SMALL = (120, 40), (80, 24)

OUTLET = {
    "name": "东街营业厅",
    "address": "北京市东城区东街 1 号",
    "place": [39_900_000, 116_400_000],
    "calendar": "halls",
    "services": ["sim"],
    "desks": 2,
}


async def call(desk: Desk, hand: Hand) -> None:
    """Show a verified caller: who it is, what may be promised, what is open, what to say."""
    await verified(desk, hand, WANG)


async def promise(desk: Desk, hand: Hand) -> None:
    """Show the words to ask before a promise of money."""
    await verified(desk, hand, WANG)
    await hand.press("1")
    desk.clock.advance(ENTER_WAKES_MS)


async def ticket(desk: Desk, hand: Hand) -> None:
    """Show why a ticket is due when it is due."""
    await answered(desk, hand, WANG)
    await hand.press("a", "w")


async def find(desk: Desk, hand: Hand) -> None:
    """Show what two characters find, or a few letters of a name."""
    await hand.press("slash", *("掉线" if desk.settings.language == "zh-CN" else "wang"))


async def promised(desk: Desk, hand: Hand, key: str, count: int) -> None:
    """Make a promise, and tell it."""
    await hand.press(key)
    for _ in ("promise", "told"):
        desk.clock.advance(ENTER_WAKES_MS)
        await hand.press("enter")
    await until(hand, lambda: len(desk.contact.promises) == count and desk.app.screen is desk.app.desk_screen)


async def outbox(desk: Desk, hand: Hand) -> None:
    """Show what waits while the line is down, and that one thing was flagged before it was cut."""
    centre = ScriptedCentre(desk.site)
    await verified(desk, hand, WANG)
    await promised(desk, hand, "1", 1)
    centre.answers("commitment.made", Verdict.FLAGGED, Reason.of("once_per_cycle", number="100010000777"))
    centre.exchange()
    centre.cut()
    desk.clock.advance(2 * MINUTE)
    await come_to_rest(desk, hand)
    await promised(desk, hand, "3", 2)
    await hand.press("o")
    await until(hand, lambda: getattr(desk.app.screen, "count", 0) == 1)
    await hand.press("tab", "tab")


async def hall(desk: Desk, hand: Hand) -> None:
    """Show the hall: three wait, one was called, a booking of today."""
    await verified(desk, hand, WANG)
    await hand.press("B", "t", "t", "t", "c", "n", "1", "1", "2")
    await until(hand, lambda: desk.app.hall.called is not None)
    desk.clock.advance(ENTER_WAKES_MS)


@dataclass(frozen=True, slots=True)
class Picture:
    """One state of the desk at a size."""

    name: str
    size: tuple[int, int]
    act: Callable[[Desk, Hand], Awaitable[None]]
    answered: bool = True
    """Whether the centre has answered all by then."""


PICTURES = (
    Picture("call", WIDE, call),
    Picture("promise", SMALL, promise),
    Picture("ticket", WIDE, ticket),
    Picture("find", SMALL, find),
    Picture("outbox", SMALL, outbox, answered=False),
    Picture("hall", SMALL, hall),
)


def file_name(picture: Picture, language: str) -> str:
    """Return what the file of a picture is called: `call-zh-CN-120x40.svg`."""
    return f"{picture.name}-{language}-{picture.size[0]}x{picture.size[1]}.svg"


async def taken(picture: Picture, language: str) -> str:
    """Return a picture as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), language=language)
        site = desk.site()
        fill(site, "org", [Document("org", "o-1", "outlet", 1, OUTLET)], upto=11)
        site.close()
        async with running(desk, picture.size) as hand:
            await picture.act(desk, hand)
            if picture.answered:
                ScriptedCentre(desk.site).exchange()
            await come_to_rest(desk, hand)
            return svg.take(desk.app)


def main() -> int:
    """Take all pictures, or those that are named; say which are new."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *(picture.name for picture in PICTURES)], metavar="NAME")
    names = parser.parse_args().names
    FOLDER.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        for language in LANGUAGES if not names or picture.name in names else ():
            path = FOLDER / file_name(picture, language)
            drawn = asyncio.run(taken(picture, language))
            same = path.is_file() and path.read_text(encoding="utf-8") == drawn
            if not same:
                path.write_text(drawn, encoding="utf-8")
            print(f"{path.name}  {len(drawn.encode()) // 1000} kB  {'as before' if same else 'new'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
