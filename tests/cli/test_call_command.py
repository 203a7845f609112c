"""`agentdesk call`: a desk that runs rings, and one that doesn't is said."""

from __future__ import annotations

import asyncio
from pathlib import Path

from agentdesk.cli.machine import MachineClock
from agentdesk.telephony.hook import HookSource
from agentdesk.telephony.model import CallEvent, CallMoment
from agentdesk.telephony.source import Link, SourceState
from tests.cli.commands import Ran, agentdesk


async def rung(folder: Path, *words: str) -> tuple[Ran, list[CallEvent]]:
    """Run `agentdesk call` beside a desk's hook; gives what it said and what the desk heard."""
    source = HookSource(folder, now_ms=MachineClock().wall_ms, agent="bj1001")
    heard: list[CallEvent] = []
    ready = asyncio.Event()

    async def listen() -> None:
        async for notice in source:
            if isinstance(notice, SourceState) and notice.link is Link.CONNECTED:
                ready.set()
            if isinstance(notice, CallEvent):
                heard.append(notice)

    await source.start()
    listening = asyncio.create_task(listen())
    await ready.wait()
    ran = await asyncio.to_thread(agentdesk, "call", *words, "--data", folder)
    await source.stop()
    await listening
    return ran, heard


async def test_a_running_desk_rings(tmp_path: Path) -> None:
    ran, heard = await rung(tmp_path, "186 1234 5678", "--name", "王女士", "--queue", "vip", "--json")

    assert ran.code == 0, ran.err
    assert ran.json["agent"] == "bj1001"
    assert ran.json["new"] is True
    assert [event.kind for event in heard] == [CallMoment.OFFERED, CallMoment.RINGING]
    assert {event.call_id for event in heard} == {ran.json["call_id"]}
    assert (heard[0].caller, heard[0].caller_name, heard[0].queue) == ("186 1234 5678", "王女士", "vip")


async def test_a_link_of_a_browser_or_a_softphone_rings_too(tmp_path: Path) -> None:
    ran, heard = await rung(tmp_path, "tel:+86-186-1234-5678")

    assert "rings" in ran.out
    assert heard[0].caller == "+86-186-1234-5678"


async def test_a_desk_that_is_not_there_and_a_number_that_is_none_are_said(tmp_path: Path) -> None:
    wrong, nothing = await rung(tmp_path, "anybody")
    other, none = await rung(tmp_path, "18612345678", "--agent", "bj1002")

    assert (wrong.code, other.code) == (1, 1)
    assert "number" in wrong.error
    assert "bj1002" in other.error
    assert nothing == none == []
    assert "no desk runs" in agentdesk("call", "18612345678", "--data", tmp_path).error
