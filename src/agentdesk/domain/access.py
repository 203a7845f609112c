"""Who may sign in and do what, as the policy says it: the figures of signing in, and the rights of roles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.domain.condition.words import Reason
from agentdesk.domain.documents import Document, revision_of
from agentdesk.domain.times.zone import DAY_MS, MINUTE_MS
from agentdesk.domain.tries import Patience

if TYPE_CHECKING:
    from agentdesk.domain.operation import Operation
    from agentdesk.domain.policy import Catalogue, Role


@dataclass(frozen=True, slots=True)
class SignIn:
    """The policy of signing in: days, minutes, and `delays` in seconds. When an idle desk locks stands in `Rules`.

    Who signed in at the centre may do so at his site without it for `offline_days`. After `tries` wrong passwords he is
    locked for `lock`, after the nth he waits for the nth of `delays`; a whole site is after `site_tries` within `lock`.
    A superior's PIN has at least `pin_length` digits, and `pin_tries` before it is locked; `pin_unlocks`: it opens his
    own locked desk, too.
    `places`: what an agent does counts only where his document says that he belongs, or where he has signed in.
    """

    offline_days: int = 14
    tries: int = 5
    delays: tuple[int, ...] = (1, 2, 4, 8)
    lock: int = 15
    site_tries: int = 50
    pin_tries: int = 5
    pin_length: int = 6
    pin_lock: int = 15
    places: bool = False
    pin_unlocks: bool = False

    def patience(self) -> Patience:
        """Return how often somebody may be wrong with his password."""
        return Patience(self.tries, tuple(1000 * delay for delay in self.delays), self.lock * MINUTE_MS)

    def pin_patience(self) -> Patience:
        """Return how often somebody may be wrong with his PIN."""
        return Patience(self.pin_tries, tuple(1000 * delay for delay in self.delays), self.pin_lock * MINUTE_MS)

    def site_patience(self) -> Patience:
        """Return how often all of a site together may be wrong: without delays, for many sign in at once."""
        return Patience(self.site_tries, (), self.lock * MINUTE_MS)

    def valid_until(self, now: int) -> int:
        """Return until when somebody who signs in now may do so without the centre, ms UTC."""
        return now + self.offline_days * DAY_MS


def has_right(rights: Collection[str], kind: str) -> bool:
    """Tell whether rights have a kind of operation among them: they name the kind, or the word before its dot."""
    return kind in rights or kind.partition(".")[0] in rights


def may(role: Role | None, kind: str) -> bool:
    """Tell whether a role has the right to a kind of operation.

    A policy that says nothing of a role's rights doesn't limit them.
    """
    return role is not None and (role.rights is None or has_right(role.rights, kind))


def is_limited(catalogue: Catalogue) -> bool:
    """Tell whether a policy says what roles may do at all."""
    return any(role.rights is not None for role in catalogue.roles.values())


def not_allowed(policy: Catalogue, role: str, kind: str) -> Reason | None:
    """Return why a role may not do a kind of operation by a policy, None where it may."""
    if not is_limited(policy) or may(policy.roles.get(role), kind):
        return None
    return Reason.of("not_allowed", role=role, roles=sorted(one.id for one in policy.roles.values() if may(one, kind)))


def not_among(policy: Catalogue, role: str, named: tuple[str, ...]) -> Reason | None:
    """Return why a role isn't one of those that a rule names, or of those that approve where it names none."""
    roles = named or tuple(one.id for one in policy.roles.values() if one.approves)
    return None if role in roles else Reason.of("not_allowed", role=role, roles=list(roles))


def kept_from(policy: Catalogue, role: str, kind: str) -> Reason | None:
    """Return why a role may not begin a kind of operation, None where it may: its rights, or few may do it to many."""
    reason = not_allowed(policy, role, kind)
    if reason is not None:
        return reason
    group, _dot, move = kind.partition(".")
    if group == "announcement":
        return not_among(policy, role, policy.rules.group.publishes)
    if group == "management" and move != "reopened":
        return not_among(policy, role, policy.rules.group.manages)
    if kind in ("label.approved", "label.declined"):
        return not_among(policy, role, ())
    return None


def not_theirs(
    operation: Operation, role: str, cited: Catalogue, newest: Catalogue | None
) -> tuple[bool, Reason | None]:
    """Return why a role may not do an operation, None where it may, and whether the newest policy alone says so.

    Rights go by the newest policy, whatever version an operation names: a right that was taken away is gone. Who had it
    by the version that he worked under is honoured and flagged (first value False).
    """
    policy = newest or cited
    reason = not_allowed(policy, role, operation.kind)
    if reason is None:
        return False, None
    honoured = policy is not cited and is_limited(cited) and may(cited.roles.get(role), operation.kind)
    return not honoured, reason


def role_of(agent: Document, operation: Operation, seen: int) -> str:
    """Return the role that an author has, whatever his operation says.

    One whose role was changed before the site could know it (`seen`: how far it was) has the one before.
    """
    role = str(agent.data.get("role") or "")
    before = agent.data.get("role_before")
    if before and operation.role == before and seen < revision_of(agent, "role"):
        return str(before)
    return role


def belongs(agent: Document, site: str, places: frozenset[str]) -> bool:
    """Tell whether an agent works at a site: his document names it, its region or the whole organisation, or the centre
    has seen him sign in there. `places` are the site's scopes.
    """
    data = agent.data
    signed: Mapping[str, int] = data.get("signed_in") or {}
    return site == data.get("site") or site in signed or data.get("region") in places or data.get("place") in places


def acting(operation: Operation, role: str) -> Operation:
    """Return an operation as its author's own role has it."""
    return operation if operation.role == role else operation._replace(role=role)


def method_of(operation: Operation) -> str:
    """Return how the author of an operation signed it: `pin` at somebody else's desk, `desk` at his own, if it says so.

    It stands in the body: `sign`, with `method` and, for a PIN, the `word` that only its owner can say.
    """
    sign = operation.data.get("sign")
    method = sign.get("method") if isinstance(sign, Mapping) else None
    return method if method in ("pin", "desk") else ""


def word_in(operation: Operation) -> str:
    """Return the word with which an operation was signed; empty for none."""
    sign = operation.data.get("sign")
    word = sign.get("word") if isinstance(sign, Mapping) else None
    return word if isinstance(word, str) else ""
