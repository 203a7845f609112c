"""Allowances: what a site may promise while it can't reach the centre, leased to it beforehand.

Always settled + Σ left ≤ limit + exposed for each budget, changed only under the lock of its row; what is exposed is
booked by name (`centre.exposure`). A lease belongs to one lineage of a site: a copy of it begins with nothing. All
amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from agentdesk.centre.authors import Means, author, draft, epoch_of, take_place
from agentdesk.centre.exposure import Cause, balanced, book, freed
from agentdesk.centre.leases import (
    LEASED_PERCENT,
    SAMPLE_BUDGET,
    SAMPLE_LEASE,
    lease_change,
    renewed,
    signed_by,
    site_scope,
    wants_more,
)
from agentdesk.centre.storage.contract import Snapshot, Transaction
from agentdesk.centre.storage.rows import Budget, Job, Lease, Site
from agentdesk.domain.documents import Change
from agentdesk.domain.policy import MoneyKind
from agentdesk.protocol.messages import LeaseSlip

TOP_UP = "top_up"
"""The job that owes a lineage of a site (its key) what its leases lack."""


def may_lease(snapshot: Snapshot) -> bool:
    """Tell whether anything may be leased: not while a restored centre waits for sites to show what they hold."""
    current = snapshot.meta("epoch")
    return all(e.settled_at is not None for e in snapshot.epochs() if e.epoch == current)


def first_leases(tx: Transaction, site: str, region: str, lineage: str) -> list[Lease]:
    """Lease a new site its allowances as far as the region's budget goes; a region without one gets the sample's."""
    scope = f"region/{region}"
    budgets = region_budgets(tx, scope)
    if not may_lease(tx):
        return []
    empty = [Lease(site, f"{site}.{k}", k, scope, 0, 0, lineage, 0, SAMPLE_LEASE[k]) for k in sorted(SAMPLE_LEASE)]
    filled = [_signable(_filled(tx, lease, budgets[lease.kind], 0)) for lease in empty]
    for lease in filled:
        tx.put_lease(lease)
    return filled


def owe_top_up(tx: Transaction, site: str, lineage: str, due: int) -> None:
    """Note that a lineage's leases want topping up, in the transaction that has made them low."""
    tx.put_job(Job(site, TOP_UP, lineage, due))


def work_off(tx: Transaction, means: Means, secret: bytes, job: Job) -> None:
    """Do what is owed to a lineage of a site, unless nothing may be leased yet: then it stays owed."""
    site = tx.lock_site(job.site)
    if site is None or site.revoked:
        tx.drop_job(job)
    elif may_lease(tx):
        grant(tx, means, site, job.key, secret)
        tx.drop_job(job)


def grant(tx: Transaction, means: Means, site: Site, lineage: str, secret: bytes) -> None:
    """Lease a lineage what it lacks: new leases, or more on those that are low, as far as the region's budget goes.

    The site's row is locked by the caller. While nothing may be leased it is noted as owed. A lease of an older
    database, which belongs to no lineage, becomes this one's. A site that lost its region gets nothing of its budget:
    it returns what it has.
    """
    take_place(tx)
    if not may_lease(tx):
        owe_top_up(tx, site.id, lineage, means.now())
        return
    scope = f"region/{site.region}"
    if scope not in site.scopes:
        return
    budgets = region_budgets(tx, scope)
    leases = tx.leases(site.id)
    wanted = [_bound(x, lineage) for x in leases if x.state == "open" and x.lineage in ("", lineage)]
    mine = {x.kind for x in wanted if x.budget == scope}
    wanted += [_new_lease(tx, leases, site, kind, scope, lineage) for kind in sorted(SAMPLE_LEASE.keys() - mine)]
    known = {lease.id: lease for lease in leases}
    changed: list[Lease] = []
    leased: dict[MoneyKind, int] = {}
    for lease in wanted:
        after = lease
        if lease.budget == scope and wants_more(lease):
            after = _filled(tx, lease, budgets[lease.kind], leased.get(lease.kind, 0))
            leased[lease.kind] = leased.get(lease.kind, 0) + after.amount - lease.amount
        if after != known.get(lease.id):
            changed.append(_signable(after))
    for lease in changed:
        tx.put_lease(lease)
    _show(tx, means, "allowance.granted", changed, secret)


def present(tx: Transaction, means: Means, site: Site, slips: Sequence[LeaseSlip], secret: bytes) -> list[str]:
    """Take note of the leases that a site holds; returns alarms.

    What a restored centre has forgotten is known again from its own signature, and what then is out beyond the limit
    is booked as `restored`. What a site has spent of it is told by its operations. The site's row is locked by the
    caller.
    """
    alarms = []
    known = {lease.id: lease for lease in tx.leases(site.id)}
    shown: dict[str, Lease] = {}
    for slip in slips:
        lease, before = signed_by(secret, site.id, slip), known.get(slip.id)
        if lease is None:
            if slip.signature or before is None:
                alarms.append(f"forged_lease:{slip.id}")
        elif before is None or before.serial < lease.serial:
            shown[lease.id] = lease
    if not shown:
        return alarms
    take_place(tx)
    budgets = {scope: region_budgets(tx, scope) for scope in sorted({lease.budget for lease in shown.values()})}
    charged = tx.charged(site.id)
    causes: dict[tuple[str, MoneyKind], list[Cause]] = {}
    at, key = means.now(), means.new_id()
    changed = []
    for lease in shown.values():
        before = known.get(lease.id)
        if before is None:
            after = replace(lease, spent=charged.get((lease.id, lease.kind, lease.budget), 0))
            more = max(0, after.left)
        else:
            granted = max(before.amount, lease.amount)
            after = replace(before, amount=granted, serial=lease.serial, lineage=lease.lineage)
            more = max(0, after.left) - max(0, before.left)
        tx.put_lease(after)
        changed.append(after)
        if more > 0:
            cause = Cause("restored", more, site.id, lease.id, key, at)
            causes.setdefault((lease.budget, lease.kind), []).append(cause)
    for (scope, kind), found in sorted(causes.items()):
        tx.put_budget(balanced(tx, budgets[scope][kind], found, at, key))
    _show(tx, means, "allowance.presented", changed, secret)
    return alarms


def sign_again(tx: Transaction, means: Means, site_id: str, secret: bytes) -> int:
    """Sign what a site holds with another key, as the one it was signed with is lost; returns how many leases."""
    if tx.lock_site(site_id) is None:
        return 0
    take_place(tx)
    leases = [renewed(lease) for lease in tx.leases(site_id) if lease.serial]
    for lease in leases:
        tx.put_lease(lease)
    _show(tx, means, "allowance.signed", leases, secret)
    return len(leases)


def write_off(tx: Transaction, means: Means, site_id: str, lease_id: str | None, actor: str) -> int:
    """Give up what a site has left, one lease or all of them, so that it can be leased to others; returns how much.

    Nobody can take a lease from a site that isn't there: what it has left is booked as exposed from now on. Once it is
    in touch again it spends no more of it, and returns it. Raises LookupError.
    """
    site = tx.lock_site(site_id)
    if site is None:
        raise LookupError(f"there is no site {site_id!r}")
    take_place(tx)
    leases = [x for x in tx.leases(site_id) if lease_id in (None, x.id)]
    if lease_id is not None and not leases:
        raise LookupError(f"the site {site_id!r} has no lease {lease_id!r}")
    given_up = [replace(lease, state="written_off") for lease in leases if lease.state == "open"]
    at, key = means.now(), means.new_id()
    budgets = {scope: region_budgets(tx, scope) for scope in sorted({lease.budget for lease in given_up})}
    total = 0
    for lease in given_up:
        tx.put_lease(lease)
        amount, budget = max(0, lease.left), budgets[lease.budget][lease.kind]
        total += amount
        if amount:
            budgets[lease.budget][lease.kind] = book(tx, budget, "written_off", amount, at, key, site_id, lease.id)
    for found in budgets.values():
        for _, budget in sorted(found.items()):
            tx.put_budget(balanced(tx, budget, (), at, key))
    if lease_id is None:
        from agentdesk.centre.histories import settle_epoch  # it imports this module

        # a restored centre no longer waits for it
        tx.put_site(replace(site, presented=epoch_of(tx)))
        settle_epoch(tx, means)
    _tell(tx, means, "allowance.written_off", given_up, "state", actor)
    return total


def set_target(
    tx: Transaction, means: Means, site_id: str, targets: Mapping[MoneyKind, int], actor: str
) -> list[Lease]:
    """Set what a site's leases should hold, and return those that it concerns; raises LookupError.

    What it has left beyond that it returns at its next sync; what it lacks it gets with its next promise. 0 recalls
    the lease.
    """
    site = tx.lock_site(site_id)
    if site is None:
        raise LookupError(f"there is no site {site_id!r}")
    leases = [x for x in tx.leases(site_id) if x.state == "open" and x.kind in targets]
    changed = [replace(x, target=targets[x.kind]) for x in leases if x.target != targets[x.kind]]
    for lease in changed:
        tx.put_lease(lease)
        if wants_more(lease):
            owe_top_up(tx, site_id, lease.lineage, means.now())
    _tell(tx, means, "allowance.recalled", changed, "target", actor)
    return [replace(x, target=targets[x.kind]) for x in leases]


def region_budgets(tx: Transaction, scope: str) -> dict[MoneyKind, Budget]:
    """Lock a region's budgets; one that nobody has set is the sample's."""
    found = {b.kind: b for b in tx.lock_budgets(scope)}
    for kind in sorted(SAMPLE_BUDGET.keys() - found.keys()):
        found[kind] = Budget(scope, kind, SAMPLE_BUDGET[kind], 0, 0)
        tx.put_budget(found[kind])
    return found


def _bound(lease: Lease, lineage: str) -> Lease:
    if lease.lineage:
        return lease
    return renewed(replace(lease, lineage=lineage, target=lease.target or SAMPLE_LEASE[lease.kind]))


def _new_lease(
    tx: Transaction, leases: Iterable[Lease], site: Site, kind: MoneyKind, scope: str, lineage: str
) -> Lease:
    """Return an empty lease for a lineage, under an id that no history of the centre gives to another."""
    stem = f"{site.id}.{kind}.{sha256(lineage.encode()).hexdigest()[:8]}"
    number = sum(x.id.startswith(stem) for x in leases)
    id_ = f"{stem}.{number + 1}" if number else stem
    spent = tx.charged(site.id).get((id_, kind, scope), 0)
    return Lease(site.id, id_, kind, scope, spent, spent, lineage, 0, SAMPLE_LEASE[kind])


def _filled(tx: Transaction, lease: Lease, budget: Budget, leased: int) -> Lease:
    """Return a lease filled up to its target as far as the budget goes; `leased` of it goes to others just now."""
    more = min(lease.target - lease.left, _room(tx, budget) - leased)
    return renewed(replace(lease, amount=lease.amount + more)) if more > 0 else lease


def _signable(lease: Lease) -> Lease:
    return lease if lease.serial else renewed(lease)


def _room(tx: Transaction, budget: Budget) -> int:
    """Return what may be leased: within the limit, whatever has become of leases that were written off."""
    out = tx.outstanding(budget.scope).get(budget.kind, 0)
    given_up = 0
    if budget.exposed:
        leases = tx.leased(budget.scope)
        given_up = sum(max(0, x.left) for x in leases if x.kind == budget.kind and x.state == "written_off")
    held = out - given_up
    return min(
        budget.limit - budget.settled - held,
        budget.limit + freed(tx, budget) - budget.settled - out,
        budget.limit * LEASED_PERCENT // 100 - held,
    )


def _show(tx: Transaction, means: Means, kind: str, leases: Sequence[Lease], secret: bytes) -> None:
    """Show leases to their site with the centre's signature."""
    if leases:
        body = {"leases": {x.id: {"amount": x.amount, "serial": x.serial} for x in leases}}
        note = draft(kind, site_scope(leases[0].site), leases[0].id, body)
        author(tx, means, note, [lease_change(lease, secret) for lease in leases])


def _tell(tx: Transaction, means: Means, kind: str, leases: Sequence[Lease], field: str, actor: str) -> None:
    """Tell a site what has changed about its leases, but for what the centre signs."""
    if leases:
        scope = site_scope(leases[0].site)
        changes = [Change(scope, x.id, "allowance", {field: getattr(x, field)}) for x in leases]
        body = {"leases": {x.id: {field: getattr(x, field), "left": x.left} for x in leases}}
        author(tx, means, draft(kind, scope, leases[0].id, body, actor), changes)
