"""How a site's requests are signed on their way out. Imported by the sync worker only: httpx takes a while."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import httpx

from agentdesk.protocol.limits import MAX_SMALL_BYTES
from agentdesk.trust.signatures import TIME_HEADER, Asked, Stamp, content_digest, headers_of, public_key, sign

if TYPE_CHECKING:
    from agentdesk.store.site import Identity, Site


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a site is known by: its token, and the private key it signs with (empty: it has none yet)."""

    token: str = field(repr=False)
    key: bytes = field(repr=False)


class SiteAuth(httpx.Auth):
    """Signs each request by the centre's time as the site knows it, and once more when the centre tells another time.

    Several connections may share one; `credentials` and `lead_ms` (how far this clock is ahead of the centre's) may be
    set by any thread. `nonces` begins the names of requests, and is another one for each process that signs; `base` is
    the path under which the centre lies, which whoever forwards requests takes away.
    """

    requires_request_body = True

    def __init__(
        self,
        credentials: Credentials,
        wall_ms: Callable[[], int],
        lead_ms: int = 0,
        nonces: str = "",
        base: str = "",
    ) -> None:
        self.credentials = credentials
        self.lead_ms = lead_ms
        self._wall_ms = wall_ms
        self._nonces = nonces or secrets.token_urlsafe(12)
        self._count = count(1)
        self._base = base

    def like(self, credentials: Credentials) -> SiteAuth:
        """Return one that signs by other credentials, and goes by the same time."""
        return SiteAuth(credentials, self._wall_ms, self.lead_ms, self._nonces + "-other", self._base)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        self._sign(request)
        response = yield request
        told = _number(response.headers.get(TIME_HEADER, ""))
        # what doesn't say how long it is might never end
        size = _number(response.headers.get("content-length", ""))
        if response.status_code == 401 and told is not None and size is not None and size <= MAX_SMALL_BYTES:
            self.lead_ms = self._wall_ms() - told
            self._sign(request)
            yield request

    def _sign(self, request: httpx.Request) -> None:
        credentials = self.credentials
        headers = request.headers
        if credentials.token:
            headers["authorization"] = f"Bearer {credentials.token}"
        if not credentials.key:
            return
        if request.method not in ("GET", "HEAD"):
            headers["content-digest"] = content_digest(request.content)
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        asked = Asked(request.method, path.removeprefix(self._base), query, headers_of(headers.raw))
        created = (self._wall_ms() - self.lead_ms) // 1000
        nonce = f"{self._nonces}-{next(self._count):08x}"
        headers.update(sign(asked, credentials.key, Stamp(created, nonce, public_key(credentials.key))))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def credentials_of(identity: Identity) -> Credentials:
    """Return what a site is known by."""
    return Credentials(identity.token, identity.key)


def auth_of(site: Site, nonces: str = "") -> SiteAuth:
    """Return what signs for a site."""
    base = httpx.URL(site.identity.url).path.rstrip("/")
    lead_ms = site.line.written().offset or 0
    return SiteAuth(credentials_of(site.identity), site.clock.wall_ms, lead_ms, nonces, base)
