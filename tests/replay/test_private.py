"""What is typed key by key: of a number little stays, in whatever groups it is typed; days and small figures stay."""

from __future__ import annotations

from pathlib import Path

from agentdesk.replay.private import Typing
from tests.desk.driving import running
from tests.desk.world import Desk

STAYS = {
    "18612345678": "1861.......",
    "186-1234-5678": "186-1...-5...",
    "186 1234 5678": "186 1... 5...",
    "0512-8765 4321": "0512-8... 4...",
    "86 186 1234 5678": "86 186 1... 5...",
    "110105 19900307 7531": "1101.. 1....... 7...",
    "2026-11-24 14:32": "2026-11-24 14:32",
    "11-24 14:32": "11-24 14:32",
    "1000 3": "1000 3",
    "62 3": "62 3",
    "246 8": "246 8",
}
"""What is typed, and what stays of it: a point stands where a digit is exchanged."""


async def test_of_a_number_little_stays_in_whatever_groups_it_is_typed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with running(desk):
        for typed, stays in STAYS.items():
            typing = Typing()
            private = [typing.is_private(desk.app, one, at * 1_000) for at, one in enumerate(typed)]
            kept = "".join("." if other else one for one, other in zip(typed, private, strict=True))
            assert kept == stays
