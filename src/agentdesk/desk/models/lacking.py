"""What a caller's record lacks, and whether he may be asked for it now (seeds E17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk.i18n import N_
from agentdesk.domain.kinds.supplying import missing
from agentdesk.domain.profile.disclosure import may_tell

if TYPE_CHECKING:
    from agentdesk.desk.models.facts import Facts

ASKED = {
    "person": N_("whom to ask for, and the number"),
    "hours": N_("when it suits"),
    "address": N_("the address"),
}
"""What is asked for where it isn't known."""


def to_ask(facts: Facts | None) -> str | None:
    """Return what to ask a caller for next; None where nothing is missing, or he isn't verified for it yet."""
    if facts is None or facts.customer is None or not may_tell("contacts", facts.level):
        return None
    return next(iter(missing(facts.customer)), None)
