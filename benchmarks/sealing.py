"""Sites of a centre without files: operations sealed into chains and pushes ready to be posted.

For measurements of the centre with many sites, or with much behind it.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import dataclass, field

import httpx

from agentdesk.centre.budgets import set_budget
from agentdesk.centre.callers import Caller
from agentdesk.centre.enrol import create_code
from agentdesk.centre.service import Centre
from agentdesk.cli.machine import MachineClock
from agentdesk.domain.numbering.ids import uuid7
from agentdesk.domain.operation import GENESIS, Draft, Operation, Place, seal
from agentdesk.protocol.messages import EnrolAnswer, EnrolRequest
from agentdesk.sync.signing import Credentials, SiteAuth
from agentdesk.trust.signatures import public_key
from benchmarks.people import REGION

KEY = bytes(range(32))
"""With which all these sites sign: whose key it is matters to nothing that is measured."""


def enrol_many(centre: Centre, count: int) -> list[EnrolAnswer]:
    """Enrol sites straight in the database, with a budget that gives each of them its leases."""
    database, means = centre.database, centre.means
    for kind in ("cost", "credit"):
        database.write(lambda tx, kind=kind: set_budget(tx, means, REGION, kind, 10**12)).result()  # type: ignore[misc]
    code = database.write(lambda tx: create_code(tx, means, REGION, uses=count)).result()

    async def enrolled() -> list[EnrolAnswer]:
        key = public_key(KEY)
        names = [f"hall {n}" for n in range(count)]
        requests = [EnrolRequest(public_key=key, code=code, name=name, lineage=_lineage(name)) for name in names]
        return [await centre.enrol(Caller("", key, ""), request) for request in requests]

    return asyncio.run(enrolled())


def _lineage(name: str) -> str:
    """Return the lineage of the site that is called so: leases belong to it from the enrolment on."""
    return f"lineage of {name}"


@dataclass
class Sealer:
    """Seals operations into the chain of one site."""

    site: EnrolAnswer
    catalogue: str
    clock: MachineClock = field(default_factory=MachineClock)
    made: list[Operation] = field(default_factory=list)
    sent: int = 0
    _last: tuple[int, str] = (0, GENESIS)

    def __post_init__(self) -> None:
        self.lineage = _lineage(self.site.name)
        self.auth = SiteAuth(Credentials(self.site.token, KEY), self.clock.wall_ms)

    @property
    def credit(self) -> str:
        """Return the site's lease of credit."""
        return f"{self.site.site}.credit"

    def new_id(self) -> str:
        return uuid7(time.time_ns() // 1_000_000, os.urandom(10))

    def now(self) -> int:
        return self.clock.wall_ms()

    def make(self, draft: Draft) -> str:
        """Seal a draft and return its operation's id."""
        seq, hash_ = self._last
        place = Place(self.site.site, self.lineage, seq + 1, hash_, {}, 0)
        operation = seal(draft, place, self.clock, self.new_id(), os.urandom(8).hex(), self.catalogue)
        self.made.append(operation)
        self._last = (operation.seq, operation.hash)
        return operation.id

    def body(self, most: int) -> bytes:
        """Return the body of the next push of at most so many operations, as a site would send it."""
        batch = self.made[:most]
        del self.made[:most]
        content = {
            "lineage": self.lineage,
            "after_seq": batch[0].seq - 1,
            "after_hash": batch[0].prev,
            "operations": [(o.head, o.salt, o.body) for o in batch],
            "sent": {"wall": self.clock.wall_ms(), "mono": self.clock.mono_ms(), "boot": self.clock.boot},
        }
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()

    def signed(self, body: bytes) -> dict[str, str]:
        """Return the headers with which the site signs a push: another time each time."""
        request = httpx.Request("POST", "http://centre/v1/push", content=body)
        signed = next(self.auth.auth_flow(request)).headers
        names = ("authorization", "content-digest", "signature-input", "signature")
        return {"content-type": "application/json", **{name: signed[name] for name in names}}

    @property
    def caller(self) -> Caller:
        """Return who asks, as the headers of the site would prove it."""
        return Caller(self.site.token, public_key(KEY), "")
