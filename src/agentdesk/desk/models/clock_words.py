"""What a clock has done and what it does next, in words: from the document, and from the desk's own clock."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agentdesk.desk import terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.rows import Row, row
from agentdesk.desk.terms.clocks import RUNGS
from agentdesk.domain.documents import Document
from agentdesk.domain.times.timers import next_timer, passed

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

OWNER = "owner"


def clock_words(document: Document, catalogue: Catalogue | None, at: int) -> Row:
    """Return who was told, who is told now, or when somebody is: never that the centre did what it hasn't said.

    What is due by the clock here and doesn't stand in the document will be told: the centre can't be reached, or does
    it this moment.
    """
    if catalogue is None:
        return ()
    # a second deadline has words of its own beside it
    document = replace(document, data={**document.data, "also_due": None})
    told = document.data.get("told")
    due = [timer.rung for timer in passed(document, catalogue, at) if timer.rung != OWNER]
    if due:
        names = _who(due[-1])
        if told:
            return row((_("late, {who} told; {next} will be told").format(who=_who(told), next=names), "late"))
        return row((_("late; {who} will be told").format(who=names), "late"))
    if told:
        return row((_("late, {who} told").format(who=_who(told)), "late"))
    following = next_timer(document, catalogue)
    if following is None:
        return ()
    if following.at <= at:
        return row((_("the time is nearly used"), "warn"))
    return row(
        (_("{who} is told {moment}").format(who=_who(following.rung), moment=times.moment(following.at, at)), "quiet")
    )


def _who(rung: object) -> str:
    return terms.term(RUNGS, rung)
