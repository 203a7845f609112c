"""Every reason of the rules has words in both languages, and the tables of terms know what documents can hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentdesk.desk import i18n, terms, wording
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, OPEN_TICKET_STATES
from agentdesk.domain.kinds import KINDS
from agentdesk.domain.kinds.agent import STATES
from agentdesk.domain.kinds.identity import CALLER_ROLES, METHOD_LEVELS
from agentdesk.domain.verdict import Verdict
from scripts.i18n import ROOT
from tests.desk.world import catalogue

ROOMS = ("domain", "store", "centre")


def codes() -> Iterator[str]:
    """Yield the code of every `Reason.of("…")` in the rooms that give reasons."""
    for room in ROOMS:
        for path in (ROOT / "src" / "agentdesk" / room).rglob("*.py"):
            yield from _codes(path)


def _codes(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        function, first = node.func, node.args[0]
        if ast.unparse(function) == "Reason.of" and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


ALL = sorted(set(codes()))


def test_there_are_reasons_to_word() -> None:
    assert {"verify", "above_authority", "line_down", "ticket_state"} <= set(ALL)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("code", ALL)
def test_every_reason_has_words_even_where_its_values_are_missing(code: str, language: str) -> None:
    i18n.use(language)
    assert code in wording.WORDS, f"give the reason {code!r} words in desk/wording/__init__.py"
    words = wording.say(Reason.of(code), catalogue())
    assert words
    assert "\n" not in words
    assert code not in words or language == "en"


def test_a_reason_that_this_program_doesnt_know_stands_for_itself() -> None:
    i18n.use("en")
    assert wording.say(Reason.of("from_a_newer_centre")) == "reason: from_a_newer_centre"


@pytest.mark.parametrize(
    ("table", "codes_"),
    [
        (terms.TICKET_STATES, OPEN_TICKET_STATES | {"archived"}),
        (terms.PROMISE_STATES, OPEN_COMMITMENT_STATES | {"voided", "withdrawn", "fulfilled"}),
        (terms.AGENT_STATES, STATES),
        (terms.METHODS, set(METHOD_LEVELS)),
        (terms.CALLERS, set(CALLER_ROLES)),
        (terms.KINDS, set(KINDS)),
        (terms.VERDICTS, {verdict.value for verdict in Verdict}),
    ],
    ids=["tickets", "promises", "agents", "methods", "callers", "kinds", "verdicts"],
)
def test_the_tables_know_all_codes_of_the_rules(table: dict[str, str], codes_: set[str]) -> None:
    assert set(table) >= codes_


def test_the_catalogues_roles_and_cards_have_words() -> None:
    assert set(terms.ROLES) >= set(catalogue().roles)
    assert set(terms.CARDS) >= set(catalogue().cards)
