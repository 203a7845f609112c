"""A centre's prepared snapshots for tests: packed here, given out as slowly and as badly as a test wants."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from agentdesk.domain.documents import Document
from agentdesk.replica.loading import about, document_lines, holder_lines
from agentdesk.replica.packing import Unpacker, packer
from agentdesk.replica.tables import REPLICA_VERSION, holder_rows, row_of
from agentdesk.store.incoming import Offer
from agentdesk.sync.client import RequestFailed
from agentdesk.sync.core import Failure
from agentdesk.sync.first_sync import Changed
from agentdesk.trust.streams import Opener, Sealer
from tests.domain.world import REGION, FakeClock, customer
from tests.store.world import EPOCH


def crowd(count: int, seed: int = 1) -> tuple[Document, ...]:
    """Return customers whose data can't be packed small."""
    dice = random.Random(seed)
    return tuple(
        replace(customer(f"x{n}", name=f"客户{n}", words=dice.randbytes(200).hex()), rev=n + 1) for n in range(count)
    )


KEY = hashlib.sha256(b"a snapshot's own key").digest()


def lines_of(documents: Sequence[Document]) -> tuple[bytes, int]:
    """Return documents in the form of a snapshot's rows, and how many holders stand behind them."""
    holders = [row for d in documents if d.type == "customer" for row in holder_rows(d)]
    rows = sorted(map(row_of, documents), key=lambda row: row[1])
    return document_lines(rows) + holder_lines(sorted(holders)), len(holders)


def sealed(content: bytes, offer: Offer) -> tuple[Offer, bytes]:
    """Return a content as a centre's file, and the offer of it."""
    packing, sealing = packer(), Sealer(offer.key, about(offer.name, offer.scope))
    data = b"".join([*sealing.feed(packing.compress(content) + packing.flush()), sealing.finish()])
    digest = hashlib.sha256(data).hexdigest()
    return replace(offer, size=len(data), sha256=digest, content_size=len(content)), data


def opened(offer: Offer, data: bytes) -> bytes:
    """Return the rows in a file."""
    packed = b"".join(Opener(offer.key, about(offer.name, offer.scope), offer.size).feed(data))
    return b"".join(Unpacker(offer.content_size).feed(packed))


def packed(
    documents: Sequence[Document],
    seq: int,
    *,
    scope: str = REGION,
    epoch: str = EPOCH,
    hash_: str | None = None,
) -> tuple[Offer, bytes]:
    """Return a scope as a packed file, with what the centre says about it."""
    content, holders = lines_of(documents)
    digest = f"h{seq}" if hash_ is None else hash_
    total = sum(document.rev for document in documents)
    counts = (REPLICA_VERSION, len(documents), total, holders)
    offer = Offer(f"{epoch}-{seq}.rows", scope, epoch, seq, digest, *counts, 1, "", 0, KEY)
    return sealed(content, offer)


@dataclass
class FakeSnapshots:
    """Gives out files at `rate` bytes a ms; `cuts` are the numbers of bytes after which the line breaks, once each."""

    clock: FakeClock
    files: dict[Offer, bytes] = field(default_factory=dict)
    rate: int = 10_000
    at_once: int = 4_096
    cuts: list[int] = field(default_factory=list)
    damage: list[int] = field(default_factory=list)
    refuses: list[Failure] = field(default_factory=list)
    knows_none: bool = False
    asked: int = 0
    pieces: int = 0
    sent: int = 0

    def offers(self) -> tuple[Offer, ...]:
        self.asked += 1
        if self.refuses:
            raise RequestFailed(self.refuses.pop(0), "not now")
        return () if self.knows_none else tuple(self.files)

    def piece(self, offer: Offer, first: int, most: int) -> Iterator[bytes]:
        self.pieces += 1
        if offer not in self.files:
            raise Changed("gone")
        data = bytearray(self.files[offer])
        if self.damage:
            data[self.damage[0]] ^= 0x55
            if first <= self.damage[0] < first + most:
                self.damage.pop(0)
        left = self.cuts.pop(0) if self.cuts else None
        for start in range(first, min(first + most, len(data)), self.at_once):
            part = bytes(data[start : min(start + self.at_once, first + most)])
            if left is not None and len(part) > left:
                self.sent += left
                yield part[:left]
                raise RequestFailed("dropped", "the line broke")
            left = None if left is None else left - len(part)
            self.clock.pass_ms(max(1, len(part) // self.rate))
            self.sent += len(part)
            yield part
