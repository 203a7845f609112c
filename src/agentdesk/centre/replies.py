"""Answers: errors as ErrorAnswer whatever happens, and JSON texts, compressed where the caller takes it."""

from __future__ import annotations

import asyncio
import logging
import secrets
import traceback
import zlib
from collections.abc import MutableMapping
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from agentdesk.centre.errors import Rejected
from agentdesk.centre.storage.contract import StorageError
from agentdesk.protocol.errors import STATUS, ErrorCode
from agentdesk.protocol.messages import ErrorAnswer, ErrorBody, Limits
from agentdesk.trust.signatures import TIME_HEADER

log = logging.getLogger("agentdesk.centre")

DESCRIBED = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}}
"""How a route whose own answers are of another type describes its errors."""

RETRY_MS = 2_000
"""When to come again while the database can't write."""
WORTH_PACKING = 2_048
"""Bytes below which an answer goes out as it is."""


def error_reply(body: ErrorBody) -> Response:
    """Return the answer for an error, with the headers that go with its status."""
    headers = {}
    if body.retry_after_ms is not None:
        body = body.model_copy(update={"retry_after": -(-body.retry_after_ms // 1000)})
        headers["retry-after"] = str(body.retry_after)
    if STATUS[ErrorCode(body.code)] == 401:
        headers["www-authenticate"] = "Bearer"
    if body.server_time is not None:
        headers[TIME_HEADER] = str(body.server_time)
    text = ErrorAnswer(error=body).model_dump_json(exclude_none=True)
    return Response(text, STATUS[ErrorCode(body.code)], headers, "application/json")


async def json_reply(request: Request, text: str, media: str = "application/json") -> Response:
    """Return JSON text, as gzip where the caller takes it and it is worth it: not on one and the same machine."""
    content = text.encode()
    headers = {"vary": "accept-encoding"}
    takes = "gzip" in request.headers.get("accept-encoding", "")
    if takes and len(content) >= WORTH_PACKING and not _is_here(request):
        content = await asyncio.to_thread(_pack, content)
        headers["content-encoding"] = "gzip"
    return Response(content, 200, headers, media)


def answer_errors(app: FastAPI) -> None:
    """Make every error that an app expects an ErrorAnswer."""

    async def rejected(request: Request, error: Exception) -> Response:
        assert isinstance(error, Rejected)
        return rejection(request.scope, error)

    async def storage(request: Request, error: Exception) -> Response:
        assert isinstance(error, StorageError)
        code = ErrorCode.UNAVAILABLE
        request.scope["agentdesk.code"] = code.value
        log.error("storage", extra={"error": type(error).__name__, "detail": str(error)})
        message = "nothing was taken: the centre can't write just now, come again in a moment"
        return error_reply(ErrorBody(code=code.value, message=message, retry_after_ms=RETRY_MS))

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = {404: ErrorCode.NOT_FOUND, 405: ErrorCode.METHOD}.get(error.status_code, ErrorCode.MALFORMED)
        reply = error_reply(ErrorBody(code=code.value, message=f"{request.method} {request.url.path[:100]}"))
        for name, value in (error.headers or {}).items():
            reply.headers[name] = value
        return reply

    async def gone(_request: Request, _error: Exception) -> Response:
        return error_reply(ErrorBody(code=ErrorCode.MALFORMED.value, message="the body was cut off"))

    app.add_exception_handler(Rejected, rejected)
    app.add_exception_handler(StorageError, storage)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(ClientDisconnect, gone)


def rejection(scope: MutableMapping[str, Any], error: Rejected) -> Response:
    """Return the answer to a request that was turned away, and remember the code for its line in the log."""
    scope["agentdesk.code"] = error.code.value
    limits = Limits() if error.code is ErrorCode.TOO_LARGE else None
    return error_reply(
        ErrorBody(
            code=error.code.value,
            message=str(error),
            expect=error.expect,
            last_hash=error.last_hash,
            limits=limits,
            retry_after_ms=error.retry_after_ms,
            server_time=error.server_time,
        )
    )


def unexpected(path: str, error: Exception) -> Response:
    """Return the answer for a fault of the centre, logged with its place and without what it was about."""
    incident = secrets.token_hex(4)
    where = traceback.extract_tb(error.__traceback__)[-1]
    log.error(
        "unexpected",
        extra={
            "incident": incident,
            "error": type(error).__name__,
            "where": f"{where.filename.rpartition('/')[2]}:{where.lineno}",
            "path": path[:100],
        },
    )
    message = f"a fault of the centre, logged as {incident}: come again later"
    return error_reply(ErrorBody(code=ErrorCode.INTERNAL.value, message=message))


def _is_here(request: Request) -> bool:
    """Tell whether a caller is on this machine; one behind a proxy bears the address that the proxy tells."""
    return request.client is not None and request.client.host in ("127.0.0.1", "::1")


def _pack(content: bytes) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return packer.compress(content) + packer.flush()
