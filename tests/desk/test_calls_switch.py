"""The desk's calls as a real switch tells them, over a real line: who ended what, who was handed over to whom."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import cast

import pytest

from agentdesk.desk.backend import Backend
from agentdesk.desk.settings import AgentIdentity, DeskSettings
from agentdesk.telephony.ami.source import AmiSettings, AmiSource
from agentdesk.telephony.switchboard import Switchboard
from tests.desk.calling_floor import EXTENSION, Flow, Notes
from tests.desk.world import FrozenClock, SeededEntropy
from tests.telephony.listening import LONG_S
from tests.telephony.recording import AGENTS, BLIND, NORMAL, QUEUES, WARM, everything
from tests.telephony.replay import SECRET, USER, Replay


async def played(replay: Replay) -> tuple[Flow, Notes]:
    """Play a recording to a desk, and return what it made of it."""
    clock = FrozenClock()
    settings = DeskSettings(
        folder=Path(),
        agent=AgentIdentity("bj1024", "张敏", "1024", "agent", EXTENSION),
        clock=clock,
        entropy=SeededEntropy(Random(7)),
    )
    deeds = Notes(settings)
    flow = Flow(settings, cast(Backend, None), deeds, clock.wall)
    at = AmiSettings("127.0.0.1", USER, SECRET, port=replay.port, agents=AGENTS[:1], queues=QUEUES)
    board = Switchboard([AmiSource(at, now_ms=clock.wall_ms, random=Random(1))], now_ms=clock.wall_ms, random=Random(1))
    flow.switchboard = board
    await board.start()

    async def listen() -> None:
        async for notice in board:
            await flow.take(notice)

    listener = asyncio.create_task(listen())
    async with asyncio.timeout(LONG_S):
        await replay.played.wait()
        while flow.contact is None or flow.state != "wrap_up":
            await asyncio.sleep(0.01)
    await board.stop()
    await listener
    return flow, deeds


@pytest.mark.parametrize(
    ("scene", "ended_by", "moments"),
    [
        (NORMAL, "caller", {"ended"}),
        (BLIND, "transfer", {"transferred"}),
        (WARM, "transfer", {"held", "transfer_started", "transferred"}),
    ],
)
async def test_a_recorded_call_is_one_contact_to_wrap_up(scene: str, ended_by: str, moments: set[str]) -> None:
    async with Replay([block for block in everything() if block.scene == scene], speed=50) as replay:
        flow, deeds = await played(replay)
    (contact,) = flow.stack
    assert (contact.to_wrap, contact.dropped_by) == (True, ended_by)
    assert moments <= {draft.body["moment"] for draft in deeds.of("contact.moment")}
    assert [draft.body["state"] for draft in deeds.of("agent.interval")][:2] == ["ready", "reserved"]
