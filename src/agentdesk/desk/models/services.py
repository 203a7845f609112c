"""The list of services by phone: what fits what is typed, what applies to this line first, and why the rest doesn't."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.desk import i18n
from agentdesk.desk.i18n import _
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.order import effective_words, fee_words, name_of
from agentdesk.desk.models.rows import EMPTY, Column, Row, cut, row, table
from agentdesk.desk.models.telling import worded
from agentdesk.desk.terms import services as terms_services
from agentdesk.domain.offering.services import Standing, matching, ranked, stand

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

WIDE = 100


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service of the list; `core` marks those that are wanted most."""

    standing: Standing
    core: bool


def service_lines(facts: Facts, typed: str = "", group: str = "") -> tuple[ServiceLine, ...]:
    """Return the services that fit what is typed and the group, in the order in which they help."""
    case, catalogue = facts.case, facts.catalogue
    if case is None:
        return ()
    wanted = [s for s in catalogue.services.values() if not group or s.group == group]
    if typed.strip():
        found = [stand(service, case, catalogue) for service in matching(wanted, typed)]
        # what was typed comes first, but what can't be done on this line stands behind what can
        found.sort(key=lambda one: one.status == "inapplicable" and one.instead is None)
    else:
        found = list(ranked(case, catalogue, wanted))
    core = frozenset(catalogue.core_services)
    return tuple(ServiceLine(one, one.service.code in core) for one in found)


def groups(catalogue: Catalogue | None) -> tuple[str, ...]:
    """Return the groups of services: all of them first."""
    services = catalogue.services.values() if catalogue else ()
    return ("", *dict.fromkeys(service.group for service in services))


def group_row(group: str, catalogue: Catalogue | None) -> Row:
    """Return which group is listed, and how to change it."""
    word = (
        _(terms_services.SERVICE_GROUPS[group])
        if group in terms_services.SERVICE_GROUPS
        else group or _("all services")
    )
    return row((word, "strong"), "  ", ("Tab", "key"), " ", (_("other group"), "quiet"))


def service_row(line: ServiceLine, facts: Facts, cells: int) -> Row:
    """Return one line: the name, from when it works, the fee, and what stands in its way."""
    standing = line.standing
    service = standing.service
    away = standing.status == "inapplicable"
    name = row((name_of(service), "quiet" if away and standing.instead is None else ""))
    if line.core:
        name = row(name, " ", ("*", "accent"))
    if standing.status == "available":
        last: Row = row((service.note.say(i18n.language()), "quiet"))
        if standing.mode == "later":
            last = row((_("line down: done later"), "warn"))
    else:
        tone = "accent" if standing.status == "verify" else "warn" if standing.instead else "quiet"
        last = row((worded(standing.reasons[0], facts), tone))
    names, when = (44, 18) if cells >= WIDE else (24, 12) if i18n.chinese() else (26, 16)
    columns = (Column(names), Column(when), Column(9, right=True), Column(0))
    works = row((effective_words(service), "good" if service.effective == "at_once" and not away else "quiet"))
    return table(columns, (name, works, row((fee_words(service), "quiet")), last), cells)


def empty_rows(typed: str) -> list[Row]:
    """Return what stands where nothing fits."""
    return [row((_("no service fits: type less, or other words"), "quiet"))] if typed else [EMPTY]


def legend(cells: int) -> Row:
    """Return what the mark of the core list means."""
    return cut(row(("*", "accent"), " ", (_("wanted most"), "quiet")), cells)
