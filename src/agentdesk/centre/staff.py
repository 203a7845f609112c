"""What an administrator does about agents: passwords, locks, roles, dismissal; each an operation of the centre's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from agentdesk.centre.authors import CENTRE, Means, author, draft, take_place
from agentdesk.centre.credentials import FORGOTTEN_MS, NAMES
from agentdesk.centre.storage.contract import Snapshot, Transaction
from agentdesk.centre.storage.rows import Credential, Tried
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.policy import Catalogue
from agentdesk.domain.tries import Tries, wait_ms

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are read wrong: i, l, o, 0 and 1."""


class NoSuchAgent(LookupError):
    """Nobody of this id works here; the message says what to do."""


class NoSuchRole(ValueError):
    """The policy has no such role; the message names those it has."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an agent stands: `locked_ms` is for how long no try of his is taken; times are ms UTC, 0 for never."""

    agent: Document
    has_password: bool
    must_change: bool
    changed_at: int
    signed_in_at: int
    has_pin: bool
    failures: int
    locked_ms: int

    @property
    def dismissed(self) -> bool:
        return self.agent.data.get("dismissed_at") is not None


def standings(snapshot: Snapshot, now: int) -> list[Standing]:
    """Return how all agents stand, by id."""
    agents = snapshot.of_type(ORG, "agent")
    credentials = {one.agent: one for one in snapshot.credentials()}
    tried = snapshot.tried([f"agent:{agent.id}" for agent in agents])
    return list(_standings(agents, credentials, tried, now))


def _standings(
    agents: list[Document], credentials: dict[str, Credential], tried: dict[str, Tried], now: int
) -> Iterator[Standing]:
    for agent in agents:
        kept = credentials.get(agent.id)
        row = tried.get(f"agent:{agent.id}")
        tries = Tries(row.failures, row.at, row.until) if row is not None else Tries()
        yield Standing(
            agent,
            kept is not None,
            kept is not None and kept.must_change,
            kept.changed_at if kept else 0,
            kept.signed_in_at if kept else 0,
            bool(kept and kept.pin),
            tries.failures,
            wait_ms(tries, now),
        )


def new_password(random: bytes) -> str:
    """Return a password of 80 bits, such as `h7km-2qxa-9dtw-r5ce`, of 16 random bytes."""
    value = int.from_bytes(random, "big")
    symbols = []
    for _ in range(16):
        value, place = divmod(value, len(LETTERS))
        symbols.append(LETTERS[place])
    return "-".join("".join(symbols[start : start + 4]) for start in (0, 4, 8, 12))


def give_password(
    tx: Transaction, means: Means, agent: str, hash_: str, *, must_change: bool = True, by: str = CENTRE
) -> None:
    """Give an agent another password, of which only the hash is known here, and end his lock; raises NoSuchAgent.

    What he signs in with at his sites without the centre is the old one, until they hear of it with their next sync.
    """
    take_place(tx)
    _forget_tries(tx, means, agent)
    _agent(tx, agent)
    at = means.now()
    before = tx.credential(agent) or Credential(agent, "", True, 0)
    tx.put_credential(replace(before, hash=hash_, must_change=must_change, changed_at=at))
    change = Change(ORG, agent, "agent", {"password_at": at})
    author(tx, means, draft("agent.password_given", ORG, agent, {"at": at, "must_change": must_change}, by), [change])


def unlock(tx: Transaction, means: Means, agent: str, by: str = CENTRE) -> None:
    """Let an agent try again at once at the centre; raises NoSuchAgent. His sites learn it when he signs in."""
    take_place(tx)
    _forget_tries(tx, means, agent)
    _agent(tx, agent)
    author(tx, means, draft("agent.unlocked", ORG, agent, {"at": means.now()}, by), [])


def set_role(tx: Transaction, means: Means, catalogue: Catalogue, agent: str, role: str, by: str = CENTRE) -> None:
    """Give an agent another role; raises NoSuchAgent and NoSuchRole. With the right to approve goes the PIN."""
    known = catalogue.roles.get(role)
    if known is None:
        raise NoSuchRole(f"no role is called {role!r}: use one of {', '.join(sorted(catalogue.roles))}")
    take_place(tx)
    before = _agent(tx, agent).data.get("role")
    if before == role:
        return
    fields: dict[str, Any] = {"role": role, "role_before": before}
    credential = tx.credential(agent)
    if credential is not None and credential.pin and not known.approves:
        fields["pin_at"] = means.now()
        tx.put_credential(replace(credential, pin="", pin_changed_at=fields["pin_at"]))
    author(tx, means, draft("agent.changed", ORG, agent, fields, by), [Change(ORG, agent, "agent", fields)])


def dismiss(tx: Transaction, means: Means, agent: str, by: str = CENTRE) -> None:
    """Dismiss an agent from now on, and forget what he signed in with; raises NoSuchAgent."""
    take_place(tx)
    if _agent(tx, agent).data.get("dismissed_at") is None:
        at = means.now()
        change = Change(ORG, agent, "agent", {"dismissed_at": at})
        author(tx, means, draft("agent.dismissed", ORG, agent, {"dismissed_at": at}, by), [change])
    tx.drop_credential(agent)


def _agent(tx: Transaction, agent: str) -> Document:
    found = next(iter(tx.lock_documents(ORG, [agent])), None)
    if found is None or found.type != "agent":
        raise NoSuchAgent(f"there is no agent {agent!r}: `agentdesk staff list` shows who there is")
    return found


def _forget_tries(tx: Transaction, means: Means, agent: str) -> None:
    who = f"agent:{agent}"
    tx.lock_names(NAMES, [who])
    tx.put_tried([Tried(who, 0, 0, 0)], means.now() - FORGOTTEN_MS)
