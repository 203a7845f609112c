"""Prepared snapshots on the wire: which there are, and what has to come out when one was fetched and unpacked."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agentdesk.protocol.limits import MAX_ID
from agentdesk.protocol.messages import Message

SUFFIX = ".db.zst"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, lt=2**53)]


class Manifest(Message):
    """One snapshot: a whole scope as a replica file, packed with zstd, at (epoch, seq, hash) of its log.

    `name` is the file at `/v1/snapshots/{name}`, `tables` the version of a replica's tables. `size` and `sha256` are
    those of the packed file, which never changes; the ones with `content` those of the file in it. `rows` counts the
    documents, `made_at` is ms UTC.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$")]
    scope: Annotated[str, Field(min_length=1, max_length=MAX_ID)]
    epoch: Annotated[str, Field(max_length=MAX_ID)]
    seq: Count
    hash: Annotated[str, Field(max_length=64)]
    tables: Count
    rows: Count
    size: Annotated[int, Field(gt=0, lt=2**53)]
    sha256: Sha256
    content_size: Annotated[int, Field(gt=0, lt=2**53)]
    content_sha256: Sha256
    made_at: int


class SnapshotsAnswer(Message):
    """The newest snapshot of each scope that the site may pull and that has one."""

    snapshots: list[Manifest]
    server_time: int
