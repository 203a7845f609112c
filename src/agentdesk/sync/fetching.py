"""Asking the centre for whole scopes over HTTP: which it has ready, and a piece of one at a time."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
from pydantic import ValidationError

from agentdesk.protocol.snapshots import Offered, SnapshotsAnswer
from agentdesk.store.incoming import Offer
from agentdesk.sync.client import CentreClient, RequestFailed, failed, unreached, within
from agentdesk.sync.first_sync import Changed

PATH = "/v1/snapshots"
PIECE = 1 << 18
MOST_BYTES = 1 << 20
"""Bytes of an answer about snapshots that are read."""
_TIMEOUT = httpx.Timeout(connect=5.0, read=15.0, write=15.0, pool=5.0)
"""A piece is small: a line that gives nothing for so long is down, and pushes wait meanwhile."""


class CentreSnapshots:
    """The snapshots of a centre, over the connection that a site has to it already."""

    def __init__(self, client: CentreClient) -> None:
        self._client = client

    def offers(self) -> tuple[Offer, ...]:
        """Return which scopes can be had whole; none from a centre that knows of no such. Raises RequestFailed."""
        try:
            with self._client.http.stream("GET", PATH, timeout=_TIMEOUT) as response:
                body = within(response, MOST_BYTES)
        except httpx.HTTPError as error:
            raise unreached(error) from None
        if response.status_code == 404:
            return ()
        if not response.is_success:
            raise failed(response, body)
        try:
            found = SnapshotsAnswer.model_validate_json(body).snapshots
        except ValidationError as error:
            raise RequestFailed("server", f"the centre's answer can't be read: {error.error_count()} faults") from None
        return tuple(map(_offer, found))

    def piece(self, offer: Offer, first: int, most: int) -> Iterator[bytes]:
        """Yield the bytes of a file from `first` on, at most so many, as they come.

        Raises Changed where it is there no more, or is another one, and RequestFailed for a broken line.
        """
        headers = {
            "Range": f"bytes={first}-{min(first + most, offer.size) - 1}",
            "If-Range": f'"{offer.sha256}"',
            "Accept-Encoding": "identity",
        }
        where = f"{PATH}/{offer.name}"
        try:
            with self._client.http.stream("GET", where, headers=headers, timeout=_TIMEOUT) as response:
                if response.status_code in (200, 404, 416):
                    raise Changed(f"{offer.scope} is offered in another state now")
                if response.status_code != 206:
                    raise failed(response, within(response, MOST_BYTES))
                yield from response.iter_raw(PIECE)
        except httpx.HTTPError as error:
            raise unreached(error) from None


def _offer(m: Offered) -> Offer:
    counts = (m.rows, m.total, m.holders)
    key = bytes.fromhex(m.key)
    return Offer(m.name, m.scope, m.epoch, m.seq, m.hash, m.tables, *counts, m.size, m.sha256, m.content_size, key)
