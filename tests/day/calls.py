"""The calls of docs/DAY.md: their keys are read from it; here stands how each begins and what comes out of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from agentdesk.store.outbox import Entry
from agentdesk.store.site import Site
from tests.day import world

PAGE = Path(__file__).resolve().parents[2] / "docs" / "DAY.md"
LINE = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| (\d+)(?: \+ (\d+))? \| ([^|]+) \|$", re.MULTILINE)
STEP = re.compile(r"`([^`]+)`|“([^”]*)”")

KEYS = {"Enter": "enter", "Esc": "escape", "Tab": "tab", "Space": "space"}
"""Keys that are printed otherwise than they are called."""


@dataclass(frozen=True, slots=True)
class Step:
    """One key, or a text that is typed."""

    key: str = ""
    text: str = ""

    @property
    def pressed(self) -> tuple[str, ...]:
        """Return the keys by their names."""
        return tuple(self.text) if self.text else (KEYS.get(self.key, self.key),)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list: its number, what it is about, its steps, the keys and characters that it says it takes."""

    number: int
    title: str
    steps: tuple[Step, ...]
    keys: int
    typed: int


def listed(text: str) -> list[Listed]:
    """Return the calls of a page."""
    return [
        Listed(int(number), title.strip(), _steps(steps), int(keys), int(typed or 0))
        for number, title, steps, keys, typed, _out in LINE.findall(text)
    ]


def _steps(text: str) -> tuple[Step, ...]:
    return tuple(Step(key, typed) for key, typed in STEP.findall(text))


Begin = Literal["rings", "gave up", "line down", "nobody"]


@dataclass(frozen=True, slots=True)
class Played:
    """How a call begins, and the operations that come out of it, in their order, each with what its body has."""

    caller: str
    out: tuple[tuple[str, Mapping[str, Any]], ...]
    begin: Begin = "rings"


def made(template: str, **more: Any) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Return a promise that is made and told."""
    return (("commitment.made", {"template": template, **more}), ("commitment.spoken", {}))


WRAPPED: tuple[str, Mapping[str, Any]] = ("contact.wrapped_up", {})
VERIFIED: tuple[str, Mapping[str, Any]] = ("identity.verified", {})

PLAYED: Mapping[int, Played] = {
    1: Played(world.ARREARS, (VERIFIED, *made("U04"), WRAPPED)),
    2: Played(world.VIP, (("appointment.booked", {"purpose": "sim"}), WRAPPED)),
    3: Played(world.WANG, (VERIFIED, *made("U11"), WRAPPED)),
    4: Played(world.ENGINEER, (*made("U06"), WRAPPED)),
    5: Played(
        world.SLOW,
        (
            ("line.tested", {"mbps": 62, "runs": 3, "method": "wired"}),
            ("ticket.opened", {"kind": "fault"}),
            ("commitment.spoken", {}),
            WRAPPED,
        ),
    ),
    6: Played(
        world.ANGRY,
        (
            VERIFIED,
            ("ticket.opened", {"kind": "complaint"}),
            ("approval.asked", {"template": "U10"}),
            ("approval.given", {}),
            *made("U10"),
            WRAPPED,
        ),
    ),
    7: Played(world.WAITING, (("ticket.chased", {}), WRAPPED)),
    8: Played(world.AREA, (("attachment.attached", {"announcement": "a-1"}), WRAPPED)),
    9: Played(
        world.GAVE_UP,
        (("callback.opened", {}), ("callback.tried", {"result": "reached"}), WRAPPED),
        begin="gave up",
    ),
    10: Played(world.PROMISED, (("dispute.opened", {}), WRAPPED)),
    11: Played(world.LEAVING, (("contact.matter_named", {"matter": "porting"}), VERIFIED, *made("L05"), WRAPPED)),
    12: Played(world.SERVICE, (("service.ordered", {"service": "SM12"}), ("service.effected", {}), WRAPPED)),
    13: Played(world.SERVICES, (("service.ordered", {"service": "SM42", "parameters": {"service": "news"}}), WRAPPED)),
    14: Played(world.BILLED, (VERIFIED, WRAPPED)),
    15: Played(world.NUISANCE, (("contact.cut_short", {"reason": "threat"}), WRAPPED)),
    16: Played(
        world.VISITOR,
        (("visit.started", {}), ("appointment.booked", {}), ("visit.closed", {"way": "print"}), WRAPPED),
        begin="nobody",
    ),
    17: Played(world.BOOKED, (("appointment.moved", {}), WRAPPED)),
    18: Played(world.OFFLINE, (VERIFIED, *made("U10", line="down"), WRAPPED), begin="line down"),
    19: Played(world.FORGOT, (("contact.guided", {"end": "e1", "outcome": "told"}), WRAPPED)),
    20: Played("", (("agent.shift_ended", {}),), begin="nobody"),
}


MOST = 2_000
"""More operations than a day has."""


def done(open_site: Callable[[], Site]) -> Mapping[str, Entry]:
    """Return all operations that were made, oldest first."""
    site = open_site()
    try:
        found = [site.outbox.entry(entry.id) for entry in reversed(site.outbox.entries(MOST))]
        return {entry.id: entry for entry in found if entry is not None}
    finally:
        site.close()


def came_out(play: Played, made: Iterable[Entry]) -> str:
    """Look for what is meant to come out, in its order; return what is missing."""
    left = list(made)
    kinds = ", ".join(entry.kind for entry in left)
    for kind, content in play.out:
        while left and not _fits(left[0], kind, content):
            left.pop(0)
        if not left:
            return f"no {kind} {dict(content)} came out, but {kinds}"
        left.pop(0)
    return ""


def _fits(entry: Entry, kind: str, content: Mapping[str, Any]) -> bool:
    """Tell whether an operation is of a kind and has what its body is meant to have."""
    body = entry.body or {}
    return entry.kind == kind and all(body.get(name) == value for name, value in content.items())
