"""What holds of replicas that came as one file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from agentdesk.replica.driver import sqlite
from agentdesk.replica.tables import COLUMNS, HOLDER_COLUMNS
from agentdesk.simulate.invariants.base import Look, invariant
from agentdesk.simulate.invariants.site import OUTBOX, outbox, scopes_of, serving
from agentdesk.simulate.record import CentreFacts

if TYPE_CHECKING:
    from agentdesk.simulate.sites import Machine

_TABLES = {
    "document": f"SELECT {COLUMNS} FROM document WHERE scope = ? ORDER BY id",
    "holder": f"SELECT {HOLDER_COLUMNS} FROM holder WHERE scope = ? ORDER BY number, customer, subscription",
}
_NAMED = (
    "SELECT name, file FROM replica WHERE name GLOB 'region/*' UNION ALL "
    "SELECT name, file FROM successor WHERE name GLOB 'region/*'"
)


@invariant(
    "A replica that came as one file, however often the line or a process broke on the way, holds row by row what its "
    "log says up to there; with the rest of the log it is what a site has that pulls from zero.",
    "site",
    "quiet",
    met=(),
)
def a_snapshot_is_its_log(look: Look) -> Iterator[str]:
    if look.moment == "quiet":
        yield from _as_from_zero(look)
        return
    machine = look.machine
    if machine is None or look.file != OUTBOX:
        return
    known = came_whole(look, machine)
    for scope, file in outbox(look, machine).execute(_NAMED).fetchall():
        path = f"{machine.folder}/{file}"
        if file in known or not os.path.exists(path):
            continue
        replica = look.world.watch.file(path)
        cursor = replica.execute("SELECT epoch, seq, hash FROM cursor WHERE scope = ?", (scope,)).fetchone()
        known[file] = cursor is not None and cursor[1] > 0
        if known[file]:
            look.world.tally["snapshot taken in"] += 1
            if machine.name in look.record.broken_fetches:
                look.record.broken_fetches.discard(machine.name)
                look.world.met["a_snapshot_is_its_log"] += 1
            yield from _as_the_log_says(look, machine, replica, scope, cursor)


def came_whole(look: Look, machine: Machine) -> dict[str, bool]:
    """Return the replica files of regions that a machine named so far, and whether each came as one file."""
    known: dict[str, bool] = look.world.memory(f"whole {machine.name}")
    return known


def _as_the_log_says(
    look: Look, machine: Machine, replica: sqlite.Connection, scope: str, cursor: tuple[str, int, str]
) -> Iterator[str]:
    facts = look.record.centre
    epoch, seq, hash_ = cursor
    if not facts.is_in_log(scope, seq, hash_):
        if not look.world.was_restored and epoch == facts.epochs.get(scope):
            yield f"{machine.name} has {scope} whole at {seq}, which isn't in the log"
        return
    expected = _revisions(facts, scope, seq)
    rows = replica.execute("SELECT id, rev, type, data, revs FROM document WHERE scope = ?", (scope,)).fetchall()
    found = {row[0]: row[1] for row in rows}
    for document in sorted(expected.keys() | found.keys()):
        if expected.get(document) != found.get(document):
            has, wants = found.get(document), expected.get(document)
            yield f"{machine.name} has {scope} whole at {seq}, with {document} at {has} where the log has {wants}"
    for document, rev, *text in rows:
        written = facts.documents.get((scope, document), {}).get(rev)
        if written != "\n".join(text) and not (written is None and look.world.was_restored):
            yield f"{machine.name} has {scope} whole, with a text of {document} that no commit left"


def _revisions(facts: CentreFacts, scope: str, seq: int) -> dict[str, int]:
    """Return the documents of a scope, with their revisions, as its log says at a number."""
    found: dict[str, int] = {}
    for row in facts.logs.get(scope, [])[:seq]:
        if row.home != scope:
            continue
        if row.action == "leave":
            found.pop(row.document, None)
        else:
            found[row.document] = row.rev
    return found


def _as_from_zero(look: Look) -> Iterator[str]:
    """Compare with what comes from the beginning of the log; where that was cut, with the centre itself."""
    from agentdesk.simulate.zero import pulled_from_zero  # that has sites, which look at invariants

    world = look.world
    centre = world.watch.file(world.server.file)
    floors = dict(centre.execute("SELECT scope, floor FROM scope").fetchall())
    right: dict[str, dict[str, list[Any]]] = {}
    for machine in world.machines:
        known = came_whole(look, machine)
        granted = scopes_of(world, machine)
        for scope, path in serving(look, machine).items():
            if scope not in granted or not known.get(os.path.basename(path)):
                continue
            if scope not in right:
                right[scope] = _rows(centre, scope)
                if floors[scope] <= 1:
                    with pulled_from_zero(world, machine, scope) as zero:
                        right[scope] = _rows(zero, scope)
                    world.tally["pulled from zero"] += 1
            mine = _rows(world.watch.file(path), scope)
            for table, rows in right[scope].items():
                if mine[table] != rows:
                    other = next((m or r for m, r in zip(mine[table], rows, strict=False) if m != r), "another number")
                    yield f"{machine.name} had {scope} whole, and is otherwise than from zero in {table}: {other}"


def _rows(file: sqlite.Connection, scope: str) -> dict[str, list[Any]]:
    return {table: file.execute(sql, (scope,)).fetchall() for table, sql in _TABLES.items()}


@invariant(
    "A new generation of a replica has a name of its own: no file that a site names is ever put in another's place.",
    "site",
    met=("snapshot taken in",),
)
def generations_have_names_of_their_own(look: Look) -> Iterator[str]:
    machine = look.machine
    if machine is None or look.file != OUTBOX:
        return
    known: dict[str, int] = look.world.memory(f"inodes {machine.name}")
    named: dict[str, int] = {}
    for _, file in outbox(look, machine).execute(_NAMED).fetchall():
        try:
            named[file] = os.stat(f"{machine.folder}/{file}").st_ino
        except FileNotFoundError:
            continue
        if known.get(file, named[file]) != named[file]:
            yield f"{machine.name} has another file in the place of {file}"
    known.clear()
    known.update(named)
