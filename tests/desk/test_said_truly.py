"""What a screen says is true while it is said: nothing counts on that is over, and words fit the matter."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from agentdesk.catalogue import packaged
from agentdesk.desk import i18n
from agentdesk.desk.models import promise as promise_words
from agentdesk.desk.models import rail, scripts, times
from agentdesk.desk.models.card import card, card_rows
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.order import order_rows
from agentdesk.desk.models.places import Place
from agentdesk.desk.models.promise_life import life_rows
from agentdesk.desk.models.rail import Step
from agentdesk.desk.models.rows import text
from agentdesk.desk.models.verify import VerifyView, missed, verify_rows
from agentdesk.desk.models.work import LETTERS, open_lines
from agentdesk.desk.queries.promises import PromiseFound
from agentdesk.domain.case import Customer
from agentdesk.domain.documents import Document
from tests.domain.test_kinds import made_promise, service_order, ticket
from tests.domain.world import AGENT, DAY, HOUR, NOW, customer
from tests.policy import CATALOGUE


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.use("en")


def page(promise: Document, at: int) -> list[str]:
    found = PromiseFound(promise, Place(), CATALOGUE, CATALOGUE.version, customer="W**")
    return [text(line) for line in life_rows(found, AGENT, at, 100)]


def test_how_late_a_promise_was_stands_still_once_it_is_kept_and_its_proof_stands_there() -> None:
    kept = {"state": "fulfilled", "late": True, "due": NOW, "closed_at": NOW + HOUR}
    moves = [{"what": "fulfilled", "at": NOW + HOUR, "by": AGENT, "text": "the test shows 96 Mbit/s"}]
    promise = made_promise(**kept, moves=moves)
    shown = [page(promise, at) for at in (NOW + HOUR, NOW + 3 * DAY)]
    deadlines = [next(line for line in lines if "deadline" in line) for lines in shown]
    assert all("60 min late" in line for line in deadlines)
    assert any("the test shows 96 Mbit/s" in line for line in shown[1])
    in_time = page(made_promise(**{**kept, "late": False, "closed_at": NOW - HOUR}), NOW + DAY)
    assert not any("late" in line or "left" in line for line in in_time)


def test_a_promises_page_says_whose_it_is() -> None:
    assert "W**" in page(made_promise(), NOW)[0]


def test_what_is_late_for_less_than_a_minute_has_words_short_enough_for_a_column() -> None:
    for language in ("en", "zh-CN"):
        i18n.use(language)
        words, late = times.left(NOW, NOW + 1_000)
        assert late
        assert len(words.encode("gbk")) <= 12


def test_a_dialog_that_can_verify_no_more_asks_for_nothing() -> None:
    view = VerifyView("W**", "certificate_tail", "owner", 0, {"service_password": 3}, 3, frozenset())
    assert "certificate" in missed("service_password", view)
    spent = VerifyView("W**", "service_password", "owner", 0, {}, 3, frozenset(), today=5, most_today=5)
    assert missed("service_password", spent) == ""
    assert not any("Ask" in text(line) for line in verify_rows(spent))


@pytest.mark.parametrize("step", list(Step))
def test_words_that_only_some_callers_matter_makes_true_are_never_put_before_the_agent(step: Step) -> None:
    contact: Any = SimpleNamespace(
        facts=None, misses={}, moments={}, call=None, promises=[], ended=False, dropped_by=None, step=step, again=""
    )
    found = scripts.present(packaged(), contact, "talking", True)
    assert found is None or found.code in ("S01", "S24")


def test_the_question_of_the_moment_is_about_what_presses_most(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [SimpleNamespace(code=code) for code in ("contract_ending", "repeat")]
    monkeypatch.setattr(rail, "warnings", lambda _facts: known)
    facts: Any = SimpleNamespace(customer=object())
    assert "last matter" in rail.script(Step.LISTEN, facts)


def test_letters_move_on_to_what_has_none_and_come_round_again() -> None:
    tickets = [replace(ticket(due=NOW + n * HOUR), id=f"t{n}") for n in range(8)]
    first = open_lines(tickets, {}, CATALOGUE, AGENT, most=20)
    turned = open_lines(tickets, {}, CATALOGUE, AGENT, most=20, turned=len(LETTERS))
    assert [line.document.id for line in turned] == [f"t{n}" for n in (6, 7, 0, 1, 2, 3, 4, 5)]
    assert [line.key for line in first] == [line.key for line in turned] == [*LETTERS, "", ""]


def test_a_caller_who_can_be_verified_no_more_is_offered_no_other_try() -> None:
    catalogue = packaged()
    most, once = catalogue.rules.verify_misses_day, catalogue.rules.verify_misses_call
    contact = Document("bj", "c1", "contact", 1, {"channel": "hotline", "missed": {"service_password": once}})
    facts = Facts(catalogue, NOW, True, AGENT, "agent", Customer(customer()), contact=contact)
    caller: Any = SimpleNamespace(
        facts=facts,
        misses={"service_password": once},
        moments={},
        call=None,
        promises=[],
        ended=False,
        dropped_by=None,
        step=Step.RECEIVE,
        board=SimpleNamespace(lines=()),
        again="",
    )
    assert "v" in text(card_rows(card(facts), 80)[0]).split()
    assert scripts.situations(caller, "talking", True)[0] == "S03"
    caller.facts = replace(facts, missed_today=most)
    head = text(card_rows(card(caller.facts), 80)[0])
    assert "v" not in head.split()
    assert "counter" in head
    assert "S03" not in scripts.situations(caller, "talking", True)
    assert scripts.situations(caller, "talking", True)[0] == "S25"
    # what the ID card's reader says counts all the same
    at_the_counter = Document("bj", "c1", "contact", 1, {"channel": "hall"})
    assert "v" in text(card_rows(card(replace(caller.facts, contact=at_the_counter)), 80)[0]).split()


def test_words_whose_time_has_passed_while_they_lay_open_are_not_read_out() -> None:
    promise = made_promise(number="200010002188", due=NOW + HOUR, tell={"text": "done by the old time"})

    def dialog(at: int, **data: Any) -> str:
        rows = promise_words.told_rows({**promise.data, **data}, "done by the old time", at, "a name", False, 80)
        return "\n".join(text(line) for line in rows)

    assert "done by the old time" in dialog(NOW)
    late = dialog(NOW + 2 * HOUR)
    assert "done by the old time" not in late
    assert "sorry" in late
    # the first of two times has passed, the second stands
    first = dialog(NOW + HOUR // 2, also_due=NOW + HOUR // 4)
    assert "done by the old time" not in first
    assert times.moment(NOW + HOUR, NOW + HOUR // 2) in first
    assert "done by the old time" in dialog(NOW + HOUR // 2, also_due=NOW + HOUR // 4, also_kept_at=NOW)
    # the page says the same, and afterwards what was said
    assert any("sorry" in line for line in page(promise, NOW + 2 * HOUR))
    told = made_promise(**{**promise.data, "spoken_at": NOW + HOUR, "spoken_instead": "I am late"})
    assert any("I am late" in line for line in page(told, NOW + 2 * HOUR))


def test_an_order_that_was_cancelled_says_that_the_network_may_have_begun_it() -> None:
    def lines(**data: Any) -> str:
        return "\n".join(text(line) for line in order_rows(service_order(**data), CATALOGUE, NOW, 100))

    assert "network may have begun" in lines(state="cancelled")
    # what the network said it can't do, it hasn't begun
    assert "network may have begun" not in lines(state="cancelled", failure="no room")
    assert "network may have begun" not in lines(state="ordered")
