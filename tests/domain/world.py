"""Operations, documents and a centre in memory for the tests of the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from agentdesk.domain.decide import (
    ORG,
    Allowance,
    Decision,
    MoneyFact,
    Outcome,
    Situation,
    decide,
    kind_of,
    needs,
)
from agentdesk.domain.documents import Document
from agentdesk.domain.judgement import Judgement, judge
from agentdesk.domain.language.fold import Fold
from agentdesk.domain.operation import GENESIS, Draft, Operation, Place, seal
from agentdesk.domain.policy import Catalogue
from tests.policy import CATALOGUE, VERSION

REGION = "region/bj"
AGENT = "1024"
NOW = 1_788_750_000_000
"""Monday 2026-09-07 11:00 in Beijing: the office is open."""

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
CALLER = "+8618612345678"


@dataclass(slots=True)
class FakeClock:
    """A clock that stands until it is moved."""

    wall: int = NOW
    mono: int = 1_000
    boot: str = "boot-1"

    def wall_ms(self) -> int:
        return self.wall

    def mono_ms(self) -> int:
        return self.mono

    def pass_ms(self, ms: int) -> None:
        self.wall += ms
        self.mono += ms


_numbers = count(1)


def place(seq: int = 1, prev: str = GENESIS, **changes: Any) -> Place:
    return replace(Place("site-1", "lineage-1", seq, prev, {ORG: "e1:5"}, 0), **changes)


def operation(
    kind: str,
    body: Mapping[str, Any],
    document: str = "doc",
    *,
    at: int = NOW,
    scope: str = REGION,
    actor: str = AGENT,
    role: str = "agent",
    where: Place | None = None,
    operation_id: str = "",
    **more: Any,
) -> Operation:
    """Return an operation, made at an instant."""
    draft = Draft(kind, actor, role, scope, document, body, **{"catalogue": VERSION, **more})
    return seal(draft, where or place(), FakeClock(at), operation_id or f"op-{next(_numbers)}", "salt")


def agent(
    agent_id: str = AGENT, rev: int = 1, revs: Mapping[str, tuple[int, str]] | None = None, **data: Any
) -> Document:
    return Document(
        ORG, agent_id, "agent", rev, {"name": "张敏", "role": "agent", **data}, revs or {"*": (1, "centre")}
    )


def customer(customer_id: str = "c1", **data: Any) -> Document:
    """Return a customer with one mobile line in order, and what is said otherwise."""
    line = {
        "id": f"{customer_id}-m",
        "number": CALLER,
        "kind": "mobile",
        "account": f"{customer_id}-a",
        "status": "active",
        "fee": 10000,
        "opened_at": NOW - 1000 * DAY,
        **data.pop("line", {}),
    }
    account = {"id": f"{customer_id}-a", "balance": 0, "arrears": 0, **data.pop("account", {})}
    content = {
        "name": "王小明",
        "segment": "personal",
        "card": "ordinary",
        "since": NOW - 1000 * DAY,
        "accounts": [account],
        "subscriptions": [line],
    }
    return Document(REGION, customer_id, "customer", 1, {**content, **data}, {"*": (1, "centre")})


def in_arrears(customer_id: str = "c1", arrears: int = 5000) -> Document:
    """Return a customer whose line was stopped because he owes something."""
    return customer(
        customer_id,
        line={"status": "stopped", "stop_reason": "arrears", "stopped_at": NOW - DAY},
        account={"arrears": arrears},
    )


def overcharged(customer_id: str = "c1", amount: int = 3000, **data: Any) -> Document:
    """Return a customer who paid more for data than the package rate."""
    return customer(customer_id, line={"overage": {"charge": 1000 + amount, "rated": 1000}}, **data)


def contact(contact_id: str = "k1", customer_id: str | None = "c1", level: int = 0, **data: Any) -> Document:
    """Return a contact in which somebody talks, verified to a level."""
    verified = {"customer": customer_id, "level": level, "method": "test", "caller_role": "owner", "at": NOW}
    content = {
        "call": contact_id,
        "channel": "phone",
        "caller": "+8613900000000",
        "customer": customer_id,
        "state": "talking",
        "moments": {"answered": NOW - MINUTE},
        "at": NOW - MINUTE,
        "verification": verified if level else None,
    }
    return Document(REGION, contact_id, "contact", 1, {**content, **data}, {"*": (1, "lineage-1")})


COST = Allowance("lease-cost", "cost", 100_000)
CREDIT = Allowance("lease-credit", "credit", 100_000)


@dataclass(slots=True)
class Centre:
    """Documents in memory over which operations are judged one by one, as the centre does it."""

    documents: Iterable[Document] = (agent(),)
    catalogue: Catalogue = CATALOGUE
    leases: dict[str, Allowance] = field(default_factory=lambda: {lease.id: lease for lease in (COST, CREDIT)})
    online: bool | None = None
    money: list[MoneyFact] = field(default_factory=list)
    fold: Fold = field(init=False)
    rev: int = 100

    def __post_init__(self) -> None:
        self.fold = Fold(self._next)
        self.fold.load(self.documents)

    def _next(self, _scope: str) -> int:
        self.rev += 1
        return self.rev

    def outcome(self, op: Operation, at: int | None = None) -> Outcome:
        """Decide an operation without applying it."""
        instant = op.wall if at is None else at
        lease = self.leases.get(op.allowance or "")
        spent = sum(fact.amount for fact in self.money if lease and fact.allowance == lease.id)
        left = replace(lease, left=lease.left - spent) if lease else None
        answers = self.fold.answers(needs(op), instant)
        return decide(op, Situation(answers, self.catalogue, instant, left, self.online))

    def judge(self, op: Operation, at: int | None = None) -> Judgement:
        """Judge an operation and apply what stands of it."""
        judged = judge(op, kind_of(op), self.outcome(op, at), self.fold.get(op.scope, op.document))
        if judged.decision is not None:
            self.fold.apply(judged.decision, op.lineage)
            self.money += judged.decision.money
        return judged

    def get(self, document_id: str = "doc", scope: str = REGION) -> Document:
        found = self.fold.get(scope, document_id)
        assert found is not None, document_id
        return found


def codes(judged: Judgement | Outcome) -> list[str]:
    """Return the reason codes of whatever was decided."""
    if isinstance(judged, Judgement):
        return [reason.code for reason in judged.reasons]
    if isinstance(judged, Decision):
        return [r.code for r in (*judged.flags, *((judged.held,) if judged.held else ()))]
    return [judged.reason.code]


def promise_body(template: str = "CALL", customer_id: str = "c1", **changes: Any) -> dict[str, Any]:
    """Return the body of a promise; a value of None leaves a field out."""
    template_limit = CATALOGUE.templates[template].limits["standard"]
    body = {
        "number": "100010000018",
        "customer": customer_id,
        "subscription": f"{customer_id}-m",
        "template": template,
        "due": NOW + template_limit.amount * MINUTE,
        "line": "up",
        "ask": {"text": "may I?"},
        "tell": {"text": "it is promised"},
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def promise(template: str = "CALL", document: str = "p1", customer_id: str = "c1", **more: Any) -> Operation:
    """Return the operation of a promise; `body` changes fields of its body."""
    body = promise_body(template, customer_id, **more.pop("body", {}))
    return operation("commitment.made", body, document, **more)
