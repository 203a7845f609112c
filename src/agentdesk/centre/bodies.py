"""Reading request bodies within bounds of size and time, plain or gzip."""

from __future__ import annotations

import asyncio
import zlib
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from agentdesk.centre.errors import Rejected
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.limits import PROTOCOL

IDLE_S = 20.0
"""How long the next piece of a body may take to come."""
WHOLE_S = 300.0
"""How long a whole body may take to come."""

M = TypeVar("M", bound=BaseModel)


async def read_body(request: Request, most: int) -> bytes:
    """Return a request's body, inflated if it came as gzip, of at most `most` bytes; raises Rejected."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise _too_large(most)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip"):
        raise Rejected(ErrorCode.MEDIA, f"{encoding[:20]} is not read here: send gzip or plain")
    try:
        async with asyncio.timeout(WHOLE_S):
            raw = await _collect(request, most)
    except TimeoutError:
        raise Rejected(ErrorCode.TIMEOUT, "the request came too slowly: send it again") from None
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
