"""What the caller may not hear yet says so where it stands, by one table."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agentdesk.desk import i18n
from agentdesk.desk.models.rows import row, text, width
from agentdesk.desk.models.telling import NEVER, legend, mark, marked, sign, signed, signs_in
from agentdesk.desk.models.ticket_page import TicketView, page_rows
from agentdesk.desk.screens.desk import DeskScreen
from agentdesk.domain.condition.conditions import VOCABULARY, Reason
from agentdesk.domain.documents import Document
from agentdesk.domain.profile.disclosure import (
    CONDITIONS,
    FACTS,
    INTERNAL,
    PLAIN_CONDITIONS,
    REASONS,
    fact_of,
    level_for,
    may_tell,
)
from tests.desk.driving import answered, running, screen_text, verified
from tests.desk.test_main_screen import shown as lines_of
from tests.desk.world import WANG, Desk
from tests.domain.world import NOW, REGION


def facts(level: int, contact: bool = True) -> Any:
    return SimpleNamespace(level=level, contact=object() if contact else None, customer=None, catalogue=None)


@pytest.mark.parametrize("fact", [*sorted(FACTS), *sorted(INTERNAL)])
def test_words_are_marked_where_the_table_keeps_them_from_the_caller_and_nowhere_else(fact: str) -> None:
    for level in range(4):
        assert (marked("words", fact, facts(level)) == "words") is may_tell(fact, level)
        assert bool(mark(fact, facts(level))) is not may_tell(fact, level)
        assert marked("words", fact, facts(level, contact=False)) == "words", "nobody is on the line"


def test_who_comes_is_marked_on_a_ticket_until_the_caller_rings_from_his_own_number() -> None:
    i18n.use("en")
    data = {"number": "1", "kind": "fault", "state": "accepted", "customer": "c1", "moves": [], "at": NOW}
    ticket = Document(REGION, "t1", "ticket", 1, {**data, "engineer": {"name": "Li Wei", "number": "13800000000"}})

    def shown(level: int | None) -> str:
        known = None if level is None else facts(level)
        rows = page_rows(TicketView(ticket), None, "1024", NOW, 100, known)
        return next(text(line) for line in rows if "Li Wei" in text(line))

    assert "tell from level 1 on" in shown(0)
    assert "tell from" not in shown(1)
    assert "tell from" not in shown(None)


@pytest.mark.parametrize("fact", [*sorted(FACTS), *sorted(INTERNAL)])
def test_a_sign_names_the_level_and_the_legend_says_what_it_means(fact: str) -> None:
    i18n.use("en")
    for level in range(4):
        found = sign(fact, facts(level))
        assert bool(found) is not may_tell(fact, level)
        expected = "" if not found else "not for the caller" if fact in INTERNAL else f"level {level_for(fact)}"
        assert expected in text(legend([found]))
        assert found in text(legend([found]))
    assert not sign(fact, facts(0, contact=False))
    assert not legend(["^2"], said=["^1"])
    assert not legend([])


def test_of_signs_of_several_levels_one_legend_is_shown() -> None:
    i18n.use("en")
    assert text(legend(["^1", "^2", NEVER])) == "^n: tell from level n on, ^x: not for the caller"


def test_every_condition_of_the_policy_is_in_the_table_of_what_it_tells() -> None:
    assert CONDITIONS.keys() | PLAIN_CONDITIONS == VOCABULARY.keys()
    assert not CONDITIONS.keys() & PLAIN_CONDITIONS
    assert {*CONDITIONS.values(), *REASONS.values()} <= FACTS.keys() | INTERNAL


@pytest.mark.parametrize(
    ("reason", "least"),
    [
        (Reason.of("in_arrears", arrears=100), 1),
        (Reason.of("no_vas"), 2),
        (Reason.of("because", condition="contract_ends"), 2),
        (Reason.of("lead_warning", warning="payment_due"), 2),
        (Reason.of("once_per_cycle"), 1),
        (Reason.of("verify", level=2), 0),
        (Reason.of("lead_matter"), 0),
    ],
    ids=lambda value: value.code if isinstance(value, Reason) else "",
)
def test_a_reason_beside_an_offer_bears_the_sign_of_its_fact(reason: Reason, least: int) -> None:
    fact = fact_of(reason)
    for level in range(4):
        found = signs_in(signed(reason, facts(level)))
        assert found == (frozenset() if level >= least else {f"^{least}"})
        assert found == {sign(fact, facts(level))} - {""}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_card_has_one_legend_and_it_goes_with_the_verification(tmp_path: Path, language: str) -> None:
    desk = Desk(tmp_path / "site", language=language)
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        screen = desk.app.desk_screen
        assert isinstance(screen, DeskScreen)
        card = lines_of(screen, "#card")
        assert "".join(card).count("^2") >= 2, "each warning bears its sign"
        words = text(legend(signs_in(*card) - {"^n"}))
        assert sum(line.count(words.split()[-1]) for line in card) == 1, "what it means is said once"
        assert all(width(row(line)) <= 80 for line in card)
    desk = Desk(tmp_path / "other", language=language)
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        assert "^2" not in "".join(lines_of(desk.app.desk_screen, "#card"))
        assert "^2" not in "".join(lines_of(desk.app.desk_screen, "#main"))


async def test_each_value_added_service_bears_the_sign_until_the_caller_may_hear_of_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "site", language="en")
    async with running(desk) as pilot:
        await answered(desk, pilot, WANG)
        await pilot.press("V")
        said = screen_text(pilot)
        assert said.count("^2 no proof") == 2
        assert "^2: tell from level 2 on" in said
    desk = Desk(tmp_path / "other", language="en")
    async with running(desk) as pilot:
        await verified(desk, pilot, WANG)
        await pilot.press("V")
        assert "^2" not in screen_text(pilot)
