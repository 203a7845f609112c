"""The clock of the wrap-up (话后): how long there is by what it was about, more time twice with a reason, its end.

At its end the next call may come; the contact stays where it is until it is wrapped up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk.i18n import N_, _

if TYPE_CHECKING:
    from agentdesk.desk.calls.flow import CallFlow
    from agentdesk.desk.session import Contact
    from agentdesk.domain.rules import Rules

REASONS = (N_("a long note"), N_("asking another department"), N_("calming down"))
"""Why more time is taken."""

_KINDS = {"promise": "request", "remedy": "complaint", "dispute": "complaint", "channel": "request"}
"""What a matter counts as whose class isn't one of the policy's."""

LEAST_S = 20


def allowed_ms(contact: Contact, rules: Rules) -> int:
    """Return how long the wrap-up may take, ms: the longest of what it was about, and the time that was added."""
    roots = {matter.klass.partition(".")[0] for matter in contact.matters}
    times = [rules.wrap_up_s.get(_KINDS.get(root, root), 0) for root in roots]
    base = max([rules.wrap_up_s.get("inquiry", LEAST_S), *times])
    return (base + len(contact.more) * rules.wrap_up_more_s) * 1_000


def left_ms(flow: CallFlow, contact: Contact) -> int | None:
    """Return what is left of a contact's wrap-up, ms, below zero when it is over; None where there is none."""
    catalogue, begun = flow.deeds.catalogue, contact.over_at
    if catalogue is None or begun is None or not contact.to_wrap:
        return None
    return begun + allowed_ms(contact, catalogue.rules) - flow.deeds.now()


def lapsed(flow: CallFlow) -> bool:
    """Let the next call come where the time of a wrap-up is over; True where it was so."""
    found = False
    for contact in flow.stack:
        left = left_ms(flow, contact)
        if left is not None and left <= 0 and not contact.over:
            contact.over, found = True, True
            flow.say(_("the time for the wrap-up is over: the next call may come, this contact stays"), "warn")
    return found


async def more_time(flow: CallFlow, contact: Contact, reason: str) -> str:
    """Take more time, with a reason; return why it can't be, or an empty text."""
    catalogue = flow.deeds.catalogue
    if catalogue is None or not contact.to_wrap:
        return _("the call goes on: no clock runs")
    if len(contact.more) >= catalogue.rules.wrap_up_more_times:
        return _("there is no more time to take: finish, or let it wait")
    contact.more.append(reason)
    left = left_ms(flow, contact)
    contact.over = left is not None and left <= 0
    await flow.settle()
    return ""
