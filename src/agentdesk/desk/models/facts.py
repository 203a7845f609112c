"""What is known about a caller at one instant: the input of every view-model of a contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from agentdesk.desk.models.places import Place
from agentdesk.domain.case import Case, Customer, Subscription
from agentdesk.domain.decide import Allowance
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.identity import caller_role_of, level_of, methods_of, standing_level
from agentdesk.domain.work.announcements import Match
from agentdesk.store.view import Holder

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, MoneyKind, Tier


@dataclass(frozen=True, slots=True)
class Held:
    """One who can be reached under a number, with his document."""

    holder: Holder
    customer: Document


@dataclass(frozen=True)
class Lookup:
    """Who can be reached under the number that rings: all of them, ranked, never guessed.

    `number` is E.164, None for a text that is no number; `raw` is what the switch gave.
    """

    raw: str
    number: str | None
    home: str | None
    holders: tuple[Held, ...]

    @cached_property
    def customers(self) -> tuple[Document, ...]:
        """Return each customer once, the best-ranked first."""
        seen: dict[tuple[str, str], Document] = {}
        for held in self.holders:
            seen.setdefault((held.customer.scope, held.customer.id), held.customer)
        return tuple(seen.values())


@dataclass(frozen=True)
class Facts:
    """All that the screen knows about one customer in one contact; `at` is ms UTC, `caller` E.164."""

    catalogue: Catalogue
    at: int
    online: bool
    agent: str
    role: str
    customer: Customer | None = None
    line: Subscription | None = None
    caller: str | None = None
    contact: Document | None = None
    work: tuple[Document, ...] = ()
    timeline: tuple[Document, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    allowances: Mapping[MoneyKind, Allowance] = field(default_factory=dict)
    holders: int = 0
    home: str | None = None
    today: tuple[Document, ...] = ()
    matter: str = ""
    announced: tuple[tuple[Document, Match], ...] = ()
    """The announcements that concern the caller, the surest first."""
    label: Document | None = None
    """The label in force on the number that rings."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    missed_today: int = 0
    """How often somebody failed to be verified as this customer today, here or elsewhere."""

    @property
    def level(self) -> int:
        """Return the verification that a promise can count on."""
        if self.customer is None:
            return 0
        # a call that rings isn't written down yet, but its number is known
        return max(int(self.own_number), standing_level(self.contact, self.customer, self.line))

    @property
    def verified(self) -> bool:
        """Tell whether the caller was verified: then names and numbers are shown whole (DOMAIN rule 9)."""
        return self.customer is not None and level_of(self.contact, self.customer.document.id) >= 2

    @property
    def own_number(self) -> bool:
        """Tell whether the line in question is the one that rings."""
        return self.line is not None and self.caller is not None and self.caller == self.line.number

    @property
    def caller_role(self) -> str:
        """Return who calls, as he was verified; the owner until somebody says otherwise."""
        return caller_role_of(self.contact)

    @property
    def method(self) -> str | None:
        """Return how the caller was verified."""
        verification = (self.contact.data.get("verification") if self.contact else None) or {}
        if self.customer is not None and verification.get("customer") == self.customer.document.id:
            return str(verification.get("method"))
        return "own_number" if self.own_number else None

    @property
    def methods(self) -> frozenset[str]:
        """Return the methods by which the caller was matched."""
        if self.customer is None:
            return frozenset()
        own = frozenset({"own_number"} if self.own_number else ())
        return own | methods_of(self.contact, self.customer, self.line)

    @cached_property
    def earlier(self) -> tuple[Document, ...]:
        """Return the customer's earlier contacts, newest first."""
        current = self.contact.id if self.contact else None
        return tuple(d for d in self.timeline if d.type == "contact" and d.id != current)

    @property
    def tier(self) -> Tier:
        """Return the tier that service policy sees."""
        return "standard" if self.customer is None else self.catalogue.tier_of(self.customer.card)

    @cached_property
    def case(self) -> Case | None:
        """Return the case that offers are assessed in; None while nobody is chosen."""
        if self.customer is None:
            return None
        cost, credit = self.allowances.get("cost"), self.allowances.get("credit")
        return Case(
            customer=self.customer,
            line=self.line,
            work=self.work,
            at=self.at,
            role=self.role,
            level=self.level,
            caller_role=self.caller_role,
            methods=self.methods,
            online=self.online,
            # without a lease nothing that costs money can be promised here
            cost_left=cost.left if cost else 0,
            credit_left=credit.left if credit else 0,
            actor=self.agent,
            today=self.today,
            inputs=self.inputs,
            matter=self.matter,
            contacts=self.earlier,
        )
