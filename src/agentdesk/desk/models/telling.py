"""What the caller may not hear yet says so where it stands; `profile.disclosure` is the one table that decides.

Where much stands close together, words bear a short sign instead (`^2`: tell from level 2 on, `^x`: never), and one
line says what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from agentdesk.desk import wording
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import EMPTY, Row, row
from agentdesk.desk.models.ways import spent
from agentdesk.domain.profile.disclosure import INTERNAL, fact_of, level_for, may_tell

if TYPE_CHECKING:
    from agentdesk.desk.models.facts import Facts
    from agentdesk.domain.condition.words import Reason

_SIGN = re.compile(r"\^[0-9x]")

NEVER = "^x"
"""The sign of what is for nobody outside."""


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


def sign(fact: str | None, facts: Facts | None) -> str:
    """Return the short sign of what keeps a fact from who is on the line; empty where nothing does."""
    if fact is None or not kept(fact, facts):
        return ""
    return NEVER if fact in INTERNAL else f"^{level_for(fact)}"


def signed(reason: Reason, facts: Facts) -> str:
    """Return a reason in words, after the sign of what they tell of the customer: at the end it might be cut off."""
    words, why = worded(reason, facts), sign(fact_of(reason), facts)
    return f"{why} {words}" if why else words


def worded(reason: Reason, facts: Facts) -> str:
    """Return a reason in words; what asks for a verification names no key that does nothing any more."""
    if reason.code == "verify" and spent(facts):
        return _("level {level}: at a counter").format(level=dict(reason.values).get("level"))
    return wording.say(reason, facts.catalogue)


def signed_all(reasons: Iterable[Reason], facts: Facts) -> str:
    """Return several reasons in one line, each with its sign."""
    return _("; ").join(signed(reason, facts) for reason in reasons)


def signs_in(*words: str) -> frozenset[str]:
    """Return the signs that stand in texts made by `signed`."""
    return frozenset(found for text in words for found in _SIGN.findall(text))


def legend(signs: Iterable[str], said: Iterable[str] = ()) -> Row:
    """Return what the signs mean that are shown, in one quiet piece; nothing where none is.

    `said` are signs that are explained elsewhere on the screen; one level explains another.
    """
    known = {sign == NEVER for sign in said if sign}
    shown = {sign for sign in signs if sign and (sign == NEVER) not in known}
    parts = []
    levels = sorted(shown - {NEVER})
    if len(levels) == 1:
        parts.append(_("{sign}: tell from level {n} on").format(sign=levels[0], n=levels[0][1:]))
    elif levels:
        parts.append(_("{sign}: tell from level {n} on").format(sign="^n", n="n"))
    if NEVER in shown:
        parts.append(_("{sign}: not for the caller").format(sign=NEVER))
    return row((_(", ").join(parts), "quiet")) if parts else EMPTY
