"""How far a repair is, who comes and when: told in one look, on promise and ticket (seeds 000)."""

from __future__ import annotations

from agentdesk.desk import i18n
from agentdesk.desk.models.promise_life import progress_rows
from agentdesk.desk.models.rows import text
from agentdesk.desk.models.ticket_page import TicketView, page_rows
from agentdesk.desk.models.until import progress
from agentdesk.domain.documents import Document
from agentdesk.domain.verdict import Verdict
from tests.domain.test_kinds import made_promise, ticket
from tests.domain.world import HOUR, MINUTE, NOW, Centre, agent, customer, operation

SAID = "on the way; Li Wei; 18:30 brings a new modem"


def noted(kind: str, document: Document, *said: str) -> Document:
    centre = Centre([agent(), customer(), document])
    for index, words in enumerate(said):
        body = dict(progress(words, NOW))
        version = 2 if kind == "ticket.noted" else 1
        judged = centre.judge(operation(kind, body, at=NOW + index * MINUTE, version=version))
        assert judged.verdict is Verdict.APPLIED
    return centre.get()


def test_stage_engineer_and_time_are_one_line_on_a_promise() -> None:
    i18n.use("en")
    (line,) = progress_rows(noted("commitment.noted", made_promise(), SAID), NOW + HOUR)
    for part in ("on the way", "Li Wei", "18:30", "brings a new modem"):
        assert part in text(line)


def test_they_are_one_line_on_a_ticket_and_who_comes_stands_there_by_name() -> None:
    i18n.use("en")
    known = noted("ticket.noted", ticket(state="accepted"), SAID)
    assert known.data["engineer"] == {"name": "Li Wei"}
    lines = [text(line) for line in page_rows(TicketView(known), None, "1024", NOW + HOUR, 120)]
    (line,) = [line for line in lines if "brings a new modem" in line]
    assert all(part in line for part in ("on the way", "Li Wei", "18:30"))
    assert any("engineer" in line and "Li Wei" in line for line in lines)


def test_the_engineers_telephone_stays_with_him_and_goes_with_him() -> None:
    first = ticket(state="accepted", engineer={"name": "Li Wei", "number": "13800000000"})
    assert noted("ticket.noted", first, SAID).data["engineer"]["number"] == "13800000000"
    another = noted("ticket.noted", first, "on the way; Wang Fang; 18:30 delayed")
    assert another.data["engineer"] == {"name": "Wang Fang"}


def test_a_plain_note_says_nothing_of_progress() -> None:
    known = noted("ticket.noted", ticket(), "rang twice")
    assert "progress" not in known.data
    assert known.data["moves"][-1]["text"] == "rang twice"
