"""Reading what a site sent: each operation as it should be, or what is wrong with it.

Whatever can't be read is kept as it came and held; it never blocks what stands behind it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.operation import MalformedOperation, Operation, read
from agentdesk.protocol.limits import MAX_ID, MAX_NESTING

HEAD = 64 * 1024
"""How many characters of a head are looked at without reading it."""

_NAMED = re.compile(rf'"(id|kind|digest)":"([0-9A-Za-z._:-]{{1,{MAX_ID}}})"')
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Unread:
    """An operation that can't be read, with what could be guessed of its id and kind, to name it by.

    `digest` is that of its body where the head was trusted to say so.
    """

    id: str
    kind: str
    reason: Reason
    digest: str = ""


def read_operation(head: str, salt: str, body: str) -> Operation | Unread:
    """Read one operation from its texts; total."""
    try:
        operation = read(head, salt, body)
        _check(operation, body)
    except MalformedOperation as error:
        return _unread(head, str(error))
    return operation


def unread(head: str, body: str) -> Unread:
    """Return an operation that is not to be read, as reading it has failed again and again: named by its envelope.

    Nothing of it is decoded, but what stands between quotation marks where a head has its id, kind and digest. An empty
    body was left at the site, as it was too large.
    """
    found = {name: match[2] for match in _NAMED.finditer(head[:HEAD]) if (name := match[1])}
    kind = found.get("kind", "")
    reason = Reason.of("crashed" if body else "too_large", kind=kind)
    return Unread(found.get("id", ""), kind, reason, found.get("digest", ""))


def _check(o: Operation, body: str) -> None:
    if not (o.id and o.document and o.scope and o.kind and o.actor):
        raise MalformedOperation("id, document, scope, kind and actor can't be empty")
    names = (o.id, o.document, o.scope, o.kind, o.actor, o.allowance or "")
    if max(map(len, names)) > MAX_ID:
        raise MalformedOperation(f"ids, scope, kind and actor have at most {MAX_ID} characters")
    if not all(map(str.isprintable, names)):
        raise MalformedOperation("ids, scope, kind and actor are printable")
    if body.count("{") + body.count("[") > MAX_NESTING and _depth(body) > MAX_NESTING:
        raise MalformedOperation(f"nested deeper than {MAX_NESTING}")


def _depth(text: str) -> int:
    depth = deepest = 0
    for char in _STRINGS.sub("", text):
        if char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def _unread(head: str, detail: str) -> Unread:
    try:
        parts = json.loads(head)
    except (ValueError, RecursionError):
        parts = None
    known = parts if isinstance(parts, dict) else {}
    return Unread(_name(known.get("id")), _name(known.get("kind")), Reason.of("unreadable", detail=detail[:200]))


def _name(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= MAX_ID and value.isprintable() else ""
