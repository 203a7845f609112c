from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agentdesk.domain.numbering.ids import check, parts_of
from agentdesk.domain.operation import GENESIS, follows, read
from agentdesk.store.committing import Refused
from agentdesk.store.errors import StoreError
from agentdesk.store.site import NotEnrolled
from tests.domain.world import AGENT, DAY, HOUR, MINUTE, NOW, REGION, FakeClock, contact, customer, overcharged
from tests.policy import VERSION
from tests.store.world import (
    SCOPES,
    Centre,
    about,
    draft,
    gift,
    identity,
    make_site,
    note,
    open_site,
    promised,
    push_all,
    ticket,
)


def refused(site: Any, made: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        site.commit(made)
    return [reason.code for reason in caught.value.reasons]


def chain(site: Any) -> list[Any]:
    rows = site.files.outbox.execute("SELECT head, salt, body FROM operation ORDER BY seq").fetchall()
    return [read(*row) for row in rows]


def test_what_is_committed_is_in_the_chain_and_in_sight(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    made = [site.commit(note("n1", "first")), site.commit(note("n2", "second"))]

    previous = GENESIS
    for seq, (operation, committed) in enumerate(zip(chain(site), made, strict=True), 1):
        assert follows(operation, seq - 1, previous)
        assert operation == committed.operation._replace(data=operation.data)
        assert (operation.site, operation.lineage, operation.catalogue) == ("site-1", "lineage-1", VERSION)
        assert operation.cursors == {"catalogue": "e1:1", "org": "e1:2", REGION: "e1:10", "site/site-1": "e1:2"}
        previous = operation.hash
    seen = site.view.document(REGION, "n1")
    assert seen is not None
    assert (seen.data["text"], seen.rev, site.view.waiting_for(REGION, "n1")) == ("first", 0, 1)
    assert site.outbox.waiting() == 2


def test_several_are_committed_together_or_not_at_all(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.commit_all((ticket("t1"), note("n1"), draft("ticket.noted", "t1", {"text": "more"})))
    assert [op.kind for op in chain(site)] == ["ticket.opened", "note.added", "ticket.noted"]
    with pytest.raises(Refused):
        site.commit_all((note("n2"), note("n3", "   ")))
    assert len(chain(site)) == 3
    assert site.view.document(REGION, "n2") is None
    site.commit(note("n4"))
    assert [op.seq for op in chain(site)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("made", "codes"),
    [
        (note("n1", ""), ["empty_note"]),
        (draft("note.added", "n1", {}), ["malformed"]),
        (draft("note.added", "n1", {"text": "\ud800"}), ["malformed"]),
        (draft("note.added", "n1", {"text": "x", "n": float("nan")}), ["malformed"]),
        (draft("note.added", "n1", {"text": "x", "more": "x" * 100_000}), ["malformed"]),
        (draft("ticket.opened", "t1", {}), ["malformed"]),
        (draft("ticket.noted", "t9", {"text": "x"}), ["unknown_document"]),
        (replace(note("n1"), actor="stranger"), ["unknown_actor"]),
        (replace(note("n1"), role="expert"), ["role_differs"]),
        (promised("p1", "SIM", body={"contact": None}), ["verify"]),
        (promised("p1", "GIFT", amount=2000), ["no_allowance"]),
        (promised("p1", "RATE", amount=5001, allowance="lease-cost"), ["above_authority"]),
        (promised("p1", body={"customer": "c9"}), ["unknown_customer"]),
    ],
)
def test_what_the_rules_dont_allow_leaves_no_trace(tmp_path: Path, made: Any, codes: list[str]) -> None:
    site = make_site(tmp_path)
    assert refused(site, made) == codes
    assert chain(site) == []
    assert site.view.document(REGION, made.document) is None
    assert site.outbox.waiting() == 0
    site.commit(note("after"))
    assert [op.seq for op in chain(site)] == [1]


def test_a_promise_that_names_no_policy_remembers_the_one_in_force(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    made = site.commit(replace(promised("p1"), catalogue=""))
    assert made.operation.catalogue == VERSION
    assert made.documents[0].data["catalogue"] == VERSION


def test_a_folder_that_is_no_site_says_what_to_do(tmp_path: Path) -> None:
    site = open_site(tmp_path / "site")
    assert not site.enrolled()
    with pytest.raises(NotEnrolled, match="site enrol"):
        site.commit(note("n1"))
    site.enrol(identity(), "lineage-1")
    with pytest.raises(StoreError, match="enrolled already"):
        site.enrol(identity(site="other"), "lineage-2")
    assert site.identity == identity()
    site.move_centre("https://elsewhere.example")
    assert site.identity.url == "https://elsewhere.example"
    assert site.identity.scopes == SCOPES
    assert (tmp_path / "site").stat().st_mode & 0o077 == 0


def test_the_instant_is_the_wall_clock_less_its_known_error(tmp_path: Path) -> None:
    clock = FakeClock(NOW + HOUR)
    site = make_site(tmp_path, clock=clock)
    site.line.seen("online", clock.wall, "test", offset=HOUR)
    made = site.commit(note("n1"))
    assert (made.operation.wall, made.operation.offset, made.documents[0].data["at"]) == (NOW + HOUR, HOUR, NOW)
    assert site.now() == NOW


# the line (DOMAIN rule 12)


def test_a_line_that_nobody_has_seen_for_a_while_is_down(tmp_path: Path) -> None:
    clock = FakeClock()
    site = make_site(tmp_path, clock=clock)
    assert site.line.state().online
    clock.pass_ms(119_999)
    assert site.line.state().online
    clock.pass_ms(1)
    assert not site.line.state().online
    assert site.line.state().since == NOW
    assert site.line.written().state == "online"
    clock.wall = NOW - DAY
    assert not site.line.state().online


def test_with_the_line_down_a_promise_needs_its_line_down_words(tmp_path: Path) -> None:
    clock = FakeClock()
    site = make_site(tmp_path, customer(), contact("k1", level=2), clock=clock)
    site.line.cut(True, NOW)
    assert not site.line.state().online
    assert refused(site, promised("p1", "VISIT", body={"due": NOW + 3 * HOUR})) == ["due_too_soon"]
    assert refused(site, promised("p1", "SIM")) == ["line_down"]
    site.commit(promised("p1", "VISIT", body={"due": NOW + 4 * HOUR, "line": "down"}))
    site.line.cut(False, NOW)
    site.commit(promised("p2", "SIM"))


# allowances


def test_an_allowance_is_spent_and_given_back(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    left = [site.allowances()["cost"].left]
    site.commit(gift("p1"))
    left.append(site.allowances()["cost"].left)
    site.commit(about("voided", "p1", reason="mis-key"))
    left.append(site.allowances()["cost"].left)
    # till the centre has taken it, it may turn out not to be done
    push_all(site, Centre.of(overcharged(), contact("k1", level=2)))
    left.append(site.allowances()["cost"].left)
    assert left == [100_000, 98_000, 98_000, 100_000]
    assert site.allowances()["credit"].left == 50_000


def test_beyond_its_allowance_a_site_promises_nothing(tmp_path: Path) -> None:
    site = make_site(tmp_path, overcharged(card="supreme"), contact("k1", level=2))
    site.take_page(_lease_page(3, 4500))
    site.commit(gift("p1"))
    site.commit(gift("p2"))
    assert refused(site, gift("p3")) == ["allowance"]
    assert site.allowances()["cost"].left == 500
    site.take_page(_lease_page(4, 10_000))
    site.commit(gift("p3"))


def _lease_page(upto: int, amount: int) -> Any:
    from tests.store.world import OWN, lease, page

    return page(OWN, upto, lease("cost", amount, upto))


def test_what_an_agent_may_give_in_a_day_counts_for_all_his_customers(tmp_path: Path) -> None:
    many = [customer(f"c{n}") for n in range(1, 10)]
    site = make_site(tmp_path, *many, contact("k1"))
    for n in range(1, 9):
        body = {"customer": f"c{n}", "subscription": f"c{n}-m"}
        site.commit(promised(f"p{n}", "GIFT", amount=2000, allowance="lease-cost", body=body))
    ninth = {"customer": "c9", "subscription": "c9-m"}
    assert refused(site, promised("p9", "GIFT", amount=2000, allowance="lease-cost", body=ninth)) == [
        "agent_day_promises"
    ]
    site.commit(promised("p9", body=ninth))


# numbers, drafts


def test_numbers_are_of_the_site_with_a_check_digit_and_never_given_twice(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    numbers = [site.next_number() for _ in range(5)]
    site.close()
    again = open_site(tmp_path)
    numbers += [again.next_number() for _ in range(5)]
    assert len(set(numbers)) == 10
    assert all(check(number) for number in numbers)
    assert [parts_of(number) for number in numbers] == [(7, n) for n in range(1, 11)]


def test_drafts_are_kept_until_they_are_emptied(tmp_path: Path) -> None:
    clock = FakeClock()
    site = make_site(tmp_path, clock=clock)
    site.keep_draft("note:k1", "half a sen")
    clock.pass_ms(MINUTE)
    site.keep_draft("note:k2", "another")
    clock.pass_ms(MINUTE)
    site.keep_draft("note:k1", "half a sentence")
    site.close()
    site = open_site(tmp_path)
    assert site.draft("note:k1") == "half a sentence"
    assert list(site.drafts()) == ["note:k1", "note:k2"]
    site.keep_draft("note:k1", "")
    assert site.draft("note:k1") == ""
    assert site.drafts() == {"note:k2": "another"}


def test_the_author_is_the_one_who_is_named(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    assert site.commit(note("n1")).documents[0].data["by"] == AGENT
