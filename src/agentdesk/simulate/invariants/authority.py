"""What holds of money beyond an agent's authority, and of the approvals that it is given on.

Everything is read from the documents that the centre keeps, and judged by the policy that all worlds have.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from agentdesk.simulate.invariants.base import Look, invariant
from agentdesk.simulate.people import AGENT_LIMIT, SUPERIOR, SUPERIOR_LIMIT

GIVES = frozenset({"commitment.made", "remedy.given"})
MOVE = GIVES | {"approval.given", "approval.declined", "approval.lapsed", "commitment.spoken"}
"""The kinds after which something may stand that didn't."""

BEYOND = "above_authority"
UNCHECKED = frozenset({"unknown_customer", "unknown_document"})
"""Flags of what is held before anybody can say how it stands: a person looks at it."""

FELL = frozenset({"voided", "withdrawn", "declined"})
"""The states in which nothing is given any more."""


class Given(NamedTuple):
    """A promise or remedy with more money than its agent may give alone, and the approval that it names."""

    id: str
    data: dict[str, Any]
    approval: dict[str, Any] | None

    @property
    def is_flagged(self) -> bool:
        return BEYOND in (self.data.get("flags") or ())

    @property
    def is_unchecked(self) -> bool:
        return not UNCHECKED.isdisjoint(self.data.get("flags") or ())

    @property
    def waits(self) -> bool:
        return bool(self.data.get("waits")) and self.data.get("state") == "held"


@invariant(
    "An approval is for one: of all that is given on it each but one is flagged.",
    "centre",
    "quiet",
    met=(),
)
def no_approval_is_used_twice(look: Look) -> Iterator[str]:
    uses: dict[str, list[Given]] = {}
    for given in _given(look):
        if given.approval is not None:
            uses.setdefault(given.data["approval"], []).append(given)
    for name, all_given in uses.items():
        if len(all_given) > 1:
            look.world.met["no_approval_is_used_twice"] += 1
            unflagged = [given.id for given in all_given if not (given.is_flagged or given.is_unchecked)]
            if len(unflagged) > 1:
                yield f"{' and '.join(unflagged)} are both given on {name}, and neither is flagged"


@invariant(
    "Nothing beyond its author's authority stands unflagged and unapproved: a superior has given so much for this "
    "customer, or the customer waits until one does. No approval is used that nobody gave, and a flag is a verdict.",
    "centre",
    "quiet",
    met=(),
)
def nothing_beyond_authority_stands(look: Look) -> Iterator[str]:
    makers: dict[str, str] = look.world.memory("makers")
    for archived in look.fresh:
        if archived.kind in GIVES and archived.id in look.record.made:
            makers[look.record.made[archived.id].document] = archived.id
    for given in _given(look):
        data, approval = given.data, given.approval
        if approval is not None and approval.get("used_by") == given.id and approval.get("given_at") is None:
            yield f"{given.id} has used {data['approval']}, which nobody gave"
        if given.is_flagged:
            look.world.met["nothing_beyond_authority_stands"] += 1
            verdict = look.record.verdict(makers.get(given.id, ""))
            if verdict not in (None, "flagged", "held"):
                yield f"{given.id} of {data['amount']} goes beyond its agent's authority, and is {verdict}"
        elif not (data.get("state") in FELL or given.waits or given.is_unchecked or _is_approved(given)):
            named = f"on {data.get('approval')}, {approval.get('state')}" if approval else "without an approval"
            yield f"{given.id} of {data['amount']} stands {named}, and isn't flagged"


def _is_approved(given: Given) -> bool:
    data, approval = given.data, given.approval
    if approval is None or approval.get("given_at") is None or approval.get("approver_role") != SUPERIOR:
        return False
    doubts = set(approval.get("doubts") or ())
    return (
        approval.get("template") == (data.get("template") or data.get("remedy"))
        and approval.get("customer") == data.get("customer")
        and data["amount"] <= min(approval["amount"], SUPERIOR_LIMIT)
        and (not doubts or not doubts.isdisjoint(data.get("flags") or ()))
    )


def _given(look: Look) -> tuple[Given, ...]:
    """Return all that was given beyond what its agent may give alone, as it stands; nothing if nothing new came."""
    known: dict[str, Any] = look.world.memory("given")
    if look.moment == "centre" and not any(archived.kind in MOVE for archived in look.fresh):
        return ()
    at = (look.world.timeline.now, look.record.centre.rowid, look.moment)
    if known.get("at") != at:
        file = look.world.watch.file(look.world.server.file)
        known["at"], known["given"] = at, tuple(Given(*row) for row in _read(file))
    found: tuple[Given, ...] = known["given"]
    return found


def _read(file: sqlite3.Connection) -> Iterator[tuple[str, dict[str, Any], dict[str, Any] | None]]:
    rows = file.execute(
        "SELECT d.id, d.data, a.data FROM document d LEFT JOIN document a ON a.scope = d.scope "
        "AND a.type = 'approval' AND a.id = json_extract(d.data, '$.approval') "
        "WHERE d.type IN ('commitment', 'remedy') AND json_extract(d.data, '$.money') = 'cost' "
        "AND json_extract(d.data, '$.amount') > ? ORDER BY d.id",
        (AGENT_LIMIT,),
    )
    for id_, data, approval in rows.fetchall():
        yield id_, json.loads(data), json.loads(approval) if approval else None
