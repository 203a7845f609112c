"""Pausing a ticket's policy clock, for the reasons that the policy names only; the law's clock never pauses.

Each pause is logged with the reason, since when and until when. It counts until then at most, whoever forgets
to end it.
"""

from __future__ import annotations

from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import change, logged, on_existing, own_document
from agentdesk.domain.kinds._timed import on_timer, timed_needs
from agentdesk.domain.kinds.tickets.states import illegal, tier_of, told
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.calendar import Limit, moved
from agentdesk.domain.times.clocks import limit_of_ticket
from agentdesk.domain.times.zone import MINUTE_MS
from agentdesk.domain.work.ladder import PAUSE_OVER

NATURAL = Limit(0)


def _paused(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    refused = illegal("paused", ticket)
    if refused:
        return refused
    reason, until = body.text("reason"), body.number("until")
    rule = situation.catalogue.rules.tickets.pauses.get(reason)
    if rule is None:
        return Refusal(Reason.of("pause_reason", reason=reason))
    if until <= situation.at:
        return Refusal(Reason.of("pause_over", until=until))
    if until > situation.at + rule.most * MINUTE_MS:
        return Refusal(Reason.of("pause_too_long", most=rule.most))
    tries = body.maybe_number("tries") or 0
    if tries < rule.tries:
        return Refusal(Reason.of("pause_tries", tries=rule.tries))
    pause = {"reason": reason, "from": situation.at, "until": until, "by": operation.actor, "tries": tries or None}
    moves = logged(ticket, operation, situation.at, "paused", reason=reason, until=until, text=body.maybe_text("text"))
    fields = {"state": "paused", "paused_from": ticket.data.get("state"), "paused": pause, "moves": moves}
    return Decision((change(operation, "ticket", told(ticket), **fields),))


def _resumed(operation: Operation, body: Body, situation: Situation, ticket: Document) -> Outcome:
    """Resume: the policy's clock moves on by what was paused in its own time, never by more than was asked for."""
    refused = illegal("resumed", ticket)
    if refused:
        return refused
    data = ticket.data
    pause = dict(data.get("paused") or {})
    begun = int(pause.get("from") or situation.at)
    end = min(situation.at, int(pause.get("until") or situation.at))
    fields: dict[str, Any] = {
        **_moved(ticket, situation, begun, end),
        "state": data.get("paused_from") or "open",
        "paused": None,
        "paused_from": None,
    }
    fields["pauses"] = [
        *(data.get("pauses") or ()),
        {**pause, "to": end, "due_before": data.get("due"), "due_after": fields.get("due", data.get("due"))},
    ]
    moves = logged(
        ticket,
        operation,
        situation.at,
        "resumed",
        reason=pause.get("reason"),
        text=body.maybe_text("text"),
        minutes=max(0, end - begun) // MINUTE_MS,
    )
    return Decision((change(operation, "ticket", told(ticket), **fields, moves=moves),))


def _moved(ticket: Document, situation: Situation, begun: int, end: int) -> dict[str, Any]:
    """Return the clocks after a pause: those that still ran at its beginning end later, and began later."""
    data, calendars = ticket.data, situation.catalogue.calendars
    policy, law = data.get("policy_due", data.get("due")), data.get("law_due")
    limit = limit_of_ticket(ticket, situation.catalogue) or NATURAL
    fields: dict[str, Any] = {}
    if policy is not None and policy > begun:
        after = moved(limit, calendars, policy, begun, end)
        started = int(data.get("clock_at") or data.get("at") or begun)
        fields = {
            "policy_due": after,
            "due": after if law is None else min(after, law),
            "clock_at": moved(limit, calendars, started, begun, end),
        }
    station = data.get("station_due")
    if station is not None and station > begun:
        clock = situation.catalogue.stations.get(str(data.get("station_clock") or ""))
        own = clock.limits.get(tier_of(ticket)) if clock else None
        fields["station_due"] = moved(own or limit, calendars, station, begun, end)
    return fields


KINDS = (
    Kind("ticket.paused", 1, own_document, on_existing("ticket", _paused)),
    Kind("ticket.resumed", 1, own_document, on_existing("ticket", _resumed)),
    Kind(PAUSE_OVER, 1, timed_needs, on_timer("ticket", _resumed), timed=True),
)
