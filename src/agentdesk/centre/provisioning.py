"""Having services effected by what the operator configures: a spool folder, or a command; or by a department's hands.

The centre itself speaks to no network. It hands each order that still runs over as JSON with the order's id, and asks
again and again, later and later, until it hears `effected` or `failed`; whoever is asked knows by the id what he has
done already. The answer becomes an operation of the centre's own, judged like any other, with an id that derives from
the order: once, however many servers ask. Without a provisioner orders wait for their department.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

from agentdesk.centre.authors import CENTRE, finish, take_place
from agentdesk.centre.jobs import Tools
from agentdesk.centre.judging import Entry, Judging
from agentdesk.centre.storage.contract import Database, Snapshot, StorageError, Transaction
from agentdesk.centre.storage.rows import Site
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.service import RUNNING, TYPE
from agentdesk.domain.operation import Draft, Place, seal
from agentdesk.domain.times.instant import Instant
from agentdesk.domain.verdict import SETTLED

log = logging.getLogger("agentdesk.centre")

PROVISION = "AGENTDESK_PROVISION"
"""Names the environment variable that says who effects services."""

LOOK_S = 1.0
FIRST_WAIT_MS = 2_000
LONGEST_WAIT_MS = 600_000
COMMAND_S = 20.0
PAGE = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What a network says: in effect since `at` (ms UTC) with a proof, or failed for a reason."""

    effected: bool
    words: str
    at: int | None = None


class Provisioner(Protocol):
    """What effects services; `name` goes into each proof."""

    name: str

    def ask(self, order: Mapping[str, Any]) -> Answer | None:
        """Hand an order over, or ask about it again; None: not yet. Raises OSError when it can't be reached."""


def request_of(order: Document) -> dict[str, Any]:
    """Return what a network is told of an order: no name, no words, nothing that it doesn't need."""
    names = ("number", "customer", "subscription", "service", "parameters", "effective", "due", "at", "undoes")
    return {"id": order.id, "scope": order.scope, **{name: order.data.get(name) for name in names}}


class Spool:
    """Puts each order into a folder as a file, and looks for the answer's file beside it."""

    def __init__(self, folder: Path) -> None:
        self.name = "spool"
        self._orders, self._answers = folder / "orders", folder / "answers"

    def ask(self, order: Mapping[str, Any]) -> Answer | None:
        name = f"{order['id']}.json"
        answer = self._answers / name
        if answer.exists():
            return answer_of(answer.read_text("utf-8"))
        self._answers.mkdir(parents=True, exist_ok=True)
        self._orders.mkdir(parents=True, exist_ok=True)
        if not (self._orders / name).exists():
            part = self._orders / f"{name}.part"
            with part.open("w", encoding="utf-8") as file:
                json.dump(order, file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._orders / name)
        return None


class Command:
    """Runs a command for each order and each question about it: a line of JSON in, one out, or nothing for not yet."""

    def __init__(self, words: list[str]) -> None:
        self.name = Path(words[0]).name
        self._words = words

    def ask(self, order: Mapping[str, Any]) -> Answer | None:
        text = json.dumps(order, ensure_ascii=False) + "\n"
        try:
            done = subprocess.run(self._words, input=text.encode(), capture_output=True, timeout=COMMAND_S, check=False)
        except subprocess.TimeoutExpired:
            raise OSError(f"{self.name} took longer than {COMMAND_S:.0f} s") from None
        if done.returncode:
            raise OSError(f"{self.name} ended with {done.returncode}")
        said = done.stdout.decode(errors="replace").strip()
        return answer_of(said) if said else None


def answer_of(text: str) -> Answer | None:
    """Return the answer of a JSON text: `{"effected": true, "proof": …, "at": ms}`, or false with a `reason`.

    What can't be read is no answer.
    """
    try:
        data = json.loads(text)
        effected = data["effected"]
        words = str(data.get("proof") or "" if effected else data.get("reason") or "")[:200]
        at = data.get("at")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not isinstance(effected, bool):
        return None
    return Answer(effected, words, at if type(at) is int and at > 0 else None)


def provisioner_of(setting: str | None) -> Provisioner | None:
    """Return the provisioner of a setting: `command:WORDS`, `simulated`, or a spool's folder; None for none."""
    if not setting:
        return None
    if setting == "simulated":
        from agentdesk.centre.simulated_network import SimulatedNetwork

        return SimulatedNetwork()
    if setting.startswith("command:"):
        words = shlex.split(setting.removeprefix("command:"))
        return Command(words) if words else None
    return Spool(Path(setting))


class Provisioning:
    """Asks a provisioner about the orders that run, on a thread of its own."""

    def __init__(self, database: Database, tools: Tools, provisioner: Provisioner) -> None:
        self._database = database
        self._tools = tools
        self._provisioner = provisioner
        self._waits: dict[str, tuple[int, int]] = {}
        self._seen: tuple[tuple[str, int], ...] = ()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Ask from now on."""
        self._thread = threading.Thread(target=self._work, name="centre-provisioning", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; returns when the thread has ended."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._stop.wait(LOOK_S):
            try:
                self.run_due()
            except Exception as error:
                # the database can't do it now, or one order is odd: it is looked at again soon
                log.warning("orders wait", extra={"error": type(error).__name__})

    def run_due(self) -> int:
        """Ask about all orders whose time has come; returns how many were answered. Raises StorageError."""
        now = self._tools.means.now()
        heads = self._database.read(_heads).result()
        if heads == self._seen and not any(at <= now for at, _tries in self._waits.values()):
            return 0
        orders = self._database.read(_running).result()
        self._seen = heads
        known = {order.id for order in orders}
        self._waits = {id_: wait for id_, wait in self._waits.items() if id_ in known}
        answered = 0
        for order in orders:
            at, tries = self._waits.get(order.id, (now, 0))
            if at > now or self._stop.is_set():
                continue
            wait = min(LONGEST_WAIT_MS, FIRST_WAIT_MS << min(tries, 12))
            self._waits[order.id] = (now + wait, tries + 1)
            answer = self._ask(order)
            if answer is not None:
                answered += self._say(order, answer)
        return answered

    def _ask(self, order: Document) -> Answer | None:
        try:
            return self._provisioner.ask(request_of(order))
        except OSError as error:
            facts = {"order": order.id, "by": self._provisioner.name, "error": str(error)[:200]}
            log.warning("the network can't be reached", extra=facts)
            return None

    def _say(self, order: Document, answer: Answer) -> int:
        try:
            self._database.write(partial(self._author, order, answer)).result()
        except StorageError:
            raise
        except Exception as error:
            log.error("an order's answer failed", extra={"order": order.id, "error": type(error).__name__})
            return 0
        return 1

    def _author(self, order: Document, answer: Answer, tx: Transaction) -> None:
        """Write the operation of an answer; one that is there already, or no longer fits, changes nothing."""
        body: dict[str, Any] = {"reason": f"{self._provisioner.name}: {answer.words}"}
        move = "failed"
        if answer.effected:
            move = "effected"
            proof = f"{self._provisioner.name}: {answer.words}"
            body = {"at": answer.at or self._tools.means.now(), "proof": proof, "customer": order.data.get("customer")}
            if order.data.get("undoes"):
                body["undoes"] = order.data["undoes"]
        version = order.data.get("catalogue") or ""
        wanted = Draft(f"service.{move}", CENTRE, CENTRE, order.scope, order.id, body, catalogue=version)
        head = take_place(tx)
        id_ = operation_id(order, wanted.kind)
        if tx.receipts(CENTRE, [id_]):
            return
        place = Place(CENTRE, head.lineage, head.seq + 1, head.hash, {}, 0)
        o = seal(wanted, place, self._tools.means.clock, id_, self._tools.means.random(16).hex())
        instant = Instant(o.wall, "wall", False)
        entry = Entry(o.seq, o.hash, o.digest, o.head, o.salt, o.body or "", o.id, o.kind, o, instant)
        itself = Site(CENTRE, 0, CENTRE, "", "", (order.scope,), False, 0)
        result = Judging(tx, itself, self._tools.policies).rule([entry])[0]
        if result.verdict not in SETTLED:
            # somebody ended it meanwhile: nothing of this is written
            raise ValueError(f"{o.kind} is {result.verdict.value}")
        finish(tx, o, head, result.scope, result.change, result.verdict.value, result.reasons)


def operation_id(order: Document, kind: str) -> str:
    """Return the id of the operation that an answer makes: the same one whoever makes it."""
    digest = blake2b(f"{order.scope}\n{order.id}\n{kind}".encode(), digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-a{digest[17:20]}-{digest[20:]}"


def _heads(snapshot: Snapshot) -> tuple[tuple[str, int], ...]:
    return tuple((head.scope, head.seq) for head in snapshot.heads())


def _running(snapshot: Snapshot) -> list[Document]:
    """Return all orders that may still take effect by themselves."""
    found: list[Document] = []
    after = ("", 0, "")
    while keys := snapshot.open_keys([TYPE], after, PAGE):
        scopes: dict[str, list[str]] = {}
        for scope, _due, id_ in keys:
            scopes.setdefault(scope, []).append(id_)
        for scope, ids in scopes.items():
            found += [d for d in snapshot.documents(scope, ids) if d.data.get("state") in RUNNING]
        after = keys[-1]
        if len(keys) < PAGE:
            break
    return found
