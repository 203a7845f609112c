"""A desk and a switch over real TCP: the same calls, however the line behaves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from agentdesk.telephony.agents import AgentStatus
from agentdesk.telephony.ami.source import AmiSettings, AmiSource
from agentdesk.telephony.model import CallMoment, CallState
from agentdesk.telephony.source import CannotDo, Command, Link, Order, SourceFailed
from tests.telephony.listening import LONG_S, Ear, listening
from tests.telephony.recording import ABANDONED, AGENTS, BLIND, NORMAL, QUEUES, WARM, Block, everything
from tests.telephony.replay import SECRET, USER, Replay
from tests.telephony.stories import STORIES, all_told

ALL = sorted(STORIES.values())


def source(replay: Replay, *, fast: bool = True, **settings: Any) -> AmiSource:
    """A source for this switch, with the recording's own clock; it doesn't wait long between two attempts."""
    at = AmiSettings("127.0.0.1", USER, SECRET, port=replay.port, agents=AGENTS, queues=QUEUES)
    sleep = (lambda _: asyncio.sleep(0.01)) if fast else asyncio.sleep
    return AmiSource(replace(at, **settings), now_ms=lambda: replay.now, random=Random(1), sleep=sleep)


async def at_the_end(ear: Ear, desk: AmiSource, replay: Replay) -> None:
    """Waits until all that was played was heard: the answer to an order comes after it."""
    async with asyncio.timeout(LONG_S):
        await replay.played.wait()
    await desk.do(Order(Command.NOT_READY, agent="8002", reason="the end"))
    await ear.until(lambda: any(event.reason == "the end" for event in ear.agents))


@pytest.mark.parametrize("speed", [40, None], ids=["at 40 times the pace", "all at once"])
@pytest.mark.parametrize("filters", [True, False], ids=["filtered", "flooded"])
async def test_the_same_calls_at_any_pace(speed: float | None, filters: bool) -> None:
    async with Replay(everything(), speed=speed, filters_allowed=filters) as replay:
        desk = source(replay)
        async with listening(desk) as ear:
            await at_the_end(ear, desk, replay)
        assert all_told(ear.calls) == ALL
        assert (len(everything()), replay.sent) == (614, 102 if filters else 368)


@pytest.mark.parametrize("speed", [200, None], ids=["paced", "at once"])
@pytest.mark.parametrize("seed", range(8))
async def test_the_same_calls_in_any_order_of_a_millisecond_and_in_any_pieces(speed: float | None, seed: int) -> None:
    async with Replay(everything(), speed=speed, seed=seed, filters_allowed=seed % 2 == 0) as replay:
        desk = source(replay)
        async with listening(desk) as ear:
            await at_the_end(ear, desk, replay)
        assert all_told(ear.calls) == ALL


async def test_the_answer_is_timed_by_its_arrival() -> None:
    answered = [block for block in everything() if block.scene == NORMAL and block.ms < 1_600]
    async with Replay(answered, speed=5) as replay:
        desk = source(replay)
        async with listening(desk) as ear:
            await at_the_end(ear, desk, replay)
        (call,) = ear.calls
        assert call.waited_ms is not None
        assert 1_000 <= call.waited_ms <= 1_006


@pytest.mark.parametrize("md5", [True, False])
async def test_it_logs_in_and_learns_how_the_agents_are(md5: bool) -> None:
    async with Replay([]) as replay, listening(source(replay, md5=md5)) as ear:
        await ear.until(lambda: ear.agents)
        assert [state.link for state in ear.states] == [Link.CONNECTING, Link.CONNECTED]
        assert (ear.agents[0].agent, ear.agents[0].status) == ("8001", AgentStatus.READY)
        (login,) = replay.actions("Login")
        assert ("secret" in login, "key" in login) == (not md5, md5)
        assert SECRET not in repr(source(replay)._settings)


async def test_a_refused_login_is_one_clear_line_and_final() -> None:
    async with Replay([]) as replay:
        async with listening(source(replay, secret="wrong")) as ear:
            await ear.until(lambda: ear.over)
        assert isinstance(ear.error, SourceFailed)
        assert str(ear.error) == (
            "the switch refused the login of agentdesk: check its name and secret (Authentication failed)"
        )
        assert len(replay.actions("Login")) == 1


async def test_a_dropped_line_is_built_up_anew_and_no_moment_is_doubled() -> None:
    blocks = everything()
    cut = next(b.ms for b in blocks if b.scene == BLIND)
    async with Replay(blocks, speed=100, drop_at=cut, resume_at=cut) as replay:
        desk = source(replay)
        async with listening(desk) as ear:
            await at_the_end(ear, desk, replay)
        assert replay.logins == 2
        links = [state.link for state in ear.states]
        assert links[:5] == [Link.CONNECTING, Link.CONNECTED, Link.RECONNECTING, Link.CONNECTING, Link.CONNECTED]
        assert "the switch closed the line" in ear.states[2].text(ear.states[2].at)
        assert all_told(ear.calls) == ALL


async def test_a_call_that_ended_while_the_line_was_down_is_over() -> None:
    blocks = [block for block in everything() if block.scene in {NORMAL, ABANDONED}]
    answered = 2_000
    async with Replay(blocks, speed=100, drop_at=answered, resume_at=8_000) as replay:
        desk = source(replay)
        async with listening(desk) as ear:
            await at_the_end(ear, desk, replay)
        first, second = sorted(ear.calls, key=lambda call: call.call_id)
        assert (first.state, first.reason) == (CallState.ENDED, "the line to the switch was lost")
        assert second.state is CallState.ABANDONED


async def test_a_call_that_goes_on_while_the_line_was_down_goes_on() -> None:
    blocks = [block for block in everything() if block.scene == NORMAL]
    async with Replay(blocks, speed=100, drop_at=2_000, resume_at=7_000, live_channels=("1795293179.8",)) as replay:
        desk = source(replay)
        async with listening(desk) as ear:
            await at_the_end(ear, desk, replay)
        assert all_told(ear.calls) == [STORIES[NORMAL]]


async def test_a_line_that_is_only_half_open_is_noticed() -> None:
    async with (
        Replay([], silent_after_login=True) as replay,
        listening(source(replay, ping_s=0.02, answer_s=0.1, filter_events=False)) as ear,
    ):
        await ear.until_state("reconnecting in")
        assert "no answer in time" in ear.states[-1].text(0)
        await ear.until(lambda: replay.logins >= 2)


async def test_a_quiet_line_is_kept_open() -> None:
    async with Replay([]) as replay, listening(source(replay, ping_s=0.01)) as ear:
        await ear.until(lambda: ear.agents)
        async with asyncio.timeout(LONG_S):
            while len(replay.actions("Ping")) < 3:
                await asyncio.sleep(0.01)
        assert [state.link for state in ear.states] == [Link.CONNECTING, Link.CONNECTED]


async def test_nobody_there_is_said_with_the_time_of_the_next_attempt() -> None:
    async with Replay([]) as replay:
        async with listening(source(replay, port=1)) as ear:
            await ear.until(lambda: len(ear.states) > 6)
        waits = [s.retry_at - s.at for s in ear.states if s.retry_at is not None]
        assert all(500 * 2**n <= ms <= 1000 * 2**n for n, ms in enumerate(waits))
        assert "reconnecting in 1 s: " in ear.states[1].text(ear.states[1].at)


async def test_a_server_that_never_speaks_is_given_up() -> None:
    stop = asyncio.Event()

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stop.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    try:
        async with Replay([]) as replay:
            port = server.sockets[0].getsockname()[1]
            async with listening(source(replay, port=port, answer_s=0.05)) as ear:
                await ear.until_state("no answer in time")
    finally:
        stop.set()
        server.close()


NAMES = ["\x1b[31mX\x1b[0m", "王[@click=app.quit]点我[/]", "a\x00b", "x" * 1_000_000]


@pytest.mark.parametrize("name", NAMES, ids=["ansi", "markup", "nul", "1MB"])
async def test_a_hostile_name_breaks_nothing(name: str) -> None:
    scene = [block for block in everything() if block.scene == NORMAL]
    told_in = ("Event: QueueCallerJoin", "Event: AgentCalled")
    blocks = [Block(b.scene, b.ms, b.text.replace("王女士", name if b.text.startswith(told_in) else "")) for b in scene]
    async with Replay(blocks) as replay:
        desk = source(replay)
        async with listening(desk) as ear:
            await at_the_end(ear, desk, replay)
        (call,) = ear.calls
        assert call.state is CallState.ENDED
        assert all_told(ear.calls)[0][1] == STORIES[NORMAL][1]
        assert (call.caller_name or "").isprintable()
        assert len(call.caller_name or "") <= 120


async def test_no_caller_can_hide_behind_a_name_that_a_filter_leaves_out() -> None:
    scene = [b for b in everything() if b.scene == NORMAL]
    async with Replay([Block(b.scene, b.ms, b.text.replace("王女士", "Event: CEL")) for b in scene]) as replay:
        desk = source(replay)
        async with listening(desk) as ear:
            await at_the_end(ear, desk, replay)
        assert [call.caller_name for call in ear.calls] == ["Event: CEL"]
        assert all_told(ear.calls)[0][1] == STORIES[NORMAL][1]


async def test_orders_become_actions() -> None:
    talking = [b for b in everything() if b.scene == NORMAL and b.ms < 2_000]
    async with Replay(talking) as replay:
        desk = source(replay)
        async with listening(desk) as ear:
            await at_the_end(ear, desk, replay)
            (call,) = ear.calls
            for order in (
                Order(Command.TRANSFER, call.call_id, target="89 00", warm=True),
                Order(Command.CANCEL_TRANSFER, call.call_id),
                Order(Command.TRANSFER, call.call_id, target="8900"),
                Order(Command.HANGUP, call.call_id),
                Order(Command.NOT_READY, agent="8001", reason="lunch\r\nAction: Command"),
                Order(Command.READY, agent="8001"),
                Order(Command.CALL_BACK, agent="8001", target="130-1234-5678"),
            ):
                await desk.do(order)
        channel = "Local/8001@agents-00000005;1"
        assert replay.actions("Atxfer") == [{"channel": channel, "exten": "8900", "context": "from-internal"}]
        assert replay.actions("BlindTransfer") == replay.actions("Atxfer")
        assert replay.actions("CancelAtxfer") == replay.actions("Hangup") == [{"channel": channel}]
        assert replay.actions("QueuePause")[1:] == [
            {"interface": AGENTS[0], "paused": "true", "reason": "lunch  Action: Command"},
            {"interface": AGENTS[0], "paused": "false"},
        ]
        (call_back,) = replay.actions("Originate")
        assert (call_back["channel"], call_back["exten"]) == (AGENTS[0], "13012345678")


async def test_telephones_that_take_it_are_asked_to_answer_hold_and_retrieve() -> None:
    talking = [b for b in everything() if b.scene == NORMAL and b.ms < 2_000]
    async with Replay(talking) as replay:
        desk = source(replay, remote_control=True)
        async with listening(desk) as ear:
            await at_the_end(ear, desk, replay)
            (call,) = ear.calls
            for command in (Command.ANSWER, Command.HOLD, Command.RETRIEVE):
                assert command in desk.can
                await desk.do(Order(command, call.call_id))
        asked = [(a["channel"], a["variable"]) for a in replay.actions("PJSIPNotify")]
        channel = "Local/8001@agents-00000005;1"
        assert asked == [(channel, "Event=talk"), (channel, "Event=hold"), (channel, "Event=talk")]


async def test_who_is_asked_and_doesnt_come_gives_the_caller_back_with_the_reason() -> None:
    talking = [b for b in everything() if b.scene == WARM and b.ms < 21_000]
    held = next(b for b in talking if b.text.startswith("Event: Hold"))
    later = talking[-1].ms + 1
    called = {"Event": "DialEnd", "Privilege": "call,all", "DestChannel": "Local/8900@atx-00000003;1"}
    called |= {"DestUniqueid": "1795293176.6", "DestLinkedid": "1795293173.2", "DialStatus": "NOANSWER"}
    refused = "\n".join(f"{key}: {value}" for key, value in called.items())
    blocks = [*talking, Block(WARM, later, refused), Block(WARM, later + 1, held.text.replace("Hold", "Unhold", 1))]
    async with Replay(blocks) as replay:
        desk = source(replay)
        async with listening(desk) as ear:
            await at_the_end(ear, desk, replay)
        (call,) = ear.calls
        back = call.moments[-1]
        assert (call.state, back.kind, back.reason, back.target) == (
            CallState.TALKING,
            CallMoment.RETRIEVED,
            "noanswer",
            "8900",
        )


async def test_orders_that_make_no_sense_are_refused_in_one_line() -> None:
    async with Replay([]) as replay:
        desk = source(replay)
        with pytest.raises(CannotDo, match="the line to the switch is down"):
            await desk.do(Order(Command.READY, agent="8001"))
        async with listening(desk) as ear:
            await ear.until(lambda: ear.agents)
            for order, words in (
                (Order(Command.HANGUP, "1.1"), "not in this call any more"),
                (Order(Command.CALL_BACK, agent="8001", target="8900&PJSIP/1"), "can't be dialled"),
                (Order(Command.READY), "say for which agent"),
                (Order(Command.READY, agent="9999"), "say for which agent"),
                (Order(Command.ANSWER, "1.1"), "use the phone itself"),
            ):
                with pytest.raises(CannotDo, match=words):
                    await desk.do(order)
