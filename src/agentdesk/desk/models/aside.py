"""What stands at the foot of a wide screen: the words for this moment, and the question flows that may help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.desk import i18n
from agentdesk.desk.i18n import _
from agentdesk.desk.models import scripts
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.flows import suggestions
from agentdesk.desk.models.rows import EMPTY, Row, row, wrap

if TYPE_CHECKING:
    from agentdesk.desk.session import Contact

FLOWS = 3


@dataclass(frozen=True, slots=True)
class Aside:
    """The words to say now, blanks filled, and the names of the flows that fit best."""

    words: tuple[str, ...]
    flows: tuple[str, ...]


def aside(contact: Contact, facts: Facts, state: str, agent: str, hotline: str) -> Aside:
    """Return what to say and what to ask now; `state` is the agent's."""
    found = scripts.present(facts.catalogue, contact, state, facts.online)
    lines: tuple[str, ...] = ()
    if found is not None:
        lines = scripts.sayable(found, contact, scripts.values(contact, agent, hotline), facts)
    flows = suggestions(facts.catalogue, contact)[:FLOWS]
    return Aside(lines, tuple(flow.name.say(i18n.language()) for flow in flows))


def aside_rows(view: Aside, width: int, most: int) -> list[Row]:
    """Return the lines, the words before the questions, each of them whole or not at all."""
    lines: list[Row] = []
    if view.words:
        lines.append(row((_("what to say"), "strong"), "   ", ("i", "key")))
        said = [part for words in view.words[:2] for part in wrap(words, width - 2, "say", most=3)]
        lines += [row("  ", part) for part in said]
    asked: list[Row] = []
    if view.flows:
        asked += [EMPTY] if lines else []
        asked.append(row((_("questions that may help"), "strong"), "   ", ("k", "key")))
        asked += [row("  ", part) for name in view.flows for part in wrap(name, width - 2, most=1)]
    return [*lines, *asked] if len(lines) + len(asked) <= most else lines if len(lines) <= most else []
