"""What the desk asks each second and with each ring never goes through all that was ever made here."""

from __future__ import annotations

import re
from pathlib import Path

from agentdesk.desk import queries
from agentdesk.desk.queries import Target
from tests.domain.world import AGENT, REGION
from tests.store.world import make_site, note, promised

LARGE = re.compile(r"\b(?:operation|verdict|pending|document)\b(?: AS)? (?!ON\b|WHERE\b|SET\b)(\w+)\b")
"""Tables that grow as long as a site works, by the names that they go by in a statement."""


def test_no_question_of_the_desk_goes_through_a_whole_table(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.commit_all([*(note(f"n{n}") for n in range(30)), promised("p1")])
    outbox = site.files.outbox
    asked: list[str] = []
    outbox.set_trace_callback(asked.append)

    queries.pulse(site)
    queries.open_work(site, AGENT)
    queries.facts(site, Target(REGION, "k1", REGION, "c1"), AGENT, "agent")

    outbox.set_trace_callback(None)
    questions = {one for one in asked if one.lstrip().startswith("SELECT")}
    assert len(questions) > 10
    for question in questions:
        names = {"operation", "document", "pending", "verdict", *LARGE.findall(question)}
        for *_, step in outbox.execute(f"EXPLAIN QUERY PLAN {question}").fetchall():
            scanned = re.fullmatch(r"SCAN (\w+).*|SEARCH (\w+)", step)
            assert scanned is None or names.isdisjoint(scanned.groups()), (step, question)
