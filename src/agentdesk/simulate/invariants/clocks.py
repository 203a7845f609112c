"""What holds of the clocks of promises, which nobody's hand moves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from agentdesk.simulate.invariants.base import Look, invariant
from agentdesk.simulate.invariants.centre import CRASHES, OWN
from agentdesk.simulate.people import ESCALATES, MINUTE_MS, WARNED_AT
from agentdesk.simulate.record import Archived
from agentdesk.simulate.timeline import START

CREDIT = "credit_until"
"""The rung of another clock of a promise: that of its credit."""

BY_CLOCK = frozenset({"commitment.warned", "commitment.breached", "commitment.escalated"})
RUNS = ("made", "dispatched", "breached", "held")
"""The states in which a promise's clock runs."""

SLACK_MS = 2_000
"""How often the centre looks, and a moment."""


@invariant(
    "Each rung of a promise's clock is done once, in its order, and never before its time, whatever dies meanwhile.",
    "centre",
    met=(*CRASHES, "centre restored"),
)
def no_rung_comes_twice(look: Look) -> Iterator[str]:
    fresh = [a for a in look.fresh if a.site == OWN and a.kind in BY_CLOCK]
    if not fresh:
        return
    done: dict[str, list[tuple[str, int]]] = {}
    for archived in sorted(look.record.centre.archive.values(), key=lambda a: a.seq):
        if archived.site == OWN and archived.kind in BY_CLOCK:
            document, rung, at, wall = _said(archived)
            done.setdefault(document, []).append((rung, at))
            if wall < at:
                yield f"{archived.kind} of {document} is done {at - wall} ms before its time"
    look.world.tally["rungs done"] += len(fresh)
    for document, rungs in done.items():
        names = [rung for rung, _ in rungs]
        if len(set(names)) < len(names):
            yield f"{document}: {', '.join(names)} are done, one of them twice"
        if [at for _, at in rungs] != sorted(at for _, at in rungs):
            yield f"{document}: {', '.join(names)} are not in their order"


@invariant(
    "When the faults have ended every rung that was due has been done exactly once.",
    "quiet",
    met=CRASHES,
)
def every_due_rung_is_done(look: Look) -> Iterator[str]:
    if rests(look):
        return
    file = look.world.watch.file(look.world.server.file)
    now = START + look.world.timeline.now - SLACK_MS
    for document, text in file.execute("SELECT id, data FROM document WHERE type = 'commitment'").fetchall():
        data = json.loads(text)
        if data.get("state") not in RUNS:
            continue
        due = [rung for rung, at in _rungs(data) if at <= now]
        done = [rung for rung in data.get("rungs") or {} if rung != CREDIT]
        look.world.met["every_due_rung_is_done"] += bool(due) and look.world.tally["centre died"] > 0
        if done[: len(due)] != due:
            yield f"{document}: {', '.join(due)} are due, and done are {', '.join(done) or 'none'}"


def rests(look: Look) -> bool:
    """Tell whether the centre's clocks rest, as it waits for its sites first."""
    file = look.world.watch.file(look.world.server.file)
    resting = "SELECT 1 FROM epoch WHERE settled_at IS NULL AND epoch = (SELECT value FROM meta WHERE name = 'epoch')"
    return file.execute(resting).fetchone() is not None


def _rungs(data: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield the rungs of a promise with their instants, in their order."""
    due, made = data["due"], min(data["at"], data["due"])
    yield "owner", made + (due - made) * WARNED_AT // 100
    for rung, minutes in ESCALATES.items():
        yield rung, due + minutes * MINUTE_MS


def _said(archived: Archived) -> tuple[str, str, int, int]:
    """Return what a clock's operation is about: document, rung, when it was due and when it was made."""
    head, body = json.loads(archived.head), json.loads(archived.body)
    return head["document"], body["rung"], body["at"], head["wall"]
