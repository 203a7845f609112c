"""A site on real files, and a centre in memory that judges what it pushes and gives its pages back."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from agentdesk.catalogue.compiled import dump
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import ORG, Allowance, Decision, MoneyFact, Situation, decide, kind_of, needs
from agentdesk.domain.documents import Document, Key
from agentdesk.domain.judgement import Judgement, judge
from agentdesk.domain.language.fold import Fold
from agentdesk.domain.operation import Draft, Operation, read
from agentdesk.domain.verdict import Verdict
from agentdesk.store.files import Files
from agentdesk.store.intake import Page, PulledDocument
from agentdesk.store.outbox import Answer, Waiting
from agentdesk.store.site import Identity, Site
from tests.domain.world import AGENT, REGION, FakeClock, agent, contact, overcharged, promise_body
from tests.policy import CATALOGUE, VERSION

SITE = "site-1"
OWN = f"site/{SITE}"
SCOPES = ("catalogue", ORG, REGION, OWN)
EPOCH = "e1"
LEASES = {"cost": 100_000, "credit": 50_000}


class Dice:
    """Randomness that is the same every time."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def token_bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)


def identity(**changes: Any) -> Identity:
    return replace(Identity(SITE, 7, "Test hall", REGION, SCOPES, "http://127.0.0.1:9", "token"), **changes)


OPENED: list[Site | Files] = []
"""What a test has opened; it is closed at its end, as a program does."""


def open_site(folder: Path, clock: FakeClock | None = None, seed: int = 1, key: bytes | None = None) -> Site:
    site = Site(folder, clock or FakeClock(), Dice(seed), key)
    OPENED.append(site)
    return site


def open_files(folder: Path) -> Files:
    files = Files(folder)
    OPENED.append(files)
    return files


def close_all() -> None:
    while OPENED:
        OPENED.pop().close()


def lease(kind: str, amount: int, rev: int = 1) -> Document:
    return Document(OWN, f"lease-{kind}", "allowance", rev, {"kind": kind, "amount": amount})


@lru_cache(maxsize=1)
def compiled() -> Any:
    return dump(CATALOGUE)


def page(scope: str, upto: int, *documents: Document, gone: Iterable[Key] = (), epoch: str = EPOCH) -> Page:
    rows = [PulledDocument(d.key, d) for d in documents] + [PulledDocument(key, None) for key in gone]
    return Page(scope, epoch, upto, f"h{upto}", tuple(rows))


def fill(site: Site, *documents: Document) -> None:
    """Give a site its policy, its agents, its leases and some documents of the region."""
    site.take_page(
        page(
            "catalogue", 1, Document("catalogue", VERSION, "catalogue", 1, {"version": VERSION, "compiled": compiled()})
        )
    )
    site.take_page(page(ORG, 2, agent(), agent("2001", role="expert")))
    site.take_page(page(OWN, 2, *(lease(kind, amount) for kind, amount in LEASES.items())))
    site.take_page(page(REGION, 10, *documents))


def make_site(
    folder: Path, *documents: Document, clock: FakeClock | None = None, seed: int = 1, key: bytes | None = None
) -> Site:
    """Return an enrolled site whose replica holds a customer, a contact and what is given, with the line up."""
    site = open_site(folder, clock, seed, key)
    site.enrol(identity(), "lineage-1")
    fill(site, *(documents or (overcharged(), contact("k1", level=2))))
    site.line.seen("online", site.clock.wall_ms(), "test", offset=0)
    return site


def draft(kind: str, document: str, body: Mapping[str, Any], **more: Any) -> Draft:
    return Draft(kind, AGENT, "agent", REGION, document, body, **{"catalogue": VERSION, **more})


def note(document: str, text: str = "calls back", **more: Any) -> Draft:
    return draft("note.added", document, {"text": text, "customer": "c1"}, **more)


def ticket(document: str) -> Draft:
    return draft("ticket.opened", document, {"kind": "fault", "number": "1", "customer": "c1", "title": "no signal"})


def promised(document: str, template: str = "CALL", **more: Any) -> Draft:
    body = promise_body(template, **{"contact": "k1", **more.pop("body", {})})
    return draft("commitment.made", document, body, **more)


def gift(document: str, amount: int = 2000) -> Draft:
    """Return a promise of money that may be given again and again."""
    return promised(document, "GIFT", amount=amount, allowance="lease-cost")


def about(kind: str, document: str, **body: Any) -> Draft:
    return draft(f"commitment.{kind}", document, {"contact": "k1", **body})


@dataclass(slots=True)
class Centre:
    """The other end: judges operations in order, once each, and numbers what they change in the region's log."""

    documents: dict[Key, Document]
    seq: int = 10
    epoch: str = EPOCH
    log: dict[int, Key] = field(default_factory=dict)
    receipts: dict[tuple[str, int], Answer] = field(default_factory=dict)
    money: list[MoneyFact] = field(default_factory=list)
    taken: list[Operation] = field(default_factory=list)
    forced: dict[str, Verdict] = field(default_factory=dict)

    @classmethod
    def of(cls, *documents: Document) -> Centre:
        known = (*documents, agent(), agent("2001", role="expert"))
        return cls({d.key: d for d in known})

    def push(self, batch: Waiting) -> tuple[Answer, ...]:
        """Judge a batch; what was seen before gets the same answers."""
        answers = []
        for head, salt, body in batch.operations:
            op = read(head, salt, body)
            known = self.receipts.get((op.lineage, op.seq))
            if known is None:
                known = self.receipts[(op.lineage, op.seq)] = self._take(op)
            answers.append(known)
        return tuple(answers)

    def _take(self, op: Operation) -> Answer:
        self.taken.append(op)
        judged = self._judge(op)
        change = None
        if judged.decision is not None and judged.decision.changes:
            self.apply(judged.decision, op.lineage)
            self.money += judged.decision.money
            change = self.seq
        return Answer(op.id, op.seq, judged.verdict, judged.reasons, op.scope if change else None, change)

    def _judge(self, op: Operation) -> Judgement:
        fold = Fold(lambda _scope: 0)
        fold.load(self.documents.values())
        kind = kind_of(op)
        left = Allowance(op.allowance, "cost", 10**9) if op.allowance else None
        outcome = decide(op, Situation(fold.answers(needs(op), op.wall), CATALOGUE, op.wall, left))
        forced = self.forced.pop(op.id, None)
        why = Reason.of("forced")
        if forced is Verdict.HELD or (forced is Verdict.REFUSED and kind.spoken):
            return Judgement(Verdict.HELD, (why,), None)
        if forced is Verdict.REFUSED:
            return Judgement(Verdict.REFUSED, (why,), None)
        if forced is Verdict.FLAGGED and isinstance(outcome, Decision):
            outcome = replace(outcome, flags=(*outcome.flags, why))
        return judge(op, kind, outcome, self.documents.get(Key(op.scope, op.document)))

    def apply(self, decision: Decision, lineage: str) -> None:
        fold = Fold(self._number)
        fold.load(self.documents.values())
        for document in fold.apply(decision, lineage):
            self.documents[document.key] = document
            self.log[document.rev] = document.key

    def _number(self, _scope: str) -> int:
        self.seq += 1
        return self.seq

    def page(self, after: int, most: int = 1000) -> Page:
        """Return the newest state of what the log names after a number."""
        upto = min(self.seq, after + most)
        keys = dict.fromkeys(self.log[n] for n in range(after + 1, upto + 1) if n in self.log)
        rows = tuple(PulledDocument(key, self.documents[key]) for key in keys)
        return Page(REGION, self.epoch, upto, f"h{upto}", rows)


def push_all(site: Site, centre: Centre) -> list[Answer]:
    """Push until nothing waits, and keep the answers."""
    got: list[Answer] = []
    while (batch := site.outbox.batch(500, 10**6)) is not None:
        answers = centre.push(batch)
        site.take_answers(batch.lineage, answers, centre.epoch)
        got += answers
    return got


def pull_all(site: Site, centre: Centre) -> None:
    _, seq, _ = site.pull_cursors()[REGION]
    if seq < centre.seq:
        site.take_page(centre.page(seq))


def texts(documents: Iterable[Document]) -> list[str]:
    return sorted(d.data["text"] for d in documents if d.type == "note")
