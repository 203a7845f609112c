"""One contact as the desk holds it while it lasts: whom it is about, what was painted, what was done in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agentdesk.desk.models.facts import Facts, Lookup
from agentdesk.desk.models.offers import Board
from agentdesk.desk.models.rail import Step
from agentdesk.desk.queries import Target
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.guiding import STEPS
from agentdesk.telephony.model import Call


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter (诉求) of a contact: its class, what came of it, whether it is solved."""

    title: str
    klass: str
    outcome: str
    solved: bool

    def data(self) -> dict[str, Any]:
        """Return the matter as it is recorded."""
        return {"title": self.title, "class": self.klass, "outcome": self.outcome, "solved": self.solved}


@dataclass(frozen=True, slots=True)
class MadePromise:
    """A promise that was made in this contact: its document, operation, and the words to tell."""

    document: Document
    operation: str
    name: str
    tell: str
    told: bool = False


@dataclass(slots=True)
class Handing:
    """A contact on its way to somebody else: to which number, whether he is talked to first, what he should know."""

    target: str
    warm: bool
    note: str = ""
    taken_back: bool = False
    """The agent took the caller back himself: it didn't fail."""


@dataclass(slots=True)
class Contact:
    """A contact in progress; instants are ms of the wall clock.

    `call_id` is the switch's, or the contact's own id where nobody rang. `board` is frozen once painted; `recorded`
    are the boards whose painting was written down.
    """

    id: str
    scope: str
    call_id: str
    channel: str
    lookup: Lookup
    target: Target
    call: Call | None = None
    opened: bool = False
    opening_gate: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False, compare=False)
    moments: dict[str, int] = field(default_factory=dict)
    facts: Facts | None = None
    board: Board = field(default_factory=lambda: Board("", None, ()))
    recorded: set[tuple[str, str | None]] = field(default_factory=set)
    promises: list[MadePromise] = field(default_factory=list)
    matters: list[Matter] = field(default_factory=list)
    misses: dict[str, int] = field(default_factory=dict)
    step: Step = Step.RECEIVE
    steps: dict[str, int] = field(default_factory=dict)
    clock: Callable[[], int] | None = None
    answering: bool = False
    dropped_by: str | None = None
    back: Document | None = None
    """The call-back that the contact comes from."""
    rung_back: int = 0
    held_since: int | None = None
    set_aside: bool = False
    """Held so that somebody else could be spoken to: going back to him takes him off hold."""
    again: str = ""
    """Why it rings once more: `transfer` that came back, `back` where we ring, `caller` who was cut off and rings."""
    again_since: int = 0
    handing: Handing | None = None
    summary: str = ""
    more: list[str] = field(default_factory=list)
    """Why more time for the wrap-up was taken, each time."""
    wrapping: bool = False
    """Its wrap-up is being written down: what the switch says of its call is no news any more."""
    over: bool = False
    """The time for the wrap-up is over: the next call may come."""

    @property
    def answered_at(self) -> int | None:
        return self.moments.get("answered")

    @property
    def ended(self) -> bool:
        return "ended" in self.moments or "transferred" in self.moments

    @property
    def live(self) -> bool:
        """Tell whether somebody is spoken to now, or was found by hand."""
        return self.channel == "desk" or (self.answered_at is not None and not self.ended)

    @property
    def ringing(self) -> bool:
        return self.channel != "desk" and (self.again != "" or (self.answered_at is None and not self.ended))

    @property
    def held(self) -> bool:
        """Tell whether the caller waits on hold."""
        return self.channel != "desk" and self.live and self.held_since is not None

    @property
    def spoken(self) -> bool:
        """Tell whether the caller is spoken to."""
        return self.channel != "desk" and self.live and self.held_since is None

    @property
    def to_wrap(self) -> bool:
        """Tell whether the conversation is over and not wrapped up."""
        return self.channel != "desk" and self.answered_at is not None and self.ended and not self.again

    @property
    def over_at(self) -> int | None:
        """Return when the conversation ended, ms; None while it goes on."""
        return min((self.moments[name] for name in ("ended", "transferred") if name in self.moments), default=None)

    def resume(self) -> None:
        """Go on with a conversation that was over: the same dialog, the same caller."""
        for name in ("ended", "transferred"):
            self.moments.pop(name, None)
        self.again, self.dropped_by, self.handing, self.held_since, self.over = "", None, None, None, False
        self.wrapping = False

    def seconds(self, now: int) -> int | None:
        """Return the seconds into the call, None where there is no call."""
        return None if self.answered_at is None else max(0, now - self.answered_at) // 1000

    def advance(self, step: Step) -> None:
        """Move the rail on; it never goes back. The moment at which a step was reached is kept."""
        self.step = max(self.step, step)
        if self.clock is not None:
            self.steps.setdefault(STEPS[self.step], self.clock())

    def about(self, document: Document | None, line: str | None) -> None:
        """Turn to a customer and a line: what was verified belongs to the one before (DOMAIN rule 11)."""
        self.target = replace(
            self.target,
            scope=document.scope if document else "",
            customer=document.id if document else "",
            line=line,
        )

    def opening(self) -> Mapping[str, Any]:
        """Return what the opening of the contact records of the call."""
        call = self.call
        return {
            "call": self.call_id,
            "channel": self.channel,
            "caller": self.lookup.number or (self.lookup.raw or None),
            "caller_name": call.caller_name if call else None,
            "customer": self.target.customer or None,
            "subscription": self.target.line,
            "queue": call.queue if call else None,
            "ivr_path": call.ivr_path if call else None,
            **self._called_back(),
        }

    def _called_back(self) -> Mapping[str, Any]:
        """Return what the opening records of a call that we made: whom it calls back, and what he waited for."""
        if self.back is None:
            return {}
        data = self.back.data
        return {
            "direction": "outbound",
            "callback": self.back.id,
            "queue": data.get("queue"),
            "ivr_path": data.get("ivr_path"),
        }

    def promise(self, document_id: str) -> MadePromise | None:
        return next((p for p in self.promises if p.document.id == document_id), None)

    def told(self, document_id: str) -> None:
        """Note that a promise's words were spoken."""
        self.promises = [replace(p, told=True) if p.document.id == document_id else p for p in self.promises]


def begin(document: str, region: str, lookup: Lookup, call: Call | None, channel: str, matter: str) -> Contact:
    """Return a new contact, turned to the customer where the number leads to one only; `matter` is the menu's."""
    only = lookup.customers[0] if len(lookup.customers) == 1 else None
    line = next((h.holder.subscription for h in lookup.holders if h.customer is only and h.holder.subscription), None)
    scope = only.scope if only else region
    target = Target(
        scope,
        document,
        only.scope if only else "",
        only.id if only else "",
        line,
        lookup.number,
        len(lookup.customers),
        lookup.home,
        matter,
    )
    return Contact(document, scope, call.call_id if call else document, channel, lookup, target, call)
