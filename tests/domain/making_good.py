"""A policy with a few remedies, and the operations on them, for the tests of what is made good."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agentdesk.domain.decide import Allowance, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import Operation
from agentdesk.domain.policy import MoneyRule, Remedy, TicketClock
from agentdesk.domain.rules import SpeedRules
from agentdesk.domain.times.timers import CENTRE, Timer, draft_of, next_timer
from tests.domain.world import COST, CREDIT, DAY, MINUTE, NOW, REGION, Centre, agent, customer, operation, place
from tests.policy import CATALOGUE, both, limits, per_tier, template

LEADER, HANDLER = "2001", "3001"


def remedy(code: str, **more: Any) -> Remedy:
    given: dict[str, Any] = {
        "category": "compensation",
        "source": "sample",
        "name": both(code),
        "note": both(f"about {code}"),
        "unit": both("yuan"),
        "steps": (1,),
        "unit_cost": 100,
        "money": "cost",
        "stackable": True,
        "not_with": (),
        "verify": 0,
        "callers": (),
        "department": "service",
        "limits": limits(60),
        "applies": (),
        "evidence": both(f"proof of {code}"),
        "offline": "later",
        "tell": both("{amount} yuan by {due}, number {number}"),
        "booked": "responsible",
    }
    return Remedy(code=code, **{**given, **more})


REMEDIES = (
    remedy("R101", category="apology", money="none", unit_cost=0, offline="same"),
    remedy("R201", steps=(10, 20, 30), not_with=("R202",), ceilings=per_tier(2000, 3000, 3000)),
    remedy("R202", basis="overage", money="refund", check=True, verify=0),
    remedy("R203", basis="fault_days", statutory=True, booked="network"),
    remedy("R204", basis="days_late", args={"amount": 3000, "most": 4}, ceilings=per_tier(9000, 9000, 9000)),
    remedy("R301", category="gift", steps=(1,), unit_cost=500, stackable=False, callers=("owner",)),
    remedy("R401", category="priority", money="none", unit_cost=0, offline="none"),
    remedy("R501", category="correction", money="credit", basis="arrears_cover", args={"step": 1000, "room": 0},
           ceilings=per_tier(10000, 20000, 30000), days=per_tier(1, 2, 3)),
)  # fmt: skip

POLICY = replace(
    CATALOGUE,
    remedies={r.code: r for r in REMEDIES},
    templates={
        **CATALOGUE.templates,
        "REPAIR": template("REPAIR", minutes=36 * 60, department="network", breach="R204", closing="call"),
        "SPEED": template("SPEED", minutes=24 * 60, department="network", breach="R203", closing="call"),
        "FIRST": template("FIRST", money=MoneyRule("cost", "fixed", {"amount": 1500}), check=True),
    },
    tickets={**CATALOGUE.tickets, "verification": TicketClock("verification", limits(5 * 480, "office"))},
    rules=replace(CATALOGUE.rules, speed=SpeedRules(template="SPEED", name=both("mend the line"))),
)  # fmt: skip

STAFF = (agent(), agent(LEADER, role="team_leader"), agent(HANDLER, role="department_handler"))


def ticket(**data: Any) -> Document:
    """Return a complaint that lies with the network."""
    content = {"number": "100010000026", "kind": "complaint", "customer": "c1", "subscription": "c1-m"}
    return Document(
        REGION,
        "t1",
        "ticket",
        1,
        {**content, "state": "accepted", "department": "network", "at": NOW - DAY, "due": NOW + DAY, **data},
    )


def world(*documents: Document, **line: Any) -> Centre:
    """Return a centre with a customer who paid 30 yuan too much for data, a ticket of his, and staff."""
    known = {d.id for d in documents}
    bill = {"overage": {"charge": 4000, "rated": 1000}, **line}
    given = [*STAFF, *documents]
    given += [d for d in (customer(line=bill), ticket()) if d.id not in known]
    leases: dict[str, Allowance] = {lease.id: lease for lease in (COST, CREDIT)}
    return Centre(given, POLICY, leases)


def giving(code: str, amount: int = 0, document: str = "r1", quantity: int = 1, **more: Any) -> Operation:
    """Return the operation of a remedy under the ticket; `body` changes fields of its body."""
    allowance = {"cost": COST.id, "credit": CREDIT.id}.get(POLICY.remedies[code].money) if amount else None
    body = {
        "number": "100010000034",
        "customer": "c1",
        "subscription": "c1-m",
        "under": "t1",
        "remedy": code,
        "quantity": quantity,
        "due": more.get("at", NOW) + 60 * MINUTE,
        "line": "up",
        "tell": {"text": "it is yours"},
        **more.pop("body", {}),
    }
    return operation("remedy.given", body, document, **{"amount": amount, "allowance": allowance, **more})


def on(kind: str, document: str, actor: str = "1024", role: str = "agent", at: int = NOW, **body: Any) -> Operation:
    return operation(kind, body, document, actor=actor, role=role, at=at)


def by_clock(centre: Centre, document: str, at: int) -> Timer | None:
    """Do what the clock of a document says is due at an instant, as the centre does; returns what it was."""
    found = centre.get(document)
    timer = next_timer(found, centre.catalogue)
    if timer is None or timer.at > at:
        return None
    draft = draft_of(found, timer)
    where = place(site=CENTRE, lineage=CENTRE)
    op = operation(
        timer.kind, draft.body, document, at=at, actor=CENTRE, role=CENTRE, where=where, catalogue=draft.catalogue
    )
    judged = centre.judge(op)
    assert judged.decision is not None, judged
    return timer


def facts(centre: Centre, document: str | None = None) -> dict[str, int]:
    """Return what each unit pays, by the ledger: minor units, without those who pay nothing."""
    result: dict[str, int] = {}
    for fact in centre.money:
        if document in (None, fact.commitment):
            result[fact.department] = result.get(fact.department, 0) + fact.amount
    return {unit: amount for unit, amount in result.items() if amount}


__all__ = ["Situation", "by_clock", "facts", "giving", "on", "remedy", "ticket", "world"]
