"""What a site may still promise without asking: its leases, less what was drawn on them here.

A lease is spent from by the lineage that it was leased to, while it is open: files that were put back to an earlier
state, or copied, go on in a new lineage, and begin with nothing. What is given back counts only when the centre has
taken it (`store.outbox`). Amounts are minor units.

Leases come with the replica, which may be thrown away; they are kept in `outbox.db`, beside what was spent of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentdesk.domain.decide import Allowance
from agentdesk.replica.driver import sqlite
from agentdesk.replica.tables import encode
from agentdesk.store.files import Files
from agentdesk.store.view import View

if TYPE_CHECKING:
    from agentdesk.domain.policy import MoneyKind


TYPE = "allowance"

# the centre numbers what it signs: one that shows an older grant was put back, and is still to be shown this one
_KEEP = """
INSERT INTO main.lease (id, serial, data)
SELECT d.id, coalesce(json_extract(d.data, '$.serial'), 0), d.data FROM {alias}.document AS d
WHERE d.scope = ?1 AND d.type = ?2 {some}
ON CONFLICT (id) DO UPDATE SET serial = excluded.serial, data = excluded.data
WHERE excluded.serial >= lease.serial AND excluded.data <> lease.data
"""


def keep_leases(connection: sqlite.Connection, files: Files, site: str, ids: Collection[str] = ()) -> None:
    """Keep leases as the replica shows them, in the caller's transaction; some of them, but all the first time."""
    scope = f"site/{site}"
    alias = files.attached.alias(scope)
    if alias is None:
        return
    if ids and connection.execute("SELECT 1 FROM lease LIMIT 1").fetchone():
        some = "AND d.id IN (SELECT value FROM json_each(?3))"
        connection.execute(_KEEP.format(alias=alias, some=some), (scope, TYPE, encode(list(ids))))
    else:
        connection.execute(_KEEP.format(alias=alias, some=""), (scope, TYPE))


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as the centre showed it last, by the fields of its document."""

    id: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Surplus:
    """What a lease has left that the site doesn't need, and why: `surplus`, `given_up` or `scope_lost`."""

    lease: str
    amount: int
    why: str


class Allowances:
    """The leases of one site."""

    def __init__(self, files: Files, view: View) -> None:
        self._files = files
        self._view = view

    def all(self, site: str) -> Mapping[MoneyKind, Allowance]:
        """Return one lease of each kind that may be drawn on, that with the most left."""
        lineage = self._lineage()
        found: dict[MoneyKind, Allowance] = {}
        for lease in self._leases(site):
            one = self._allowance(lease, lineage)
            if one.open and (one.kind not in found or found[one.kind].left < one.left):
                found[one.kind] = one
        return found

    def one(self, site: str, allowance: str | None) -> Allowance | None:
        """Return a lease of the site by its id, None if it has no such lease."""
        if allowance is None:
            return None
        lease = self._lease(site, allowance)
        return self._allowance(lease, self._lineage()) if lease else None

    def slips(self, site: str) -> tuple[Mapping[str, Any], ...]:
        """Return the leases that the centre signed, of all lineages, with what was spent of each here."""
        names = ("kind", "budget", "lineage", "amount", "serial", "target", "signature")
        return tuple(
            {"id": lease.id, "spent": self._spent(lease.id), **{name: lease.data[name] for name in names}}
            for lease in self._leases(site)
            if lease.data.get("signature")
        )

    def surplus(self, site: str, scopes: Collection[str]) -> tuple[Surplus, ...]:
        """Return what is to be returned to the centre, whose `scopes` this site has.

        That is what a lease holds beyond its target once that is a good half more than it, and all that is left of
        one that was given up, or whose region is this site's no more.
        """
        lineage = self._lineage()
        found = []
        for lease in self._leases(site):
            data, left = lease.data, self._left(lease)
            if left <= 0 or data.get("lineage") != lineage:
                continue
            target = data.get("target") or 0
            if data.get("state") != "open":
                found.append(Surplus(lease.id, left, "given_up"))
            elif data.get("budget") not in scopes:
                found.append(Surplus(lease.id, left, "scope_lost"))
            elif 2 * left > 3 * target:
                found.append(Surplus(lease.id, left - target, "surplus"))
        return tuple(found)

    def _lease(self, site: str, allowance: str) -> Lease | None:
        row = self._files.outbox.execute("SELECT data FROM lease WHERE id = ?", (allowance,)).fetchone()
        if row is not None:
            return Lease(allowance, json.loads(row[0]))
        return next((lease for lease in self._leases(site) if lease.id == allowance), None)

    def _leases(self, site: str) -> tuple[Lease, ...]:
        rows = self._files.outbox.execute("SELECT id, data FROM lease ORDER BY id").fetchall()
        if rows:
            return tuple(Lease(name, json.loads(data)) for name, data in rows)
        # an outbox from before they were kept: the replica shows them until the next sync keeps them
        return tuple(Lease(one.id, one.data) for one in self._view.of_type(f"site/{site}", TYPE))

    def _lineage(self) -> str:
        row = self._files.outbox.execute("SELECT lineage FROM chain WHERE current = 1").fetchone()
        return row[0] if row else ""

    def _spent(self, allowance: str) -> int:
        row = self._files.outbox.execute("SELECT spent FROM spending WHERE allowance = ?", (allowance,)).fetchone()
        return row[0] if row else 0

    def _allowance(self, lease: Lease, lineage: str) -> Allowance:
        data = lease.data
        drawn_on = data.get("state", "open") == "open" and data.get("lineage", "") in ("", lineage)
        return Allowance(lease.id, data["kind"], self._left(lease), drawn_on)

    def _left(self, lease: Lease) -> int:
        # what the centre says is spent is behind these files; were it ahead, they are a copy, which greeting finds out
        amount: int = lease.data["amount"]
        return amount - self._spent(lease.id)
