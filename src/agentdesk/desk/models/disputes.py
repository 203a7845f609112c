"""Disputed promises at the desk: what the customer says, and what the records have for that number and day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.promise import labelled
from agentdesk.desk.models.rows import EMPTY, Column, Row, row, safe, table, wrap
from agentdesk.desk.models.sorts import name_of_sort, state_of, title_of
from agentdesk.desk.models.work import department
from agentdesk.domain.documents import Document, Key
from agentdesk.domain.kinds.dispute import CLOCK
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.times.clocks import ticket_due
from agentdesk.domain.times.zone import zone

if TYPE_CHECKING:
    from agentdesk.desk.queries.promises import Evidence
    from agentdesk.domain.policy import Catalogue, Template, Tier

_PLACE = "Asia/Shanghai"


def read_day(typed: str, now: int) -> int | None:
    """Return noon of a day that was typed (`9-1`, `2026-09-01`, `9月1日`), ms UTC; None where it is no day.

    Without a year it is the last such day.
    """
    plain = typed.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    parts = plain.strip().split("-")
    if not 2 <= len(parts) <= 3 or not all(part.strip().isdigit() for part in parts):
        return None
    place = zone(_PLACE)
    today = place.day(now)
    *year, month, day = (int(part) for part in parts)
    try:
        found = today.replace(year=year[0] if year else today.year, month=month, day=day)
        if not year and found > today:
            found = found.replace(year=found.year - 1)
    except ValueError:
        return None
    return place.instant(found, 12 * 60)


def dispute_row(dispute: Document, names: Mapping[Key, str], at: int, width: int) -> Row:
    """Return one line of the list."""
    data = dispute.data
    words_, late = times.left(data.get("due"), at)
    customer = names.get(Key(dispute.scope, str(data.get("customer") or "")), "")
    return table(
        (Column(0), Column(18), Column(12)),
        (
            row(title_of(dispute), "  ", (customer, "quiet")),
            row((name_of_sort(dispute), "quiet")),
            row((words_, "late" if late else "")),
        ),
        width,
    )


def dispute_rows(dispute: Document, catalogue: Catalogue | None, at: int, width: int) -> list[Row]:
    """Return what the customer says, until when he is answered, and the decision."""
    data = dispute.data
    words_, late = times.left(data.get("due"), at)
    lines = [
        row((name_of_sort(dispute), "strong"), "  ", (spoken(safe(data.get("number"), 24)), "strong")),
        EMPTY,
        labelled(_("state"), row((state_of(dispute), "strong"))),
    ]
    if data.get("due") is not None and data.get("state") == "open":
        due = times.moment(data["due"], at)
        lines.append(labelled(_("deadline"), row(due, "   ", (words_, "late" if late else "strong"))))
    said = wrap(safe(data.get("words") or "", 400), width - 12, "say", most=4)
    lines += [labelled(_("he says") if index == 0 else "", line) for index, line in enumerate(said)]
    for label, name in ((_("the day"), "day"), (_("number"), "phone"), (_("by whom"), "remembered")):
        if data.get(name):
            lines.append(labelled(label, row(safe(data[name], 40))))
    if data.get("answer"):
        by = safe(data.get("decided_by") or "", 16)
        lines.append(labelled(_("decided"), row(safe(data["answer"], 120), "  ", (by, "quiet"))))
    if data.get("accountable"):
        lines.append(labelled(_("booked to"), row(department(data["accountable"], catalogue))))
    return lines


def evidence_row(document: Document, catalogue: Catalogue | None, at: int, width: int) -> Row:
    """Return one thing that the records have: a contact or a promise, whatever became of it."""
    data = document.data
    when = times.moment(int(data.get("at") or 0), at)
    if document.type == "commitment":
        what = row((title_of(document), ""), "  ", (safe(data.get("number") or "", 24)[-5:], "quiet"))
        state = state_of(document)
    else:
        matters = [m for m in data.get("matters") or () if isinstance(m, dict)]
        summary = data.get("summary") or " / ".join(str(m.get("title") or "") for m in matters)
        channel = terms.term(terms.CHANNELS, data.get("channel"))
        what = row((channel, ""), "  ", (safe(summary or "", 60), "quiet"))
        state = ""
    by = safe(data.get("owner") or data.get("agent") or "", 12)
    cells = (row((when, "quiet")), what, row((state, "")), row((by, "quiet")))
    return table((Column(16), Column(0), Column(16), Column(10)), cells, width)


def found_rows(evidence: Evidence, at: int, width: int, most: int = 8) -> list[Row]:
    """Return what the records have, to be looked at before anything is written down."""
    both = (*evidence.promises, *evidence.contacts)
    if not both:
        return [row((_("the records have nothing for this number and day"), "warn"))]
    head = _("on record: promises {n}, contacts {m}").format(n=len(evidence.promises), m=len(evidence.contacts))
    lines = [row((head, "strong"))]
    lines += [evidence_row(document, None, at, width) for document in both[:most]]
    if len(both) > most:
        lines.append(row((_("{n} more").format(n=len(both) - most), "quiet")))
    return lines


def taken_words(catalogue: Catalogue, tier: Tier, at: int, number: str) -> tuple[str, int | None]:
    """Return the words to tell when a dispute is taken, and until when it is answered."""
    due, _law = ticket_due(CLOCK, None, tier, at, catalogue)
    text = catalogue.rules.disputes.taken.say(i18n.language())
    moment = times.moment(due, at) if due is not None else ""
    return text.replace("{due}", moment).replace("{number}", spoken(number)), due


def promisable(catalogue: Catalogue, typed: str, most: int = 8) -> tuple[Template, ...]:
    """Return the templates whose name or code fits what is typed."""
    words = typed.lower().split()
    found = []
    for template in catalogue.templates.values():
        text = f"{template.code} {template.name.zh} {template.name.en}".lower()
        if all(word in text for word in words):
            found.append(template)
    return tuple(found[:most])
