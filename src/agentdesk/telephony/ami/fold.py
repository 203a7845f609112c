"""What the manager's events mean: a flood of them in, the few moments of the calls that matter out; pure.

Rules learnt from recordings of a real switch: `Linkedid` is the call's id through all transfers; the order of
events inside one millisecond isn't stable, so none of them waits for another, and each tells what it knows; the
end of a call is the hang-up of the caller's own channel; the beginning of wrap-up is `AgentComplete`; a warm
transfer has begun when the agent and a third party meet in a bridge without the caller.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import TypedDict, Unpack

from agentdesk.telephony.agents import AgentEvent
from agentdesk.telephony.ami.channels import device, extension
from agentdesk.telephony.ami.members import EVENTS as MEMBER_EVENTS
from agentdesk.telephony.ami.members import Members
from agentdesk.telephony.ami.protocol import Message
from agentdesk.telephony.model import CallEvent, CallMoment, Direction, TransferKind
from agentdesk.telephony.text import NAME_CHARS, NUMBER_CHARS, clean

TRACKS = 4_096
"""Calls that are followed at a time, also those that may yet come to an agent of this desk."""

FINISHED_TRACKS = 256
PENDING = 64
BRIDGES = 32

LOST = "the line to the switch was lost"
"""Why a call ended that was over when the line came back."""


class _Details(TypedDict, total=False):
    agent: str | None
    queue: str | None
    dnis: str | None
    ivr_path: str | None
    transfer: TransferKind
    target: str | None
    reason: str | None
    hold_s: int | None
    ring_s: int | None
    talk_s: int | None


@dataclass(slots=True)
class _Track:
    """What is known of one call of the switch."""

    call_id: str
    main: str
    """The caller's channel, by its unique id; in a call that an agent makes, the agent's."""
    wanted: bool = False
    ended: bool = False
    caller: str | None = None
    caller_name: str | None = None
    dnis: str | None = None
    direction: Direction = Direction.INBOUND
    nodes: list[str] = field(default_factory=list)
    offers: list[str | None] = field(default_factory=list)
    legs: dict[str, str] = field(default_factory=dict)
    queue_legs: set[str] = field(default_factory=set)
    answered_legs: set[str] = field(default_factory=set)
    channels: dict[str, str] = field(default_factory=dict)
    bridges: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: tuple[str | None, str | None] = (None, None)
    """Why somebody whom the agent asked didn't come to the call, and who: the caller is taken back then."""
    pending: list[CallEvent] = field(default_factory=list)


class AmiFold:
    """Follows the calls of some agents (by interface) and some queues (by name), and their agents' states.

    A call matters when it is in one of the queues or rings at one of the agents; what was before that is told
    then, with its own stamps.
    """

    def __init__(self, *, agents: Collection[str] = (), queues: Collection[str] = (), source: str = "ami") -> None:
        self._agents = {device(interface): interface for interface in agents}
        self._queues = frozenset(queues)
        self._source = source
        self._tracks: dict[str, _Track] = {}
        self._by_main: dict[str, _Track] = {}
        self._finished: deque[str] = deque()
        self._members = Members(source)
        self._doubtful: list[str] = []
        self._out: list[CallEvent | AgentEvent] = []

    def feed(self, message: Message, at: int) -> list[CallEvent | AgentEvent]:
        """What an event that arrived at `at` (ms, UTC) tells of the calls and agents that matter."""
        self._out = []
        name = message.event
        if (handle := _HANDLERS.get(name)) is not None:
            if message.get("linkedid") or name in _NO_LINKEDID:
                handle(self, message, at)
        elif (name in MEMBER_EVENTS or name == "QueueMember") and self._member_matters(message):
            self._out += self._members.feed(message, at)
        return self._out

    def resync(self, live: Collection[str], at: int) -> list[CallEvent | AgentEvent]:
        """The line is back, and these channels (by unique id) live: older calls without theirs are over."""
        self._out = []
        for call_id in self._doubtful:
            track = self._tracks.get(call_id)
            if track is not None and track.main not in live:
                self._end(track, at, LOST)
        self._doubtful = []
        return self._out

    def line_lost(self) -> None:
        """Nothing is heard from now on: what the queues say next is news, and calls may end unheard."""
        self._members.forget()
        self._doubtful = [track.call_id for track in self._tracks.values() if not track.ended]

    def channel(self, call_id: str, agent: str | None = None) -> tuple[str, str] | None:
        """The agent, and the name of his channel, in a call that goes on; of any agent when none is named."""
        track = self._tracks.get(call_id)
        if track is None or track.ended:
            return None
        for uniqueid, name in reversed(track.legs.items()):
            if agent in {None, name} and uniqueid in track.channels:
                return name, track.channels[uniqueid]
        return None

    # ------------------------------------------------------------ the caller's side

    def _queue_join(self, m: Message, at: int) -> None:
        track = self._caller_track(m)
        self._matters(track, queue=m.get("queue"))
        self._offer(track, m.get("queue"), at, dnis=_text(m, "exten"), again=True)

    def _user_event(self, m: Message, at: int) -> None:
        """The dialplan tells where in the menu the caller went: `UserEvent(IVR,Node: 2-1)`."""
        node = _text(m, "node")
        if m.get("userevent").lower() != "ivr" or node is None:
            return
        track = self._caller_track(m)
        if len(track.nodes) < BRIDGES and node not in track.nodes[-1:]:
            track.nodes.append(node)
        for queue in track.offers[-1:]:
            self._offer(track, queue, at, again=True)

    def _queue_abandon(self, m: Message, at: int) -> None:
        track = self._caller_track(m)
        self._matters(track, queue=m.get("queue"))
        self._offer(track, m.get("queue"), at)
        self._tell(track, CallMoment.ABANDONED, at, hold_s=_seconds(m, "holdtime"))

    def _hangup(self, m: Message, at: int) -> None:
        uniqueid = m.get("uniqueid")
        # A call that an attended transfer joined to an older one changes its Linkedid, never its channels.
        track = self._by_main.get(uniqueid) or self._tracks.get(m.get("linkedid"))
        if track is None:
            return
        if uniqueid in track.answered_legs:
            self._tell(track, CallMoment.WRAP_UP, at, agent=track.legs[uniqueid])
        if uniqueid == track.main:
            self._end(track, at, _text(m, "cause-txt"))

    # ------------------------------------------------------------ the agent's side

    def _agent_called(self, m: Message, at: int) -> None:
        track, agent = self._member_leg(m, at)
        self._tell(track, CallMoment.RINGING, at, agent=agent)

    def _agent_missed(self, m: Message, at: int) -> None:
        track, agent = self._member_leg(m, at)
        self._tell(track, CallMoment.MISSED, at, agent=agent)

    def _agent_connect(self, m: Message, at: int) -> None:
        track, agent = self._member_leg(m, at)
        waited, rang = _seconds(m, "holdtime"), _seconds(m, "ringtime")
        self._tell(track, CallMoment.ANSWERED, at, agent=agent, hold_s=waited, ring_s=rang)

    def _agent_complete(self, m: Message, at: int) -> None:
        track, agent = self._member_leg(m, at)
        waited, talked = _seconds(m, "holdtime"), _seconds(m, "talktime")
        reason = _text(m, "reason")
        self._tell(track, CallMoment.WRAP_UP, at, agent=agent, hold_s=waited, talk_s=talked, reason=reason)

    def _dial_begin(self, m: Message, at: int) -> None:
        """A phone rings without a queue: a call straight to an agent, or one that an agent makes."""
        uniqueid, dest = m.get("uniqueid"), m.get("destuniqueid")
        if not uniqueid or not dest:
            return
        if device(m.get("destchannel")) in self._agents:
            track = self._caller_track(m)
            self._matters(track, agent=m.get("destchannel"))
            agent = self._add_leg(track, dest, m.get("destchannel"), extension(m.get("destchannel")))
            if not track.offers:
                self._offer(track, None, at, dnis=_text(m, "exten"))
            self._tell(track, CallMoment.RINGING, at, agent=agent)
        elif device(m.get("channel")) in self._agents and uniqueid == m.get("linkedid"):
            track = self._open(uniqueid, uniqueid)
            track.direction = Direction.OUTBOUND
            track.caller = track.caller or clean(m.get("exten"), NUMBER_CHARS)
            self._matters(track, agent=m.get("channel"))
            agent = self._add_leg(track, uniqueid, m.get("channel"), extension(m.get("channel")))
            if not track.offers:
                self._offer(track, None, at)
            self._tell(track, CallMoment.RINGING, at, agent=agent)

    def _dial_end(self, m: Message, at: int) -> None:
        track = self._tracks.get(m.get("destlinkedid") or m.get("linkedid"))
        if track is None:
            return
        outbound = track.direction is Direction.OUTBOUND
        uniqueid = m.get("uniqueid") if outbound else m.get("destuniqueid")
        agent = track.legs.get(uniqueid)
        status = m.get("dialstatus").upper()
        if agent is None and status != "ANSWER" and m.get("destuniqueid") != track.main:
            called = clean(extension(m.get("destchannel")), NUMBER_CHARS)
            track.refused = (clean(status.lower()), called)
        if agent is None or uniqueid in track.queue_legs:
            return
        if status == "ANSWER":
            track.answered_legs.add(uniqueid)
            self._tell(track, CallMoment.ANSWERED, at, agent=agent)
        elif status == "CANCEL" and not outbound:
            self._tell(track, CallMoment.ABANDONED, at)
        else:
            self._tell(track, CallMoment.MISSED, at, agent=agent, reason=clean(status.lower()))

    def _hold(self, m: Message, at: int) -> None:
        track = self._tracks.get(m.get("linkedid"))
        agent = self._agent_of(track, m.get("uniqueid"), m.get("channel"))
        if track is not None and agent is not None:
            if m.event == "Hold":
                track.refused = (None, None)
                self._tell(track, CallMoment.HELD, at, agent=agent)
            else:
                reason, target = track.refused
                self._tell(track, CallMoment.RETRIEVED, at, agent=agent, reason=reason, target=target)

    # ------------------------------------------------------------ transfers

    def _blind_transfer(self, m: Message, at: int) -> None:
        track = self._known(m, "transfereelinkedid", "transfererlinkedid")
        agent = self._agent_of(track, m.get("transfereruniqueid"), m.get("transfererchannel"))
        if track is not None and m.get("result") == "Success":
            target = clean(m.get("extension"), NUMBER_CHARS)
            blind = TransferKind.BLIND
            self._tell(track, CallMoment.TRANSFERRED, at, agent=agent, transfer=blind, target=target)

    def _bridge_enter(self, m: Message, at: int) -> None:
        """A third party who meets the agent without the caller is asked whether he takes the call."""
        track = self._tracks.get(m.get("linkedid"))
        bridge, uniqueid = m.get("bridgeuniqueid"), m.get("uniqueid")
        if track is None or not bridge or not uniqueid:
            return
        if len(track.bridges) >= BRIDGES and bridge not in track.bridges:
            return
        met = track.bridges.setdefault(bridge, {})
        if len(met) < BRIDGES:
            met[uniqueid] = m.get("channel")
        agent = next((track.legs[u] for u in met if u in track.legs), None)
        if track.main in met or agent is None:
            return
        others = [extension(name) for u, name in met.items() if u not in track.legs]
        # An agent's phone behind a Local channel meets that channel's other half: the same extension.
        target = next((clean(other, NUMBER_CHARS) for other in others if other != agent), None)
        if target is not None:
            warm = TransferKind.WARM
            self._tell(track, CallMoment.TRANSFER_STARTED, at, agent=agent, transfer=warm, target=target)

    def _attended_transfer(self, m: Message, at: int) -> None:
        track = self._known(m, "origtransfererlinkedid", "transfereelinkedid", "secondtransfererlinkedid")
        agent = self._agent_of(track, m.get("origtransfereruniqueid"), m.get("origtransfererchannel"))
        # In a `Threeway` the agent stays in the call.
        if track is not None and m.get("result") == "Success" and m.get("desttype") != "Threeway":
            self._tell(track, CallMoment.TRANSFERRED, at, agent=agent, transfer=TransferKind.WARM)

    # ------------------------------------------------------------ helpers

    def _open(self, call_id: str, main: str) -> _Track:
        track = self._tracks.get(call_id)
        if track is None:
            track = self._tracks[call_id] = _Track(call_id, main)
            self._by_main[main] = track
            if len(self._tracks) > TRACKS:
                self._drop(next(iter(self._tracks)))
        return track

    def _caller_track(self, m: Message) -> _Track:
        track = self._open(m.get("linkedid"), m.get("uniqueid"))
        track.caller = track.caller or _text(m, "calleridnum", NUMBER_CHARS)
        track.caller_name = track.caller_name or _text(m, "calleridname")
        return track

    def _member_leg(self, m: Message, at: int) -> tuple[_Track, str]:
        """The call and the agent of an event that a queue sends of one of its members."""
        track = self._caller_track(m)
        agent = self._add_leg(track, m.get("destuniqueid"), m.get("destchannel"), extension(m.get("interface")))
        track.queue_legs.add(m.get("destuniqueid"))
        self._matters(track, queue=m.get("queue"), agent=m.get("interface"))
        self._offer(track, m.get("queue"), at)
        return track, agent

    def _add_leg(self, track: _Track, uniqueid: str, channel: str, agent: str) -> str:
        if len(track.legs) < PENDING or uniqueid in track.legs:
            track.legs[uniqueid] = clean(agent, NUMBER_CHARS) or "?"
            track.channels[uniqueid] = channel
        return track.legs.get(uniqueid, agent)

    def _agent_of(self, track: _Track | None, uniqueid: str, channel: str) -> str | None:
        if track is None:
            return None
        return track.legs.get(uniqueid) or (extension(channel) if device(channel) in self._agents else None)

    def _known(self, m: Message, *keys: str) -> _Track | None:
        return next((track for key in keys if (track := self._tracks.get(m.get(key))) is not None), None)

    def _member_matters(self, m: Message) -> bool:
        return m.get("queue") in self._queues or device(m.get("interface") or m.get("location")) in self._agents

    def _matters(self, track: _Track, *, queue: str = "", agent: str = "") -> None:
        if not track.wanted and (queue in self._queues or (agent and device(agent) in self._agents)):
            track.wanted = True
            self._out += track.pending
            track.pending.clear()

    def _offer(
        self, track: _Track, queue: str | None, at: int, *, dnis: str | None = None, again: bool = False
    ) -> None:
        if queue in track.offers and not again:
            return
        if queue not in track.offers:
            track.offers.append(queue)
        track.dnis = track.dnis or dnis
        path = clean(">".join(track.nodes))
        self._tell(track, CallMoment.OFFERED, at, queue=clean(queue), ivr_path=path, dnis=track.dnis)

    def _tell(self, track: _Track, kind: CallMoment, at: int, **details: Unpack[_Details]) -> None:
        event = CallEvent(track.call_id, kind, at, self._source, **details)
        if kind is CallMoment.OFFERED:
            who = (track.caller, track.caller_name, track.direction)
            event = replace(event, caller=who[0], caller_name=who[1], direction=who[2])
        if track.wanted:
            self._out.append(event)
        elif len(track.pending) < PENDING:
            track.pending.append(event)

    def _end(self, track: _Track, at: int, reason: str | None) -> None:
        if track.ended:
            return
        self._tell(track, CallMoment.ENDED, at, reason=reason)
        track.ended = True
        self._finished.append(track.call_id)
        if len(self._finished) > FINISHED_TRACKS:
            self._drop(self._finished.popleft())

    def _drop(self, call_id: str) -> None:
        track = self._tracks.pop(call_id, None)
        if track is not None:
            self._by_main.pop(track.main, None)


def _text(m: Message, key: str, limit: int = NAME_CHARS) -> str | None:
    value = m.get(key)
    return None if value == "<unknown>" else clean(value, limit)


def _seconds(m: Message, key: str) -> int | None:
    value = m.get(key)
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


_HANDLERS: dict[str, Callable[[AmiFold, Message, int], None]] = {
    "QueueCallerJoin": AmiFold._queue_join,
    "QueueCallerAbandon": AmiFold._queue_abandon,
    "UserEvent": AmiFold._user_event,
    "AgentCalled": AmiFold._agent_called,
    "AgentRingNoAnswer": AmiFold._agent_missed,
    "AgentConnect": AmiFold._agent_connect,
    "AgentComplete": AmiFold._agent_complete,
    "DialBegin": AmiFold._dial_begin,
    "DialEnd": AmiFold._dial_end,
    "Hold": AmiFold._hold,
    "Unhold": AmiFold._hold,
    "BlindTransfer": AmiFold._blind_transfer,
    "AttendedTransfer": AmiFold._attended_transfer,
    "BridgeEnter": AmiFold._bridge_enter,
    "Hangup": AmiFold._hangup,
}

_NO_LINKEDID = frozenset({"BlindTransfer", "AttendedTransfer", "DialEnd"})

WANTED_EVENTS = (*_HANDLERS, *MEMBER_EVENTS)
"""The events that are read."""
