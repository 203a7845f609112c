"""Call-backs as lines: who, how long he waited, how often he was tried, and until when he is rung."""

from __future__ import annotations

from collections.abc import Mapping

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.rows import Column, Row, row, safe, table
from agentdesk.desk.terms.clocks import RESULTS
from agentdesk.domain.documents import Document
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.numbering.numbers import display

WIDE = 100


def call_back_row(
    document: Document, name: str, agent: str, at: int, width: int, catalogue_tiers: Mapping[str, str]
) -> Row:
    """Return one call-back in a line; its number is masked until it is taken on."""
    data = document.data
    words, late = times.left(data.get("due"), at)
    tier = catalogue_tiers.get(str(data.get("tier") or ""), "")
    who = row((display(str(data.get("caller") or ""), masked=True), ""), "  ", (name or _("not known"), "quiet"))
    owner = data.get("owner")
    taken = _("you are on it") if owner == agent else (_("somebody is on it") if owner else "")
    number = row((str(data.get("number") or "")[-5:], "quiet"))
    tries, hands = row((said_tries(document), "quiet")), row((taken, "accent" if taken else ""))
    # where there is little room, that somebody is on it stands in the place of what was tried
    between = (tries, hands) if width >= WIDE else ((hands if taken else tries),)
    cells = (number, who, row((tier, "strong" if tier else "")), *between, row((words, "late" if late else "")))
    return table(_columns(width), cells, width)


def said_tries(document: Document) -> str:
    """Return how long somebody waited, or what came of the tries."""
    tries = document.data.get("tries") or ()
    if not tries:
        return _("waited {n} s").format(n=document.data.get("waited_s") or 0)
    count = ngettext("{n} try", "{n} tries", len(tries)).format(n=len(tries))
    return f"{count}: {terms.term(RESULTS, tries[-1].get('result'))}"


def call_back_rows(document: Document, name: str, at: int) -> list[Row]:
    """Return a call-back in full: the number to dial, and what it was about."""
    data = document.data
    number = display(str(data.get("caller") or ""), masked=False)
    due = data.get("due")
    lines = [
        row((_("ring {number}").format(number=number), "strong"), "   ", (name or _("not known here"), "quiet")),
        row((_("call-back {number}").format(number=spoken(safe(data.get("number")))), "quiet")),
        row(
            (
                _("called {moment}, waited {n} s").format(
                    moment=times.moment(int(data.get("at") or at), at), n=data.get("waited_s") or 0
                ),
                "",
            )
        ),
    ]
    if data.get("queue") or data.get("ivr_path"):
        path = " ".join(safe(data.get(part)) for part in ("queue", "ivr_path") if data.get(part))
        lines.append(row((_("wanted: {path}").format(path=path), "")))
    if due is not None:
        words, late = times.left(due, at)
        lines.append(row((times.moment(due, at), ""), "   ", (words, "late" if late else "")))
    if data.get("tries"):
        lines.append(row((said_tries(document), "")))
    return lines


def _columns(width: int) -> tuple[Column, ...]:
    hands = (Column(10 if i18n.chinese() else 17),) if width >= WIDE else ()
    return (Column(5), Column(0), Column(8), Column(18), *hands, Column(11))
