"""Why a ticket's deadlines fall when they fall, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.classes import path_of
from agentdesk.desk.models.rows import Row, row, safe
from agentdesk.desk.models.tickets import why_words
from agentdesk.desk.terms import tickets as terms_tickets
from agentdesk.domain.documents import Document
from agentdesk.domain.policy import Catalogue
from agentdesk.domain.work.ticket_why import ticket_explained

Values = Mapping[str, int | str]


def explained(ticket: Document, catalogue: Catalogue | None) -> list[Row]:
    """Return the lines of an explanation; what counts stands out."""
    if catalogue is None or ticket.data.get("at") is None:
        return []
    rows = []
    for line in ticket_explained(ticket, catalogue):
        said = WORDS.get(line.code)
        words = said(dict(line.values), catalogue) if said else why_words(line, catalogue)
        rows.append(row((words, "strong" if line.code in ("counts", "due") else "")))
    return rows


def _moment(value: object) -> str:
    then = int(value) if isinstance(value, int) else 0
    return f"{times.day(then)} {times.clock(then)}"


def _span(value: object) -> str:
    return times.span(int(value) if isinstance(value, int) else 0)


def _pause(v: Values, catalogue: Catalogue) -> str:
    rule = catalogue.rules.tickets.pauses.get(str(v["reason"]))
    return rule.name.say(i18n.language()) if rule else safe(v["reason"], 40)


def _clock(v: Values, catalogue: Catalogue) -> str:
    name = str(v["name"])
    said = terms.term(terms_tickets.CLOCKS, name) if name in terms_tickets.CLOCKS else path_of(name, catalogue)
    tier = catalogue.tiers.get(v["tier"])  # type: ignore[call-overload]
    return _("the policy's clock: {clock}, {tier}").format(
        clock=said, tier=tier.name.say(i18n.language()) if tier else safe(v["tier"])
    )


def _paused(v: Values, catalogue: Catalogue) -> str:
    return _("paused {begun} to {ended}: {reason}; {span} later, so due {due}").format(
        begun=_moment(v["from"]),
        ended=_moment(v["to"]),
        reason=_pause(v, catalogue),
        span=_span(v["ms"]),
        due=_moment(v["due"]),
    )


def _pausing(v: Values, catalogue: Catalogue) -> str:
    return _("paused since {begun}, until {until} at the latest: {reason}").format(
        begun=_moment(v["from"]), until=_moment(v["until"]), reason=_pause(v, catalogue)
    )


def _counts(v: Values, _catalogue: Catalogue) -> str:
    if v["which"] == "law":
        return _("the law's end is the earlier one: due {moment}").format(moment=_moment(v["at"]))
    return _("the policy's end is the earlier one: due {moment}").format(moment=_moment(v["at"]))


WORDS: Mapping[str, Callable[[Values, Catalogue], str]] = {
    "no_clock": lambda v, c: _("no clock is kept for this kind"),
    "clock": _clock,
    "told": lambda v, c: _("the customer was told {moment}: that stands").format(moment=_moment(v["at"])),
    "paused": _paused,
    "pausing": _pausing,
    "merged": lambda v, c: _("{number} was merged into it and was due {moment}: the earlier one holds").format(
        number=safe(v["number"], 24), moment=_moment(v["at"])
    ),
    "law": lambda v, c: _("the law's clock: {span} of natural time, never paused, ends {moment}").format(
        span=_span(v["ms"]), moment=_moment(v["at"])
    ),
    "counts": _counts,
    "station": lambda v, c: _("station {name}: {span}, until {moment}").format(
        name=terms.term(terms_tickets.STATION_CLOCKS, v["clock"]), span=_span(v["ms"]), moment=_moment(v["at"])
    ),
    "before_due": lambda v, c: _("station {name}: {span} before the deadline, {moment}").format(
        name=terms.term(terms_tickets.STATION_CLOCKS, v["clock"]), span=_span(v["ms"]), moment=_moment(v["at"])
    ),
}
