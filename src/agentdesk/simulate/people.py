"""The small world that every seed begins with: two regions, ten customers, some agents, a catalogue with money in it.

All of it is invented. The policy is the sample catalogue, cut down to a few commitments, with two beside it that give
money as often as one likes, so that allowances run low within minutes, and two that go beyond what an agent may
give alone.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from agentdesk.centre import Centre, Means, bulk_load, create_code, set_agents
from agentdesk.centre.storage.rows import Budget
from agentdesk.domain.documents import Document
from agentdesk.domain.policy import Bilingual, Catalogue, Limit, MoneyRule, Offline, Remedy, Role, Template
from agentdesk.replica.opening import connect
from agentdesk.simulate.timeline import START, Timeline, WorldClock

if TYPE_CHECKING:
    from agentdesk.centre.storage.contract import Transaction
    from agentdesk.domain.policy import MoneyKind

REGIONS = ("bj", "sd")
CUSTOMERS = 5
"""Customers in each region: few, so that sites meet each other."""

AGENTS = 5
"""Agents in each region; beside them somebody who approves."""

SUPERIOR = "team_leader"

WARNED_AT = 80
ESCALATES = {"team_leader": 0, "department_manager": 1, "branch_leader": 2, "city_management": 60}
"""When an owner is warned, in percent of his time, and minutes after which each rung is told: some within a world."""

MINUTE_MS = 60_000
DAY_MS = 86_400_000
HOUR_MS = 3_600_000

APPROVAL_MINUTES, LATER_MINUTES = 1, 2
"""After how long an approval lapses that nobody answers, or nobody uses; how long one is waited for."""

INSTANT_S = 20
"""After how long a service is late that works at once: some within a world."""

_KEPT = ("U02", "U04", "U10", "U12", "U14")
_SERVICES = ("SM17", "SM18", "SM20", "SM47", "SM48")
"""Kept of the services by phone: those that one verification is enough for, and two that take each other back."""

GIFT, CREDIT = "S01", "S02"
GIFT_AMOUNT, CREDIT_AMOUNT = 30_000, 50_000
"""Minor units; a full lease holds only a few of either."""

AGENT_LIMIT, SUPERIOR_LIMIT = 35_000, 100_000
"""What an agent may give alone, and what a superior may; minor units."""

LARGE, LARGE_AMOUNT = "S03", 40_000
"""A promise that always goes beyond an agent's authority."""

REMEDY, REMEDY_COST, REMEDY_STEPS = "R90", 20_000, (1, 2)
"""A remedy whose larger size does."""

BUDGETS: dict[MoneyKind, int] = {"cost": 600_000, "credit": 700_000}
"""Of each region: not enough for all its sites."""


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Return the policy of all worlds."""
    from agentdesk.catalogue import packaged

    whole = packaged()
    kept = {code: whole.templates[code] for code in _KEPT}
    gift = _giver(whole.templates["U14"], GIFT, MoneyRule("cost", "fixed", {"amount": GIFT_AMOUNT}))
    credit = _giver(whole.templates["U14"], CREDIT, MoneyRule("credit", "fixed", {"amount": CREDIT_AMOUNT}))
    large = _giver(whole.templates["U14"], LARGE, MoneyRule("cost", "fixed", {"amount": LARGE_AMOUNT}))
    roles = {name: _role(role, whole) for name, role in whole.roles.items()}
    approvals = replace(whole.rules.approvals, answer=APPROVAL_MINUTES, use=APPROVAL_MINUTES, later=LATER_MINUTES)
    rules = replace(
        whole.rules, warn_percent=WARNED_AT, ladder=ESCALATES, approvals=approvals, instant_within_s=INSTANT_S
    )
    tiers = {name: replace(rule, customer_90_days=400_000) for name, rule in whole.tiers.items()}
    return replace(
        whole,
        version="simulated-1",
        templates={**kept, GIFT: gift, CREDIT: credit, LARGE: large},
        roles=roles,
        tiers=tiers,
        rules=rules,
        # nobody in a world reads these, and a published version is as long as all of it
        classes={},
        programmes={},
        flows={},
        scripts={},
        remedies={REMEDY: _remedy(whole.remedies["R307"])},
        services={code: whole.services[code] for code in _SERVICES},
    )


def newer(version: int) -> Catalogue:
    """Return a later version of the policy: another deadline for the call-back."""
    base = catalogue()
    limits = {tier: replace(limit, amount=limit.amount + 5 * version) for tier, limit in _call_back(base).items()}
    changed = replace(base.templates["U02"], limits=limits)
    return replace(base, version=f"simulated-{version}", templates={**base.templates, "U02": changed})


def _call_back(base: Catalogue) -> dict[Any, Any]:
    return dict(base.templates["U02"].limits)


def _giver(model: Template, code: str, money: MoneyRule) -> Template:
    name = Bilingual(f"模拟 {code}", f"simulated {code}")
    return replace(
        model,
        code=code,
        name=name,
        verify=0,
        applies=(),
        money=money,
        limits=dict.fromkeys(model.limits, Limit(1)),
        once_per=None,
        once_with=(),
        closing="proof",
        callers=(),
        offline=Offline("same"),
    )


def _role(role: Role, whole: Catalogue) -> Role:
    limit = SUPERIOR_LIMIT if role.approves else AGENT_LIMIT
    return replace(role, cost_limit=dict.fromkeys(whole.tiers, limit), daily_cost=0, daily_promises=0)


def _remedy(model: Remedy) -> Remedy:
    return replace(
        model,
        code=REMEDY,
        name=Bilingual(f"模拟 {REMEDY}", f"simulated {REMEDY}"),
        steps=REMEDY_STEPS,
        unit_cost=REMEDY_COST,
        stackable=True,
        verify=0,
        callers=(),
        applies=(),
        limits=dict.fromkeys(model.limits, Limit(1)),
        offline="same",
        ceilings={},
        check=False,
    )


def superior_id(region: str) -> str:
    """Return who approves in a region."""
    return f"l-{region}"


def agent_id(region: str, number: int) -> str:
    return f"a-{region}-{number}"


def customer_id(region: str, number: int) -> str:
    return f"c-{region}-{number}"


def _customers(region: str) -> Iterator[Document]:
    for number in range(1, CUSTOMERS + 1):
        own = customer_id(region, number)
        line: dict[str, Any] = {
            "id": f"{own}-m",
            "number": f"+86186{REGIONS.index(region)}{number:07d}",
            "kind": "mobile",
            "account": f"{own}-a",
            "status": "active",
            "fee": 10_000,
            "opened_at": START - 1000 * DAY_MS,
        }
        account: dict[str, Any] = {"id": f"{own}-a", "balance": 0, "arrears": 0}
        if number % 2:
            line |= {"status": "stopped", "stop_reason": "arrears", "stopped_at": START - 6 * HOUR_MS}
            account |= {"arrears": 5_000, "arrears_since": START - 2 * DAY_MS}
        else:
            line["overage"] = {"charge": 4_000, "rated": 1_000}
        data = {
            "name": f"客户{number}",
            "segment": "personal",
            "card": ("ordinary", "gold", "diamond")[number % 3],
            "since": START - 1000 * DAY_MS,
            "accounts": [account],
            "subscriptions": [line],
            "people": [],
            "sample": True,
        }
        yield Document(f"region/{region}", own, "customer", 0, data)


def _set_budget(budget: Budget, tx: Transaction) -> None:
    tx.put_budget(budget)


def _code(means: Means, region: str, tx: Transaction) -> str:
    return create_code(tx, means, region, uses=1000, valid_ms=DAY_MS)


class Beginning:
    """What every world begins with, made once and kept in memory: the centre's files and a blank outbox."""

    def __init__(self) -> None:
        from agentdesk.centre.storage.inline import InlineDatabase
        from agentdesk.store.files import Files

        self._codes: dict[str, str] = {}
        self._blank: dict[bytes, bytes] = {}
        with tempfile.TemporaryDirectory(prefix="agentdesk-beginning-", dir=ram()) as name:
            folder = Path(name)
            (folder / "centre.db.key").write_bytes(bytes(range(32)))
            means = Means(WorldClock(Timeline(), "centre"), Random("beginning").randbytes)
            database = InlineDatabase(folder / "centre.db")
            try:
                centre = Centre(database, means)
                centre.start(catalogue())
                self._fill(centre)
            finally:
                database.close()
            Files(folder / "site").close()
            self._centre = {path: (folder / path).read_bytes() for path in ("centre.db", "centre.db.key")}
            self._outbox = (folder / "site" / "outbox.db").read_bytes()

    def _fill(self, centre: Centre) -> None:
        database, means = centre.database, centre.means
        agents = [
            {
                "id": agent_id(region, number),
                "name": f"坐席{number}",
                "number": f"{REGIONS.index(region) + 1}00{number}",
                "role": "agent",
                "department": "customer_service",
                "region": f"region/{region}",
            }
            for region in REGIONS
            for number in range(1, AGENTS + 1)
        ]
        agents += [
            {
                "id": superior_id(region),
                "name": "班长",
                "number": f"{REGIONS.index(region) + 1}009",
                "role": SUPERIOR,
                "department": "customer_service",
                "region": f"region/{region}",
            }
            for region in REGIONS
        ]
        database.write(lambda tx: set_agents(tx, means, agents)).result()
        for region in REGIONS:
            bulk_load(database, region, _customers(region), means=means)
            budgets = [Budget(f"region/{region}", kind, limit, 0, 0) for kind, limit in BUDGETS.items()]
            for budget in budgets:
                database.write(partial(_set_budget, budget)).result()
            self._codes[region] = database.write(partial(_code, means, region)).result()

    def code(self, region: str) -> str:
        """Return an enrolment code of a region."""
        return self._codes[region]

    def copy_to(self, folder: Path) -> None:
        """Put the centre's files into a folder."""
        folder.mkdir(parents=True)
        for name, content in self._centre.items():
            (folder / name).write_bytes(content)

    def blank_site(self, folder: Path, key: bytes) -> None:
        """Make a folder that a site with a data key may be enrolled in."""
        folder.mkdir(parents=True)
        if key not in self._blank:
            self._blank.clear()
            self._blank[key] = self._encrypted(key)
        (folder / "outbox.db").write_bytes(self._blank[key])

    def _encrypted(self, key: bytes) -> bytes:
        """Return the blank outbox as it is with a key; to make its tables anew takes ten times as long."""
        with tempfile.TemporaryDirectory(prefix="agentdesk-beginning-", dir=ram()) as name:
            plain, keyed = Path(name) / "plain.db", Path(name) / "keyed.db"
            plain.write_bytes(self._outbox)
            connection = connect(plain, isolation_level=None)
            try:
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                connection.execute("ATTACH DATABASE ? AS keyed KEY ?", (str(keyed), f"x'{key.hex()}'"))
                connection.execute("SELECT sqlcipher_export('keyed')").fetchone()
                connection.execute(f"PRAGMA keyed.user_version = {version}")
                connection.execute("DETACH DATABASE keyed")
            finally:
                connection.close()
            return keyed.read_bytes()


@lru_cache(maxsize=1)
def beginning() -> Beginning:
    """Return what worlds begin with."""
    return Beginning()


def ram() -> str | None:
    """Return a folder in memory, None where there is none: then files lie where temporary files do."""
    shared = Path("/dev/shm")
    return str(shared) if shared.is_dir() and shutil.disk_usage(shared).free > 1 << 28 else None
