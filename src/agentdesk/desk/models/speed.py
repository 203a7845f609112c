"""A speed test as it is typed, and the words that follow from one below the contract."""

from __future__ import annotations

from dataclasses import dataclass

from agentdesk.desk import i18n
from agentdesk.desk.models import times
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.work import department
from agentdesk.domain.kinds.line_test import METHODS
from agentdesk.domain.language.words import Spoken, WordsError
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.times.zone import DAY_MS

WAYS = {"网线": "wired", "直连": "wired", "有线": "wired", "仪表": "engineer", "师傅": "engineer", "无线": "wireless"}


@dataclass(frozen=True, slots=True)
class SpeedTest:
    """What was measured: Mbit/s, how often, and by which method."""

    mbps: int
    runs: int
    method: str


def read_test(typed: str) -> SpeedTest | None:
    """Return a test as it was typed: `62 3 wired`; run once and by cable where nothing else is said."""
    parts = typed.split()
    if not parts or not all(part.isdecimal() for part in parts[:2]) or len(parts) > 3:
        return None
    method = WAYS.get(parts[2], parts[2].lower()) if len(parts) == 3 else "wired"
    if method not in METHODS:
        return None
    return SpeedTest(int(parts[0]), int(parts[1]) if len(parts) > 1 else 1, method)


def test_words(facts: Facts, number: str) -> Spoken:
    """Return what is told of a test below the contract: who mends it, until when, and what follows if not."""
    rules, language = facts.catalogue.rules.speed, i18n.language()
    template = facts.catalogue.templates.get(rules.template)
    values = {
        "due": times.moment(facts.at + rules.days * DAY_MS, facts.at),
        "department": department(template.department if template else "", facts.catalogue),
        "number": spoken(number),
        "days": str(rules.days),
    }
    said = rules.tell.say(language)
    try:
        return Spoken.of(rules.template, facts.catalogue.version, language, said, values)
    except WordsError:
        return Spoken.of(
            rules.template, facts.catalogue.version, language, said.replace("{", "(").replace("}", ")"), {}
        )
