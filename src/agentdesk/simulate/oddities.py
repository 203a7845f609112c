"""Operations as they ought not to be: of a newer program, unreadable on disk, crashing the rules, or very large."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from agentdesk.domain.decide import Body, Kind, Outcome, Situation
from agentdesk.domain.kinds import KINDS
from agentdesk.domain.kinds._common import own_document
from agentdesk.domain.needs import Need
from agentdesk.domain.operation import Draft, Operation
from agentdesk.replica.driver import sqlite
from agentdesk.simulate.disks import another_program
from agentdesk.store.committing import Refused
from agentdesk.store.errors import StoreError

if TYPE_CHECKING:
    from agentdesk.simulate.sites import Desk
    from agentdesk.simulate.world import World

FUTURE = "note.foretold"
"""A kind that only a newer program has."""

CRASHING = "note.crashing"
"""A kind over which the centre's rules fall, as long as it is the older program."""

NEWER = 2
"""The version of NOTE that a newer program writes; it reads the older one, too."""
NOTE = "note.added"

_OF_NEWER = ("unknown kind", "newer version", "crashing")
_older: list[Kind] = []


def make(world: World, desk: Desk, dice: Random) -> None:
    """Let a desk make one of them; raises Killed."""
    site = desk.site
    assert site is not None
    sort = dice.choice(("unknown kind", "newer version", "garbage on disk", "garbled head", "crashing", "very large"))
    region = f"region/{desk.machine.region}"
    text = {"text": "x"}
    kind = {"unknown kind": FUTURE, "crashing": CRASHING}.get(sort, "note.added")
    if sort == "very large":
        kind, text = "ticket.noted", {"text": "电" * 33_000}
        tickets = [d for d in site.view.open_work() if d.type == "ticket" and d.scope == region]
        if not tickets:
            return
        draft = Draft(kind, desk.agent, "agent", region, tickets[0].id, text)
    else:
        version = NEWER if sort == "newer version" else 1
        draft = Draft(kind, desk.agent, "agent", region, site.new_id(), text, version=version)
    try:
        (committed,) = site.commit_all((draft,))
    except (Refused, StoreError):
        return
    world.shown(desk, (committed,), f"makes an odd operation ({sort})")
    if sort in _OF_NEWER and dice.random() < 0.7:
        after = Draft("note.added", desk.agent, "agent", region, site.new_id(), text, deps=(committed.operation.id,))
        try:
            world.shown(desk, site.commit_all((after,)), "makes another that depends on it")
        except (Refused, StoreError):
            return
    world.tally[f"odd: {sort}"] += 1
    made = world.watch.record.made[committed.operation.id]
    made.bad = sort not in ("very large", "garbled head")
    made.newer = sort in _OF_NEWER
    if sort == "garbled head":
        world.may_break_chains = True
        made.head = made.head.replace('"mono":', '"mono":1', 1)
        with _other_program(desk) as file:
            file.execute("UPDATE operation SET head = ? WHERE id = ?", (made.head, made.id))
    if sort == "garbage on disk":
        made.body = dice.choice(('{"text":"y"}', "{", "[]", '{"text":"\\ud800"}', '{"text":NaN}'))
        with _other_program(desk) as file:
            file.execute("UPDATE operation SET body = ? WHERE id = ?", (made.body, made.id))


@contextmanager
def _other_program(desk: Desk) -> Iterator[sqlite.Connection]:
    file = another_program(desk.machine.folder / "outbox.db", desk.world.key)
    try:
        yield file
    finally:
        file.close()


def learn() -> None:
    """Let the programs at the desks know kinds and versions that the centre's doesn't know, or falls over."""
    _older.append(_older[0] if _older else KINDS[NOTE])
    KINDS[NOTE] = replace(KINDS[NOTE], version=NEWER)
    KINDS[FUTURE] = Kind(FUTURE, 1, own_document, _as_note)
    KINDS[CRASHING] = Kind(CRASHING, 1, _needs, _as_note)


def forget() -> None:
    """Leave the rules as they were, when no world needs them any more."""
    note = _older.pop()
    if _older:
        return
    KINDS[NOTE] = note
    KINDS.pop(FUTURE, None)
    KINDS.pop(CRASHING, None)


@contextmanager
def at_the_centre(updated: bool) -> Iterator[None]:
    """Let the centre's program be the older one meanwhile, unless it is updated."""
    if updated:
        yield
        return
    newer, note = KINDS.pop(FUTURE), KINDS[NOTE]
    KINDS[NOTE] = _older[0]
    try:
        yield
    finally:
        KINDS[FUTURE], KINDS[NOTE] = newer, note


def _as_note(operation: Operation, body: Body, situation: Situation) -> Outcome:
    return KINDS["note.added"].decide(operation, body, situation)


def _needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    if FUTURE not in KINDS:
        raise ZeroDivisionError(operation.id)
    return own_document(operation, body)
