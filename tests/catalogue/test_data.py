"""The shipped policy: it passes its own check, and can be promised to whoever may call."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.catalogue import packaged
from agentdesk.catalogue.check import check
from agentdesk.domain.access import may
from agentdesk.domain.case import Case
from agentdesk.domain.condition.conditions import fails
from agentdesk.domain.finance.amounts import computed
from agentdesk.domain.language.words import BLANKS, blanks, fill
from agentdesk.domain.offering.offers import assess, authority, offers
from agentdesk.domain.policy import TIERS, Bilingual, Template
from agentdesk.domain.times.calendar import Limit, due
from agentdesk.domain.times.zone import DAY_MS
from tests.catalogue.cases import NOW, case_of, cases

CATALOGUE = packaged()
ROLES = ("agent", "clerk", "expert", "team_leader", "duty_manager", "hall_manager")

templates = pytest.mark.parametrize("template", CATALOGUE.templates.values(), ids=lambda template: template.code)
instants = st.integers(NOW - 2000 * DAY_MS, NOW + 2000 * DAY_MS)


def spoken(template: Template) -> list[Bilingual]:
    """All words of a template that are said to a customer."""
    own = [template.ask, template.tell, template.offline.ask, template.offline.tell]
    return [words for words in own if words is not None]


def test_it_passes_the_check(repository: Path) -> None:
    assert check(repository / "data" / "catalogue") == ()


def test_it_calls_itself_a_sample() -> None:
    assert CATALOGUE.sample
    assert CATALOGUE.version.startswith("sample-")


def test_it_has_the_published_commitments_of_both_programmes() -> None:
    published = [t for t in CATALOGUE.templates.values() if t.programme in ("u_plus", "wo")]

    assert Counter((t.programme, t.group) for t in published) == {
        ("u_plus", "upgrade"): 4,
        ("u_plus", "unusual"): 5,
        ("u_plus", "useful"): 4,
        ("u_plus", "ubiquitous"): 2,
        ("wo", "assured"): 4,
        ("wo", "handy"): 3,
        ("wo", "value"): 3,
    }


def test_it_has_the_131_commitments_that_the_articles_count() -> None:
    assert len(CATALOGUE.templates) == 131


@templates
@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_words_fill_in_both_languages(template: Template, language: str) -> None:
    for words in spoken(template):
        filled = fill(words.say(language), dict.fromkeys(BLANKS, "<>"))

        assert filled.count("<>") >= len(blanks(words.say(language)))
        assert not set("{}") & set(filled)


@given(at=instants)
def test_every_promise_has_a_deadline_in_the_future(at: int) -> None:
    promised = CATALOGUE.templates.values()
    limits = [limit for t in promised for limit in (*t.limits.values(), t.law, t.offline.limit)]

    assert all(due(limit, CATALOGUE.calendars, at) > at for limit in limits if limit is not None)


@given(at=instants)
def test_every_clock_of_tickets_and_stations_runs(at: int) -> None:
    by_tier = [clock.limits for clock in CATALOGUE.tickets.values()]
    by_tier += [clock.limits for clock in CATALOGUE.stations.values()]
    limits = [limit for own in by_tier for limit in own.values()]
    laws = [clock.law for clock in CATALOGUE.tickets.values() if clock.law]

    assert all(due(limit, CATALOGUE.calendars, at) > at for limit in [*limits, *laws])


@given(case=cases())
def test_every_condition_and_amount_can_be_had_of_any_caller(case: Case) -> None:
    for template in CATALOGUE.templates.values():
        for condition in (*template.applies, *(boost.when for boost in template.boosts)):
            reason = fails(condition, case, CATALOGUE)
            assert reason is None or reason.code
        if template.money:
            assert computed(template.money, case, CATALOGUE) >= 0


@given(case=cases().filter(lambda one: may(CATALOGUE.roles.get(one.role), "commitment.made")))
def test_any_caller_can_be_offered_something_with_the_line_up_or_down(case: Case) -> None:
    offered = offers(case, CATALOGUE)

    assert any(offer.status == "available" for offer in offered)
    # what may not be promised while the line is down has something else in its place
    for offer in offered:
        if not case.online and offer.template.offline.mode == "none":
            instead = CATALOGUE.templates[offer.template.offline.instead or ""]
            assert assess(instead, case, CATALOGUE).status == "available"


@templates
def test_authority_never_falls_with_role_or_tier(template: Template) -> None:
    bounds = [[authority(template, role, tier, CATALOGUE) for tier in TIERS] for role in ROLES]

    for row in (*bounds, *zip(*bounds, strict=True)):
        known = [bound for bound in row if bound is not None]
        assert known == sorted(known)
        assert not known or len(known) == len(row)


def test_a_caller_from_his_own_active_number_has_promises_that_need_no_more() -> None:
    customer = {
        "since": NOW - 1000 * DAY_MS,
        "subscriptions": [{"id": "s1", "kind": "mobile", "account": "a1"}],
        "accounts": [{"id": "a1"}],
    }

    best = offers(case_of(customer, level=1), CATALOGUE)[:5]

    assert any((offer.status, offer.template.verify) == ("available", 1) for offer in best)


def forgot_to_pay(arrears: int, card: str = "supreme", months: int = 24, **more: object) -> dict[str, object]:
    """A customer whose mobile line was stopped for arrears."""
    line = {"id": "s1", "kind": "mobile", "account": "a1", "status": "stopped", "stop_reason": "arrears"}
    account = {"id": "a1", "arrears": arrears}
    since = NOW - (months * 30 + 1) * DAY_MS
    return {"card": card, "since": since, "subscriptions": [line], "accounts": [account], **more}


def test_power_on_for_a_diamond_customer_who_forgot_to_pay() -> None:
    case = case_of(forgot_to_pay(12_840), level=1)
    first, *others = offers(case, CATALOGUE)

    assert first.template.code == "U04"
    assert (first.status, first.reasons[0].values) == ("verify", {"level": 2})
    assert (first.amount, first.ceiling) == (20_000, 30_000)
    assert first.due == NOW + 10 * 60_000
    assert first.template.days["diamond"] == 3
    assert others[0].template.code == "W03"


@pytest.mark.parametrize(
    ("customer", "reason"),
    [
        pytest.param(forgot_to_pay(12_840, "ordinary"), "arrears_above", id="arrears-above-the-credit"),
        pytest.param(forgot_to_pay(5_000, months=5), "too_new", id="too-new"),
        pytest.param(forgot_to_pay(5_000, flags=["arrears_list"]), "customer_flag", id="on-the-list"),
        pytest.param(
            forgot_to_pay(5_000) | {"accounts": [{"id": "a1", "arrears": 5_000, "credit_repaid": False}]},
            "credit_open",
            id="credit-open",
        ),
    ],
)
def test_power_on_is_not_for_everybody_who_is_stopped(customer: dict[str, object], reason: str) -> None:
    offer = assess(CATALOGUE.templates["U04"], case_of(dict(customer), level=2), CATALOGUE)

    assert offer.status == "inapplicable"
    assert [r.code for r in offer.reasons] == [reason]


@given(arrears=st.integers(1, 40_000), card=st.sampled_from(sorted(CATALOGUE.cards)))
def test_the_credit_covers_the_arrears_and_stays_below_its_ceiling(arrears: int, card: str) -> None:
    case = case_of(forgot_to_pay(arrears, card), level=2)
    for code in ("U04", "W03"):
        offer = assess(CATALOGUE.templates[code], case, CATALOGUE)
        if offer.status != "inapplicable":
            assert offer.status == "available"
            assert offer.amount is not None
            assert offer.ceiling is not None
            assert arrears <= offer.amount <= offer.ceiling


def test_a_forced_service_is_refunded_first() -> None:
    vas = [
        {"code": "a", "name": "a", "fee": 1_800, "source": "unknown"},
        {"code": "b", "name": "b", "fee": 500, "source": "owner"},
    ]
    case = case_of({"subscriptions": [{"id": "s1", "kind": "mobile", "vas": vas}]}, level=2)

    first = offers(case, CATALOGUE)[0]

    assert (first.template.code, first.status, first.amount) == ("U11", "available", 1_800)


def test_a_speed_below_contract_is_paid_for_after_seven_days_to_all_alike() -> None:
    def offer(days: int, card: str, role: str) -> tuple[str, int | None]:
        line = {"id": "s1", "kind": "broadband", "fee": 30_000, "rate_mbps": 500, "fault_since": NOW - days * DAY_MS}
        tests = [{"subscription": "s1", "mbps": 300, "valid": True}]
        case = case_of({"card": card, "subscriptions": [line], "speed_tests": tests}, level=2, role=role)
        found = assess(CATALOGUE.templates["U13"], case, CATALOGUE)
        return found.status, found.amount

    assert offer(6, "supreme", "hall_manager")[0] == "inapplicable"
    assert offer(8, "ordinary", "agent") == offer(8, "supreme", "hall_manager") == ("available", 8_000)


@pytest.mark.parametrize("code", ["U09", "W07", "W08"])
def test_what_needs_the_centre_becomes_a_call_back_with_the_line_down(code: str) -> None:
    offline = CATALOGUE.templates[code].offline

    assert (offline.mode, offline.instead) == ("none", "U02")


def test_a_call_back_promised_at_night_is_due_after_eight_in_the_morning() -> None:
    ten_at_night = 1_780_063_200_000  # 2026-05-29 22:00 in China

    assert due(CATALOGUE.templates["U02"].limits["vip"], CATALOGUE.calendars, ten_at_night) == (
        ten_at_night + (10 * 60 + 30) * 60_000
    )


def test_nobody_is_rung_or_visited_around_the_clock_but_the_law_never_rests() -> None:
    laws = [template.law for template in CATALOGUE.templates.values()]
    laws += [clock.law for clock in CATALOGUE.tickets.values()]

    assert {law.unit for law in laws if law} == {"natural"}
    for code in ("U02", "U07", "U14", "W01"):
        assert {limit.unit for limit in CATALOGUE.templates[code].limits.values()} == {"working"}


def test_the_office_knows_the_holidays_and_the_make_up_days() -> None:
    office = CATALOGUE.calendars["office"]
    week = Limit(office.minutes_per_workday, "working", "office")
    eve_of_the_national_day = 1_790_760_600_000  # 2026-09-30 17:30 in China

    assert office.published_to == 2026
    assert due(week, CATALOGUE.calendars, eve_of_the_national_day) > eve_of_the_national_day + 7 * DAY_MS


def test_the_classification_has_three_levels_in_both_trees() -> None:
    for tree, prefix, least in (("symptom", "", 25), ("cause", "cause.", 20)):
        codes = [node.code.removeprefix(prefix) for node in CATALOGUE.classes.values() if node.tree == tree]
        assert Counter(code.count(".") for code in codes)[2] >= least
        assert {code.partition(".")[0] for code in codes} <= {"fault", "complaint", "request", "inquiry", "feedback"}


def test_each_kind_of_ticket_has_a_clock() -> None:
    assert {"fault", "complaint", "request", "inquiry", "feedback"} <= CATALOGUE.tickets.keys()
