"""Allowances (离线额度): a site returns what it doesn't need of a lease, so that the centre can lease it to others.

The site itself is the author, under the role `site`. What it returns is spent for it at once, and free at the centre
when the operation comes there: what is under way belongs to nobody.
"""

from __future__ import annotations

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import SITE_ROLE, Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import on_existing, own_document
from agentdesk.domain.operation import Operation


def _returned(operation: Operation, body: Body, situation: Situation, lease: Document) -> Outcome:
    """Return an amount of the operation's own lease; more than is left of it there was spent by a copy of the site."""
    if operation.role != SITE_ROLE or operation.allowance != operation.document or operation.amount <= 0:
        return Refusal(Reason.of("malformed", detail="only a site returns what it was leased"))
    allowance = situation.allowance
    if allowance is None:
        return Decision((), held=Reason.of("unknown_document", document=operation.document))
    left = max(0, allowance.left)
    if operation.amount > left:
        beyond = Reason.of("over_allowance", left=left, kind=allowance.kind)
        return Decision((), flags=(beyond,), returned=left)
    return Decision((), returned=operation.amount)


KINDS = (Kind("allowance.returned", 1, own_document, on_existing("allowance", _returned)),)
