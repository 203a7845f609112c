"""Call-backs of a busy hotline (热线遇忙回电, policy §5): who gave up waiting is written to at once and rung in time.

One number is called back once in half an hour, whichever site saw its call: a document for each number says when that
was, and both sites and centre decide by it. Nobody is rung in the quiet hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.domain.documents import Document
from agentdesk.domain.times.timers import Timer
from agentdesk.domain.times.zone import MINUTE_MS
from agentdesk.domain.work.notices import quiet_hours

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, Tier

AFTER_QUIET_MS = 30 * MINUTE_MS
"""How long after the quiet hours what fell into them is due: 08:30."""

LATE = "callback.late"
CALLER = "caller"
"""The type of the document that says of a number when it was last called back."""

RESULTS = frozenset({"reached", "no_answer", "busy", "refused"})


def caller_key(number: str) -> str:
    """Return the id of the document of a number."""
    return f"caller.{number}"


def due_of(at: int, tier: Tier, catalogue: Catalogue) -> int:
    """Return until when a caller who gave up is rung, by his tier; not in the quiet hours."""
    minutes = catalogue.rules.call_back.get(tier) or max(catalogue.rules.call_back.values(), default=60)
    return awake(at, at + minutes * MINUTE_MS, catalogue)


def awake(at: int, due: int, catalogue: Catalogue) -> int:
    """Return a deadline, put off to the morning where it, or now, falls into the quiet hours."""
    quiet = quiet_hours(catalogue)
    if quiet.covers(at):
        return quiet.next_allowed(at) + AFTER_QUIET_MS
    return quiet.next_allowed(due) + AFTER_QUIET_MS if quiet.covers(due) else due


def next_try(first: int, tries: int, at: int, catalogue: Catalogue) -> int | None:
    """Return when a number is tried again after so many tries, counted from the first; None: that was the last."""
    plan = catalogue.rules.call_back_tries
    if tries >= len(plan):
        return None
    following = max(at, first + plan[tries] * MINUTE_MS)
    quiet = quiet_hours(catalogue)
    return quiet.next_allowed(following) + AFTER_QUIET_MS if quiet.covers(following) else following


def seen_lately(caller: Document | None, at: int, catalogue: Catalogue) -> bool:
    """Tell whether a number's call-back is the same one still: it is called back once in a while only."""
    last = caller.data.get("at") if caller is not None else None
    return last is not None and abs(at - last) < catalogue.rules.busy_again * MINUTE_MS


def timer(document: Document, catalogue: Catalogue) -> Timer | None:
    """Return when a call-back is late: then its level rises, and the team leader is told."""
    data = document.data
    due = data.get("due")
    rung = f"late{len(data.get('tries') or ())}"
    if data.get("state") != "open" or due is None or rung in (data.get("rungs") or {}):
        return None
    # a try that is planned may be made at once; it is late when nobody has made it for a while
    slack = MINUTE_MS * (15 if data.get("tries") else 0)
    return Timer(due + slack, LATE, rung)
