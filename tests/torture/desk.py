"""A desk that works as fast as it can: `python -m tests.torture.desk FOLDER AGENT SEED`, one line for each operation.

A line is written when the operation is on disk, and not before: whoever reads it may rely on it.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agentdesk.domain.case import Case, Customer, Subscription
from agentdesk.domain.documents import Document
from agentdesk.domain.offering.offers import assess
from agentdesk.domain.operation import Draft
from agentdesk.store.committing import Refused
from agentdesk.store.errors import StoreError
from agentdesk.store.site import Site
from agentdesk.sync.core import Pace
from agentdesk.sync.runner import SyncThread
from tests.torture.keyed import opened

PAUSE_S = 0.01
MONEY = ("U04", "U10", "U11", "W09")
"""Templates that cost money."""
QUICK = Pace(poll_ms=300, first_retry_ms=50, longest_retry_ms=500, person_retry_ms=500)


def main(folder: Path, agent: str, seed: int) -> None:
    site = opened(folder)
    worker = SyncThread(folder, lambda: opened(folder), pace=QUICK)
    worker.start()
    dice = random.Random(seed)
    customers = [d for d in site.view.named("", 60) if d.data.get("subscriptions")]
    print("ready", flush=True)
    while True:
        try:
            for operation, amount in _one_call(site, agent, dice, dice.choice(customers)):
                print(operation, amount, flush=True)
        except Refused as refused:
            print("refused", ",".join(reason.code for reason in refused.reasons), flush=True)
        except StoreError as error:
            print("store", error, flush=True)
        time.sleep(PAUSE_S)


def _one_call(site: Site, agent: str, dice: random.Random, customer: Document) -> list[tuple[str, int]]:
    """Take a call, note it down, and promise the money that is on offer, or take a promise back; on disk on return."""
    scope = customer.scope
    line = dice.choice(Customer(customer).subscriptions)
    contact = site.new_id()

    def draft(kind: str, document: str, body: Mapping[str, Any], **more: Any) -> Draft:
        return Draft(kind, agent, "agent", scope, document, body, **more)

    ringing = {
        "call": contact,
        "channel": "hotline",
        "caller": line.number,
        "customer": customer.id,
        "subscription": line.id,
        "moments": {"ringing": site.now()},
    }
    known = {"customer": customer.id, "method": "service_password", "result": "match", "caller_role": "owner"}
    call = [draft("contact.opened", contact, ringing), draft("identity.verified", contact, known)]
    now = site.now()
    work = site.view.work(scope, customer.id, now)
    stands = [
        d for d in work if d.type == "commitment" and d.data.get("state") == "made" and d.data.get("template") in MONEY
    ]
    if stands and dice.random() < 0.5:
        taken_back = {"contact": contact, "reason": "the customer wants it no more"}
        rest = [draft("commitment.withdrawn", dice.choice(stands).id, taken_back)]
    else:
        rest = _promise(site, draft, contact, customer, line, work, now)
    text = {"customer": customer.id, "contact": contact, "text": f"note {contact}"}
    note = draft("note.added", site.new_id(), text)
    try:
        made = site.commit_all([*call, *rest, note])
    except Refused:  # somebody else on this site was quicker
        made = site.commit_all([*call, note])
    return [(one.operation.id, one.operation.amount) for one in made]


def _promise(
    site: Site,
    draft: Callable[..., Draft],
    contact: str,
    customer: Document,
    line: Subscription,
    work: Sequence[Document],
    now: int,
) -> list[Draft]:
    catalogue, allowances = site.catalogue(), site.allowances()
    case = Case(Customer(customer), line, tuple(work), now, "agent", level=2, caller_role="owner")
    for code in MONEY:
        offer = assess(catalogue.templates[code], case, catalogue)
        money = catalogue.templates[code].money
        lease = allowances.get(money.kind) if money else None
        if offer.status != "available" or not offer.amount or lease is None or lease.left < offer.amount:
            continue
        body = {
            "number": site.next_number(),
            "customer": customer.id,
            "subscription": line.id,
            "contact": contact,
            "template": code,
            "due": offer.due,
            "line": "up",
            "proposed": offer.amount,
        }
        spent = {"allowance": lease.id, "amount": offer.amount, "catalogue": catalogue.version}
        return [draft("commitment.made", site.new_id(), body, **spent)]
    return []


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
