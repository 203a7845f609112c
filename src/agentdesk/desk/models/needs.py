"""What is chosen from while a service is ordered: choices, hours, the line's services, plans with their cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from agentdesk.desk import i18n, wording
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import safe
from agentdesk.domain.finance.bills import uses
from agentdesk.domain.finance.plans import best, present_plan
from agentdesk.domain.offering.parameters import slots
from agentdesk.domain.offering.services import PLAN_CHANGE, VAS_ONE
from agentdesk.domain.times.zone import DAY_MS, zone

if TYPE_CHECKING:
    from agentdesk.domain.guidance.knowledge import Input, Service


@dataclass(frozen=True, slots=True)
class Option:
    """A value that answers a need, in words, with what goes with it."""

    value: str
    words: str
    note: str = ""


def options_of(need: Input, service: Service, facts: Facts) -> tuple[Option, ...]:
    """Return what a need can be answered with; empty where something is typed."""
    if need.kind == "choice":
        return tuple(Option(choice.id, choice.name.say(i18n.language())) for choice in need.choices)
    if need.kind == "slot":
        place = zone("Asia/Shanghai")
        return tuple(
            Option(slot, slot_words(slot, facts.at)) for slot in slots(place.day(facts.at), place.minute(facts.at))
        )
    if service.code == VAS_ONE and need.id == "service" and facts.line is not None:
        return tuple(Option(v.code, safe(v.name, 30), wording.money(v.fee)) for v in facts.line.vas)
    if service.code == PLAN_CHANGE and need.id == "plan":
        return plan_options(facts)
    return ()


def plan_options(facts: Facts) -> tuple[Option, ...]:
    """Return the plans on sale, those first that would have cost least for the last months' use."""
    line, customer = facts.line, facts.customer
    if line is None or customer is None:
        return ()
    plans = facts.catalogue.plans
    used = uses(customer, line.id)
    now = present_plan(plans, line.plan, line.fee)
    found = best(plans.values(), used, now, most=len(plans))
    if not found:
        return tuple(Option(plan.code, plan.name.say(i18n.language())) for plan in plans.values())
    result = []
    for fit in found:
        note = _("{n} months: {sum}").format(n=len(used), sum=wording.money(fit.total))
        if now is not None and fit.plan.code == now.code:
            note = _("{note}, the present one").format(note=note)
        elif fit.saves > 0:
            note = _("{note}, saves {saved}").format(note=note, saved=wording.money(fit.saves))
        result.append(Option(fit.plan.code, fit.plan.name.say(i18n.language()), note))
    return tuple(result)


def slot_words(slot: str, at: int) -> str:
    """Return hours as they are spoken: tomorrow 09:00-12:00."""
    day, _space, hours = slot.partition(" ")
    begin = zone("Asia/Shanghai").instant(date.fromisoformat(day), int(hours[:2]) * 60 + int(hours[3:5]))
    days = times.days_between(begin, at)
    if days == 0:
        return _("today {clock}").format(clock=hours)
    if days == 1:
        return _("tomorrow {clock}").format(clock=hours)
    return f"{times.day(at + days * DAY_MS)} {hours}"


def placeholder(need: Input) -> str:
    """Return how an answer is typed."""
    return {
        "date": _("a day: 1130, 11-30, tomorrow"),
        "number": _("digits only"),
    }.get(need.kind, _("a few words"))
