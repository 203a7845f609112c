"""What goes over the wire when an agent signs in, or a superior sets the PIN that he approves with."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agentdesk.protocol.limits import PROTOCOL
from agentdesk.protocol.messages import Id, Message, Money

MOST_TYPED = 512
"""Characters of a password or PIN that are read; what may be one is shorter."""

Typed = Annotated[str, Field(min_length=1, max_length=MOST_TYPED)]
Secret = Annotated[str, Field(max_length=64, description="bytes in base64")]


class SignInRequest(Message):
    """Sign an agent in at the site that asks; `new_password` takes the place of his password."""

    protocol: int = PROTOCOL
    agent: Id
    password: Typed
    new_password: Typed | None = None


class PatienceItem(Message):
    """How often somebody may be wrong: delays after each wrong try, then a lock; ms."""

    tries: int
    delays_ms: list[int]
    lock_ms: int


class PinVerifier(Message):
    """What one site recognises a superior's PIN by (argon2id): it is no other site's, and tells nothing of theirs."""

    salt: Secret
    passes: int
    memory_kib: int
    lanes: int
    verifier: Secret
    changed_at: Money


class SignInAnswer(Message):
    """Who has signed in, until when he may do so at this site without the centre (ms, UTC), and how patient it is then.

    `must_change`: he is not in before he has chosen another password; then `valid_until` is 0 and `pin` null.
    `may_pin`: he gives approvals, and may set a PIN.
    """

    agent: str
    name: str
    role: str
    must_change: bool
    valid_until: Money
    patience: PatienceItem
    pin_patience: PatienceItem
    pin_length: int
    may_pin: bool
    pin: PinVerifier | None
    server_time: Money


class PinRequest(Message):
    """Set one's own PIN for approvals, with one's password."""

    protocol: int = PROTOCOL
    agent: Id
    password: Typed
    pin: Typed


class PinAnswer(Message):
    """The PIN is set; other sites have it with the next sign-in there."""

    pin: PinVerifier
    server_time: Money
