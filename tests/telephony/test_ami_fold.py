"""The recordings of a real switch, and what they tell, in whichever order a millisecond comes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.telephony.agents import AgentBook, AgentEvent, AgentInterval
from agentdesk.telephony.ami.fold import LOST, WANTED_EVENTS, AmiFold
from agentdesk.telephony.ami.protocol import Message, Parser
from agentdesk.telephony.ami.source import FLOOD
from agentdesk.telephony.book import CallBook
from agentdesk.telephony.model import Call, CallEvent, CallState, Direction, LegState
from tests.telephony.recording import ABANDONED, AGENTS, BLIND, NORMAL, QUEUES, WARM, Block, everything, shuffled
from tests.telephony.stories import STORIES, all_told, line, told


@cache
def parsed(text: str) -> list[Message]:
    return Parser().feed(Block("", 0, text).wire)


class Watched:
    """A fold, and what a desk makes of it."""

    def __init__(self, *, agents: Iterable[str] = AGENTS, queues: Iterable[str] = QUEUES) -> None:
        self.fold = AmiFold(agents=tuple(agents), queues=tuple(queues))
        self.calls, self.agents = CallBook(), AgentBook()
        self.facts: list[AgentInterval] = []
        self.told = 0

    def play(self, blocks: Iterable[Block]) -> Watched:
        for block in blocks:
            for message in parsed(block.text):
                self.take(self.fold.feed(message, block.ms))
        return self

    def tell(self, at: int, event: str, **fields: str) -> Watched:
        raw = {key.lower(): value for key, value in fields.items()}
        self.take(self.fold.feed(Message({"event": event, **raw}), at))
        return self

    def take(self, notices: Iterable[CallEvent | AgentEvent]) -> None:
        for notice in notices:
            self.told += 1
            if isinstance(notice, AgentEvent):
                self.facts += self.agents.said(notice)
            elif (change := self.calls.fold(notice)) is not None:
                self.facts += self.agents.heard(change)

    @property
    def call(self) -> Call:
        (call,) = self.calls
        return call


def of(scene: str) -> list[Block]:
    return [block for block in everything() if block.scene == scene]


@pytest.mark.parametrize("scene", [NORMAL, ABANDONED, BLIND, WARM])
def test_each_scene_tells_its_story(scene: str) -> None:
    assert told(Watched().play(of(scene)).call) == STORIES[scene]


def test_the_stamps_are_those_of_the_arrival() -> None:
    normal = Watched().play(of(NORMAL)).call
    assert [(m.kind.value, m.at) for m in normal.moments] == [
        ("offered", 511),
        ("ringing", 511),
        ("answered", 1514),
        ("wrap_up", 7012),
        ("ended", 7013),
    ]
    assert normal.waited_ms == 1003
    warm = Watched().play(of(WARM)).call
    origin = warm.moments[0].at
    assert [(h.since - origin, h.until and h.until - origin) for h in warm.held] == [(2303, 3558)]


def test_the_flood_is_filtered() -> None:
    watched = Watched().play(everything())
    assert len(everything()) > 600
    assert watched.told <= 40


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_the_order_inside_a_millisecond_changes_nothing(first: int) -> None:
    straight = Watched().play(everything())
    facts = sorted(straight.facts, key=lambda f: (f.agent, f.since))
    for seed in range(first, first + 20):
        other = Watched().play(shuffled(everything(), Random(seed)))
        assert list(other.calls) == list(straight.calls), f"seed {seed}"
        assert sorted(other.facts, key=lambda f: (f.agent, f.since)) == facts, f"seed {seed}"


@pytest.mark.parametrize("seed", range(20))
def test_a_millisecond_that_arrives_in_several_changes_only_stamps(seed: int) -> None:
    """Each message has an arrival of its own, one ms after the other, in a shuffled order."""
    watched = Watched()
    for n, block in enumerate(shuffled(everything(), Random(seed))):
        watched.play([Block(block.scene, n, block.text)])
    assert all_told(watched.calls) == sorted(STORIES.values())


def test_the_same_events_twice_are_the_same_calls() -> None:
    watched = Watched()
    for block in everything():
        watched.play([block, block])
    assert list(watched.calls) == list(Watched().play(everything()).calls)


def test_what_agents_did_becomes_intervals() -> None:
    facts = Watched().play(everything()).facts
    assert [(f.status.value, f.since, f.until) for f in facts if f.agent == "8001"][:5] == [
        ("reserved", 511, 1514),
        ("talking", 1514, 7012),
        ("wrap_up", 7012, 12084),
        ("ready", 12084, 15091),
        ("reserved", 15091, 16093),
    ]
    assert [(f.status.value, f.reason, f.since, f.until) for f in facts if f.agent == "8002"] == [
        ("not_ready", "break", 8039, 12084)
    ]


def test_a_desk_sees_the_calls_of_its_own_agent_only() -> None:
    mine = Watched(agents=AGENTS[:1], queues=()).play(everything())
    assert all_told(mine.calls) == sorted(STORIES[scene] for scene in (NORMAL, BLIND, WARM))
    assert mine.agents.state("8002") is None
    others = Watched(agents=AGENTS[1:], queues=()).play(everything())
    assert (len(others.calls), others.agents.state("8001")) == (0, None)


def test_the_calls_of_one_queue_are_told_with_all_its_agents() -> None:
    board = Watched(agents=(), queues=["vip10010"]).play(everything())
    assert all_told(board.calls) == sorted([STORIES[NORMAL], STORIES[ABANDONED]])


# ---------------------------------------------------------------- what the recordings don't show

MINE = {"agents": ["PJSIP/8001"], "queues": []}
CALLER = {"Linkedid": "5.1", "Uniqueid": "5.1", "Channel": "PJSIP/trunk-00000001", "CallerIDNum": "13012345678"}
MEMBER = {**CALLER, "Queue": "vip", "Interface": "PJSIP/8001"}
LEG = {"DestUniqueid": "5.2", "DestChannel": "PJSIP/8001-00000002", "DestLinkedid": "5.1"}


def test_a_ring_that_nobody_answers_goes_back_to_the_queue() -> None:
    watched = Watched(**MINE).tell(0, "QueueCallerJoin", Queue="vip", **CALLER)
    watched.tell(1, "AgentCalled", **MEMBER, **LEG).tell(15, "AgentRingNoAnswer", **MEMBER, **LEG)
    assert (watched.call.state, watched.call.legs[0].state) == (CallState.OFFERED, LegState.MISSED)


def test_a_call_straight_to_an_agent_needs_no_queue() -> None:
    watched = Watched(**MINE).tell(0, "DialBegin", **CALLER, **LEG, Exten="8001")
    watched.tell(3, "DialEnd", **CALLER, **LEG, DialStatus="ANSWER")
    watched.tell(5, "Hold", Linkedid="5.1", Uniqueid="5.2", Channel=LEG["DestChannel"])
    watched.tell(7, "Unhold", Linkedid="5.1", Uniqueid="5.2", Channel=LEG["DestChannel"])
    watched.tell(9, "Hangup", Linkedid="5.1", Uniqueid="5.2").tell(9, "Hangup", Linkedid="5.1", Uniqueid="5.1")
    assert [line(m) for m in watched.call.moments] == [
        "offered",
        "ringing agent=8001",
        "answered agent=8001",
        "held agent=8001",
        "retrieved agent=8001",
        "wrap_up agent=8001",
        "ended",
    ]


@pytest.mark.parametrize(("status", "state"), [("CANCEL", CallState.ABANDONED), ("NOANSWER", CallState.OFFERED)])
def test_a_call_straight_to_an_agent_that_isnt_answered(status: str, state: CallState) -> None:
    watched = Watched(**MINE).tell(0, "DialBegin", **CALLER, **LEG)
    assert watched.tell(3, "DialEnd", **CALLER, **LEG, DialStatus=status).call.state is state


def test_a_call_that_an_agent_makes_is_outbound() -> None:
    own = {"Linkedid": "7.1", "Uniqueid": "7.1", "Channel": "PJSIP/8001-00000007", "Exten": "13012345678"}
    out = {"DestUniqueid": "7.2", "DestChannel": "PJSIP/trunk-00000008", "DestLinkedid": "7.1"}
    watched = Watched(**MINE).tell(0, "DialBegin", **own, **out)
    watched.tell(4, "DialEnd", **own, **out, DialStatus="ANSWER").tell(9, "Hangup", **own)
    call = watched.call
    assert (call.direction, call.caller, call.state) == (Direction.OUTBOUND, "13012345678", CallState.ENDED)
    assert call.legs[0].wrap_up_at == 9


def test_a_consultation_from_the_phone_itself_ends_under_the_number_of_the_call_it_was_joined_to() -> None:
    """The agent's phone rings the expert in a call of its own, and then joins the two."""
    watched = Watched(**MINE).tell(1, "AgentConnect", **MEMBER, **LEG)
    own = {"Linkedid": "7.1", "Uniqueid": "7.1", "Channel": "PJSIP/8001-00000007", "Exten": "8900"}
    out = {"DestUniqueid": "7.2", "DestChannel": "PJSIP/8900-00000008", "DestLinkedid": "7.1"}
    watched.tell(2, "DialBegin", **own, **out).tell(3, "DialEnd", **own, **out, DialStatus="ANSWER")
    joined = {"OrigTransfererLinkedid": "5.1", "OrigTransfererUniqueid": "5.2", "TransfereeLinkedid": "5.1"}
    watched.tell(4, "AttendedTransfer", Result="Success", DestType="Bridge", **joined)
    watched.tell(4, "Hangup", **{**own, "Linkedid": "5.1"})
    caller, consultation = watched.calls
    assert (caller.state, consultation.state) == (CallState.TRANSFERRED, CallState.ENDED)


def test_a_transfer_that_failed_changes_nothing() -> None:
    watched = Watched(**MINE).tell(1, "AgentConnect", **MEMBER, **LEG, HoldTime="1", RingTime="1")
    linked = {"TransfereeLinkedid": "5.1", "TransfererUniqueid": "5.2", "OrigTransfererLinkedid": "5.1"}
    watched.tell(2, "BlindTransfer", Result="Fail", Extension="8900", **linked)
    watched.tell(3, "AttendedTransfer", Result="Success", DestType="Threeway", **linked)
    assert watched.call.state is CallState.TALKING


def test_an_agents_phone_behind_a_local_channel_is_no_third_party() -> None:
    watched = Watched(agents=["Local/8001@agents/n", "PJSIP/8001"], queues=[])
    local = {"DestUniqueid": "5.2", "DestChannel": "Local/8001@agents-00000001;1", "DestLinkedid": "5.1"}
    watched.tell(0, "AgentCalled", **{**MEMBER, "Interface": "Local/8001@agents/n"}, **local)
    half = {"Linkedid": "5.1", "Uniqueid": "5.3", "Channel": "Local/8001@agents-00000001;2"}
    phone = {"DestUniqueid": "5.4", "DestChannel": "PJSIP/8001-00000009", "DestLinkedid": "5.1"}
    watched.tell(0, "DialBegin", **half, **phone).tell(3, "DialEnd", **half, **phone, DialStatus="ANSWER")
    watched.tell(3, "AgentConnect", **{**MEMBER, "Interface": "Local/8001@agents/n"}, **local)
    watched.tell(4, "BridgeEnter", BridgeUniqueid="b2", **half)
    watched.tell(4, "BridgeEnter", BridgeUniqueid="b2", Linkedid="5.1", Uniqueid="5.4", Channel="PJSIP/8001-00000009")
    assert (watched.call.state, watched.call.transfers) == (CallState.TALKING, ())


def test_a_call_that_ended_while_the_line_was_down_is_over_when_it_is_back() -> None:
    watched = Watched(**MINE).tell(1, "AgentConnect", **MEMBER, **LEG)
    watched.fold.line_lost()
    other = {**CALLER, "Linkedid": "6.1", "Uniqueid": "6.1"}
    watched.tell(5, "AgentCalled", **{**MEMBER, **other}, **{**LEG, "DestUniqueid": "6.2"})
    watched.take(watched.fold.resync({"9.9"}, 8))
    old, new = watched.calls
    assert (old.state, old.reason, old.ended_at) == (CallState.ENDED, LOST, 8)
    assert new.state is CallState.RINGING


def test_the_channel_for_orders_is_the_agents_own() -> None:
    watched = Watched(**MINE).tell(1, "AgentConnect", **MEMBER, **LEG)
    assert watched.fold.channel("5.1") == ("8001", "PJSIP/8001-00000002")
    assert watched.fold.channel("5.1", "8002") is None
    watched.tell(2, "Hangup", **CALLER)
    assert watched.fold.channel("5.1") is None


NAMES = ["\x1b[31mX\x1b[0m", "王[@click=app.quit]点我[/]", "a\x00b", "\u202egnp", "x" * 1_000_000, "<unknown>", ""]


@pytest.mark.parametrize("name", NAMES, ids=["ansi", "markup", "nul", "bidi", "1MB", "unknown", "empty"])
def test_a_hostile_name_is_a_short_clean_name(name: str) -> None:
    blocks = [Block(b.scene, b.ms, b.text.replace("王女士", name)) for b in of(NORMAL)]
    call = Watched().play(blocks).call
    assert [line(m) for m in call.moments] == STORIES[NORMAL][1]
    shown = call.caller_name or ""
    assert len(shown) <= 120
    assert shown.isprintable()


CHANNELS = ("Linkedid", "Uniqueid", "Channel", "DestChannel", "DestUniqueid", "DestLinkedid", "Interface", "Exten")
HAPPENINGS = ("Queue", "BridgeUniqueid", "DialStatus", "Result", "TransfereeLinkedid", "OrigTransfererLinkedid")
DETAILS = ("UserEvent", "Node", "HoldTime", "Paused", "PausedReason", "Status", "Extension")
fields = st.sampled_from((*CHANNELS, *HAPPENINGS, *DETAILS))
values = st.sampled_from(["", "1", "2", "IVR", "vip", "ANSWER", "Success", "PJSIP/8001-00000002", "PJSIP/8001", "²"])
messages = st.builds(
    lambda event, said: Message({"event": event, **{k.lower(): v for k, v in said.items()}}),
    st.sampled_from(WANTED_EVENTS),
    st.dictionaries(fields, values, max_size=12),
)


@given(st.lists(messages, max_size=25))
def test_no_sequence_of_messages_breaks_it(history: list[Message]) -> None:
    watched = Watched(agents=["PJSIP/8001"], queues=["vip"])
    for n, message in enumerate(history):
        watched.take(watched.fold.feed(message, n))
    watched.fold.line_lost()
    watched.take(watched.fold.resync((), 99))
    assert all(call.over for call in watched.calls)


def test_the_flood_is_nothing_that_is_read() -> None:
    assert not [name for name in WANTED_EVENTS if name.startswith(FLOOD)]
