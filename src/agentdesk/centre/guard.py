"""What every request passes before anything looks at it, and what every answer bears.

Here a request costs next to nothing: neither the database nor a parser has seen it. Who it is from is taken from the
centre's own mark on its token, which nobody can forge, else from its address.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from agentdesk.centre.errors import Rejected
from agentdesk.centre.replies import rejection
from agentdesk.centre.service import Centre
from agentdesk.centre.storage.contract import StorageError
from agentdesk.protocol.errors import ErrorCode
from agentdesk.protocol.limits import MAX_HEAD_BYTES, MAX_HEADERS, MAX_URL

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

DOCS = "/docs"
"""Under this path lie the pages for people; everything else is for programs."""

AT_ONCE_RETRY_MS = 1_000
"""When to come again with a request beyond those that are worked on at once."""

ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
POLICY = b"default-src 'none'; frame-ancestors 'none'"
"""What a browser may do with data: nothing."""
DOCS_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
STRICT_TRANSPORT = b"max-age=31536000; includeSubDomains"


@dataclass(frozen=True, slots=True)
class Face:
    """What a centre shows: whether it documents itself, and the names that it goes by; none: whatever it is called.

    `proxied`: a proxy on this machine says whose requests it passes on; else nobody's word for another is taken.
    """

    docs: bool = True
    hosts: tuple[str, ...] = ()
    proxied: bool = False


class Bearing:
    """Gives every answer the headers that browsers and caches heed, also those that tell of a fault."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _borne(scope, message.get("headers", ()))}
            await send(message)

        await self._app(scope, receive, sending)


class Guard:
    """Turns away what is too large, too often, too much at once, or meant for another host."""

    def __init__(self, app: App, centre: Centre, face: Face) -> None:
        self._app = app
        self._centre = centre
        self._hosts = frozenset(map(host_name, face.hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        at_once = self._centre.rates.at_once
        try:
            _check_size(scope)
            self._check_host(scope)
            name = self._counted(scope)
            if not at_once.enter(name):
                message = "too many requests at once: come again when some are answered"
                raise Rejected(ErrorCode.BUSY, message, retry_after_ms=AT_ONCE_RETRY_MS)
        except Rejected as rejected:
            await rejection(scope, rejected)(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            at_once.leave(name)

    def _counted(self, scope: Scope) -> str:
        """Count a request, and return the name of who it is from; raises Rejected for one too many."""
        site = self._site(scope)
        name = site or address_of(scope)
        wait = (self._centre.rates.sites if site else self._centre.rates.addresses).take(name)
        if wait:
            raise Rejected(ErrorCode.BUSY, "too many requests: come again when it says", retry_after_ms=wait)
        return f"site {name}" if site else name

    def _site(self, scope: Scope) -> str:
        """Return the site whose token a request bears; empty for one that the centre never made."""
        scheme, _, token = _header(scope, b"authorization").partition(" ")
        token = token.strip()
        try:
            made = scheme.lower() == "bearer" and self._centre.signer.is_token(token)
        except StorageError:
            return ""  # without its key the centre knows nobody; the route says so
        return token.partition(".")[0] if made else ""

    def _check_host(self, scope: Scope) -> None:
        if self._hosts and host_name(_header(scope, b"host")) not in self._hosts:
            raise Rejected(ErrorCode.HOST, "this centre goes by another name: ask who runs it for its address")


def address_of(scope: Scope) -> str:
    """Return what a caller without a name is counted by: his address; of IPv6 the network, as he has all of it."""
    client = scope.get("client")
    return network_of(client[0]) if client else ""


def network_of(address: str) -> str:
    """Return an address as callers are counted by."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def host_name(host: str) -> str:
    """Return the name of a Host header, without its port; an address of IPv6 may come bare."""
    if host.startswith("["):
        return host.partition("]")[0][1:].lower()
    return host.lower() if host.count(":") > 1 else host.partition(":")[0].lower().rstrip(".")


def _check_size(scope: Scope) -> None:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    if len(path) + len(scope.get("query_string", b"")) > MAX_URL:
        raise Rejected(ErrorCode.URL, f"the path and its query have more than {MAX_URL} bytes")
    headers = scope["headers"]
    if len(headers) > MAX_HEADERS or sum(len(name) + len(value) for name, value in headers) > MAX_HEAD_BYTES:
        raise Rejected(ErrorCode.HEAD, f"the head has more than {MAX_HEADERS} fields or {MAX_HEAD_BYTES} bytes")
    if scope["method"] in ("GET", "HEAD") and (
        _header(scope, b"transfer-encoding") or _header(scope, b"content-length") not in ("", "0")
    ):
        raise Rejected(ErrorCode.TOO_LARGE, f"{scope['method']} takes no body")


def _header(scope: Scope, name: bytes) -> str:
    found: bytes = next((value for key, value in scope["headers"] if key == name), b"")
    return found.decode("latin-1")


def _borne(scope: Scope, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    result = [(name, value) for name, value in headers if name.lower() != b"server"]
    there = {name.lower() for name, _ in result}
    docs = scope["path"] == DOCS or scope["path"].startswith(f"{DOCS}/")
    wanted = [*ALWAYS, (b"content-security-policy", DOCS_POLICY if docs else POLICY)]
    if not docs:
        wanted.append((b"cache-control", b"no-store"))
    if scope.get("scheme") == "https":
        wanted.append((b"strict-transport-security", STRICT_TRANSPORT))
    return result + [(name, value) for name, value in wanted if name not in there]
