"""What the centre's clock has done to the sample's promises by now, so that a new world owes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.promise_also import MISSED
from agentdesk.domain.kinds.promise_clocks import BREACHED, ESCALATED
from agentdesk.domain.times.timers import CENTRE, passed

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue


def run_clock(scope: str, data: dict[str, Any], catalogue: Catalogue, now: int) -> None:
    """Let a promise's clock do what was due by now: each rung at its instant."""
    for timer in passed(Document(scope, "", "commitment", 0, data), catalogue, now):
        what = timer.kind.partition(".")[2]
        move = {"at": timer.at, "what": what, "by": CENTRE, "role": CENTRE, "rung": timer.rung, "due_at": timer.at}
        data["moves"] = [*data["moves"], move]
        data["rungs"] = {**(data.get("rungs") or {}), timer.rung: timer.at}
        if timer.kind == MISSED:
            data |= {"also_missed_at": timer.at, "level": (data.get("level") or 0) + 1}
        elif timer.kind in (BREACHED, ESCALATED):
            data |= {"told": timer.rung, "level": (data.get("level") or 0) + 1}
        if timer.kind == BREACHED:
            data |= {"state": "breached", "breached_at": timer.at}
