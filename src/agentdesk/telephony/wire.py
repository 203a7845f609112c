"""One small HTTP/1.1 request at a time, read strictly and within limits of size and time."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

HEAD_BYTES = 8 * 1024
BODY_BYTES = 16 * 1024
HEADERS = 40
DRAIN_BYTES = 1024 * 1024
DRAIN_S = 0.5

_PHRASES = {
    200: "OK",
    201: "Created",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    411: "Length Required",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}
_SINGLE = {"authorization", "content-length", "content-type", "host", "transfer-encoding"}


class Refused(Exception):
    """A request that gets an error as its answer: a status and one line."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Head:
    """The request line and the headers (names in lower case)."""

    method: str
    path: str
    headers: Mapping[str, str]


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """Reads up to the empty line; None when the client closed before. Raises `Refused`."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError:
        raise Refused(431, f"the headers are longer than {HEAD_BYTES} bytes") from None
    try:
        first, *lines = raw[:-4].decode("ascii").split("\r\n")
    except UnicodeDecodeError:
        raise Refused(400, "the headers are not ASCII") from None
    parts = first.split(" ")
    if len(parts) != 3 or not parts[1].startswith("/"):
        raise Refused(400, "this is no HTTP request")
    method, path, version = parts
    if version not in {"HTTP/1.1", "HTTP/1.0"}:
        raise Refused(505, "only HTTP/1.1 is spoken here")
    return Head(method, path, _headers(lines))


def _headers(lines: list[str]) -> dict[str, str]:
    if len(lines) > HEADERS:
        raise Refused(431, f"more than {HEADERS} headers")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        key = name.lower()
        if not colon or not name or name != name.strip() or any(not c.isprintable() for c in line):
            raise Refused(400, "a header line is malformed")
        if key in headers and key in _SINGLE:
            raise Refused(400, f"the header {key} comes twice")
        headers[key] = value.strip()
    return headers


async def read_body(reader: asyncio.StreamReader, head: Head) -> bytes:
    """Reads the body that the headers announce. Raises `Refused`."""
    if "transfer-encoding" in head.headers:
        raise Refused(501, "send a Content-Length, not chunks")
    length = head.headers.get("content-length")
    if length is None:
        raise Refused(411, "a Content-Length is needed")
    if not length.isascii() or not length.isdigit() or len(length) > 12:
        raise Refused(400, "the Content-Length is no number")
    if int(length) > BODY_BYTES:
        raise Refused(413, f"the body is longer than {BODY_BYTES} bytes")
    try:
        return await reader.readexactly(int(length))
    except asyncio.IncompleteReadError:
        raise Refused(400, "the body ended early") from None


def json_object(head: Head, body: bytes) -> dict[str, object]:
    """The body as a JSON object; an empty body is an empty one. Raises `Refused`."""
    if not body:
        return {}
    kind = head.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "send application/json")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is no JSON") from None
    if not isinstance(value, dict):
        raise Refused(400, "the body is no JSON object")
    return value


def response(status: int, value: Mapping[str, object], extra: tuple[str, ...] = ()) -> bytes:
    """A whole JSON response; the connection ends with it."""
    body = json.dumps(value, ensure_ascii=False).encode() + b"\n"
    lines = [
        f"HTTP/1.1 {status} {_PHRASES[status]}",
        "Content-Type: application/json; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Connection: close",
        *extra,
    ]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body


async def finish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes) -> None:
    """Sends the answer and closes.

    A client that is still sending would lose the answer to a reset, so a little of it is read and dropped.
    """
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            writer.write(answer)
            await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
            left = DRAIN_BYTES
            while left > 0 and (dropped := await reader.read(4096)):
                left -= len(dropped)
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            await writer.wait_closed()
