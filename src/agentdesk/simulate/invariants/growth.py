"""What holds of what is let go: receipts, contents, logs at the centre, and settled operations at the sites."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from agentdesk.simulate.invariants.base import Look, broken, invariant
from agentdesk.simulate.invariants.site import outbox
from agentdesk.simulate.scales import KEEP_LAST, KEEP_MS, RECENT
from agentdesk.store.site import Site

if TYPE_CHECKING:
    from agentdesk.simulate.record import Made
    from agentdesk.simulate.sites import Machine
    from agentdesk.simulate.world import World

OWN = "centre"


@invariant(
    "What is sent again after its receipt was pruned gets the verdict that it had, reasons and place included.",
    "answer",
    met=(),
)
def pruned_is_still_answered(look: Look) -> Iterator[str]:
    if look.path != "/v1/push":
        return
    facts = look.record.centre
    file = look.world.watch.file(look.world.server.file)
    for verdict in look.answer["verdicts"]:
        places = facts.by_id.get(verdict["id"], ()) if verdict["id"] else ()
        if len(places) < 2:
            continue
        first = places[0]
        row = file.execute(
            "SELECT reasons FROM receipt WHERE site = ? AND lineage = ? AND seq = ?",
            (first.site, first.lineage, first.seq),
        ).fetchone()
        if row is not None or json.loads(first.head).get("site") != json.loads(places[-1].head).get("site"):
            continue
        look.world.met["pruned_is_still_answered"] += 1
        said = (verdict["verdict"], verdict.get("scope"), verdict.get("change"))
        if said != (first.verdict, first.scope, first.change):
            yield f"{first.kind} {first.id} was {first.verdict} at {first.change}, and after pruning is {said}"


@invariant(
    "What a site lets go of is decided at the centre, and nobody has to see to it.",
    met=("let go at a site",),
)
def only_what_is_settled_goes(look: Look) -> Iterator[str]:
    yield from ()


def let_go(world: World, machine: Machine, made: Made) -> None:
    """Break `only_what_is_settled_goes`: an operation isn't in its outbox any more, and nothing stands for it."""
    world.tally["let go at a site"] += 1
    verdict = world.watch.record.verdict(made.id)
    if verdict is None or verdict == "held":
        broken(world, "only_what_is_settled_goes", f"{machine.name} lets {made.short} go, which is {verdict}")


@invariant(
    "What grows is bounded by what lives: once all is tidied, receipts are those that somebody may ask for again, "
    "contents those that are young or held, logs are cut as a prefix behind a snapshot, and sites keep their last "
    "operations and what isn't settled.",
    "end",
    met=(),
)
def growth_is_bounded(look: Look) -> Iterator[str]:
    world = look.world
    world.keeper.tidy_all()
    yield from _receipts(look)
    yield from _logs(look)
    if world.keeper.tidies and not world.tally["clock jumped"]:  # what was answered in ten years' time stays till then
        for machine in world.machines:
            yield from _site(look, machine)


def _receipts(look: Look) -> Iterator[str]:
    world = look.world
    file = world.watch.file(world.server.file)
    (mode,) = file.execute("SELECT coalesce(max(value), '') FROM meta WHERE name = 'durability'").fetchone()
    for site, lineage, seq, acked, durable in file.execute(
        "SELECT site, lineage, last_seq, acked, durable FROM lineage ORDER BY site, lineage"
    ).fetchall():
        safe = durable if mode == "backup" else seq
        wanted = safe if site == OWN else min(acked, safe) - RECENT
        (more,) = file.execute(
            "SELECT count(*) FROM receipt WHERE site = ? AND lineage = ? AND seq < ? AND reasons = '[]'",
            (site, lineage, wanted),
        ).fetchone()
        if more:
            yield f"{more} receipts of {lineage} are kept that nobody asks for any more"
    (pruned,) = file.execute(
        "SELECT (SELECT count(*) FROM archive WHERE site <> 'centre') - "
        "(SELECT count(*) FROM receipt WHERE site <> 'centre')"
    ).fetchone()
    look.world.met["growth_is_bounded"] += pruned
    (old,) = file.execute(
        "SELECT count(*) FROM archive WHERE received_at < ? AND body IS NOT NULL AND verdict <> 'held'",
        (world.server.clock.wall_ms() - KEEP_MS,),
    ).fetchone()
    if old:
        yield f"the contents of {old} operations are kept beyond their time"


def _logs(look: Look) -> Iterator[str]:
    file = look.world.watch.file(look.world.server.file)
    for scope, seq, floor, rows, first in file.execute(
        "SELECT s.scope, s.seq, s.floor, count(l.seq), coalesce(min(l.seq), 0) FROM scope s "
        "LEFT JOIN scope_log l ON l.scope = s.scope GROUP BY s.scope ORDER BY s.scope"
    ).fetchall():
        start = max(1, floor)
        if seq and (first, rows) != (start, seq - start + 1):
            yield f"the log of {scope} from {start} to {seq} has {rows} rows, the first of them {first}"
        if scope.startswith("region/") and rows > 1:
            yield f"the log of {scope} has {rows} rows behind a snapshot that holds them all"


def _site(look: Look, machine: Machine) -> Iterator[str]:
    clock = machine.clock
    clock.skew += 10 * KEEP_MS
    try:
        with closing(Site(machine.folder, clock, machine.entropy, look.world.key)) as site:
            site.tidy()
    finally:
        clock.skew -= 10 * KEEP_MS
    file = outbox(look, machine)
    (there,) = file.execute("SELECT count(*) FROM operation").fetchone()
    (bound,) = file.execute(
        "SELECT (SELECT sum(seq - max(0, min(durable, answered, seq - ?))) FROM chain) "
        "+ (SELECT count(DISTINCT operation) FROM pending) + (SELECT count(*) FROM verdict WHERE verdict = 'held') "
        "+ (SELECT count(*) FROM inbox WHERE done_at IS NULL)",
        (KEEP_LAST,),
    ).fetchone()
    if there > bound:
        yield f"{machine.name} keeps {there} operations, where {bound} are young or not settled"
