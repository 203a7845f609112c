"""Reading request bodies within bounds of size and time, plain or gzip."""

from __future__ import annotations

import asyncio
import zlib
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from agentdesk.centre.errors import Rejected
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.limits import MAX_ITEMS, MAX_NESTING, PROTOCOL
from agentdesk.trust.signatures import is_content

IDLE_S = 20.0
"""How long the next piece of a body may take to come."""
WHOLE_S = 300.0
"""How long a whole body may take to come."""

_MARKS = (b",", b"[", b"{")
"""Each begins a value, or is behind one."""
_NO_NESTING = bytes(set(range(256)) - set(b"[]{}"))

M = TypeVar("M", bound=BaseModel)


async def read_body(request: Request, most: int, digest: str) -> bytes:
    """Return a request's body, inflated if it came as gzip, of at most `most` bytes; raises Rejected.

    `digest` is that of the body as it was sent: of any other nothing is read.
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and (len(declared) > 18 or int(declared) > most):
        raise _too_large(most)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip"):
        raise Rejected(ErrorCode.MEDIA, f"{encoding[:20]} is not read here: send gzip or plain")
    try:
        async with asyncio.timeout(WHOLE_S):
            raw = await _collect(request, most)
    except TimeoutError:
        raise Rejected(ErrorCode.TIMEOUT, "the request came too slowly: send it again") from None
    if not is_content(digest, raw):
        raise Rejected(ErrorCode.MALFORMED, "the body is not the one that was signed: it was cut off, or changed")
    return inflate(raw, most) if encoding == "gzip" else raw


def inflate(raw: bytes, most: int) -> bytes:
    """Return what gzip bytes hold, at most `most` bytes of it; raises Rejected for more, or for other bytes."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        body = inflater.decompress(raw, most + 1)
    except zlib.error:
        raise Rejected(ErrorCode.MALFORMED, "the body is not gzip, though it says so") from None
    if len(body) > most:
        raise _too_large(most)
    if not inflater.eof or inflater.unused_data:
        raise Rejected(ErrorCode.MALFORMED, "the gzip body is cut off, or something follows it")
    return body


def parse(model: type[M], body: bytes) -> M:
    """Return a message of a body; raises Rejected with the first thing that is wrong, never with its content."""
    check_shape(body)
    try:
        message = model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"] == "too_long" and first["loc"] == ("operations",):
            raise Rejected(ErrorCode.TOO_LARGE, "too many operations in one push") from None
        where = ".".join(str(part) for part in first["loc"][:4]) or "body"
        raise Rejected(ErrorCode.MALFORMED, f"{where}: {first['msg']}"[:300]) from None
    protocol = getattr(message, "protocol", PROTOCOL)
    if protocol != PROTOCOL:
        raise Rejected(
            ErrorCode.UPGRADE, f"protocol {protocol} is not spoken here, only {PROTOCOL}: update the older side"
        )
    return message


def check_shape(body: bytes) -> None:
    """Raise Rejected for JSON of too many values, or nested too deep, before anything is made of it.

    Nothing is decoded, and nothing but these two is looked at; what isn't JSON is found out by the parser.
    """
    # what is left without escaped marks and what stands between marks is no text of anybody's
    bare = b"".join(body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])
    if sum(bare.count(mark) for mark in _MARKS) > MAX_ITEMS:
        raise Rejected(ErrorCode.MALFORMED, f"body: more than {MAX_ITEMS} values")
    depth = 0
    for mark in bare.translate(None, _NO_NESTING):
        depth += 1 if mark in b"[{" else -1
        if depth > MAX_NESTING:
            raise Rejected(ErrorCode.MALFORMED, f"body: nested deeper than {MAX_NESTING}")


async def _collect(request: Request, most: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    stream = aiter(request.stream())
    while True:
        async with asyncio.timeout(IDLE_S):
            piece = await anext(stream, None)
        if piece is None:
            return b"".join(pieces)
        size += len(piece)
        if size > most:
            raise _too_large(most)
        pieces.append(piece)


def _too_large(most: int) -> Rejected:
    return Rejected(ErrorCode.TOO_LARGE, f"the body is larger than {most} bytes: send fewer operations at a time")
