"""A centre in a process of its own and sites that talk to it over real sockets, all in temporary folders."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from agentdesk.centre.loading import bulk_load
from agentdesk.centre.service import Centre as CentreService
from agentdesk.centre.staff import give_password
from agentdesk.centre.storage.opening import open_database
from agentdesk.cli.machine import MachineClock
from agentdesk.cli.unlocking import key_of, opened
from agentdesk.domain.case import Customer
from agentdesk.domain.documents import Document
from agentdesk.domain.offering.offers import due_at
from agentdesk.domain.operation import Draft
from agentdesk.sample import World
from agentdesk.store.committing import Committed
from agentdesk.store.site import Site
from agentdesk.trust.passwords import Cost, hashed
from agentdesk.trust.vault import Vault

REGION = "bj"
SCOPE = f"region/{REGION}"
PASSWORD = "sieben Brücken 7"
CHEAP = Cost(passes=1, memory_kib=8, lanes=1)
PROGRAM = [sys.executable, "-m", "agentdesk"]


def agentdesk(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command of the program to its end."""
    return subprocess.run([*PROGRAM, *words], capture_output=True, text=True, timeout=120, check=False, **options)


@dataclass
class Centre:
    """A centre's process over one database; `kill` is a power cut, `start` after it comes back on the same port."""

    folder: Path
    now_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    port: int = 0
    process: subprocess.Popen[str] | None = None
    sample: World = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sample = World(seed=7, size=60, region=REGION, now_ms=self.now_ms)

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'centre.db'}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def agent(self) -> Document:
        return next(iter(self.sample.agents()))

    def fill(self) -> None:
        """Put the sample's agents, customers and their work in."""
        database = open_database(self.database)
        try:
            bulk_load(database, REGION, self.sample.agents())
            bulk_load(database, REGION, self.sample.customers())
            bulk_load(database, REGION, self.sample.work())
            first = CentreService(database)
            first.start(self.sample.catalogue)
            hash_ = hashed(PASSWORD, b"0123456789abcdef", CHEAP)
            give = partial(give_password, means=first.means, agent=self.agent.id, hash_=hash_, must_change=False)
            database.write(give).result()
        finally:
            database.close()

    def start(self) -> None:
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        command = [*PROGRAM, "serve", "--database", self.database, "--port", str(self.port), "--ready-file", str(ready)]
        with (self.folder / "centre.log").open("a") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, text=True)
        until = time.monotonic() + 60
        while not ready.exists() or not ready.read_text():
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"the centre didn't start: {(self.folder / 'centre.log').read_text()[-800:]}")
            time.sleep(0.02)
        self.port = int(json.loads(ready.read_text())["url"].rsplit(":", 1)[1])

    def stop(self) -> None:
        """End the process in good order."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)
            self.process = None

    def kill(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def code(self) -> str:
        done = agentdesk("site", "code", "--database", self.database, "--region", REGION, "--json")
        assert done.returncode == 0, done.stderr
        code: str = json.loads(done.stdout)["code"]
        return code

    def ask(self, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
        """Read rows of the centre's database beside its process."""
        connection = sqlite3.connect(f"file:{self.folder / 'centre.db'}?mode=ro", uri=True)
        try:
            return connection.execute(sql, arguments).fetchall()
        finally:
            connection.close()


@dataclass
class Branch:
    """One site's folder, enrolled and synced for the first time."""

    folder: Path
    centre: Centre

    @staticmethod
    def prepared(centre: Centre, number: int) -> Branch:
        """Return one of the sites that the prepared world has, at the address that its centre has now."""
        branch = Branch(centre.folder.parent / f"site-{number}", centre)
        site = branch.open()
        site.move_centre(centre.url)
        site.close()
        return branch

    @staticmethod
    def enrolled(folder: Path, centre: Centre) -> Branch:
        done = agentdesk("site", "enrol", centre.url, centre.code(), "--data", str(folder), "--name", folder.name)
        assert done.returncode == 0, done.stderr
        branch = Branch(folder, centre)
        branch.sync()
        branch.admit()
        return branch

    def sync(self) -> None:
        done = agentdesk("site", "sync", "--data", str(self.folder))
        assert done.returncode == 0, done.stderr

    def admit(self) -> None:
        """Let the sample's first agent sign in here without the centre."""
        key, vault = key_of(self.folder), Vault.read(self.folder, cost=CHEAP)
        assert key is not None
        assert vault is not None
        now = MachineClock().wall_ms()
        vault.admit(key, self.centre.agent.id, PASSWORD, now + 14 * 86_400_000, now)

    def open(self) -> Site:
        return opened(self.folder)

    def note(self, site: Site, text: str) -> Committed:
        agent = self.centre.agent
        body = {"customer": self.centre.sample.customer(1).id, "text": text}
        return site.commit(Draft("note.added", agent.id, agent.data["role"], SCOPE, site.new_id(), body))

    def promise(self, site: Site, code: str, customer: Document, line: str, amount: int) -> Committed:
        """Take a call from a customer's own line, verify him and promise him a commitment of credit."""
        agent = self.centre.agent
        contact = site.new_id()
        subscription = next(s for s in customer.data["subscriptions"] if s["id"] == line)
        opened = {
            "call": contact,
            "channel": "hotline",
            "caller": subscription["number"],
            "customer": customer.id,
            "subscription": line,
            "moments": {"ringing": site.now()},
        }
        known = {
            "customer": customer.id,
            "method": "service_password",
            "result": "match",
            "caller_role": "owner",
        }
        catalogue = site.catalogue()
        template = catalogue.templates[code]
        # a site that has been alone for a while speaks the line-down limit
        online = site.line.state().online
        tier = catalogue.tier_of(Customer(customer).card)
        kind = template.money.kind if template.money else None
        allowance = site.allowances()[kind] if kind else None
        body = {
            "number": site.next_number(),
            "customer": customer.id,
            "subscription": line,
            "contact": contact,
            "template": code,
            "due": due_at(template, tier, online, site.now(), catalogue),
            "line": "up" if online else "down",
            "proposed": amount,
        }
        who = (agent.id, agent.data["role"], SCOPE)
        made = site.commit_all(
            (
                Draft("contact.opened", *who, contact, opened),
                Draft("identity.verified", *who, contact, known),
                Draft(
                    "commitment.made",
                    *who,
                    site.new_id(),
                    body,
                    allowance=allowance.id if allowance else None,
                    amount=amount,
                    catalogue=catalogue.version,
                ),
            )
        )
        return made[-1]


def stopped_customer(sample: World) -> tuple[Document, str, int]:
    """Return a sample customer whose line was stopped for arrears, the line, and the credit that covers them."""
    from agentdesk.domain.case import Case
    from agentdesk.domain.offering.offers import assess

    for number in range(60):
        document = sample.customer(number)
        customer = Customer(document)
        for line in customer.subscriptions:
            case = Case(customer, line, (), int(time.time() * 1000), "agent", level=2)
            offer = assess(sample.catalogue.templates["U04"], case, sample.catalogue)
            if offer.status == "available" and offer.amount:
                return document, line.id, offer.amount
    raise AssertionError("the sample has nobody who may be powered on")
