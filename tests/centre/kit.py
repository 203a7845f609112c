"""A centre with a region of people, and sites that speak to it as real ones do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx

from agentdesk.catalogue import packaged
from agentdesk.centre.authors import Means, set_agents
from agentdesk.centre.callers import Caller
from agentdesk.centre.enrol import create_code, enrol
from agentdesk.centre.loading import bulk_load
from agentdesk.centre.pull import answer_pull
from agentdesk.centre.push import Taken, take_batch
from agentdesk.centre.service import Centre
from agentdesk.centre.storage.contract import Snapshot
from agentdesk.centre.storage.opening import KEY, open_database
from agentdesk.domain.documents import Document
from agentdesk.domain.operation import GENESIS, Draft, Operation, Place, seal
from agentdesk.domain.policy import Catalogue
from agentdesk.protocol.messages import EnrolAnswer, EnrolRequest, PullRequest, PushRequest, Wire
from agentdesk.sync.signing import Credentials, SiteAuth
from agentdesk.trust.signatures import public_key

REGION = "beijing"
SCOPE = f"region/{REGION}"
START = 1_790_000_000_000
AGENT = "a-1"


@dataclass
class TestClock:
    """A clock that stands until it is moved; `skew` is the error of its wall clock, ms."""

    __test__ = False
    now: int = START
    skew: int = 0
    boot: str = "boot-1"

    def wall_ms(self) -> int:
        return self.now + self.skew

    def mono_ms(self) -> int:
        return self.now - START + 1_000_000


def random_bytes(seed: str) -> Any:
    """Return a source of bytes that are the same in every run."""
    state = hashlib.sha256(seed.encode())

    def draw(count: int) -> bytes:
        result = b""
        while len(result) < count:
            state.update(b"+")
            result += state.digest()
        return result[:count]

    return draw


def customer(number: int, **fields: Any) -> Document:
    """Return a customer with one mobile line, stopped for arrears six hours ago."""
    hour = 3_600_000
    data: dict[str, Any] = {
        "name": f"客户{number}",
        "segment": "personal",
        "card": "gold",
        "since": START - 3 * 365 * 24 * hour,
        "accounts": [{"id": f"acc-{number}", "arrears": 2_000, "arrears_since": START - 48 * hour}],
        "subscriptions": [
            {
                "id": f"sub-{number}",
                "number": f"+86186{number:08d}",
                "kind": "mobile",
                "account": f"acc-{number}",
                "status": "stopped",
                "stop_reason": "arrears",
                "stopped_at": START - 6 * hour,
            }
        ],
        "people": [],
        **fields,
    }
    return Document(SCOPE, f"c-{number}", "customer", 0, data)


@dataclass
class World:
    """A started centre with agents and customers, on a clock of its own."""

    centre: Centre
    clock: TestClock
    url: str = ""

    @property
    def means(self) -> Means:
        return self.centre.means

    def code(self, uses: int = 1) -> str:
        return self.centre.database.write(lambda tx: create_code(tx, self.means, REGION, uses=uses)).result()

    def site(self, name: str = "hall") -> Site:
        code = self.code()
        key = hashlib.sha256(code.encode()).digest()
        request = EnrolRequest(public_key=public_key(key), code=code, name=name, lineage=f"lineage-{code}")
        answer = self.centre.database.write(lambda tx: enrol(tx, self.means, request, self.centre.signer)).result()
        return Site(self, answer, TestClock(self.clock.now), request.lineage, key=key)

    def documents(self, scope: str, *ids: str) -> dict[str, Document]:
        found = self.centre.database.read(lambda s: s.documents(scope, ids)).result()
        return {document.id: document for document in found}

    def document(self, document_id: str, scope: str = SCOPE) -> Document:
        return self.documents(scope, document_id)[document_id]


@dataclass
class Site:
    """A site that seals operations into its chain and pushes them."""

    world: World
    enrolled: EnrolAnswer
    clock: TestClock
    lineage: str = ""
    made: list[Operation] = field(default_factory=list)
    cursors: dict[str, str] = field(default_factory=dict)
    first_id: int = 0
    key: bytes = b""

    def __post_init__(self) -> None:
        self.auth = SiteAuth(Credentials(self.enrolled.token, self.key), self.world.clock.wall_ms)
        self.lineage = self.lineage or f"lineage-{self.id}"
        self._random = random_bytes(self.lineage)
        self._ids = self.first_id

    @property
    def id(self) -> str:
        return self.enrolled.site

    def name(self, what: str = "x") -> str:
        """Return a new id."""
        self._ids += 1
        return f"{what}-{self.id}-{self._ids}"

    @property
    def caller(self) -> Caller:
        """Return who asks, as his headers would prove it."""
        return Caller(self.enrolled.token, public_key(self.key), "")

    def signed(self, method: str, path: str) -> dict[str, str]:
        """Return the headers with which the site signs a request without a body."""
        request = httpx.Request(method, f"http://centre{path}")
        return dict(next(self.auth.auth_flow(request)).headers)

    def make(
        self, kind: str, document: str, body: Mapping[str, Any], *, id_: str | None = None, **more: Any
    ) -> Operation:
        """Seal the next operation of the site's chain."""
        defaults: dict[str, Any] = {
            "actor": AGENT,
            "role": "agent",
            "scope": SCOPE,
            "catalogue": catalogue().version,
        }
        draft = Draft(kind=kind, document=document, body=body, **{**defaults, **more})
        last = self.made[-1] if self.made else None
        place = Place(
            self.id, self.lineage, last.seq + 1 if last else 1, last.hash if last else GENESIS, self.cursors, None
        )
        operation = seal(draft, place, self.clock, id_ or self.name("op"), self._random(16).hex())
        self.made.append(operation)
        return operation

    def note(self, customer_id: str = "c-1", **more: Any) -> Operation:
        """Make a note on a customer."""
        return self.make("note.added", self.name("note"), {"customer": customer_id, "text": "来电咨询"}, **more)

    def contact(self, number: int = 1, **more: Any) -> Operation:
        """Open a contact: customer `number` calls from his own line."""
        return self.make(
            "contact.opened",
            self.name("contact"),
            {
                "call": self.name("call"),
                "channel": "hotline",
                "caller": f"+86186{number:08d}",
                "customer": f"c-{number}",
                "subscription": f"sub-{number}",
                "moments": {"ringing": self.clock.wall_ms()},
            },
            **more,
        )

    def verify(self, contact: Operation, number: int = 1) -> Operation:
        """Verify the caller of a contact by his service password."""
        body = {
            "method": "service_password",
            "result": "match",
            "caller_role": "owner",
            "customer": f"c-{number}",
        }
        return self.make("identity.verified", contact.document, body, deps=(contact.id,))

    def promise(self, contact: Operation, number: int = 1, amount: int = 10_000, **more: Any) -> Operation:
        """Promise an emergency power-on (U04, credit, once in a billing cycle)."""
        body = {
            "number": self.name("no"),
            "customer": f"c-{number}",
            "subscription": f"sub-{number}",
            "contact": contact.document,
            "template": "U04",
            "due": self.clock.wall_ms() + 600_000,
            "line": "up",
            "proposed": amount,
        }
        defaults: dict[str, Any] = {
            "deps": (contact.id,),
            "allowance": f"{self.id}.credit",
            "amount": amount,
        }
        return self.make("commitment.made", self.name("promise"), body, **{**defaults, **more})

    def spoken(self, promise: Operation) -> Operation:
        """Mark the words of a promise as told."""
        return self.make("commitment.spoken", promise.document, {"seconds": 42}, deps=(promise.id,))

    def whole_call(self, number: int = 1) -> Operation:
        """Make a call with a promise: opened, verified, promised, spoken; returns the promise."""
        contact = self.contact(number)
        self.verify(contact, number)
        promise = self.promise(contact, number)
        self.spoken(promise)
        return promise

    def request(self, sent: Sequence[Operation] | None = None, **more: Any) -> PushRequest:
        """Return the push of operations, by default of all that were made."""
        batch = self.made if sent is None else sent
        fields: dict[str, Any] = {
            "lineage": self.lineage,
            "after_seq": batch[0].seq - 1 if batch else 0,
            "after_hash": batch[0].prev if batch else GENESIS,
            "operations": [wire(o) for o in batch],
            "sent": {"wall": self.clock.wall_ms(), "mono": self.clock.mono_ms(), "boot": self.clock.boot},
            **more,
        }
        return PushRequest.model_validate(fields)

    def push(self, sent: Sequence[Operation] | None = None, **more: Any) -> Taken:
        """Push operations straight into the database, by default all that were made."""
        request, world = self.request(sent, **more), self.world
        received = world.clock.now
        return world.centre.database.write(
            lambda tx: take_batch(tx, self.id, request, received, world.centre.policies, world.centre.signer)
        ).result()

    def pull(self, cursors: Mapping[str, Any] | None = None, limit: int = 2_000) -> dict[str, Any]:
        """Pull one page of each scope; returns the pages by scope."""
        wanted = {scope: {} for scope in self.enrolled.scopes} if cursors is None else cursors
        request = PullRequest.model_validate({"cursors": wanted, "limit": limit})
        centre = self.world.centre

        def ask(snapshot: Snapshot) -> str:
            site = snapshot.site(self.id)
            assert site is not None
            return answer_pull(snapshot, site, request, 0, centre.signer)

        text = centre.database.read(ask).result()
        return {page["scope"]: page for page in json.loads(text)["pages"]}

    def pull_all(self, scope: str, limit: int = 2_000) -> Iterator[dict[str, Any]]:
        """Yield the pages of a scope from its beginning to its end."""
        cursor: dict[str, Any] = {}
        while True:
            page = self.pull({scope: cursor}, limit)[scope]
            yield page
            if not page["more"]:
                return
            cursor = {"epoch": page["epoch"], "seq": page["upto"], "hash": page["hash"]}


def wire(operation: Operation) -> Wire:
    """Return an operation as it travels."""
    return operation.head, operation.salt, operation.body or ""


@lru_cache
def catalogue() -> Catalogue:
    """Return the packaged catalogue, read once."""
    return packaged()


def build_world(path: Path, customers: int = 3, url: str | None = None) -> World:
    """Return a new world: a started centre, two agents and some customers; in a folder, or in the database of a URL."""
    clock = TestClock()
    means = Means(clock, random_bytes(str(path)))
    url = url or f"sqlite:///{path / 'centre.db'}"
    centre = Centre(open_database(url, path / KEY), means)
    centre.start(catalogue())
    agents = [
        {"id": AGENT, "name": "张敏", "number": "1024", "role": "agent", "department": "front", "region": SCOPE},
        {"id": "a-2", "name": "李强", "number": "1025", "role": "agent", "department": "front", "region": SCOPE},
    ]
    centre.database.write(lambda tx: set_agents(tx, means, agents)).result()
    bulk_load(centre.database, REGION, [customer(n) for n in range(1, customers + 1)], means=means)
    return World(centre, clock, url)
