"""What goes over the wire between a site and the centre.

An operation travels as its three texts, byte for byte as the site keeps them: head, salt, body. Times are ms
UTC. Unknown fields of a request are ignored, so that a newer site can talk to an older centre.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agentdesk.domain.operation import GENESIS
from agentdesk.domain.verdict import Verdict
from agentdesk.protocol.limits import (
    MAX_ID,
    MAX_OPERATIONS,
    MAX_PULL_ROWS,
    MAX_PUSH_BYTES,
    PROTOCOL,
    PULL_ROWS,
)

Id = Annotated[str, Field(min_length=1, max_length=MAX_ID)]
Scope = Annotated[str, Field(max_length=MAX_ID, pattern=r"^[A-Za-z0-9_.:/-]+$")]
"""What a site calls its files by: nothing in it is a path that leads anywhere else."""
Seq = Annotated[int, Field(ge=0, lt=2**53)]
Hash = Annotated[str, Field(max_length=64)]
Proof = Annotated[str, Field(max_length=128)]
SiteKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$", description="an Ed25519 public key, base64url")]
Money = Annotated[int, Field(ge=-(2**53), lt=2**53)]
"""Minor units."""
Wire = tuple[str, str, str]
"""One operation: head, salt, body."""


class Message(BaseModel):
    """A message of the protocol."""

    model_config = ConfigDict(frozen=True, extra="ignore")


# ---------------------------------------------------------------- enrolment


class EnrolRequest(Message):
    """Make a machine a site of the centre; the code is worth as many sites as it was made for.

    The request is signed with the site's new key, by which its later ones are known.
    """

    public_key: SiteKey
    code: Annotated[str, Field(min_length=4, max_length=64)]
    name: Annotated[str, Field(max_length=80, description="what people call the site; empty: as the code says")] = ""
    machine: Annotated[str, Field(max_length=128, description="an opaque id of the machine")] = ""
    lineage: Annotated[str, Field(max_length=MAX_ID, description="to which its first allowances are bound")] = ""


Recovery = Annotated[
    str, Field(description="the key for which the site seals its own for the worst case: X25519, base64url")
]


class EnrolAnswer(Message):
    """The site's identity; the token is shown this once and kept by the centre only as a hash."""

    site: str
    number: Annotated[int, Field(description="with which the site's ticket numbers begin; 0 is the centre")]
    name: str
    region: str
    token: str
    scopes: list[Scope]
    epoch: str
    server_time: int
    recovery: Recovery = ""


class RotateRequest(Message):
    """Give a site a new key and a new token; those it has are good until the new ones were used once.

    It is signed with the key that the site has. One that has none yet, or lost it, signs with the new one: by its
    token the first, by a code that was made for this site the second.
    """

    public_key: SiteKey
    proof: Annotated[str, Field(max_length=128, description="the new key's signature on itself and the site")]
    site: Annotated[str, Field(max_length=MAX_ID, description="for which the code was made")] = ""
    code: Annotated[str, Field(max_length=64)] = ""


class RotateAnswer(Message):
    """The new token, shown this once and kept by the centre only as a hash."""

    site: str
    token: str
    server_time: int
    recovery: Recovery = ""


# ---------------------------------------------------------------- push


class Sent(Message):
    """The site's clocks at the moment of sending: what the instants of its operations are estimated from."""

    wall: int
    mono: int
    boot: str


class PushRequest(Message):
    """A batch of operations of one lineage, in order, from the one after `after_seq`.

    `proof` is what the centre gave with its last answer: that it took the lineage up to `after_seq`. `unread`: the
    centre failed at this again and again; it is to be kept and held as it is. A body may then be left out, which is
    another one than the head's digest says.
    """

    protocol: int = PROTOCOL
    lineage: Id
    after_seq: Seq = 0
    after_hash: Hash = GENESIS
    proof: Proof = ""
    operations: Annotated[list[Wire], Field(max_length=MAX_OPERATIONS)]
    sent: Sent | None = None
    unread: bool = False


class WireReason(Message):
    """Why a verdict is not simply `applied`: a code and the values that its words need."""

    code: str
    values: dict[str, Any] = {}


class OperationVerdict(Message):
    """The centre's answer to one operation, the same on every resend.

    `scope` and `change` are the home scope and the number of its last change there: once a replica's cursor
    has passed it, the operation is no longer pending. Both are null when nothing was changed.
    """

    id: str
    seq: int
    verdict: Verdict
    reasons: list[WireReason] = []
    scope: str | None = None
    change: int | None = None


class Limits(Message):
    """What the centre takes in one push."""

    operations: int = MAX_OPERATIONS
    bytes: int = MAX_PUSH_BYTES


class PushAnswer(Message):
    """One verdict for each operation of the batch, in its order.

    `proof` says that the lineage was taken up to `last_seq`; up to `durable` nothing is lost with the database.
    """

    epoch: str
    verdicts: list[OperationVerdict]
    last_seq: int
    proof: str = ""
    durable: int = 0
    server_time: int
    limits: Limits = Limits()


# ---------------------------------------------------------------- where a reader stands


class Cursor(Message):
    """How far a replica has read a scope; epoch and hash are empty at the very beginning."""

    epoch: Annotated[str, Field(max_length=MAX_ID)] = ""
    seq: Seq = 0
    hash: Hash = ""


# ---------------------------------------------------------------- hello


class LineageState(Message):
    """Where a lineage stands at its site: made up to `seq`; verdicts kept up to `answered`, whose head hash it names.

    `marks` are earlier numbers with their head hashes, denser towards the end: where two histories parted can be
    told from them. `current`: the lineage that new operations go into.
    """

    lineage: Id
    seq: Seq
    answered: Seq
    answered_hash: Hash = GENESIS
    proof: Proof = ""
    marks: Annotated[list[tuple[Seq, Hash]], Field(max_length=64)] = []
    current: bool = False


class LeaseSlip(Message):
    """A lease as its site holds it, signed by the centre; `spent` is what the site drew on it."""

    id: Annotated[str, Field(min_length=1, max_length=2 * MAX_ID)]
    kind: Literal["cost", "credit"]
    budget: Id
    lineage: Annotated[str, Field(max_length=MAX_ID)] = ""
    amount: Money
    serial: Seq = 0
    target: Money = 0
    signature: Annotated[str, Field(max_length=128)] = ""
    spent: Money = 0


class HelloRequest(Message):
    """What a site tells at the beginning of a session, so that both sides find out what either has lost."""

    protocol: int = PROTOCOL
    program: Annotated[str, Field(max_length=64)] = ""
    epoch: Annotated[str, Field(max_length=MAX_ID)] = ""
    lineages: Annotated[list[LineageState], Field(max_length=256)]
    cursors: Annotated[dict[str, Cursor], Field(max_length=64)] = {}
    leases: Annotated[list[LeaseSlip], Field(max_length=256)] = []


class LineageAnswer(Message):
    """Where a lineage stands at the centre.

    `common` is the last operation up to which both have the same, as far as the centre can tell; it is less than
    the smaller of both ends where the site's files or the centre's were exchanged for a copy. Verdicts beyond `shared`
    that the site may have are of a history that is lost, also where the operations came in again: they are asked for
    anew.
    """

    lineage: str
    last_seq: int
    last_hash: str
    common: int
    shared: int = 2**53 - 1
    durable: int = 0


class HelloAnswer(Message):
    """How the centre knows the site; `number` begins the ticket numbers of its current lineage."""

    epoch: str
    site: str
    number: int
    granted: list[Scope]
    lineages: list[LineageAnswer]
    server_time: int
    limits: Limits = Limits()
    recovering: bool = False
    recovery: Recovery = ""


# ---------------------------------------------------------------- pull


class PullRequest(Message):
    """Ask for what came after the cursors, at most `limit` log rows in each scope."""

    protocol: int = PROTOCOL
    cursors: Annotated[dict[str, Cursor], Field(max_length=64)]
    limit: Annotated[int, Field(ge=1, le=MAX_PULL_ROWS)] = PULL_ROWS
    lines: Annotated[int, Field(description="the version of the replica tables whose lines are read as well")] = 0


class Row(Message):
    """The newest state of a document (`put`), or that it left the scope (`leave`: data and revs are null).

    `scope` is the document's home. `revs` maps a field to [revision, lineage]; `*` stands for all fields that
    are not named.
    """

    scope: str
    id: str
    type: str
    rev: int
    action: Literal["put", "leave"]
    data: dict[str, Any] | None
    revs: dict[str, tuple[int, str]] | None


class ScopePage(Message):
    """What came after a cursor in one scope, up to the log number `upto`, whose hash is `hash`.

    `reset`: the cursor is not of this log; throw the scope's documents away and start with an empty cursor.
    `denied`: the scope is not, or no longer, one of the site's. On a page with nothing `more` behind it, `documents`
    and `total` are the number of documents at home in the scope and the sum of their revisions.
    """

    scope: str
    epoch: str = ""
    upto: int = 0
    hash: str = ""
    more: bool = False
    reset: bool = False
    denied: bool = False
    documents: int = 0
    total: int = 0
    rows: list[Row] = []


class PullAnswer(Message):
    """One page for each scope asked for, all of one moment; `granted`: the scopes that the site may pull."""

    pages: list[ScopePage]
    granted: list[str]
    server_time: int


# ---------------------------------------------------------------- live


class WaitAnswer(Message):
    """Where those scopes are of which more is known now than the caller knew; none when the time was up.

    The stream says the same as events: `event: head` and `data: {"scope": …, "seq": …}`.
    """

    heads: dict[str, int]


# ---------------------------------------------------------------- presence


class PresenceItem(Message):
    """Somebody in a document at a site: who, and whether he is writing in it."""

    scope: Annotated[str, Field(max_length=MAX_ID)]
    id: Id
    agent: Annotated[str, Field(max_length=MAX_ID)]
    name: Annotated[str, Field(max_length=80)]
    writing: bool = False
    site: Annotated[str, Field(max_length=80, description="the site's name, in answers")] = ""


class PresenceRequest(Message):
    """Say where the desks of a site are now; it counts for seconds, and is kept nowhere."""

    protocol: int = PROTOCOL
    here: Annotated[list[PresenceItem], Field(max_length=200)] = []


class PresenceAnswer(Message):
    """Who of other sites is in the same documents."""

    there: list[PresenceItem]


# ---------------------------------------------------------------- anything else


class ErrorBody(Message):
    """What went wrong, for programs (`code`) and for people (`message`).

    `expect` and `last_hash` come with `gap` and `stream_forked`: the number of the operation that the centre
    wants next, and the hash of the one before it. `limits` comes with `too_large`, `retry_after` (seconds)
    and `retry_after_ms` with `busy` and `unavailable`, `server_time` with `stale`.
    """

    code: str
    message: str
    expect: int | None = None
    last_hash: str | None = None
    epoch: str | None = None
    limits: Limits | None = None
    retry_after: int | None = None
    retry_after_ms: int | None = None
    server_time: int | None = None


class ErrorAnswer(Message):
    """The body of every answer that isn't 2xx."""

    error: ErrorBody


class Health(Message):
    """That the centre is up, and which one it is."""

    status: Literal["ok"]
    version: str
    protocol: int
    epoch: str
    server_time: int
