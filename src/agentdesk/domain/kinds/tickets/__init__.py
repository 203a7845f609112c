"""Tickets (工单): from the first word to the archive, through stations that each have their own clock.

Every move appends to the ticket's list of moves, so two moves made apart both stand. A move that the ticket's
state doesn't allow is refused; chasing is spoken to the customer, so on a closed ticket it is flagged instead.
"""

from __future__ import annotations

from agentdesk.domain.kinds.tickets import (
    answering,
    escalating,
    judging,
    linking,
    moving,
    opening,
    pausing,
    promising,
    saying,
)
from agentdesk.domain.kinds.tickets.states import LEADS_TO, MOVES, TICKET_KINDS

__all__ = ["KINDS", "LEADS_TO", "MOVES", "TICKET_KINDS"]

KINDS = (
    *opening.KINDS,
    *moving.KINDS,
    *saying.KINDS,
    *answering.KINDS,
    *pausing.KINDS,
    *promising.KINDS,
    *linking.KINDS,
    *judging.KINDS,
    *escalating.KINDS,
)
