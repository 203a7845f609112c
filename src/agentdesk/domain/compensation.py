"""What a broken promise gives by itself: nothing, as no template says yet that it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentdesk.domain.decide import MoneyFact, Situation
    from agentdesk.domain.documents import Change, Document
    from agentdesk.domain.operation import Operation


def on_breach(
    operation: Operation, promise: Document, situation: Situation
) -> tuple[tuple[Change, ...], tuple[MoneyFact, ...]]:
    """Return the documents that are made with a breach, under ids that derive from the promise's, and their money.

    `situation` answers the promise, its customer and all his work. The money names no allowance: it is booked to the
    region's budget, also beyond its limit.
    """
    return (), ()
