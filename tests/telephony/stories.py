"""The stories of the recorded calls, as an agent would tell them, and calls without their stamps."""

from __future__ import annotations

from collections.abc import Iterable

from agentdesk.telephony.model import Call, CallEvent
from tests.telephony.recording import ABANDONED, BLIND, NORMAL, WARM

STORIES: dict[str, tuple[str, list[str]]] = {
    NORMAL: (
        "1795293179.8 ended: 王女士 18601012345 for 10010 in vip10010, menu 2-1, inbound, hung up: caller",
        [
            "offered queue=vip10010",
            "ringing agent=8001",
            "answered agent=8001 hold_s=1 ring_s=1",
            "wrap_up agent=8001 reason=caller hold_s=1 talk_s=6",
            "ended reason=Normal Clearing",
        ],
    ),
    ABANDONED: (
        "1795293187.12 abandoned: 王女士 18601012345 for 10010 in vip10010, menu 2-1, inbound, "
        "hung up: Normal Clearing",
        ["offered queue=vip10010", "abandoned hold_s=3", "ended reason=Normal Clearing"],
    ),
    BLIND: (
        "1795293194.14 transferred: 王女士 13012345678 for 10010 in std10010, menu 2-1, inbound, hung up: None",
        [
            "offered queue=std10010",
            "ringing agent=8001",
            "answered agent=8001 hold_s=1 ring_s=1",
            "transferred agent=8001 transfer=blind target=8900",
            "wrap_up agent=8001 reason=transfer hold_s=1 talk_s=1",
        ],
    ),
    WARM: (
        "1795293173.2 ended: 王女士 13212345678 for 10010 in std10010, menu 2-1, inbound, hung up: Normal Clearing",
        [
            "offered queue=std10010",
            "ringing agent=8001",
            "answered agent=8001 hold_s=1 ring_s=1",
            "held agent=8001",
            "transfer_started agent=8001 transfer=warm target=8900",
            "transferred agent=8001 transfer=warm target=8900",
            "wrap_up agent=8001 reason=transfer hold_s=1 talk_s=2",
            "ended reason=Normal Clearing",
        ],
    ),
}

_SHOWN = ("agent", "queue", "transfer", "target", "reason", "hold_s", "ring_s", "talk_s")


def line(moment: CallEvent) -> str:
    """A moment in one line, without its stamp."""
    said = [f"{name}={value}" for name in _SHOWN if (value := getattr(moment, name)) is not None]
    return " ".join([moment.kind.value, *said])


def told(call: Call) -> tuple[str, list[str]]:
    """A call without its stamps: the head line, and a line for each moment."""
    head = (
        f"{call.call_id} {call.state.value}: {call.caller_name} {call.caller} for {call.dnis} in {call.queue}, "
        f"menu {call.ivr_path}, {call.direction.value}, hung up: {call.reason}"
    )
    return head, [line(moment) for moment in call.moments]


def all_told(calls: Iterable[Call]) -> list[tuple[str, list[str]]]:
    """All calls, by id."""
    return sorted(told(call) for call in calls)
