"""Checking chains: what was changed, removed, put in or moved, and where it stands; the same for a site and the centre.

A chain alone can't show that its end was cut off: that takes somebody else's word of how long it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from agentdesk.domain.operation import GENESIS, body_digest, head_hash


class Finding(NamedTuple):
    """Something that isn't as it was written: in which chain or table, at which number or key, and what it is.

    `what` is a code (`terms.FINDINGS` has the words), `detail` names values; neither holds anything personal.
    """

    where: str
    at: str
    what: str
    detail: str = ""


class Link(NamedTuple):
    """One operation as it stands in a table: its number there, its texts, and columns that repeat what its head says.

    `doubted`: it is known that it came broken, and was held for that. `sealed`: it is proven that it stands as it was
    written, so that only its place and what stands before it can be wrong.
    """

    seq: int
    head: str
    salt: str
    body: str | None
    columns: Mapping[str, Any]
    doubted: bool = False
    sealed: bool = False


class Follower:
    """Follows one lineage from its first operation on, and tells what doesn't fit; what it needs doesn't grow.

    `may_lack(first, last)` tells whether operations may have been let go, `may_erase(seq)` whether a content may be.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self.seq = 0
        self.hash = GENESIS
        """The hash of the last operation; empty after a gap that may be."""
        self._trusted = True

    def take(self, link: Link, *, gap_is_fine: bool = False, may_be_erased: bool = True) -> Iterator[Finding]:
        """Take the next operation of the table."""
        at = str(link.seq)
        if link.seq != self.seq + 1:
            if gap_is_fine:
                self.hash = ""
            else:
                yield self._found(_range(self.seq + 1, link.seq - 1), "missing")
                self.hash = ""
        head = read_head(link.head)
        yield from self._content(link, head, at, may_be_erased)
        if head is None:
            if not link.doubted:
                yield self._found(at, "unreadable")
        elif not link.doubted:
            for name, value in link.columns.items():
                if head.get(name) != value:
                    yield self._found(at, "differs", name)
            broken = self.hash and head.get("prev") != self.hash
            # what both are proven to stand as they were written came so, and was dealt with when it came
            if broken and not (link.sealed and self._trusted):
                yield self._found(at, "unchained")
        self.seq, self.hash, self._trusted = link.seq, head_hash(link.head), link.sealed

    def end(self, seq: int, hash_: str) -> Iterator[Finding]:
        """Tell what doesn't fit the end that is noted for the lineage."""
        if self.seq < seq:
            yield self._found(_range(self.seq + 1, seq), "missing")
        elif self.seq > seq:
            yield self._found(_range(seq + 1, self.seq), "beyond")
        elif hash_ != self.hash and seq > 0:
            yield self._found(str(seq), "end_differs")

    def _content(self, link: Link, head: Mapping[str, Any] | None, at: str, may_be_erased: bool) -> Iterator[Finding]:
        if link.body is None:
            if not may_be_erased:
                yield self._found(at, "erased")
        elif head is not None and not link.doubted and _digest(link.salt, link.body) != head.get("digest"):
            yield self._found(at, "content")

    def _found(self, at: str, what: str, detail: str = "") -> Finding:
        return Finding(self.where, at, what, detail)


def read_head(text: str) -> dict[str, Any] | None:
    """Return what a head says, None for one that isn't a JSON object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _digest(salt: str, body: str) -> str:
    try:
        return body_digest(salt, body)
    except UnicodeEncodeError:
        return ""


def _range(first: int, last: int) -> str:
    return str(first) if first >= last else f"{first}-{last}"
