"""The money: each line of the ledger as it was written, with its operation, and the sums of budgets and leases."""

from __future__ import annotations

from collections.abc import Iterator

from agentdesk.centre.auditing.rows import PAGE, named, rows_of, sealed_well
from agentdesk.centre.exposure import check_money
from agentdesk.centre.leases import site_scope
from agentdesk.centre.storage.contract import Snapshot
from agentdesk.centre.storage.seals import SEALED, Seals
from agentdesk.domain.audit.chain import Finding


def check_ledger_rows(snapshot: Snapshot, seals: Seals) -> Iterator[Finding]:
    """Tell of lines that were changed, put in or taken away, and of sums that don't come out."""
    before: tuple[object, ...] = ()
    line = 0
    for row in rows_of(snapshot, "ledger"):
        if not sealed_well(seals, "ledger", row):
            yield Finding("ledger", named(row[:4]), "seal")
        line = line + 1 if before == tuple(row[:3]) else 1
        if row[3] != line:
            yield Finding("ledger", named((*row[:3], line)), "missing")
            line = row[3]
        before = tuple(row[:3])
    for stray in snapshot.stray_money(PAGE):
        yield Finding("ledger", named(stray), "no_operation")
    for commitment, unit, kind, amount in snapshot.below_zero(PAGE):
        yield Finding("ledger", commitment, "below_zero", f"{unit} {kind} {amount}")
    for table in ("budget", "allowance", "exposure"):
        for row in rows_of(snapshot, table):
            if not sealed_well(seals, table, row):
                yield Finding(f"table {table}", named(row[: SEALED[table].key]), "seal")
    for scope, kind in snapshot.unbudgeted():
        yield Finding("table budget", f"{scope}/{kind}", "missing")
    for scope in snapshot.budget_scopes():
        # each one's id ends with how many there were before it
        numbers = {e.id.rpartition(".")[2] for e in snapshot.exposures(scope)}
        for number in range(len(numbers)):
            if str(number) not in numbers:
                yield Finding("table exposure", f"{scope}/{number}", "missing")
    for text in check_money(snapshot):
        yield Finding("money", "", "sums", text)
    for site in snapshot.sites():
        leases = {lease.id for lease in snapshot.leases(site.id)}
        for shown in snapshot.of_type(site_scope(site.id), "allowance"):
            if shown.id not in leases:
                yield Finding("table allowance", f"{site.id}/{shown.id}", "missing")
