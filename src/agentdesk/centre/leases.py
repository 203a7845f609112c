"""Leases as the centre signs and shows them: what one lineage of a site may promise from a budget.

The signature is made with a key that lies outside the database, so that a centre restored from an older backup knows
what it leased meanwhile when a site shows it.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from hashlib import sha256

from agentdesk.centre.storage.rows import Lease
from agentdesk.domain.comparing import same_secret
from agentdesk.domain.documents import Change
from agentdesk.domain.policy import MoneyKind
from agentdesk.protocol.messages import LeaseSlip

SAMPLE_LEASE: dict[MoneyKind, int] = {"cost": 200_000, "credit": 300_000}
"""Sample policy, minor units: what a hall is expected to promise while it can't reach the centre for a working day.

That is some forty promises of the commonest kinds; at half of it the centre tops it up."""

SAMPLE_BUDGET: dict[MoneyKind, int] = {kind: 500 * amount for kind, amount in SAMPLE_LEASE.items()}
"""Sample policy: the budget of a region that nobody has set; enough for some four hundred halls."""

LEASED_PERCENT = 80
"""How much of a budget may be leased out at once (sample policy).

What is leased is bound to places; the rest stays for those whose need comes unplanned, and keeps one burst of
enrolments from taking all."""


def site_scope(site: str) -> str:
    """Return the scope that only this site reads."""
    return f"site/{site}"


def sign(secret: bytes, lease: Lease) -> str:
    """Return the centre's signature on what a lease grants."""
    parts = ("lease", lease.site, lease.lineage, lease.id, lease.kind, lease.budget, lease.amount, lease.serial)
    # none of the parts has a line break in it: names, numbers and hexadecimal digits
    return hmac.new(secret, "\n".join(map(str, parts)).encode(), sha256).hexdigest()


def signed_by(secret: bytes, site: str, slip: LeaseSlip) -> Lease | None:
    """Return the lease that a site shows, as the centre granted it; None if the centre didn't sign it for this site."""
    lease = Lease(site, slip.id, slip.kind, slip.budget, slip.amount, 0, slip.lineage, slip.serial, slip.target)
    good = same_secret(slip.signature, sign(secret, lease))
    return lease if slip.signature and good else None


def renewed(lease: Lease) -> Lease:
    """Return a lease under its next serial number, as what it grants has changed."""
    return replace(lease, serial=lease.serial + 1)


def lease_change(lease: Lease, secret: bytes) -> Change:
    """Return the change that shows a lease to its site."""
    fields = {
        "kind": lease.kind,
        "budget": lease.budget,
        "lineage": lease.lineage,
        "amount": lease.amount,
        "spent_settled": lease.spent,
        "returned": lease.returned,
        "serial": lease.serial,
        "target": lease.target,
        "state": lease.state,
        "signature": sign(secret, lease),
    }
    return Change(site_scope(lease.site), lease.id, "allowance", fields)


def wants_more(lease: Lease) -> bool:
    """Tell whether a lease is to be topped up: less than half is left, or it belongs to no lineage yet."""
    return lease.state == "open" and (not lease.lineage or 2 * lease.left < lease.target > 0)
