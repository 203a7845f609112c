"""What holds once faults have ended and everything had its time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from os.path import exists
from typing import TYPE_CHECKING

from agentdesk.simulate.invariants.base import Look, invariant
from agentdesk.simulate.invariants.centre import CRASHES, RESENT
from agentdesk.simulate.invariants.site import outbox, scopes_of, serving
from agentdesk.simulate.record import NEEDS_A_PERSON

if TYPE_CHECKING:
    from agentdesk.simulate.sites import Machine
    from agentdesk.simulate.world import World

ANY = (*RESENT, *CRASHES, "request lost", "line down", "answered ", "request cut off", "protocols differ")
MOST_TRIES = 24
"""Requests that one bad operation may cost those that stand with it."""


def is_drained(world: World, machine: Machine) -> bool:
    """Tell whether nothing waits at a site, and its replicas are at the ends of the logs."""
    return not undrained(world, machine)


def undrained(world: World, machine: Machine) -> str:
    """Return what still waits at a site, nothing if it is done."""
    file = world.watch.file(machine.outbox)
    (waiting,) = file.execute("SELECT coalesce(sum(seq - answered), 0) FROM chain").fetchone()
    if waiting:
        return f"{waiting} operations wait"
    pending = file.execute(
        "SELECT o.kind, o.seq, v.verdict, v.scope, v.change FROM pending p JOIN operation o ON o.id = p.operation "
        "LEFT JOIN verdict v ON v.operation = p.operation "
        "WHERE v.operation IS NULL OR v.verdict <> 'held' OR v.change IS NOT NULL LIMIT 1"
    ).fetchone()
    if pending:
        return f"{pending} isn't seen back"
    (known,) = file.execute("SELECT value FROM meta WHERE key = 'scopes'").fetchone()
    if set(known.split("\n")) != set(scopes_of(world, machine)):
        return "it hasn't heard which scopes are its own"
    facts = world.watch.record.centre
    if world.was_restored:
        by_text = {archived.head for archived in facts.archive.values()}
        answered = file.execute("SELECT o.id, o.head FROM operation o JOIN verdict v ON v.operation = o.id").fetchall()
        if any(operation not in facts.by_id and head not in by_text for operation, head in answered):
            return "it hasn't noticed what the centre lost"
    cursors: dict[str, int] = {}
    for (path,) in file.execute("SELECT file FROM replica").fetchall():
        if not exists(f"{machine.folder}/{path}"):
            return f"{path} isn't there"
        rows = world.watch.file(f"{machine.folder}/{path}").execute("SELECT scope, seq, hash FROM cursor").fetchall()
        cursors |= {scope: seq for scope, seq, hash_ in rows if facts.is_in_log(scope, seq, hash_)}
    for scope in scopes_of(world, machine):
        if cursors.get(scope, 0) != len(facts.logs.get(scope, ())):
            return f"{scope} is at {cursors.get(scope, 0)} of {len(facts.logs.get(scope, ()))}"
    return ""


@invariant(
    "When the faults have ended every queue drains and every replica catches up within a bounded time, with no new "
    "local write.",
    "quiet",
    met=ANY,
)
def everything_arrives(look: Look) -> Iterator[str]:
    world = look.world
    for machine in world.machines:
        why = undrained(world, machine)
        if why:
            (problem,) = outbox(look, machine).execute("SELECT problem FROM line").fetchone()
            yield f"{machine.name} isn't done: {why}; the line's problem is {problem}"


@invariant(
    "Every operation that was shown as accepted is at the centre, and in its site's outbox unless it is settled.",
    "quiet",
    met=(*ANY, "site's disk full", "centre's disk full"),
)
def accepted_is_never_lost(look: Look) -> Iterator[str]:
    there: dict[str, set[str]] = {}
    for machine in look.world.machines:
        rows = outbox(look, machine).execute("SELECT id FROM operation").fetchall()
        there[machine.name] = {row[0] for row in rows}
    by_text = {a.head for a in look.record.centre.archive.values()}
    for made in look.record.made.values():
        if made.gone:
            continue
        if not (made.lost_with or made.let_go) and made.id not in there[made.machine]:
            yield f"{made.short} was on the disk of {made.machine}, and isn't any more"
        if made.id not in look.record.centre.by_id and made.head not in by_text:
            yield f"{made.short} of {made.machine} never came to the centre"


@invariant(
    "All replicas of a scope are equal, and equal the centre.",
    "quiet",
    met=ANY,
)
def all_replicas_agree(look: Look) -> Iterator[str]:
    world = look.world
    centre = world.watch.file(world.server.file)
    for machine in world.machines:
        files = serving(look, machine)
        for scope in scopes_of(world, machine):
            path = files.get(scope if scope.startswith("region/") else "small")
            if path is None:
                yield f"{machine.name} has no replica for {scope}"
                continue
            sql = "SELECT id, rev, type, data FROM document WHERE scope = ? ORDER BY id"
            mine = {r[0]: (r[1], r[2], json.loads(r[3])) for r in world.watch.file(path).execute(sql, (scope,))}
            theirs = {r[0]: (r[1], r[2], json.loads(r[3])) for r in centre.execute(sql, (scope,))}
            if mine != theirs:
                ids = sorted(i for i in mine.keys() | theirs.keys() if mine.get(i) != theirs.get(i))
                yield f"{machine.name} and the centre differ in {scope}: {', '.join(ids[:5])}"


@invariant(
    "What a site believes of an operation is what the centre decided.",
    "quiet",
    met=(*RESENT, "centre died", "centre killed"),
)
def verdicts_agree(look: Look) -> Iterator[str]:
    for machine in look.world.machines:
        rows = outbox(look, machine).execute(
            "SELECT v.operation, v.verdict, v.scope, v.change FROM verdict v ORDER BY v.operation"
        )
        for operation, verdict, scope, change in rows.fetchall():
            kept = look.record.centre.by_id.get(operation)
            if not kept:
                continue
            if kept[-1].verdict != verdict:
                yield f"{machine.name} believes {operation} is {verdict}, at the centre it is {kept[-1].verdict}"
            if look.world.may_fork and look.world.was_restored:
                continue  # a copy of this site may have sent it again before this one was asked
            if (kept[-1].scope, kept[-1].change) != (scope, change):
                yield f"{machine.name} expects {operation} at {change} of {scope}, it stands at {kept[-1].change}"


@invariant(
    "Each verdict that needs a person is in its author's inbox, once, and what he has seen to stays seen to.",
    "quiet",
    met=("desk died", "desk killed", *RESENT),
)
def bad_news_reaches_its_author(look: Look) -> Iterator[str]:
    for machine in look.world.machines:
        rows = outbox(look, machine).execute(
            "SELECT v.operation, v.verdict, i.operation, i.done_at FROM verdict v "
            "LEFT JOIN inbox i ON i.operation = v.operation"
        )
        done = look.record.done.get(machine.name, set())
        for operation, verdict, in_inbox, done_at in rows.fetchall():
            if verdict in NEEDS_A_PERSON and in_inbox is None:
                yield f"{operation} is {verdict}, and isn't in the inbox of {machine.name}"
            again = look.world.was_restored  # a centre that lost its verdict gives it again, and that is news
            if (
                operation in done
                and in_inbox is not None
                and done_at is None
                and not (again or operation in look.record.wished)
            ):
                yield f"{operation} was seen to at {machine.name}, and is in the inbox again"


@invariant(
    "One bad operation costs those that stand with it a bounded number of requests.",
    "quiet",
    met=("odd:",),
)
def a_bad_one_delays_boundedly(look: Look) -> Iterator[str]:
    for operation, requests in look.record.bad_requests.items():
        if requests > MOST_TRIES:
            yield f"{operation} made {requests} requests fail"


@invariant(
    "The chain of every lineage verifies at its site: numbers without gaps, each naming the hash of the one before.",
    "quiet",
    met=("two desks", "desk died", "desk killed"),
)
def chains_verify(look: Look) -> Iterator[str]:
    for machine in look.world.machines:
        previous: dict[str, tuple[int, str]] = {}
        rows = outbox(look, machine).execute("SELECT lineage, seq, id, head FROM operation ORDER BY lineage, seq")
        for lineage, seq, operation, head in rows.fetchall():
            last, hash_ = previous.get(lineage, (0, "0" * 64))
            made = look.record.made.get(operation)
            if made is not None and made.head != head and not look.world.may_fork:
                yield f"{operation} has another head at {machine.name} than it was made with"
            gap = seq - last - 1
            if 0 < gap <= look.record.missing.get((machine.name, lineage), 0):
                previous[lineage] = (seq, sha256(head.encode()).hexdigest())
                continue  # some were let go
            if gap or (json.loads(head).get("prev") != hash_ and not look.world.may_break_chains):
                yield f"{machine.name}: number {seq} of {lineage} doesn't follow number {last}"
            previous[lineage] = (seq, sha256(head.encode()).hexdigest())


@invariant(
    "Overlays lie only over what waits: when all is answered and seen, a site shows the replica and nothing else.",
    "quiet",
    met=ANY,
)
def nothing_lingers(look: Look) -> Iterator[str]:
    for machine in look.world.machines:
        rows = outbox(look, machine).execute(
            "SELECT o.id FROM overlay o WHERE NOT EXISTS "
            "(SELECT 1 FROM pending p WHERE p.scope = o.scope AND p.id = o.id)"
        )
        for (document,) in rows.fetchall():
            yield f"{machine.name} still shows its own {document} over the centre's"


@invariant(
    "What is left of each lease is the same at its site and at the centre.",
    "quiet",
    met=("promised offline", *RESENT, *CRASHES),
)
def leases_agree(look: Look) -> Iterator[str]:
    world = look.world
    for machine in world.machines:
        in_vain = outbox(look, machine).execute(
            "SELECT c.operation, c.amount, v.verdict FROM charge c JOIN verdict v ON v.operation = c.operation "
            "WHERE c.amount < 0 AND c.stands = 1 AND v.verdict IN ('held', 'refused') AND v.change IS NULL"
        )
        for operation, amount, verdict in in_vain.fetchall():
            yield f"{machine.name} may spend {-amount} again that {operation} gives back, and that is {verdict}"
    if world.may_expose:
        return
    for machine in world.machines:
        here = dict(outbox(look, machine).execute("SELECT allowance, spent FROM spending").fetchall())
        held = outbox(look, machine).execute(
            "SELECT c.allowance, c.amount FROM charge c JOIN verdict v ON v.operation = c.operation "
            "WHERE v.verdict = 'held' AND v.change IS NULL AND c.stands = 1"
        )
        for lease, amount in held.fetchall():
            # until somebody decides it stays charged here, and isn't yet there
            here[lease] -= amount
        rows = world.watch.file(world.server.file).execute(
            "SELECT id, spent + returned FROM allowance WHERE site = ?", (machine.site,)
        )
        for lease, spent in rows.fetchall():
            if here.get(lease, 0) != spent:
                yield f"{machine.name} has spent {here.get(lease, 0)} of {lease}, the centre says {spent}"


@invariant(
    "No decision rests on a site's clock: the same world with all sites ten years off comes out the same.",
    met=(),
)
def clocks_decide_nothing(look: Look) -> Iterator[str]:
    yield from ()


@invariant(
    "Once a site knows that a scope is no longer its own, none of it is in its replicas or on its screen.",
    "quiet",
    met=("scopes changed",),
)
def lost_scopes_are_gone(look: Look) -> Iterator[str]:
    for machine in look.world.machines:
        granted = scopes_of(look.world, machine)
        for name in serving(look, machine):
            if name != "small" and name not in granted:
                yield f"{machine.name} still has the replica of {name}"
