"""What the caller may not hear yet says so where it stands, by one table."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from agentdesk.desk import i18n
from agentdesk.desk.models.rows import text
from agentdesk.desk.models.telling import mark, marked
from agentdesk.desk.models.ticket_page import TicketView, page_rows
from agentdesk.domain.documents import Document
from agentdesk.domain.profile.disclosure import FACTS, INTERNAL, may_tell
from tests.domain.world import NOW, REGION


def facts(level: int, contact: bool = True) -> Any:
    return SimpleNamespace(level=level, contact=object() if contact else None)


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
