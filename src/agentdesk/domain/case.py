"""The caller's case: customer, line in question, account and open work, as typed views of documents.

A customer's document holds the party with its accounts, subscriptions (用户号码) and contact people. Fields that a
document lacks take the harmless value, so that an old replica can still be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any

from agentdesk.domain.condition.line_facts import (
    NO_ACCOUNT_FACTS,
    NO_LINE_FACTS,
    AccountFacts,
    LineFacts,
    account_facts_of,
    line_facts_of,
)
from agentdesk.domain.documents import Document
from agentdesk.domain.finance.charges import NOTHING, Charge, Dues, charges_by_line, dues_of
from agentdesk.domain.times.zone import DAY_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, MoneyKind, Tier
    from agentdesk.domain.profile.portrait import Told


@dataclass(frozen=True, slots=True)
class Vas:
    """A value-added service on a line; `fee` is minor units a month, `source` owner, unknown or trial."""

    code: str
    name: str
    fee: int
    source: str
    ordered_at: int


@dataclass(frozen=True, slots=True)
class Account:
    """Who pays: minor units; `arrears_since` and `bill_due` are ms UTC or None."""

    id: str
    balance: int
    arrears: int
    arrears_since: int | None
    bill_due: int | None
    billed: bool
    direct_debit: bool
    credit_repaid: bool
    facts: AccountFacts = NO_ACCOUNT_FACTS


@dataclass(frozen=True, slots=True)
class Subscription:
    """One service line; `status` is active, stopped or closed.

    `stop_reason` is one of `line_conditions.STOP_REASONS`.
    """

    id: str
    number: str
    kind: str
    account: str
    status: str
    stop_reason: str | None
    stopped_at: int | None
    plan: str
    fee: int
    home: str
    opened_at: int
    contract_end: int | None
    vas: tuple[Vas, ...]
    overage_charge: int
    overage_rated: int
    rate_mbps: int
    fault_since: int | None
    charges: tuple[Charge, ...] = ()
    dues: Dues = NOTHING
    facts: LineFacts = NO_LINE_FACTS

    @property
    def stopped(self) -> bool:
        return self.status == "stopped"


@dataclass(frozen=True, slots=True)
class Person:
    """A contact person with a number (E.164) and the hours that suit."""

    number: str
    name: str
    relation: str
    hours: str


@dataclass(frozen=True)
class Customer:
    """A typed view of a customer's document."""

    document: Document

    @property
    def key(self) -> tuple[str, str]:
        return self.document.scope, self.document.id

    def text(self, name: str) -> str:
        value = self.document.data.get(name)
        return value if isinstance(value, str) else ""

    @property
    def name(self) -> str:
        return self.text("name")

    @property
    def segment(self) -> str:
        return self.text("segment") or "personal"

    @property
    def card(self) -> str:
        return self.text("card") or "ordinary"

    @property
    def since(self) -> int:
        """Return when the customer joined, ms UTC; 0 if unknown."""
        return int(self.document.data.get("since") or 0)

    @property
    def flags(self) -> tuple[str, ...]:
        return tuple(self.document.data.get("flags") or ())

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        return tuple(_account(item) for item in self.document.data.get("accounts") or ())

    @cached_property
    def subscriptions(self) -> tuple[Subscription, ...]:
        items = self.document.data.get("subscriptions") or ()
        return tuple(_subscription(item, self._charges.get(item["id"], ())) for item in items)

    @cached_property
    def _charges(self) -> Mapping[str, tuple[Charge, ...]]:
        return charges_by_line(self.document.data.get("bills") or ())

    @cached_property
    def people(self) -> tuple[Person, ...]:
        return tuple(
            Person(p["number"], p.get("name") or "", p.get("relation") or "user", p.get("hours") or "")
            for p in self.document.data.get("people") or ()
        )

    def subscription(self, subscription_id: str | None) -> Subscription | None:
        items = self.document.data.get("subscriptions") or ()
        found = next((item for item in items if item["id"] == subscription_id), None)
        return _subscription(found, self._charges.get(found["id"], ())) if found is not None else None

    def line_of(self, number: str) -> Subscription | None:
        """Return the subscription that carries a number (E.164), if it is one of this customer's."""
        return next((s for s in self.subscriptions if s.number == number), None)

    def account(self, account_id: str | None) -> Account | None:
        return next((a for a in self.accounts if a.id == account_id), None)


def holders(customer: Document) -> tuple[tuple[str, str | None, str, int], ...]:
    """Return who can be reached under which number: (E.164, subscription id or None, relation, rank).

    Rank 0 is the registered owner (机主) of the line, 1 a user of it, 2 a contact person's number. All holders of a
    number are listed, ranked, never guessed.
    """
    # read without the views: this runs for each customer that is ever written
    rows: dict[tuple[str, str | None], tuple[str, str | None, str, int]] = {}
    owned = set()
    for line in customer.data.get("subscriptions") or ():
        number = line.get("number")
        if number:
            owned.add(number)
            rows[(number, line["id"])] = (number, line["id"], "owner", 0)
    for person in customer.data.get("people") or ():
        number = person["number"]
        if number not in owned:
            relation = person.get("relation") or "user"
            rows.setdefault((number, None), (number, None, relation, 1 if relation == "user" else 2))
    return tuple(rows.values())


@dataclass(frozen=True)
class Case:
    """All that an offer depends on; pure input of `offers` and of the decision on a promise.

    `level` is the verification of the caller (0 to 3), `methods` are those by which it was matched, `caller_role` is
    owner, user, agent, handler or other;
    `role` is that of the desk's agent; `cost_left`, `credit_left` are minor units left on the site's allowances
    (None: no bound known here). `at` is ms UTC. `work` are the customer's tickets and commitments, open and recent;
    `today` the commitments that the desk's agent made lately, to anybody. `matter` is what the call is about (a class
    or the id of a reason), `contacts` the customer's earlier ones: both order what is offered and decide nothing.
    `inputs` are the figures that an agent read or picked for what is to be given (`domain.amounts`); `under` is what
    it is given under: a broken promise counts among what is late.
    """

    customer: Customer
    line: Subscription | None
    work: tuple[Document, ...]
    at: int
    role: str
    level: int = 0
    caller_role: str = "owner"
    methods: frozenset[str] = frozenset()
    online: bool = True
    complete: bool = True
    cost_left: int | None = None
    credit_left: int | None = None
    actor: str = ""
    today: tuple[Document, ...] = ()
    matter: str = ""
    contacts: tuple[Document, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    under: Document | None = None

    @cached_property
    def account(self) -> Account | None:
        if self.line is not None:
            return self.customer.account(self.line.account)
        return self.customer.accounts[0] if self.customer.accounts else None

    def left(self, kind: MoneyKind) -> int | None:
        """Return what is left of the site's allowance for a kind of money; None where nothing bounds it.

        A refund draws on none: the money is the customer's.
        """
        return {"cost": self.cost_left, "credit": self.credit_left}.get(kind)

    def tier(self, catalogue: Catalogue) -> Tier:
        return catalogue.tier_of(self.customer.card)

    def portrait(self, catalogue: Catalogue) -> Told:
        """Return which kind of user the customer is, and why."""
        return self._told("portrait", lambda: _portraits().portrait_of(self.customer, catalogue.customers))

    def stage(self, catalogue: Catalogue) -> Told:
        """Return the stage of the customer's life cycle, and why."""
        return self._told(
            "stage", lambda: _portraits().stage_of(self.customer, self.work, self.at, catalogue.customers)
        )

    def _told(self, name: str, tell: Callable[[], Told]) -> Told:
        # a case is asked this by many templates, and belongs to one catalogue
        known: Told | None = self.__dict__.get(f"_{name}")
        if known is None:
            known = self.__dict__[f"_{name}"] = tell()
        return known

    @cached_property
    def months_in_network(self) -> int:
        return int((self.at - self.customer.since) // (30 * DAY_MS)) if self.customer.since else 0

    @cached_property
    def promises(self) -> tuple[Document, ...]:
        return tuple(d for d in self.work if d.type == "commitment")

    @cached_property
    def tickets(self) -> tuple[Document, ...]:
        return tuple(d for d in self.work if d.type == "ticket")


def _portraits() -> ModuleType:
    from agentdesk.domain.profile import portrait  # it reads cases

    return portrait


def _account(item: Mapping[str, Any]) -> Account:
    return Account(
        id=item["id"],
        balance=item.get("balance") or 0,
        arrears=item.get("arrears") or 0,
        arrears_since=item.get("arrears_since"),
        bill_due=item.get("bill_due"),
        billed=item.get("billed", True),
        direct_debit=bool(item.get("direct_debit")),
        credit_repaid=item.get("credit_repaid", True),
        facts=account_facts_of(item),
    )


def _subscription(item: Mapping[str, Any], charges: tuple[Charge, ...]) -> Subscription:
    overage = item.get("overage") or {}
    return Subscription(
        id=item["id"],
        number=item.get("number") or "",
        kind=item.get("kind") or "mobile",
        account=item.get("account") or "",
        status=item.get("status") or "active",
        stop_reason=item.get("stop_reason"),
        stopped_at=item.get("stopped_at"),
        plan=item.get("plan") or "",
        fee=item.get("fee") or 0,
        home=item.get("home") or "",
        opened_at=item.get("opened_at") or 0,
        contract_end=item.get("contract_end"),
        vas=tuple(
            Vas(v["code"], v["name"], v.get("fee") or 0, v.get("source") or "owner", v.get("ordered_at") or 0)
            for v in item.get("vas") or ()
        ),
        overage_charge=overage.get("charge") or 0,
        overage_rated=overage.get("rated") or 0,
        rate_mbps=item.get("rate_mbps") or 0,
        fault_since=item.get("fault_since"),
        charges=charges,
        dues=dues_of(item),
        facts=line_facts_of(item),
    )
