"""Services that are ordered by phone (电话办理): whether one can be ordered in a case, by when it works, and why not.

`stand` is the one place that says so. The list on the screen ranks its answers, and the decision on an order asks it
again, at the desk and at the centre.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agentdesk.domain.access import not_allowed
from agentdesk.domain.case import Case
from agentdesk.domain.condition.conditions import Reason, fails
from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.language.pinyin import initials
from agentdesk.domain.language.text import looked_up
from agentdesk.domain.offering.offers import CYCLE_ZONE
from agentdesk.domain.times.calendar import due
from agentdesk.domain.times.zone import zone

if TYPE_CHECKING:
    from agentdesk.domain.guidance.knowledge import Service
    from agentdesk.domain.policy import Catalogue, Tier

VAS_ONE, VAS_ALL = "SM42", "SM43"
"""The services that cancel one value-added service of a line, and all of them."""

PLAN_CHANGE, PLAN_MIX, PLAN_FIT = "SM51", "SM52", "SM59"
"""The services that change the plan, build one freely, and compare plans with the use."""

Status = Literal["available", "verify", "inapplicable"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A service as it stands in one case.

    `due` is when it works at the latest, ms UTC; `mode` is `later` where the line is down and the order waits for it.
    `reasons` say why the status is not `available`; `instead` is the promise to make where the line is down.
    """

    service: Service
    status: Status
    due: int
    mode: Literal["same", "later"]
    reasons: tuple[Reason, ...] = ()
    instead: str | None = None


def due_at(service: Service, tier: Tier, online: bool, at: int, catalogue: Catalogue) -> int:
    """Return when a service ordered at `at` works at the latest, ms UTC.

    An order that waits for the line has the line-down limit of the promise that stands in its place.
    """
    start = next_cycle(at) if service.effective == "next_cycle" else at
    own = due(service.limit, catalogue.calendars, start)
    if online or service.offline != "later":
        return own
    template = catalogue.templates.get(service.promise)
    limit = template.offline.limit or template.limits[tier] if template else None
    return max(own, due(limit, catalogue.calendars, at)) if limit else own


def next_cycle(at: int) -> int:
    """Return when the billing cycle after an instant begins, ms UTC."""
    local = zone(CYCLE_ZONE)
    day = local.day(at)
    first = day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1, day=1)
    return local.instant(first, 0)


def stand(
    service: Service,
    case: Case,
    catalogue: Catalogue,
    parameters: Mapping[str, object] | None = None,
    *,
    whoever: bool = False,
) -> Standing:
    """Return how a service stands in a case; `parameters` tell an order from another one of the same service.

    `whoever` leaves out whether the role may order services at all.
    """
    mode: Literal["same", "later"] = "later" if not case.online and service.offline == "later" else "same"
    due_ms = due_at(service, case.tier(catalogue), case.online, case.at, catalogue)
    not_his = None if whoever else not_allowed(catalogue, case.role, "service.ordered")
    # whom his role keeps from it needs to read no further
    reasons = [] if not_his is None else [not_his]
    reasons += [reason for test in service.applies if (reason := fails(test, case, catalogue))]
    instead = None
    if not case.online and service.offline == "none":
        if not_allowed(catalogue, case.role, "commitment.made") is None:
            instead = service.promise
        reasons.append(Reason.of("line_down", instead=instead))
    if service.callers and case.caller_role not in service.callers:
        reasons.append(Reason.of("caller_role", roles=service.callers))
    if (earlier := ordered_already(service, case, parameters or {})) is not None:
        reasons.append(Reason.of("ordered_already", number=earlier.data.get("number")))
    if reasons:
        return Standing(service, "inapplicable", due_ms, mode, tuple(reasons), instead)
    if case.level < service.verify:
        return Standing(service, "verify", due_ms, mode, (Reason.of("verify", level=service.verify),))
    return Standing(service, "available", due_ms, mode)


def ordered_already(service: Service, case: Case, parameters: Mapping[str, object]) -> Document | None:
    """Return an open order of the same service for the same line; orders about different things are different ones."""
    for order in case.work:
        data = order.data
        if order.type != "service_order" or not is_open(order) or data.get("service") != service.code:
            continue
        if case.line is not None and data.get("subscription") not in (None, case.line.id):
            continue
        if service.needs and dict(data.get("parameters") or {}) != dict(parameters):
            continue
        return order
    return None


def ranked(case: Case, catalogue: Catalogue, services: Iterable[Service]) -> tuple[Standing, ...]:
    """Return services with how they stand: what can be ordered first, what has a promise in its place, then the rest.

    Those of the core list come before others of the same rank.
    """
    core = {code: place for place, code in enumerate(catalogue.core_services)}

    def key(one: Standing) -> tuple[int, int, str]:
        rank = 0 if one.status != "inapplicable" else 1 if one.instead is not None and len(one.reasons) == 1 else 2
        return rank, core.get(one.service.code, len(core)), one.service.code

    return tuple(sorted((stand(service, case, catalogue) for service in services), key=key))


def matching(services: Iterable[Service], typed: str) -> tuple[Service, ...]:
    """Return the services that all typed words lead to: by code, name, synonym or the initials of their names.

    The best first: the name itself, then its beginning, then anything else. Traditional characters and other
    spellings find what the usual ones do (`looked_up`).
    """
    words = looked_up(typed).split()
    scored = [(score, service) for service in services if (score := _score(service, words))]
    return tuple(service for score, service in sorted(scored, key=lambda pair: (-pair[0], pair[1].code)))


def _score(service: Service, words: list[str]) -> int:
    total = 1
    name = looked_up(service.name.zh)
    for word in words:
        best = 0
        if word in (name, service.code.lower(), service.name.en.lower()):
            best = 8
        elif name.startswith(word) or service.name.en.lower().startswith(word):
            best = 6
        elif word in name or word in service.name.en.lower():
            best = 5
        elif any(word in looked_up(synonym) for synonym in service.synonyms) or (
            word.isascii() and word.isalnum() and initials(service.name.zh).startswith(word)
        ):
            best = 4
        elif word.isascii() and len(word) > 1 and word in initials(service.name.zh):
            best = 3
        elif word in looked_up(service.note.zh) or word in service.note.en.lower():
            best = 2
        if not best:
            return 0
        total += best
    return total
