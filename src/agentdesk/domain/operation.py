"""The operation: the only way to change anything, and the chain that operations of one lineage form.

An operation is two texts and a salt. The *head* is a JSON object with everything but the content; the *body* is
the content. Both are kept byte for byte as they were written, because outboxes live for ever and a hash must not
depend on anybody's way of writing JSON. The head carries the digest of salt and body; the hash of the head is
what the next head names as `prev`. A body can so be erased, or exported masked, and the chain still verifies.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from operator import itemgetter
from typing import Any, NamedTuple, Protocol, TypeVar

from agentdesk.domain.language.writing import encoder

ENVELOPE_VERSION = 1
GENESIS = "0" * 64
"""What the first operation of a lineage names as the one before it."""

MAX_FIGURE = 2**53 - 1
"""The largest figure, up or down: beyond it readers of JSON and databases no longer agree."""

T = TypeVar("T")


class MalformedOperation(ValueError):
    """The texts of an operation can't be read as one; the message says what is wrong."""


def _no_figure(text: str) -> float:
    raise MalformedOperation(f"{text} is no figure")


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_figure(text)


_encode = encoder(allow_nan=False)
_decoder = json.JSONDecoder(parse_float=_finite, parse_constant=_no_figure)
_scan: Callable[[str, int], tuple[Any, int]] = vars(_decoder)["scan_once"]
"""Reads the value that a text begins with; StopIteration where there is none."""
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
"""Where an escape may be half a character, which no database takes; our own texts have none."""


class Clock(Protocol):
    """Where time comes from; nothing in this room asks the machine itself."""

    def wall_ms(self) -> int:
        """Return the wall clock in ms UTC, right or wrong."""

    def mono_ms(self) -> int:
        """Return a clock in ms that never goes back while the machine is up."""

    @property
    def boot(self) -> str:
        """Return an id of this boot of the machine: monotonic readings compare only inside one."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to do, before a site gave it a place in its chain.

    `seen` are the revisions of the document's fields that the author had before him; `amount` is in minor units
    and drawn on `allowance`; `deps` are operations without which this one makes no sense.
    """

    kind: str
    actor: str
    role: str
    scope: str
    document: str
    body: Mapping[str, Any]
    seen: Mapping[str, int] = field(default_factory=dict)
    deps: tuple[str, ...] = ()
    allowance: str | None = None
    amount: int = 0
    catalogue: str = ""
    version: int = 1


class Operation(NamedTuple):
    """One immutable operation with its place in the chain of its lineage.

    `wall`, `mono` are ms, `offset` the last known error of the wall clock in ms (None: never compared);
    `cursors` are the scope positions the site had seen, as `epoch:seq`.
    """

    id: str
    site: str
    lineage: str
    seq: int
    prev: str
    kind: str
    version: int
    actor: str
    role: str
    scope: str
    document: str
    seen: Mapping[str, int]
    deps: tuple[str, ...]
    allowance: str | None
    amount: int
    catalogue: str
    cursors: Mapping[str, str]
    wall: int
    mono: int
    boot: str
    offset: int | None
    digest: str
    head: str
    salt: str
    body: str | None
    data: Mapping[str, Any]

    @property
    def hash(self) -> str:
        """Return the hash that the next operation of the lineage names."""
        return head_hash(self.head)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site's chain stands, and what the site knew when an operation was made."""

    site: str
    lineage: str
    seq: int
    prev: str
    cursors: Mapping[str, str]
    offset: int | None


def head_hash(head: str) -> str:
    """Return the chain hash of a head's exact text."""
    return sha256(head.encode()).hexdigest()


def body_digest(salt: str, body: str) -> str:
    """Return the digest that stands for a body; the salt keeps short bodies from being guessed."""
    return sha256(f"{salt}\n{body}".encode()).hexdigest()


def seal(draft: Draft, place: Place, clock: Clock, operation_id: str, salt: str, catalogue: str = "") -> Operation:
    """Give a draft its place in the chain; `place.seq` and `place.prev` are those of the operation itself.

    `catalogue` is the version for a draft that names none. Raises MalformedOperation for what can't be written as
    JSON in UTF-8.
    """
    wall, mono, boot = clock.wall_ms(), clock.mono_ms(), clock.boot
    catalogue = draft.catalogue or catalogue
    try:
        body = _encode(draft.body)
        digest = body_digest(salt, body)
        head = _encode(
            {
                "v": ENVELOPE_VERSION,
                "id": operation_id,
                "site": place.site,
                "lineage": place.lineage,
                "seq": place.seq,
                "prev": place.prev,
                "kind": draft.kind,
                "version": draft.version,
                "actor": draft.actor,
                "role": draft.role,
                "scope": draft.scope,
                "document": draft.document,
                "seen": draft.seen,
                "deps": draft.deps,
                "allowance": draft.allowance,
                "amount": draft.amount,
                "catalogue": catalogue,
                "cursors": place.cursors,
                "wall": wall,
                "mono": mono,
                "boot": boot,
                "offset": place.offset,
                "digest": digest,
            }
        )
        head.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise MalformedOperation(f"it can't be written: {error}") from None
    return Operation(
        operation_id,
        place.site,
        place.lineage,
        place.seq,
        place.prev,
        draft.kind,
        draft.version,
        draft.actor,
        draft.role,
        draft.scope,
        draft.document,
        draft.seen,
        draft.deps,
        draft.allowance,
        draft.amount,
        catalogue,
        place.cursors,
        wall,
        mono,
        boot,
        place.offset,
        digest,
        head,
        salt,
        body,
        draft.body,
    )


def read(head: str, salt: str, body: str | None) -> Operation:
    """Read an operation from its texts; raises MalformedOperation for anything that isn't one.

    The digest is checked, the chain isn't: that needs the operation before (`follows`). A body of None is an
    erased one.
    """
    parts, data = _decoded(head), _decoded(body) if body is not None else {}
    try:
        values = _values(parts)
    except KeyError as error:
        raise MalformedOperation(f"{error.args[0]} is missing") from None
    # types and figures are looked at all together; what doesn't pass is looked at closely, to say what is wrong
    if tuple(map(type, values)) not in _TYPES:
        _explain(parts)
    (
        *named,
        seen,
        deps,
        allowance,
        amount,
        catalogue,
        cursors,
        wall,
        mono,
        boot,
        offset,
        digest,
        envelope,
    ) = values
    seq, version = named[3], named[6]
    figures = (seq, version, amount, wall, mono, offset or 0, envelope)
    if max(figures) > MAX_FIGURE or min(figures) < -MAX_FIGURE:
        _explain(parts)
    if envelope != ENVELOPE_VERSION:
        raise MalformedOperation(f"envelope version {envelope!r} is not known here")
    if body is not None and _digest(salt, body) != digest:
        raise MalformedOperation("the body is not the one that the head names")
    if seq < 1 or version < 1:
        raise MalformedOperation("seq and version count from 1")
    return Operation._make(
        (
            *named,
            _mapping(parts, "seen", int) if seen else seen,
            _texts(parts, "deps") if deps else (),
            allowance,
            amount,
            catalogue,
            _mapping(parts, "cursors", str) if cursors else cursors,
            wall,
            mono,
            boot,
            offset,
            digest,
            head,
            salt,
            body,
            data,
        )
    )


def resealed(head: str, lineage: str, seq: int, prev: str) -> str:
    """Return an operation's head at a new place, in another lineage; everything else in it stays as it was.

    So a site whose chain forked sends what the centre hasn't seen: the same ids and bodies, chained anew.
    """
    parts = _decoded(head)
    parts.update(lineage=lineage, seq=seq, prev=prev)
    return _encode(parts)


def follows(operation: Operation, seq: int, prev_hash: str) -> bool:
    """Tell whether an operation is the next one after the `seq`th, whose hash is `prev_hash`."""
    return operation.seq == seq + 1 and operation.prev == prev_hash


def _decoded(text: str) -> dict[str, Any]:
    """Return the JSON object that a text is, in whole characters only."""
    try:
        value = _value(text)
        if "\\u" in text and _HALF_CHARACTER.search(text):
            _encode(value).encode()
        elif not text.isascii():
            text.encode()
    except MalformedOperation:
        raise
    except (ValueError, RecursionError) as error:
        raise MalformedOperation(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise MalformedOperation("head and body must be JSON objects")
    return value


def _value(text: str) -> Any:
    """Return the value of a JSON text; one without white space around it takes the short way."""
    if text[:1] == "{":
        try:
            value, end = _scan(text, 0)
        except StopIteration:
            end = -1
        if end == len(text):
            return value
    return _decoder.decode(text)


def _digest(salt: str, body: str) -> str:
    try:
        return body_digest(salt, body)
    except UnicodeEncodeError:
        raise MalformedOperation("the salt must be whole characters") from None


_TEXTS = ("id", "site", "lineage", "prev", "kind", "actor", "role", "scope", "document", "catalogue", "boot", "digest")
_FIGURES = ("v", "seq", "version", "amount", "wall", "mono")
_MAPPINGS = ("seen", "cursors")
_HEAD = (*Operation._fields[: Operation._fields.index("head")], "v")
"""The fields of a head: those of an operation in their order, and the version of the envelope."""
_values = itemgetter(*_HEAD)
_TYPE_OF = {
    **dict.fromkeys(_TEXTS, str),
    **dict.fromkeys(_FIGURES, int),
    **dict.fromkeys(_MAPPINGS, dict),
    "deps": list,
}
_TYPES = frozenset(
    tuple({**_TYPE_OF, "allowance": allowance, "offset": offset}[name] for name in _HEAD)
    for allowance in (str, type(None))
    for offset in (int, type(None))
)
"""The types that the fields of a head may have, in the order of _HEAD."""


def _explain(parts: Mapping[str, Any]) -> None:
    """Raise MalformedOperation for the first field of a head that isn't what it should be."""
    for name in _TEXTS:
        if not isinstance(parts[name], str):
            raise MalformedOperation(f"{name} must be a text")
    for name in (*_FIGURES, *(("offset",) if parts["offset"] is not None else ())):
        value = parts[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise MalformedOperation(f"{name} must be a whole number")
        if not -MAX_FIGURE <= value <= MAX_FIGURE:
            raise MalformedOperation(f"{name} is beyond what a figure may be")
    if not (parts["allowance"] is None or isinstance(parts["allowance"], str)):
        raise MalformedOperation("allowance must be a text or null")
    _mapping(parts, "seen", int)
    _mapping(parts, "cursors", str)
    _texts(parts, "deps")


def _mapping(parts: Mapping[str, Any], name: str, of: type[T]) -> Mapping[str, T]:
    value = parts[name]
    if not isinstance(value, dict) or not set(map(type, value.values())) <= {of}:
        raise MalformedOperation(f"{name} must be an object of {of.__name__}")
    return value


def _texts(parts: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = parts[name]
    if not isinstance(value, list) or not set(map(type, value)) <= {str}:
        raise MalformedOperation(f"{name} must be a list of texts")
    return tuple(value)
