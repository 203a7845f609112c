"""A small world with real files for the desk's tests: one site, the packaged catalogue, customers made by hand."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from agentdesk.catalogue import packaged
from agentdesk.catalogue.compiled import dump
from agentdesk.desk.app import DeskApp
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.session import Contact
from agentdesk.desk.settings import AgentIdentity, DeskSettings
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.identity import seal_secret
from agentdesk.domain.policy import Catalogue
from agentdesk.store.outbox import Entry
from agentdesk.store.site import Identity, Page, PulledDocument, Site
from agentdesk.telephony.hand import HandSource

NOW = 1_795_501_920_000
"""2026-11-24 14:32 in China, a Tuesday; ms UTC."""

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
REGION = "region/bj"
SITE = "s-1"

WANG = "+8618612345678"
LI = "+8613900001111"
SHARED = "+8613011112222"
NOBODY = "+8615599990000"
HOSTILE = "+8613522223333"
PASSWORD, TAIL = "246810", "531X"

HOSTILE_NAME = "王[@click=app.quit]点我[/]\x1b[31m红\u202e逆{name}"


@dataclass
class FrozenClock:
    """A clock that stands still until a test moves it."""

    wall: int = NOW
    mono: int = 5_000_000
    boot: str = "boot-1"

    def wall_ms(self) -> int:
        return self.wall

    def mono_ms(self) -> int:
        return self.mono

    def advance(self, ms: int) -> None:
        self.wall += ms
        self.mono += ms


@dataclass
class SeededEntropy:
    """The same bytes in every run."""

    dice: random.Random = field(default_factory=lambda: random.Random(7))

    def token_bytes(self, count: int) -> bytes:
        return self.dice.randbytes(count)


@cache
def catalogue() -> Catalogue:
    """Return the packaged catalogue, read once."""
    return packaged()


@cache
def compiled() -> str:
    """Return the packaged catalogue as the centre publishes it."""
    return dump(catalogue())


def seal(secret: str) -> str:
    return f"00:{seal_secret(secret, '00')}"


def entries(site: Site, kind: str) -> list[Entry]:
    """Return the operations of a kind with their bodies, oldest first."""
    found = [site.outbox.entry(entry.id) for entry in reversed(site.outbox.entries()) if entry.kind == kind]
    return [entry for entry in found if entry is not None]


def customer(
    document_id: str,
    name: str,
    number: str,
    *,
    card: str = "ordinary",
    gender: str = "female",
    lines: Iterable[dict[str, Any]] = (),
    account: dict[str, Any] | None = None,
    people: Iterable[dict[str, Any]] = (),
    **more: Any,
) -> Document:
    """Return a customer with one mobile line and what else is given."""
    main = {
        "id": f"{document_id}-1",
        "number": number,
        "kind": "mobile",
        "account": f"{document_id}-a",
        "status": "active",
        "plan": "全能 129 元",
        "fee": 12_900,
        "home": "北京",
        "opened_at": NOW - 4_100 * DAY,
    }
    first, *rest = lines or [{}]
    data = {
        "name": name,
        "segment": "personal",
        "card": card,
        "since": NOW - 4_100 * DAY,
        "portrait": "data",
        "lifecycle": "steady",
        "value": "high",
        "gender": gender,
        "seals": {"service_password": seal(PASSWORD), "certificate_tail": seal(TAIL)},
        "accounts": [{"id": f"{document_id}-a", "balance": 3_000, **(account or {})}],
        "subscriptions": [{**main, **first}, *rest],
        "people": list(people),
    } | more
    return Document(REGION, document_id, "customer", 1, data)


def documents() -> list[Document]:
    """Return the customers and their work."""
    wang = customer(
        "c-wang",
        "王敏慧",
        WANG,
        card="diamond",
        lines=[
            {
                "contract_end": NOW + 12 * DAY,
                "vas": [
                    {"code": "lottery", "name": "幸运点播", "fee": 1_800, "source": "unknown", "ordered_at": NOW - DAY},
                    {"code": "news", "name": "手机早晚报", "fee": 300, "source": "unknown", "ordered_at": NOW - DAY},
                ],
                "overage": {"charge": 6_800, "rated": 900},
            },
            {
                "id": "c-wang-2",
                "number": "",
                "kind": "broadband",
                "account": "c-wang-a",
                "plan": "宽带 1000M",
                "fee": 16_000,
                "rate_mbps": 1_000,
                "fault_since": NOW - 13 * HOUR,
            },
        ],
        account={"bill_due": NOW + 3 * DAY},
        flags=["churn"],
    )
    li = customer(
        "c-li",
        "李强",
        LI,
        card="gold",
        gender="male",
        lines=[{"status": "stopped", "stop_reason": "arrears", "stopped_at": NOW - 6 * HOUR}],
        account={"balance": 0, "arrears": 12_840, "arrears_since": NOW - 9 * DAY},
    )
    shared = [
        customer("c-zhao", "赵磊", SHARED, gender="male", card="silver"),
        customer("c-qian", "钱多多", "+8613011113333", people=[{"number": SHARED, "relation": "family"}]),
        customer("c-sun", "孙氏商贸", "+8613011114444", segment="corporate", people=[{"number": SHARED}]),
    ]
    hostile = customer("c-hostile", HOSTILE_NAME, HOSTILE)
    return [wang, li, *shared, hostile, *work()]


def work() -> list[Document]:
    """Return what is open and what happened before."""
    late = {
        "number": "100010002188",
        "kind": "fault",
        "title": "宽带频繁掉线",
        "symptom": "fault.broadband.drops",
        "words": "每天晚上都掉线",
        "customer": "c-wang",
        "subscription": "c-wang-2",
        "tier": "diamond",
        "state": "accepted",
        "station": "department",
        "department": "broadband_maintenance",
        "owner": "bj2001",
        "first_responsible": "bj1024",
        "level": 0,
        "chases": 0,
        "at": NOW - 12 * HOUR - 26 * MINUTE,
        "due": NOW - 26 * MINUTE,
        "law_due": NOW + 35 * HOUR,
        "station_due": NOW - 2 * HOUR,
        "moves": [
            {"at": NOW - 12 * HOUR - 26 * MINUTE, "what": "opened", "by": "bj1024", "text": "每天晚上都掉线"},
            {"at": NOW - 12 * HOUR, "what": "dispatched", "by": "bj1024", "station": "department"},
            {"at": NOW - 11 * HOUR, "what": "accepted", "by": "bj2001"},
        ],
    }
    call_back = {
        "number": "100010000931",
        "template": "U02",
        "name_zh": "限时回电",
        "name_en": "Call-back in time",
        "customer": "c-wang",
        "state": "made",
        "amount": 0,
        "due": NOW + 18 * MINUTE,
        "department": "customer_service",
        "owner": "bj1024",
        "spoken_at": NOW - HOUR,
        "at": NOW - HOUR,
        "moves": [{"at": NOW - HOUR, "what": "made", "by": "bj1024"}],
    }
    other = {
        "number": "100010000417",
        "kind": "complaint",
        "title": "账单有疑问",
        "customer": "c-zhao",
        "tier": "vip",
        "state": "open",
        "station": "front",
        "owner": "bj1024",
        "first_responsible": "bj1024",
        "at": NOW - 2 * HOUR,
        "due": NOW + 70 * HOUR,
        "moves": [{"at": NOW - 2 * HOUR, "what": "opened", "by": "bj1024"}],
    }
    contact = {
        "channel": "phone",
        "customer": "c-wang",
        "state": "wrapped_up",
        "summary": "反映晚上上网掉线, 已开障碍单",
        "matters": [{"title": "宽带频繁掉线", "class": "fault.broadband.drops", "outcome": "ticket", "solved": False}],
        "at": NOW - 12 * HOUR - 30 * MINUTE,
    }
    note = {"customer": "c-wang", "text": "喜欢下午接电话", "by": "bj1024", "at": NOW - 40 * DAY}
    return [
        Document(REGION, "t-2188", "ticket", 2, late),
        Document(REGION, "p-0931", "commitment", 2, call_back),
        Document(REGION, "t-0417", "ticket", 2, other),
        Document(REGION, "k-1", "contact", 2, contact),
        Document(REGION, "n-1", "note", 2, note),
    ]


def fill(site: Site, scope: str, found: Iterable[Document], upto: int = 10) -> None:
    """Take documents in as a pulled page does."""
    rows = tuple(PulledDocument(d.key, d) for d in found)
    site.take_page(Page(scope, "e1", upto, "h", rows))


def make_site(folder: Path, clock: FrozenClock, entropy: SeededEntropy, online: bool = True) -> None:
    """Enrol a site in a folder and fill its replica; nobody has it open afterwards."""
    site = Site(folder, clock, entropy)
    scopes = ("catalogue", "org", f"site/{SITE}", REGION)
    site.enrol(Identity(SITE, 2, "样例网点", REGION, scopes, "http://127.0.0.1:1", "token"), "lineage-1")
    policy = catalogue()
    fill(
        site,
        "catalogue",
        [Document("catalogue", "cat-1", "catalogue", 1, {"version": policy.version, "compiled": compiled()})],
    )
    fill(
        site,
        "org",
        [
            Document("org", SITE, "site", 1, {"name": "职场"}),
            Document("org", "bj1024", "agent", 1, {"name": "张敏", "role": "agent"}),
            Document("org", "bj2001", "agent", 1, {"name": "后台", "role": "department_handler"}),
        ],
    )
    fill(
        site,
        f"site/{SITE}",
        [
            Document(f"site/{SITE}", "lease-cost", "allowance", 1, {"kind": "cost", "amount": 200_000}),
            Document(f"site/{SITE}", "lease-credit", "allowance", 1, {"kind": "credit", "amount": 300_000}),
        ],
    )
    fill(site, REGION, documents())
    site.line.seen("live", clock.wall if online else clock.wall - HOUR, "sync", offset=0)
    if not online:
        site.line.seen("offline", clock.wall - 2 * MINUTE, "sync", problem="no answer")
    site.close()


class Desk:
    """A desk on its own world, with a phone that the test rings."""

    def __init__(
        self,
        folder: Path,
        *,
        language: str = "zh-CN",
        online: bool = True,
        wide: bool = False,
        theme: str = "dark",
        demo: bool = True,
        role: str = "agent",
        make: bool = True,
        start_sync: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        self.clock = FrozenClock()
        self.entropy = SeededEntropy(random.Random(7 if make else 8))
        self.folder = folder
        if make:
            make_site(folder, self.clock, self.entropy, online)
        self.phone: HandSource | None = None
        agent = AgentIdentity("bj1024", "张敏", "1024", role, "8001")
        self.settings = DeskSettings(
            folder=folder,
            agent=agent,
            clock=self.clock,
            entropy=self.entropy,
            language=language,
            sources=self._sources,
            theme=theme,
            ambiguous_wide=wide,
            demo=demo,
            start_sync=start_sync,
        )
        self.app = DeskApp(self.settings)

    @property
    def contact(self) -> Contact:
        """The contact on the screen."""
        assert self.app.flow.contact is not None
        return self.app.flow.contact

    @property
    def facts(self) -> Facts:
        """What is known about the contact on the screen."""
        assert self.contact.facts is not None
        return self.contact.facts

    @property
    def who(self) -> str:
        """The id of the customer on the screen."""
        assert self.facts.customer is not None
        return self.facts.customer.document.id

    def _sources(self) -> list[HandSource]:
        self.phone = HandSource("hand", self.clock.wall_ms, agent="8001")
        return [self.phone]

    def site(self) -> Site:
        """Open the site's files beside the desk, as another process does."""
        return Site(self.folder, self.clock, self.entropy)
