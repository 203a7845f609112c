"""What the caller may not hear yet says so where it stands; `domain.disclosure` is the one table that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import EMPTY, Row, row
from agentdesk.domain.profile.disclosure import INTERNAL, level_for, may_tell

if TYPE_CHECKING:
    from agentdesk.desk.models.facts import Facts


def untold(fact: str, level: int) -> str:
    """Return why a fact isn't told to a caller of a level: from which level on, or never; empty where it may be."""
    if may_tell(fact, level):
        return ""
    return _("not for the caller") if fact in INTERNAL else _("tell from level {n} on").format(n=level_for(fact))


def kept(fact: str, facts: Facts | None) -> str:
    """Return why a fact isn't told to who is on the line; empty where nobody is."""
    return untold(fact, facts.level) if facts is not None and facts.contact is not None else ""


def marked(words: str, fact: str, facts: Facts) -> str:
    """Return words about a fact, with what keeps them from the caller."""
    why = kept(fact, facts)
    return _("{words} ({why})").format(words=words, why=why) if why else words


def mark(fact: str, facts: Facts | None) -> Row:
    """Return the mark beside a fact; none where nobody is on the line, or he may hear it."""
    why = kept(fact, facts)
    return row((why, "warn")) if why else EMPTY
