"""Channels: a contact that fails or meets a busy channel goes on in another with its context (seeds 000).

What the other channel has to do is a `handoff` (转渠道): a document of its own with the context, due by that channel's
time. So is business for a number that is at home elsewhere (异地业务): taken here, answered by the home's department,
while who was asked first stays responsible.
"""

from __future__ import annotations

from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.kinds._common import change, exists, logged, on_existing, own_document
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.zone import MINUTE_MS

HOME = "home"
"""The channel of business that the number's home province answers."""

REASONS = frozenset({"busy", "failed", "asked"})
"""Why a contact is handed over: the channel is busy, it failed, the customer wants the other one."""

CUT_SHORT = frozenset({"nuisance", "threat", "silent"})
"""Why an agent ends a call himself."""


def _handed(operation: Operation, body: Body, situation: Situation, contact: Document) -> Outcome:
    """Hand a contact to another channel; its context goes along, so that nobody asks the customer again."""
    channel, reason = body.text("channel"), body.text("reason")
    rule = situation.catalogue.rules.group.channels.get(channel)
    if rule is None:
        return Refusal(Reason.of("unknown_channel", channel=channel))
    if reason not in REASONS:
        return Refusal(Reason.of("malformed", detail=f"unknown reason {reason}"))
    handed = list(contact.data.get("handed") or ())
    handoff = f"{operation.document}.handed{len(handed) + 1}"
    fields: dict[str, Any] = {
        "number": body.maybe_text("number"),
        "customer": contact.data.get("customer"),
        "subscription": contact.data.get("subscription"),
        "contact": operation.document,
        "from": contact.data.get("channel"),
        "channel": channel,
        "reason": reason,
        "title": body.text("about"),
        "to": body.maybe_text("to") or contact.data.get("caller"),
        "context": {
            "matters": list(contact.data.get("matters") or ()),
            "queue": contact.data.get("queue"),
            "ivr_path": contact.data.get("ivr_path"),
            "verification": (contact.data.get("verification") or {}).get("level"),
        },
        "first_responsible": contact.data.get("agent") or operation.actor,
        "owner": None,
        "state": "open",
        "due": situation.at + rule.minutes * MINUTE_MS,
        "at": situation.at,
        "moves": logged(None, operation, situation.at, "handed", text=body.text("about")),
    }
    entry = {"at": situation.at, "channel": channel, "reason": reason, "handoff": handoff, "op": operation.id}
    moves = logged(contact, operation, situation.at, "handed", text=body.text("about"), channel=channel)
    return Decision(
        (
            change(operation, "contact", handed=[*handed, entry], moves=moves),
            Change(operation.scope, handoff, "handoff", fields),
        )
    )


def _away(operation: Operation, body: Body, situation: Situation) -> Outcome:
    """Take business for a number that is at home elsewhere: it stays here, and the home's department is told."""
    refused = exists(operation, situation)
    if refused:
        return refused
    group = situation.catalogue.rules.group
    home, service = body.text("home").strip(), body.text("service").strip()
    if not home or not service:
        return Refusal(Reason.of("empty_note"))
    fields: dict[str, Any] = {
        "number": body.text("number"),
        "customer": body.maybe_text("customer"),
        "contact": body.maybe_text("contact"),
        "from": body.maybe_text("from") or "hotline",
        "channel": HOME,
        "reason": "away",
        "home": home,
        "title": service,
        "words": body.maybe_text("words") or "",
        "to": body.text("to"),
        "department": group.away_department,
        "first_responsible": operation.actor,
        "owner": None,
        "state": "open",
        "due": situation.at + group.away_minutes * MINUTE_MS,
        "at": situation.at,
        "moves": logged(None, operation, situation.at, "asked", text=body.maybe_text("words")),
    }
    return Decision((change(operation, "handoff", (f"department/{group.away_department}",), **fields),))


def _state(handoff: Document, *allowed: str) -> Refusal | None:
    state = handoff.data.get("state")
    return None if state in allowed else Refusal(Reason.of("handoff_state", state=state))


def _told(handoff: Document) -> tuple[str, ...]:
    unit = handoff.data.get("department")
    return (f"department/{unit}",) if unit else ()


def _taken(operation: Operation, _body: Body, situation: Situation, handoff: Document) -> Outcome:
    refused = _state(handoff, "open")
    if refused:
        return refused
    moves = logged(handoff, operation, situation.at, "taken")
    return Decision((change(operation, "handoff", _told(handoff), state="taken", owner=operation.actor, moves=moves),))


def _passed(operation: Operation, body: Body, situation: Situation, handoff: Document) -> Outcome:
    """Pass it on: this channel fails or is busy, too."""
    refused = _state(handoff, "open", "taken")
    if refused:
        return refused
    channel, reason = body.text("channel"), body.text("reason")
    rule = situation.catalogue.rules.group.channels.get(channel)
    if rule is None or channel == handoff.data.get("channel"):
        return Refusal(Reason.of("unknown_channel", channel=channel))
    if reason not in REASONS:
        return Refusal(Reason.of("malformed", detail=f"unknown reason {reason}"))
    moves = logged(handoff, operation, situation.at, "passed", channel=channel, text=body.maybe_text("text"))
    # the customer was promised the first time already: passing on never buys more of it
    due = min(handoff.data.get("due") or situation.at, situation.at + rule.minutes * MINUTE_MS)
    fields = {"channel": channel, "reason": reason, "state": "open", "owner": None, "due": due, "moves": moves}
    return Decision((change(operation, "handoff", _told(handoff), **fields),))


def _done(operation: Operation, body: Body, situation: Situation, handoff: Document) -> Outcome:
    refused = _state(handoff, "open", "taken")
    if refused:
        return refused
    text = body.text("text").strip()
    if not text:
        return Refusal(Reason.of("empty_note"))
    moves = logged(handoff, operation, situation.at, "done", text=text)
    fields = {"state": "done", "result": text, "closed_at": situation.at, "moves": moves}
    return Decision((change(operation, "handoff", _told(handoff), **fields),))


def _cut_short(operation: Operation, body: Body, situation: Situation, contact: Document) -> Outcome:
    """Record that the agent ended the call, why, and whether the words for it were said before."""
    reason = body.text("reason")
    if reason not in CUT_SHORT:
        return Refusal(Reason.of("malformed", detail=f"unknown reason {reason}"))
    if not body.flag("said"):
        return Refusal(Reason.of("words_first"))
    cut = {"reason": reason, "label": body.maybe_text("label"), "by": operation.actor, "at": situation.at}
    moves = logged(contact, operation, situation.at, "cut_short", text=body.maybe_text("text"), reason=reason)
    return Decision((change(operation, "contact", cut_short=cut, moves=moves),))


KINDS = (
    Kind("contact.handed", 1, own_document, on_existing("contact", _handed)),
    Kind("contact.cut_short", 1, own_document, on_existing("contact", _cut_short)),
    Kind("handoff.away", 1, own_document, _away, spoken=True),
    Kind("handoff.taken", 1, own_document, on_existing("handoff", _taken)),
    Kind("handoff.passed", 1, own_document, on_existing("handoff", _passed)),
    Kind("handoff.done", 1, own_document, on_existing("handoff", _done)),
)
