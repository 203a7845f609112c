"""Prepared snapshots on the wire: which there are, and what has to come out when one was fetched and opened."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agentdesk.protocol.limits import MAX_ID
from agentdesk.protocol.messages import Message, Scope

SUFFIX = ".rows"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, lt=2**53)]


class Manifest(Message):
    """One snapshot: a whole scope as rows of a replica, packed and encrypted, at (epoch, seq, hash) of its log.

    `name` is the file at `/v1/snapshots/{name}`, `tables` the version of a replica's tables. `size` and `sha256` are
    those of the encrypted file, which never changes; `content_size` is that of the rows in it. `rows` counts the
    documents, `total` is the sum of their revisions, `holders` counts the numbers that lead to customers; `made_at` is
    ms UTC.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$")]
    scope: Scope
    epoch: Annotated[str, Field(max_length=MAX_ID)]
    seq: Count
    hash: Annotated[str, Field(max_length=64)]
    tables: Count
    rows: Count
    total: Count
    holders: Count
    size: Annotated[int, Field(gt=0, lt=2**53)]
    sha256: Sha256
    content_size: Count
    made_at: int


class Offered(Manifest):
    """A snapshot for a site that may pull its scope, with the key that opens it: nobody else is told."""

    key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", repr=False)]


class SnapshotsAnswer(Message):
    """The newest snapshot of each scope that the site may pull and that has one."""

    snapshots: list[Offered]
    server_time: int
