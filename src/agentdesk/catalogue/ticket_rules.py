"""What the policy says of tickets beside their clocks: built from its entries, and checked."""

from __future__ import annotations

from collections.abc import Iterator

from agentdesk.catalogue.entries import Entry
from agentdesk.catalogue.order import listed
from agentdesk.catalogue.parts import both_of, limit_of
from agentdesk.catalogue.schema import RulesEntry, TicketRulesEntry
from agentdesk.catalogue.sources import Problem
from agentdesk.domain.condition.conditions import TICKET_KINDS
from agentdesk.domain.rules import PauseRule, ReplyWords, TicketRules

_BLANK = "{due}"


def ticket_rules_of(entry: TicketRulesEntry) -> TicketRules:
    """Return the rules of tickets."""
    return TicketRules(
        pauses={
            code: PauseRule(both_of(pause.name), limit_of(pause.most, {}).amount, pause.tries)
            for code, pause in sorted(entry.pauses.items())
        },
        words={
            kind: ReplyWords(both_of(words.due), both_of(words.overdue)) for kind, words in sorted(entry.words.items())
        },
        expert_first=tuple(sorted(entry.expert_first)),
        expert_day=entry.expert_day,
        exempt=tuple(sorted(entry.exempt)),
        by_person=tuple(sorted(entry.by_person)),
    )


def examine_ticket_rules(entry: Entry[RulesEntry], classes: frozenset[str]) -> Iterator[Problem]:
    """Yield what is wrong with the rules of tickets."""
    rules = entry.model.tickets
    if rules is None:
        return
    for name, kinds in (("words", rules.words), ("exempt", rules.exempt), ("by_person", rules.by_person)):
        for kind in sorted(set(kinds) - TICKET_KINDS):
            yield entry.problem(f"`{name}` has {kind!r}, which is no kind of ticket: use one of {listed(TICKET_KINDS)}")
    for kind in sorted(set(rules.exempt) & set(rules.by_person)):
        yield entry.problem(f"{kind!r} is in `exempt` and in `by_person`: it is followed up or it isn't; keep one")
    for code in sorted(set(rules.expert_first) - classes):
        yield entry.problem(f"`expert_first` names {code!r}, which is no class: add the class or use another")
    for code, pause in rules.pauses.items():
        if " " in pause.most:
            yield entry.problem(f"the pause {code!r} is in natural time: write `most` without a calendar")
    for kind, words in rules.words.items():
        if any(_BLANK not in text for text in (words.due.zh, words.due.en)):
            yield entry.problem(f"the words `due` of {kind!r} don't say the deadline: put {{due}} into them")
