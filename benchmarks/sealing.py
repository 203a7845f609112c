"""Sites of a centre without files: operations sealed into chains and pushes ready to be posted.

For measurements of the centre with many sites, or with much behind it.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import dataclass, field

from agentdesk.centre.budgets import set_budget
from agentdesk.centre.enrol import create_code
from agentdesk.centre.service import Centre
from agentdesk.cli.machine import MachineClock
from agentdesk.domain.numbering.ids import uuid7
from agentdesk.domain.operation import GENESIS, Draft, Operation, Place, seal
from agentdesk.protocol.messages import EnrolAnswer, EnrolRequest
from benchmarks.people import REGION


def enrol_many(centre: Centre, count: int) -> list[EnrolAnswer]:
    """Enrol sites straight in the database, with a budget that gives each of them its leases."""
    database, means = centre.database, centre.means
    for kind in ("cost", "credit"):
        database.write(lambda tx, kind=kind: set_budget(tx, means, REGION, kind, 10**12)).result()  # type: ignore[misc]
    code = database.write(lambda tx: create_code(tx, means, REGION, uses=count)).result()

    async def enrolled() -> list[EnrolAnswer]:
        requests = [EnrolRequest(code=code, name=f"hall {n}", lineage=_lineage(f"hall {n}")) for n in range(count)]
        return [await centre.enrol(request) for request in requests]

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

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.site.token}", "Content-Type": "application/json"}
