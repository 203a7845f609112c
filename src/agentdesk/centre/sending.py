"""Sending a file, whole or a range of it, without loading it into memory."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import Request, Response
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

PIECE = 1 << 20
_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")


def file_reply(request: Request, path: Path, size: int, etag: str, media_type: str) -> Response:
    """Return the answer to a request for a file that never changes; raises FileNotFoundError.

    206 for one range, 416 for one beyond the end; the whole file for anything else, and where `If-Range` names
    another `etag`.
    """
    headers = {"accept-ranges": "bytes", "etag": f'"{etag}"', "cache-control": "no-store, no-transform"}
    wanted = _wanted(request, size, etag)
    if wanted is not None and wanted[0] >= min(wanted[1], size):
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{size}"})
    first, end = wanted or (0, size)
    end = min(end, size)
    headers["content-length"] = str(end - first)
    if wanted is not None:
        headers["content-range"] = f"bytes {first}-{end - 1}/{size}"
    return _FileReply(path, first, end, 200 if wanted is None else 206, headers, media_type)


class _FileReply(StreamingResponse):
    """Sends a part of a file, which is open from now on: it may be removed meanwhile."""

    def __init__(self, path: Path, first: int, end: int, status: int, headers: dict[str, str], media_type: str) -> None:
        self._descriptor = os.open(path, os.O_RDONLY)
        super().__init__(_read(self._descriptor, first, end), status, headers, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            os.close(self._descriptor)


def _wanted(request: Request, size: int, etag: str) -> tuple[int, int] | None:
    """Return the range that is asked for, the end not included; None for the whole file."""
    match = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if match is None or request.headers.get("if-range", f'"{etag}"') != f'"{etag}"':
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        return max(0, size - int(suffix)), size if int(suffix) else 0
    return int(first), int(last) + 1 if last else size


async def _read(descriptor: int, first: int, end: int) -> AsyncIterator[bytes]:
    while first < end:
        data = await asyncio.to_thread(os.pread, descriptor, min(PIECE, end - first), first)
        if not data:
            return  # cut short: the caller sees that bytes are missing
        first += len(data)
        yield data
