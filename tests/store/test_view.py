"""View = replica ⊕ pending, whatever comes in whatever order: against a model that works it out from scratch."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agentdesk.domain.decide import Decision, Situation, needs, replay
from agentdesk.domain.documents import WORK_WINDOW_MS, Change, Document, Key, in_order, index_of
from agentdesk.domain.language.fold import Fold, in_work
from agentdesk.domain.operation import Operation
from agentdesk.domain.verdict import SETTLED, Verdict
from agentdesk.store.committing import Refused
from agentdesk.store.outbox import Answer
from agentdesk.store.site import Site
from tests.domain.world import AGENT, DAY, NOW, REGION, FakeClock, contact, customer, overcharged
from tests.policy import CATALOGUE
from tests.store.world import (
    EPOCH,
    Centre,
    about,
    draft,
    gift,
    make_site,
    note,
    open_site,
    page,
    promised,
    pull_all,
    push_all,
    ticket,
)

DOCUMENTS = (overcharged(), contact("k1", level=2))

STEPS = [
    ticket("t1"),
    ticket("t2"),
    draft("ticket.dispatched", "t1", {"station": "department", "department": "network"}),
    draft("ticket.accepted", "t1", {}),
    draft("ticket.chased", "t1", {}),
    draft("ticket.noted", "t2", {"text": "more"}),
    draft("ticket.replied", "t2", {"text": "mended", "minutes": 3}),
    draft("contact.moment", "k1", {"moment": "held", "at": NOW}),
    draft("contact.offers_shown", "k1", {"at": NOW, "offers": [{"code": "CALL"}]}),
    draft("contact.turned", "k1", {"customer": "c1"}),
    draft("contact.turned", "k1", {}),
    promised("p1"),
    gift("p2"),
    about("spoken", "p1", seconds=9),
    about("voided", "p2", reason="mis-key"),
    about("withdrawn", "p1", reason="no more"),
]


class Model:
    """What should be seen, worked out anew from what was committed, answered and pulled."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.replica = {d.key: d for d in documents}
        self.cursor = 10
        self.made: list[Operation] = []
        self.answers: dict[str, Answer] = {}

    def pending(self) -> list[Operation]:
        return [op for op in self.made if self._pends(op)]

    def _pends(self, op: Operation) -> bool:
        answer = self.answers.get(op.id)
        if answer is None:
            return True
        if answer.change is None:
            return answer.verdict is Verdict.HELD
        return answer.change > self.cursor

    def seen(self) -> dict[Key, Document]:
        fold = Fold(lambda _scope: 0)
        fold.load(self.replica.values())
        found = dict(self.replica)
        for op in self.pending():
            before = fold.get(op.scope, op.document)
            if before is not None and op.id in ops(before):
                continue
            changes = replay(op, Situation(fold.answers(needs(op), op.wall), CATALOGUE, op.wall))
            for after in fold.apply(Decision(changes or ()), op.lineage):
                found[after.key] = after
        return found


def ops(document: Document) -> list[str]:
    """Return the operations that a document shows, once for each time it shows them."""
    entries = (*(document.data.get("moves") or ()), *(document.data.get("offers") or ()))
    return [entry["op"] for entry in entries if "op" in entry]


class Interleaving(RuleBasedStateMachine):
    """Commits, pushes with lost answers, verdicts of every sort, pages before and after them, and restarts."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.temporary = TemporaryDirectory(prefix="site-")
        self.folder = Path(self.temporary.name) / "site"
        shutil.copytree(template_folder(), self.folder)
        self.clock = FakeClock()
        self.site = open_site(self.folder, self.clock)
        self.centre = Centre.of(*DOCUMENTS)
        self.model = Model(DOCUMENTS)
        self.notes = 0
        self.lost: list[tuple[Answer, ...]] = []

    def teardown(self) -> None:
        self.site.close()
        self.temporary.cleanup()

    @rule(step=st.sampled_from(STEPS))
    def commit(self, step: Any) -> None:
        self.clock.pass_ms(1)
        try:
            made = self.site.commit(step)
        except Refused:
            return
        self.model.made.append(made.operation)

    @rule()
    def write_a_note(self) -> None:
        self.notes += 1
        self.clock.pass_ms(1)
        self.model.made.append(self.site.commit(note(f"n{self.notes}", f"note {self.notes}")).operation)

    @rule(most=st.integers(1, 4), arrives=st.booleans(), forced=st.sampled_from([None, *Verdict]))
    def push(self, most: int, arrives: bool, forced: Verdict | None) -> None:
        batch = self.site.outbox.batch(most, 10**6)
        if batch is None:
            return
        first = self.model.made[batch.after_seq]
        if forced in (Verdict.HELD, Verdict.REFUSED, Verdict.FLAGGED) and first.id not in self.centre.forced:
            self.centre.forced[first.id] = forced
        answers = self.centre.push(batch)
        if arrives:
            self._take(batch.lineage, answers)

    def _take(self, lineage: str, answers: tuple[Answer, ...]) -> None:
        self.site.take_answers(lineage, answers, EPOCH)
        self.model.answers.update((answer.operation, answer) for answer in answers)

    @rule(most=st.integers(1, 6))
    def pull(self, most: int) -> None:
        found = self.centre.page(self.model.cursor, most)
        self.model.cursor = found.upto
        self.model.replica.update((row.key, row.document) for row in found.rows if row.document)
        self.site.take_page(found)

    @rule(which=st.sampled_from(["t1", "t2", "p1", "k1", "c1"]), text=st.integers(0, 99))
    def another_site_writes(self, which: str, text: int) -> None:
        key = Key(REGION, which)
        before = self.centre.documents.get(key)
        if before is None:
            return
        moves = [*(before.data.get("moves") or ()), {"what": "noted", "text": f"theirs {text}", "op": f"x{text}"}]
        fields: dict[str, Any] = {"moves": moves}
        if before.type == "ticket" and text % 3 == 0:
            fields["state"] = "archived"
        self.centre.apply(Decision((Change(REGION, which, before.type, fields),)), "lineage-2")

    @rule()
    def reopen(self) -> None:
        self.site.close()
        self.site = open_site(self.folder, self.clock)
        self.site.recover()

    @rule()
    @precondition(lambda self: self.centre.seq > 10)
    def start_a_new_generation(self) -> None:
        """The cursor was not of the centre's log: the replica is fetched anew beside the one that serves."""
        self.site.files.renew_replica(REGION)
        assert self.site.pull_cursors()[REGION] == ("", 0, "")
        everything = [d for d in self.centre.documents.values() if d.scope == REGION]
        self.site.take_page(page(REGION, self.centre.seq, *everything[::2]))
        self.in_sight()
        self.site.take_page(page(REGION, self.centre.seq, *everything[1::2]))
        assert self.site.complete_replicas()
        self.model.cursor = self.centre.seq
        self.model.replica = {d.key: d for d in everything}

    @invariant()
    def in_sight(self) -> None:
        seen, view = self.model.seen(), self.site.view
        for key, document in seen.items():
            found = view.document(key.scope, key.id)
            assert found == document
        ids = {key.id for key in seen}
        assert {d.id for d in view.timeline(REGION, "c1", 999)} <= ids

    @invariant()
    def lists_are_of_what_is_in_sight(self) -> None:
        seen = list(self.model.seen().values())
        view, at = self.site.view, self.clock.wall
        mine = in_order(d for d in seen if index_of(d).customer == "c1")
        work = [d for d in mine if d.type in ("ticket", "commitment")]
        assert view.work(REGION, "c1", at) == tuple(d for d in work if in_work(d, at))
        told = [d for d in mine if d.type in ("contact", "note", "ticket", "commitment")]
        assert view.timeline(REGION, "c1", 5) == tuple(told[::-1][:5])
        unfinished = [d for d in seen if index_of(d).open]
        dued = sorted(
            (d for d in unfinished), key=lambda d: (index_of(d).due is None, index_of(d).due or index_of(d).at, d.id)
        )
        assert view.open_work(most=3) == tuple(dued[:3])
        assert view.open_work(AGENT, 2) == tuple([d for d in dued if d.data.get("owner") == AGENT][:2])
        made = [d for d in work if d.type == "commitment" and d.data["owner"] == AGENT]
        assert view.made_since(REGION, AGENT, NOW) == tuple(d for d in made if d.data["at"] >= NOW)

    @invariant()
    def nothing_is_shown_twice(self) -> None:
        for document in self.model.seen().values():
            found = self.site.view.document(document.scope, document.id)
            assert found is not None
            shown = [op for op in ops(found) if not op.startswith("x")]
            assert len(shown) == len(set(shown))

    @invariant()
    def what_was_written_is_seen_unless_it_was_refused(self) -> None:
        for op in self.model.made:
            answer = self.model.answers.get(op.id)
            if op.kind in ("note.added", "commitment.made", "ticket.opened"):
                refused = answer is not None and answer.verdict is Verdict.REFUSED
                assert (self.site.view.document(op.scope, op.document) is None) is refused

    @invariant()
    def the_overlay_is_of_what_is_pending(self) -> None:
        rows = self.site.files.outbox.execute("SELECT operation FROM pending").fetchall()
        assert sorted({row[0] for row in rows}) == sorted({op.id for op in self.model.pending()})
        pending = {op.document for op in self.model.pending()}
        over = {row[0] for row in self.site.files.outbox.execute("SELECT id FROM overlay")}
        assert over <= pending
        for document in pending:
            count = sum(op.document == document for op in self.model.pending())
            assert self.site.view.waiting_for(REGION, document) == count

    @invariant()
    def the_allowance_is_charged_for_what_stands(self) -> None:
        spent = 100_000 - self.site.allowances()["cost"].left
        expected = 0
        for op in self.model.made:
            answer = self.model.answers.get(op.id)
            if op.kind == "commitment.made":
                expected += op.amount
            elif op.kind == "commitment.voided" and answer is not None and answer.verdict in SETTLED:
                expected -= 2000
        assert spent == expected

    @rule()
    def settle(self) -> None:
        """After all is pushed, answered and pulled, the site sees what the centre has and nothing else."""
        for answers in (push_all(self.site, self.centre),):
            self.model.answers.update((answer.operation, answer) for answer in answers)
        pull_all(self.site, self.centre)
        self.model.cursor = self.centre.seq
        self.model.replica = {key: d for key, d in self.centre.documents.items() if key.scope == REGION}
        held = {op.document for op in self.model.pending()}
        for key, document in self.model.replica.items():
            if key.id not in held:
                assert self.site.view.document(*_pair(key)) == document


def _pair(key: Key) -> tuple[str, str]:
    return key.scope, key.id


_TEMPLATE: list[TemporaryDirectory[str]] = []


def template_folder() -> Path:
    """Return a site's folder to be copied, made once and removed at the end."""
    if not _TEMPLATE:
        _TEMPLATE.append(TemporaryDirectory(prefix="site-"))
        make_site(Path(_TEMPLATE[0].name) / "site", *DOCUMENTS).close()
    return Path(_TEMPLATE[0].name) / "site"


TestInterleaving = Interleaving.TestCase
TestInterleaving.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


# single cases that the above finds again and again


def test_a_lost_answer_shows_nothing_twice(tmp_path: Path) -> None:
    site, centre = make_site(tmp_path, *DOCUMENTS), Centre.of(*DOCUMENTS)
    site.commit_all((ticket("t1"), draft("ticket.noted", "t1", {"text": "more"}), draft("ticket.chased", "t1", {})))
    batch = site.outbox.batch(500, 10**6)
    assert batch is not None
    first = centre.push(batch)  # and the answer is lost
    pull_all(site, centre)
    for _ in range(2):
        seen = site.view.document(REGION, "t1")
        assert seen is not None
        assert ([m["what"] for m in seen.data["moves"]], seen.data["chases"]) == (["opened", "noted", "chased"], 1)
        assert centre.push(batch) == first
        site.take_answers(batch.lineage, first, EPOCH)
    assert site.view.waiting_for(REGION, "t1") == 0
    assert len(centre.taken) == 3


@pytest.mark.parametrize("verdict", [Verdict.APPLIED, Verdict.FLAGGED, Verdict.HELD, Verdict.REFUSED])
def test_a_refused_operation_goes_out_of_sight_and_no_other(tmp_path: Path, verdict: Verdict) -> None:
    site, centre = make_site(tmp_path, *DOCUMENTS), Centre.of(*DOCUMENTS)
    made = site.commit(note("n1")).operation
    centre.forced[made.id] = verdict
    push_all(site, centre)
    pull_all(site, centre)
    assert (site.view.document(REGION, "n1") is None) is (verdict is Verdict.REFUSED)
    assert site.view.waiting_for(REGION, "n1") == (1 if verdict is Verdict.HELD else 0)
    entry = site.outbox.entry(made.id)
    assert entry is not None
    assert (entry.verdict, entry.state) == (verdict, "answered" if verdict is Verdict.HELD else "centre")
    waiting = [e.id for e in site.outbox.inbox()]
    assert waiting == ([] if verdict is Verdict.APPLIED else [made.id])


def test_a_held_operation_that_is_decided_later_is_settled_then(tmp_path: Path) -> None:
    site, centre = make_site(tmp_path, *DOCUMENTS), Centre.of(*DOCUMENTS)
    made = site.commit(note("n1")).operation
    centre.forced[made.id] = Verdict.HELD
    (held,) = push_all(site, centre)
    for verdict, seen in ((Verdict.HELD, True), (Verdict.REFUSED, False), (Verdict.APPLIED, False)):
        site.take_answers("lineage-1", [replace(held, verdict=verdict)], EPOCH)
        assert (site.view.document(REGION, "n1") is not None) is seen
    entry = site.outbox.entry(made.id)
    assert entry is not None
    assert entry.verdict is Verdict.REFUSED


def test_a_move_that_another_made_first_leaves_no_trace(tmp_path: Path) -> None:
    site, centre = make_site(tmp_path, *DOCUMENTS), Centre.of(*DOCUMENTS)
    site.commit(ticket("t1"))
    push_all(site, centre)
    pull_all(site, centre)
    site.commit(draft("ticket.dispatched", "t1", {"station": "department", "department": "network"}))
    before = centre.documents[Key(REGION, "t1")]
    centre.apply(Decision((Change(REGION, "t1", "ticket", {"state": "archived"}),)), "lineage-2")
    pull_all(site, centre)
    seen = site.view.document(REGION, "t1")
    assert seen is not None
    assert (seen.data["state"], seen.data["moves"]) == ("archived", before.data["moves"])
    (answer,) = push_all(site, centre)
    assert answer.verdict is Verdict.REFUSED
    assert site.view.document(REGION, "t1") == centre.documents[Key(REGION, "t1")]


def test_a_rebase_shows_no_flags_that_the_centre_didnt_set(tmp_path: Path) -> None:
    site, centre = make_site(tmp_path, *DOCUMENTS), Centre.of(*DOCUMENTS)
    made = [
        site.commit(promised("p1", "SIM")).operation,
        site.commit(about("voided", "p1", reason="mis-key")).operation,
    ]
    site.commit(draft("contact.turned", "k1", {}))  # verification falls to 0
    centre.forced[made[1].id] = Verdict.REFUSED
    push_all(site, centre)
    seen = site.view.document(REGION, "p1")
    assert seen is not None
    assert (seen.data["state"], seen.data.get("flags")) == ("made", None)


def test_a_refused_void_gives_nothing_back(tmp_path: Path) -> None:
    site, centre = make_site(tmp_path, *DOCUMENTS), Centre.of(*DOCUMENTS)
    site.commit(gift("p1"))
    voided = site.commit(about("voided", "p1", reason="mis-key")).operation
    centre.forced[voided.id] = Verdict.REFUSED
    push_all(site, centre)
    assert site.allowances()["cost"].left == 98_000
    assert sum(fact.amount for fact in centre.money) == 2000
    site.rewind("lineage-1", 0)
    assert site.allowances()["cost"].left == 98_000
    push_all(site, centre)
    assert site.allowances()["cost"].left == 98_000


def test_an_operation_is_pending_until_its_own_log_has_passed_its_change(tmp_path: Path) -> None:
    site = make_site(tmp_path, *DOCUMENTS)
    made = site.commit(note("n1")).operation
    # the centre was restored and numbers anew: the old replica's larger number says nothing
    site.take_answers("lineage-1", [Answer(made.id, 1, Verdict.APPLIED, (), REGION, 5)], "e2")
    assert site.view.waiting_for(REGION, "n1") == 1
    site.files.renew_replica(REGION)
    site.take_page(page(REGION, 4, *DOCUMENTS, epoch="e2"))
    site.complete_replicas()
    assert site.view.waiting_for(REGION, "n1") == 1
    site.take_page(page(REGION, 5, epoch="e2"))
    assert site.view.waiting_for(REGION, "n1") == 0


def test_what_was_answered_before_a_restore_and_isnt_lost_is_settled_in_the_new_log(tmp_path: Path) -> None:
    site = make_site(tmp_path, *DOCUMENTS)
    made = site.commit(note("n1")).operation
    site.take_answers("lineage-1", [Answer(made.id, 1, Verdict.APPLIED, (), REGION, 12)], "e1")
    site.files.renew_replica(REGION)
    mine = Document(REGION, "n1", "note", 12, {"text": "calls back", "customer": "c1"})
    site.take_page(page(REGION, 12, *DOCUMENTS, mine, epoch="e2"))
    assert site.view.waiting_for(REGION, "n1") == 1
    site.complete_replicas()
    assert site.view.waiting_for(REGION, "n1") == 0
    assert site.view.document(REGION, "n1") == mine


def test_what_the_centre_lost_is_pending_again_and_sent_again(tmp_path: Path) -> None:
    site, centre = make_site(tmp_path, *DOCUMENTS), Centre.of(*DOCUMENTS)
    site.commit_all((note("n1"), note("n2"), note("n3")))
    push_all(site, centre)
    pull_all(site, centre)
    assert site.outbox.waiting() == 0
    assert not site.rewind("lineage-1", 3)
    assert not site.rewind("lineage-1", 9)
    assert not site.rewind("unheard", 0)
    assert not site.rewind("lineage-1", -1)
    assert site.outbox.waiting() == 0
    assert site.rewind("lineage-1", 1)
    assert site.outbox.waiting() == 2
    assert [site.view.waiting_for(REGION, n) for n in ("n1", "n2", "n3")] == [0, 1, 1]
    batch = site.outbox.batch(500, 10**6)
    assert batch is not None
    assert batch.after_seq == 1
    restored = Centre.of(*DOCUMENTS)
    restored.seq = 50
    site.take_answers("lineage-1", restored.push(batch), EPOCH)
    entry = site.outbox.entries(1)[0]
    assert (entry.seq, entry.verdict, entry.state) == (3, Verdict.APPLIED, "answered")


def test_a_crash_between_page_and_overlay_is_mended(tmp_path: Path) -> None:
    site, centre = make_site(tmp_path, *DOCUMENTS), Centre.of(*DOCUMENTS)
    site.commit_all((ticket("t1"), note("n1")))
    push_all(site, centre)
    pull_all(site, centre)
    site.commit(draft("ticket.noted", "t1", {"text": "mine"}))
    site.commit(note("n2"))
    push_all(site, centre)
    centre.apply(Decision((Change(REGION, "t1", "ticket", {"title": "theirs"}),)), "lineage-2")
    found = centre.page(centre.seq - 3)
    with site.files.filling(REGION) as replica:  # and then the power fails
        from agentdesk.replica.tables import put, set_cursor

        put(replica, [row.document for row in found.rows if row.document])
        set_cursor(replica, REGION, found.epoch, found.upto, found.digest)
    site.close()
    site = open_site(tmp_path)
    assert site.view.waiting_for(REGION, "n2") == 1
    site.recover()
    assert site.view.waiting_for(REGION, "n2") == 0
    assert site.view.document(REGION, "t1") == centre.documents[Key(REGION, "t1")]


def test_lists_are_as_long_as_asked_for_though_some_of_the_replica_is_overlaid(tmp_path: Path) -> None:
    many = [
        Document(
            REGION, f"t{n}", "ticket", 1,
            {"number": "1", "customer": "c1", "state": "followed_up", "owner": AGENT, "due": NOW + n, "at": NOW + n},
        )
        for n in range(10, 30)
    ]  # fmt: skip
    site = make_site(tmp_path, customer(), *many)
    site.commit_all([draft("ticket.archived", f"t{n}", {}) for n in range(10, 15)])
    assert [d.id for d in site.view.open_work(most=10)] == [f"t{n}" for n in range(15, 25)]
    assert [d.id for d in site.view.open_work(AGENT, 3)] == ["t15", "t16", "t17"]
    assert len(site.view.open_work("nobody")) == 0
    assert len(site.view.timeline(REGION, "c1", 20)) == 20


def test_no_list_goes_through_all_documents(tmp_path: Path) -> None:
    site = make_site(tmp_path, *DOCUMENTS)
    asked: list[tuple[str, tuple[Any, ...]]] = []

    class Watched:
        def __init__(self, outbox: Any) -> None:
            self._outbox = outbox

        def execute(self, sql: str, arguments: tuple[Any, ...] = ()) -> Any:
            asked.append((sql, arguments))
            return self._outbox.execute(sql, arguments)

    outbox = site.files.outbox
    site.files.outbox = Watched(outbox)  # type: ignore[assignment]
    view = site.view
    view.document(REGION, "c1")
    view.work(REGION, "c1", NOW)
    view.timeline(REGION, "c1")
    view.made_since(REGION, AGENT, NOW)
    view.open_work()
    view.open_work(AGENT)
    view.holders("+861")
    view.named("王")
    view.referred("1")
    view.waiting_for(REGION, "c1")
    site.files.outbox = outbox
    for sql, arguments in asked:
        for row in outbox.execute(f"EXPLAIN QUERY PLAN {sql}", arguments):
            plan = str(row[3])
            # a scope alone is the whole region
            assert not plan.startswith("SCAN document"), (sql, plan)
            assert not (plan.startswith("SEARCH d") and plan.endswith("(scope=?)")), (sql, plan)


def test_work_without_a_deadline_comes_last(tmp_path: Path) -> None:
    def work(name: str, due: int | None, at: int) -> Document:
        return Document(REGION, name, "ticket", 1, {"state": "open", "owner": AGENT, "due": due, "at": at})

    site = make_site(
        tmp_path, work("late", NOW + 9, 0), work("new", None, NOW), work("old", None, 5), work("soon", 3, 0)
    )
    assert [d.id for d in site.view.open_work()] == ["soon", "late", "old", "new"]
    assert [d.id for d in site.view.open_work(AGENT, 3)] == ["soon", "late", "old"]


def test_closed_work_is_in_sight_for_the_window_only(tmp_path: Path) -> None:
    def closed(name: str, days: int) -> Document:
        data = {"number": "1", "customer": "c1", "state": "archived", "at": NOW - days * DAY}
        return Document(REGION, name, "ticket", 1, data)

    site = make_site(tmp_path, customer(), closed("new", 99), closed("old", WORK_WINDOW_MS // DAY + 1))
    assert [d.id for d in site.view.work(REGION, "c1", NOW)] == ["new"]


def opened_by(site: Site, number: str) -> list[str]:
    return [h.customer for h in site.view.holders(number)]


def test_all_holders_of_a_number_are_listed_the_owner_first(tmp_path: Path) -> None:
    def person(customer_id: str, relation: str) -> Document:
        people = [{"number": "+861", "name": "x", "relation": relation}]
        return customer(customer_id, line={"number": f"+869{customer_id[1:]}"}, people=people)

    owner = customer("c5", line={"number": "+861"})
    site = make_site(tmp_path, person("c3", "agent"), person("c4", "user"), owner, person("c2", "user"))
    found = site.view.holders("+861")
    assert [(h.customer, h.relation, h.rank) for h in found] == [
        ("c5", "owner", 0), ("c2", "user", 1), ("c4", "user", 1), ("c3", "agent", 2)
    ]  # fmt: skip
    assert site.view.holders("+860") == ()


def test_numbers_lead_to_a_customer_as_he_is_now(tmp_path: Path) -> None:
    first = customer(line={"number": "+861"})
    site = make_site(tmp_path, first)
    newer = replace(customer(line={"number": "+862"}), rev=11)
    site.take_page(page(REGION, 11, newer))
    assert (opened_by(site, "+861"), opened_by(site, "+862")) == ([], ["c1"])
    # an older revision that comes late, by another scope, brings nothing back
    site.take_page(page(REGION, 12, replace(first, rev=9), newer))
    site.take_page(page(REGION, 13, newer, replace(first, rev=9)))
    assert (opened_by(site, "+861"), opened_by(site, "+862")) == ([], ["c1"])
    site.take_page(page(REGION, 14, gone=[newer.key]))
    assert (opened_by(site, "+862"), site.view.document(REGION, "c1")) == ([], None)


def test_customers_are_found_by_the_beginning_of_their_names(tmp_path: Path) -> None:
    site = make_site(tmp_path, customer("c1", name="王小明"), customer("c2", name="王明"), customer("c3", name="张王"))
    assert [d.id for d in site.view.named("王")] == ["c1", "c2"]
    assert [d.id for d in site.view.named("王小")] == ["c1"]
    assert len(site.view.named("", 2)) == 2


def test_work_is_found_by_its_own_number_as_it_is_now(tmp_path: Path) -> None:
    site, centre = make_site(tmp_path, *DOCUMENTS), Centre.of(*DOCUMENTS)
    site.commit(promised("p1"))
    number = promised("p1").body["number"]
    for _ in range(2):
        (found,) = site.view.referred(number)
        assert (found.id, found.data["state"]) == ("p1", "made")
        push_all(site, centre)
        pull_all(site, centre)
    site.commit(about("withdrawn", "p1", reason="no more"))
    (found,) = site.view.referred(number)
    assert found.data["state"] == "withdrawn"


def test_work_of_a_region_that_is_told_by_other_scopes_is_in_sight(tmp_path: Path) -> None:
    """A department's site has no replica of the regions: it is told of its tickets by its own scope."""
    site = make_site(tmp_path, customer())
    data: dict[str, Any] = {
        "number": "77",
        "customer": "c9",
        "state": "dispatched",
        "owner": None,
        "due": NOW,
        "at": NOW,
        "moves": [],
    }
    theirs = Document("region/sh", "t9", "ticket", 3, data)
    site.take_page(page("department/network", 3, theirs))
    assert site.view.document("region/sh", "t9") == theirs
    assert [d.id for d in site.view.open_work()] == ["t9"]
    assert site.view.regions() == ["region/bj", "region/sh"]
    site.commit(replace(draft("ticket.accepted", "t9", {}), scope="region/sh"))
    found = site.view.document("region/sh", "t9")
    assert found is not None
    assert found.data["state"] == "accepted"
    assert site.view.answers(needs(site.commit(replace(note("n9"), scope="region/sh")).operation), NOW, True).partial
