"""What an operation needs to be decided, and what it then changes: the same rules at the desk and at the centre.

`needs` names documents and indexed questions; the site answers them from replica ⊕ pending, the centre from its
database, each answer `complete` or not. `decide` is pure over the operation, the answers, the catalogue version of
the operation, the allowance and the instant. At the desk a flag or a refusal means that the operation isn't made;
at the centre the same outcome becomes a verdict (`domain.verdict`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from agentdesk.domain.access import acting, belongs, not_theirs, role_of
from agentdesk.domain.condition.words import Reason
from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, Change, Document, Key, revision_of
from agentdesk.domain.needs import Answers, DocumentNeed, Need
from agentdesk.domain.operation import MAX_FIGURE, Operation
from agentdesk.domain.times.timers import CENTRE

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, MoneyKind

ORG = "org"
"""The scope that holds agents, sites and departments."""

SITE_ROLE = "site"
"""The role in which a site itself is the author of an operation; it has no authority to promise anything."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a site may still promise from one lease: minor units.

    `open`: it may be drawn on now. At the centre any lease is, as what was promised on it stands.
    """

    id: str
    kind: MoneyKind
    left: int
    open: bool = True


@dataclass(frozen=True, slots=True)
class Situation:
    """What a decision is made in: `at` is the instant of the operation, ms UTC.

    `online` is the line as the site itself knows it; None at the centre, where the operation's word counts.
    `blocked` says what it waits for before anything else; `allowed`: a person wants what would be held to stand.
    `newest` is the policy in force, by which rights go, where it isn't that of the operation. `places` are the scopes
    of the site that sends it, at the centre; a site knows by itself who sits there. `proved`: whether it was signed
    with its author's PIN, if it says so; None at the site, which has looked at the PIN before.
    """

    answers: Answers
    catalogue: Catalogue
    at: int
    allowance: Allowance | None = None
    online: bool | None = None
    blocked: Reason | None = None
    allowed: bool = False
    newest: Catalogue | None = None
    places: frozenset[str] | None = None
    proved: bool | None = None


@dataclass(frozen=True, slots=True)
class MoneyFact:
    """One line of the ledger: minor units, positive when promised, negative when given back."""

    kind: MoneyKind
    amount: int
    allowance: str | None
    scope: str
    customer: str
    commitment: str
    department: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What an operation changes; `flags` are collisions, honoured and marked; `held` says why it waits.

    `returned` is what a site gives back of the operation's allowance unspent, minor units.
    """

    changes: tuple[Change, ...]
    money: tuple[MoneyFact, ...] = ()
    flags: tuple[Reason, ...] = ()
    held: Reason | None = None
    returned: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """An operation that changes nothing, with the reason to show."""

    reason: Reason


Outcome = Decision | Refusal


class MalformedBody(ValueError):
    """An operation's body lacks what its kind needs; the message names the field."""


@dataclass(frozen=True, slots=True)
class Body:
    """Typed access to a body's fields; every getter raises MalformedBody."""

    data: Mapping[str, Any]

    def text(self, name: str) -> str:
        value = self.data.get(name)
        return value if isinstance(value, str) else self._of(str, name)

    def number(self, name: str) -> int:
        value = self._of(int, name)
        if isinstance(value, bool):
            raise MalformedBody(f"{name} must be a whole number")
        if not -MAX_FIGURE <= value <= MAX_FIGURE:
            raise MalformedBody(f"{name} is beyond what a figure may be")
        return value

    def flag(self, name: str) -> bool:
        return self._of(bool, name)

    def maybe_flag(self, name: str) -> bool:
        return self.flag(name) if self.data.get(name) is not None else False

    def maybe_text(self, name: str) -> str | None:
        value = self.data.get(name)
        return value if value is None or isinstance(value, str) else self._of(str, name)

    def maybe_number(self, name: str) -> int | None:
        return self.number(name) if self.data.get(name) is not None else None

    def mapping(self, name: str) -> Mapping[str, Any]:
        return self._of(dict, name) if self.data.get(name) is not None else {}

    def items(self, name: str) -> list[Any]:
        return self._of(list, name) if self.data.get(name) is not None else []

    def _of(self, kind: type[T], name: str) -> T:
        value = self.data.get(name)
        if not isinstance(value, kind):
            raise MalformedBody(f"{name} must be a {kind.__name__}")
        return value


NeedsRule = Callable[[Operation, Body], tuple[Need, ...]]
DecideRule = Callable[[Operation, Body, Situation], Outcome]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of operation: its rules, and whether it was spoken to a customer (then it is never refused).

    `timed`: the centre's own clock is its author, and nobody else (`domain.times.timers`).
    """

    name: str
    version: int
    needs: NeedsRule
    decide: DecideRule
    spoken: bool = False
    fields: tuple[str, ...] = field(default=())
    timed: bool = False


class UnknownKind(LookupError):
    """This program doesn't know the kind or its version: it waits for a newer one."""


@cache
def _kinds() -> Mapping[str, Kind]:
    from agentdesk.domain.kinds import KINDS  # the kinds import this module

    return KINDS


def kind_of(operation: Operation) -> Kind:
    """Return the rules of an operation's kind; raises UnknownKind."""
    kind = kind_named(operation.kind)
    if operation.version > kind.version:
        raise UnknownKind(f"{operation.kind} version {operation.version}")
    return kind


def kind_named(name: str) -> Kind:
    """Return the rules of a kind; raises UnknownKind."""
    kind = _kinds().get(name)
    if kind is None:
        raise UnknownKind(name)
    return kind


def needs(operation: Operation) -> tuple[Need, ...]:
    """Return what an operation's decision depends on; raises UnknownKind or MalformedBody."""
    own = kind_of(operation).needs(operation, Body(operation.data))
    return (DocumentNeed(ORG, operation.actor), *own)


def decide(operation: Operation, situation: Situation) -> Outcome:
    """Decide an operation; total: what it can't read is a refusal, never an exception. Raises UnknownKind."""
    kind = kind_of(operation)
    agent = _agent(operation, situation)
    try:
        # what it may do goes by the author's own role, not by the operation's word
        himself = operation if agent is None else acting(operation, role_of(agent, operation, _seen(operation, ORG)))
        outcome = kind.decide(himself, Body(operation.data), situation)
    except MalformedBody as error:
        return Refusal(Reason.of("malformed", detail=str(error)))
    if isinstance(outcome, Refusal):
        return outcome
    author = _author(operation, agent, kind, situation)
    if isinstance(author, Refusal):
        return author
    held, flags = author
    held, flags = outcome.held or held or situation.blocked, outcome.flags + flags
    if held is not None and situation.allowed and outcome.changes:
        flags, held = (held, *flags), None
    if held is None and not flags:
        return outcome
    changes = outcome.changes
    if kind.spoken:
        # what is made or moved beside the operation's own document is marked there, once
        own = (operation.scope, operation.document)
        changes = tuple(_marked(c, operation, situation, flags, held) if (c.scope, c.id) == own else c for c in changes)
    return replace(outcome, changes=changes, flags=flags, held=held)


def replay(operation: Operation, situation: Situation) -> tuple[Change, ...] | None:
    """Return what an operation that is already made changes now, unmarked; None where it no longer fits.

    A site shows its pending operations this way over what the centre gave last. Whether they collide is the
    centre's to say. Raises UnknownKind.
    """
    try:
        outcome = kind_of(operation).decide(operation, Body(operation.data), situation)
    except MalformedBody:
        return None
    return outcome.changes if isinstance(outcome, Decision) else None


def _marked(
    change: Change, operation: Operation, situation: Situation, flags: tuple[Reason, ...], held: Reason | None
) -> Change:
    """Mark a document with what its operation collided with; a held promise is a document whose clock runs."""
    before = situation.answers.document(change.scope, change.id)
    codes = [r.code for r in (*flags, *((held,) if held else ()))]
    known = list(before.data.get("flags") or ()) if before else []
    fields = {**change.fields, "flags": known + [code for code in codes if code not in known]}
    state = fields.get("state", before.data.get("state") if before else None)
    if held is not None and change.type == "commitment" and state in OPEN_COMMITMENT_STATES:
        holders = fields.get("held_by") or _held_by(before)
        fields |= {"state": "held", "held_by": [*holders, operation.id]}
        if state != "held":
            fields["held_from"] = state
    return replace(change, fields=fields)


def released(document: Document, operation: Operation) -> dict[str, Any]:
    """Return the fields that change when an operation no longer holds a promise; it may not be the only one."""
    data = document.data
    if data.get("state") != "held":
        return {}
    others = [one for one in _held_by(document) if one != operation.id]
    fields: dict[str, Any] = {"held_by": others} if others != _held_by(document) else {}
    return fields if others else {**fields, "state": data.get("held_from") or "made"}


def _held_by(document: Document | None) -> list[str]:
    return list(document.data.get("held_by") or ()) if document else []


def _agent(operation: Operation, situation: Situation) -> Document | None:
    """Return the agent's document of an operation's author; None for the centre, for a site, and for nobody."""
    if operation.site == CENTRE and operation.actor == CENTRE:
        return None  # what a site sends names the site itself, or isn't judged at all
    found = situation.answers.document(ORG, operation.actor)
    return found if found is not None and found.type == "agent" else None


def _author(
    operation: Operation, agent: Document | None, kind: Kind, situation: Situation
) -> Refusal | tuple[Reason | None, tuple[Reason, ...]]:
    """Check the author: why it is refused, or why it is held and what it is flagged with.

    One dismissed before the site could know is honoured and flagged, later ones are held: at the latest when he could
    not have signed in without the centre any more.
    """
    if operation.site == CENTRE and operation.actor == CENTRE:
        return None, ()
    if agent is None:
        return _no_agent(operation, situation)
    policy = situation.newest or situation.catalogue
    flags: list[Reason] = []
    held: Reason | None = None
    seen = _seen(operation, ORG)
    dismissed_at = agent.data.get("dismissed_at")
    if dismissed_at is not None:
        reason = Reason.of("dismissed", actor=operation.actor)
        if seen >= revision_of(agent, "dismissed_at") or situation.at >= policy.sign_in.valid_until(dismissed_at):
            held = reason
        else:
            flags.append(reason)
    elif agent.data.get("role") != operation.role:
        flags.append(Reason.of("role_differs", role=operation.role, known=agent.data.get("role")))
    role = role_of(agent, operation, seen)
    gone, not_his = not_theirs(operation, role, situation.catalogue, situation.newest)
    if not_his is not None:
        if gone and not kind.spoken and not situation.allowed:
            return Refusal(not_his)
        flags.append(not_his)
    if situation.proved is False:
        flags.append(Reason.of("pin_unproved", actor=operation.actor))
    if situation.places is not None and policy.sign_in.places and not belongs(agent, operation.site, situation.places):
        elsewhere = Reason.of("not_signed_in", actor=operation.actor, site=operation.site)
        if kind.spoken:
            flags.append(elsewhere)
        else:
            held = held or elsewhere
    return held, tuple(flags)


def _no_agent(operation: Operation, situation: Situation) -> tuple[Reason | None, tuple[Reason, ...]]:
    """Check an author who is no agent: a site that acts for itself, or somebody unknown."""
    found = situation.answers.document(ORG, operation.actor)
    if found is None:
        return Reason.of("unknown_actor", actor=operation.actor), ()
    if found.type == "site" and operation.actor == operation.site and operation.role == SITE_ROLE:
        return None, ()
    differs = Reason.of("role_differs", role=operation.role, known=found.data.get("role"))
    return Reason.of("unknown_actor", actor=operation.actor), (differs,)


def _seen(operation: Operation, scope: str) -> int:
    _, _, seq = operation.cursors.get(scope, "").rpartition(":")
    return int(seq) if seq.isdigit() else 0


def target(operation: Operation) -> Key:
    """Return the document that an operation is about."""
    return Key(operation.scope, operation.document)
