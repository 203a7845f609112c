"""Timers: what a document's clock does next, if nobody does anything before (DOMAIN rules 6 and 7).

A rule is pure over a document and the catalogue it goes by: it returns the one instant at which something happens by
itself, the kind of operation that does it, and the rung, which names this step among all of the document. What has
happened stands in the document itself, so that each rung is done once, in its order, whoever looks and how often.

The centre does what is due, as an operation of its own (`centre/timing.py`). A desk asks the same rules, to show what
is due by its own clock; it never does it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from agentdesk.domain.operation import Draft

if TYPE_CHECKING:
    from agentdesk.domain.documents import Document
    from agentdesk.domain.policy import Catalogue

CENTRE = "centre"
"""Who acts, and where, when a timer does: the centre in its own name; its role is the same."""


class Timer(NamedTuple):
    """What happens by itself at `at`, ms UTC: an operation `kind` for the rung `rung` of a document."""

    at: int
    kind: str
    rung: str


TimerRule = Callable[["Document", "Catalogue"], Timer | None]


@cache
def _rules() -> Mapping[str, tuple[TimerRule, ...]]:
    """Return the rules by type of document: a line for each clock. They import this module."""
    from agentdesk.domain.kinds import appointment, credits, identity, label, promise_also, promise_clocks, service
    from agentdesk.domain.kinds.approval import timer as approval
    from agentdesk.domain.kinds.dispute import timer as dispute
    from agentdesk.domain.work import callbacks, ladder, notices

    return {
        "appointment": (appointment.appointment_timer,),
        "approval": (approval,),
        "callback": (callbacks.timer,),
        "dispute": (dispute,),
        "code": (identity.code_timer,),
        "commitment": (promise_clocks.timer, promise_also.timer, credits.timer),
        "remedy": (credits.timer,),
        "label": (label.timer,),
        "notice": (notices.timer,),
        "service_order": (service.timer,),
        "ticket": (ladder.ladder,),
    }


def timed_types() -> frozenset[str]:
    """Return the types of document that have clocks."""
    return frozenset(_rules())


def next_timer(document: Document, catalogue: Catalogue) -> Timer | None:
    """Return what happens next to a document by itself; of several clocks the earliest."""
    rules = _rules().get(document.type)
    if rules is None:
        return None
    return min((timer for rule in rules if (timer := rule(document, catalogue)) is not None), default=None)


def stands(document: Document, catalogue: Catalogue, timer: Timer) -> bool:
    """Tell whether a timer is still what one of a document's clocks does next."""
    return any(rule(document, catalogue) == timer for rule in _rules().get(document.type, ()))


def passed(document: Document, catalogue: Catalogue, now: int, most: int = 8) -> tuple[Timer, ...]:
    """Return the rungs that are due by a clock and that the document doesn't show as done, in their order.

    A desk that can't reach the centre says so much: that they are due, never that anybody was told.
    """
    found: list[Timer] = []
    timer = next_timer(document, catalogue)
    while timer is not None and timer.at <= now and len(found) < most:
        found.append(timer)
        document = _as_if_done(document, timer)
        following = next_timer(document, catalogue)
        timer = None if following == timer else following
    return tuple(found)


def done(document: Document, rung: str, at: int) -> Mapping[str, int]:
    """Return a document's rungs with one more: by name, the instant at which each was done."""
    return {**(document.data.get("rungs") or {}), rung: at}


def first_open(document: Document, steps: Iterable[Timer]) -> Timer | None:
    """Return the first of a clock's steps, in their order, that isn't done yet."""
    rungs: Mapping[str, Any] = document.data.get("rungs") or {}
    return next((step for step in steps if step.rung not in rungs), None)


def operation_id(document: Document, timer: Timer) -> str:
    """Return the id of the operation that a timer makes: the same one whoever makes it, and however often."""
    text = f"{document.scope}\n{document.id}\n{timer.kind}\n{timer.rung}\n{timer.at}"
    digest = blake2b(text.encode(), digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-a{digest[17:20]}-{digest[20:]}"


def draft_of(document: Document, timer: Timer, **more: object) -> Draft:
    """Return what a timer does to a document; a document that remembers its catalogue's version goes by that one."""
    data = document.data
    body = {"rung": timer.rung, "at": timer.at, **more}
    if data.get("customer"):
        body["customer"] = data["customer"]
    version = data.get("catalogue") or ""
    return Draft(timer.kind, CENTRE, CENTRE, document.scope, document.id, body, catalogue=version)


def _as_if_done(document: Document, timer: Timer) -> Document:
    return replace(document, data={**document.data, "rungs": done(document, timer.rung, timer.at)})
