"""What holds at every commit of a site."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from os.path import exists
from typing import TYPE_CHECKING, Any

from agentdesk.replica.driver import sqlite
from agentdesk.simulate.invariants.base import Look, broken, invariant
from agentdesk.simulate.invariants.centre import CRASHES, RESENT
from agentdesk.simulate.record import SETTLED, Made

if TYPE_CHECKING:
    from agentdesk.simulate.sites import Machine
    from agentdesk.simulate.world import World

OUTBOX = "outbox.db"
LOOKS_EVERY_MS = 15_000
"""Three times as long as a site waits between two looks."""
_WITH_ENTRIES = ("moves", "offers")
_UNSEEN = ("allowance.", "operation.")
"""Kinds of which no agent sees anything on a document."""
_NO_ENTRIES = frozenset({"contact.answered", "contact.wrapped_up", "agent.interval", "contact.turned"})


def outbox(look: Look, machine: Machine) -> sqlite.Connection:
    return look.world.watch.file(machine.outbox)


def serving(look: Look, machine: Machine) -> dict[str, str]:
    """Return the replica files that serve now, by name."""
    rows = outbox(look, machine).execute("SELECT name, file FROM replica").fetchall()
    return {name: path for name, file in rows if exists(path := f"{machine.folder}/{file}")}


def scopes_of(world: World, machine: Machine) -> tuple[str, ...]:
    """Return the scopes that the centre grants to a site."""
    row = (
        world.watch.file(world.server.file).execute("SELECT scopes FROM site WHERE id = ?", (machine.site,)).fetchone()
    )
    return tuple(row[0].split()) if row else ()


@invariant(
    "A replica whose cursor is at G has every document of its scope's log up to G, at least as new, and none that no "
    "commit of the centre left.",
    "site",
    met=("desk died", "desk killed", "site's disk full", "site's file busy", "answer cut off"),
)
def a_replica_is_its_log(look: Look) -> Iterator[str]:
    machine = look.machine
    if machine is None or not look.file.startswith("replica-"):
        return
    path = f"{machine.folder}/{look.file}"
    known: dict[str, int] = look.world.memory(f"replica {path}")
    file = look.world.watch.file(path)
    facts = look.record.centre
    for scope, epoch, seq, hash_ in file.execute("SELECT scope, epoch, seq, hash FROM cursor").fetchall():
        log = facts.logs.get(scope, [])
        if not facts.is_in_log(scope, seq, hash_):
            if not look.world.was_restored and epoch == facts.epochs.get(scope):
                yield f"{machine.name} is at {seq} of {scope}, which isn't in the log"
                return
            continue
        for row in log[known.get(scope, 0) : seq]:
            found = file.execute(
                "SELECT rev, type, data, revs FROM document WHERE scope = ? AND id = ?", (row.home, row.document)
            ).fetchone()
            if row.action == "leave":
                continue
            if found is None or found[0] < row.rev:
                has = "nothing" if found is None else f"revision {found[0]}"
                yield f"{machine.name} is at {seq} of {scope}, and has {has} of {row.document}, not {row.rev}"
                return
            text = facts.documents.get((row.home, row.document), {}).get(found[0])
            if text is None and look.world.was_restored:
                continue
            if text is None or not _same(text, found):
                yield f"{machine.name} has a revision {found[0]} of {row.document} that the centre never had"
                return
        known[scope] = max(seq, known.get(scope, 0))


def _same(text: str, found: tuple[Any, ...]) -> bool:
    kind, data, revs = text.split("\n", 2)
    if kind != found[1]:
        return False
    if data == found[2] and revs == found[3]:
        return True
    return bool(json.loads(data) == json.loads(found[2]) and json.loads(revs) == json.loads(found[3]))


@invariant(
    "What a site reads never goes back within one history of the centre, as long as it may read it.",
    "site",
    met=("desk died", "desk killed", "request doubled", "slow message", "lease taken"),
)
def reads_never_go_back(look: Look) -> Iterator[str]:
    machine = look.machine
    if machine is None:
        return
    known: dict[str, Any] = look.world.memory(f"cursors {machine.name}")
    if look.file == OUTBOX:
        current = outbox(look, machine).execute("SELECT name, file FROM replica").fetchall()
        if current == known.get("files"):
            return
        known["files"] = current
        named = {name for name, _ in current}
        for scope in [s for s in known if s.startswith("region/") and s not in named]:
            del known[scope]  # it wasn't this site's any more: should it be again, that is a beginning
    for path in serving(look, machine).values():
        for scope, epoch, seq in look.world.watch.file(path).execute("SELECT scope, epoch, seq FROM cursor").fetchall():
            before = known.get(scope)
            if before is not None and before[0] == epoch and seq < before[1]:
                yield f"{machine.name} was at {before[1]} of {scope}, and is at {seq}"
            known[scope] = (epoch, seq)


@invariant(
    "A local write never leaves the screen except through a verdict: it is in the replica, or lies over it.",
    "site",
    met=(*RESENT, *CRASHES, "slow message", "commit shared"),
)
def own_writes_stay_on_screen(look: Look) -> Iterator[str]:
    machine = look.machine
    if machine is None:
        return
    file = outbox(look, machine)
    tracked: dict[str, Made] = look.world.memory(f"tracked {machine.name}")
    last = look.world.memory(f"tracked until {machine.name}")
    for made in list(look.record.made.values())[last.get("made", 0) :]:
        if made.machine == machine.name and not made.bad and not made.kind.startswith(_UNSEEN):
            tracked[made.id] = made
    last["made"] = len(look.record.made)
    if look.file != OUTBOX:
        return
    pending = {row[0] for row in file.execute("SELECT operation FROM pending").fetchall()}
    for operation in [o for o in tracked if o not in pending]:
        made = tracked.pop(operation)
        if made.lost_with:
            continue
        verdict = file.execute("SELECT verdict, change FROM verdict WHERE operation = ?", (operation,)).fetchone()
        if verdict is not None and verdict[0] not in SETTLED and verdict[1] is None:
            continue
        known = file.execute("SELECT value FROM meta WHERE key = 'scopes'").fetchone()[0].split("\n")
        if made.scope not in known or made.scope not in scopes_of(look.world, machine):
            continue
        if not _is_seen(look, machine, file, made):
            yield f"{machine.name} shows nothing of {made.short} any more; the centre says {verdict and verdict[0]}"


def _is_seen(look: Look, machine: Machine, file: sqlite.Connection, made: Made) -> bool:
    where = (made.scope, made.document)
    row = file.execute("SELECT data FROM overlay WHERE scope = ? AND id = ?", where).fetchone()
    if row is None:
        for path in serving(look, machine).values():
            row = (
                look.world.watch.file(path)
                .execute("SELECT data FROM document WHERE scope = ? AND id = ?", where)
                .fetchone()
            )
            if row is not None:
                break
    if row is None:
        return False
    if made.kind in _NO_ENTRIES or made.kind.startswith("note."):
        return True
    data = json.loads(row[0])
    return any(entry.get("op") == made.id for name in _WITH_ENTRIES for entry in data.get(name) or ())


@invariant(
    "An operation and its effect here, the chain and its end, a verdict and the answered mark are on disk together or "
    "not at all.",
    "site",
    met=("desk died", "desk killed", "site's disk full", "site's file busy"),
)
def together_or_not_at_all(look: Look) -> Iterator[str]:
    machine = look.machine
    if machine is None or look.file != OUTBOX:
        return
    rows = outbox(look, machine).execute(
        "SELECT c.lineage, c.seq, c.answered, (SELECT count(*) FROM operation o WHERE o.lineage = c.lineage), "
        "(SELECT count(*) FROM operation o WHERE o.lineage = c.lineage AND o.seq <= c.answered AND NOT EXISTS "
        "(SELECT 1 FROM verdict v WHERE v.operation = o.id)), "
        "(SELECT count(*) FROM operation o WHERE o.lineage = c.lineage AND o.seq > c.answered AND NOT EXISTS "
        "(SELECT 1 FROM pending p WHERE p.operation = o.id) AND o.kind NOT GLOB 'allowance.*' "
        "AND o.kind NOT GLOB 'operation.*'), "
        "(SELECT count(*) FROM operation o JOIN verdict v ON v.operation = o.id "
        "WHERE o.lineage = c.lineage AND o.seq > c.answered) FROM chain c"
    )
    for lineage, seq, answered, count, silent, unseen, early in rows.fetchall():
        if seq != count + look.record.missing.get((machine.name, lineage), 0):
            yield f"{machine.name}: the chain of {lineage} ends at {seq}, and has {count} operations"
        if answered > seq or silent:
            yield f"{machine.name}: {answered} are called answered in {lineage}, {silent} of them have no verdict"
        if unseen:
            yield f"{machine.name}: {unseen} operations that wait are without their effect"
        if early:
            yield f"{machine.name}: {early} operations have a verdict, and are not called answered"


def taken_twice(world: World, machine: Machine, made: Made, other: str) -> None:
    """Break `one_place_one_operation`: two operations of a lineage have the same number."""
    if not world.may_fork:
        broken(world, "one_place_one_operation", f"{made.short} and {other} have one place at {machine.name}")


@invariant(
    "However many processes write at a site, a place in its chain is one operation's, and no lease is overdrawn there.",
    "site",
    met=("two desks", "lease holder killed"),
)
def one_place_one_operation(look: Look) -> Iterator[str]:
    machine = look.machine
    if machine is None or look.file != OUTBOX or look.world.may_fork:
        return
    file = outbox(look, machine)
    spending = file.execute("SELECT allowance, spent FROM spending").fetchall()
    before: dict[str, int] = look.world.memory(f"spending {machine.name}")
    if before == dict(spending):
        return
    small = serving(look, machine).get("small")
    if small is None:
        return
    # what a restored centre lost counts once more until it is answered again, and draws nothing
    looked: dict[str, int] = look.world.memory(f"drawn {machine.name}")
    fresh = list(look.record.made.values())[looked.get("made", 0) :]
    drawn = {made.allowance for made in fresh if made.machine == machine.name}
    looked["made"] = len(look.record.made)
    for lease, spent in spending:
        row = look.world.watch.file(small).execute("SELECT data FROM document WHERE id = ?", (lease,)).fetchone()
        amount = json.loads(row[0])["amount"] if row else 0
        if spent > amount and spent > before.get(lease, 0) and lease in drawn:
            yield f"{machine.name} has spent {spent} of the {amount} of {lease}"
        before[lease] = spent
        if amount and spent * 3 > amount * 2:
            look.world.met["one_place_one_operation"] += 1


@invariant(
    "Pulls never wait for pushes: while every push is refused a site goes on looking for what is new.",
    met=(),
)
def pulls_never_wait(look: Look) -> Iterator[str]:
    yield from ()


def pulled_meanwhile(world: World, machine: Machine, pulls: int, ms: int) -> None:
    """Break `pulls_never_wait` if a site looked too seldom while its pushes were refused."""
    if ms < LOOKS_EVERY_MS:
        return
    world.met["pulls_never_wait"] += 1
    if pulls < ms // LOOKS_EVERY_MS:
        broken(world, "pulls_never_wait", f"{machine.name} looked {pulls} times in {ms} ms, while its pushes failed")


@invariant(
    "Whatever comes from the centre, and whatever lies on its own disk: a site's sync goes on.",
    met=("odd:", *RESENT, "site's disk full", "site's file busy"),
)
def the_worker_goes_on(look: Look) -> Iterator[str]:
    yield from ()


def fallen_over(world: World, machine: Machine, error: BaseException) -> None:
    """Break `the_worker_goes_on`: a step of a session raised what no session expects."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    text = f"the sync of {machine.name} falls over {type(error).__name__} in {where.name}: {error}"
    broken(world, "the_worker_goes_on", text)
