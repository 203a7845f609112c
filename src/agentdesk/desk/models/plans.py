"""Which plan fits: what the last months would have cost with each, and with free mixes of voice and data."""

from __future__ import annotations

from dataclasses import dataclass

from agentdesk.desk import i18n, wording
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import EMPTY, Column, Row, row, safe, table, wrap
from agentdesk.domain.finance.bills import uses
from agentdesk.domain.finance.plans import GB, Fit, Plan, Use, best, best_mixes, fitting, present_plan

FIT = (Column(0), Column(12, right=True), Column(14, right=True), Column(20))
"""The columns of a plan: its name, its fee, what the months that were compared would have cost, and what that saves."""


@dataclass(frozen=True, slots=True)
class PlanView:
    """What the comparison shows; `uses` are the months that were billed, `fits` the best plans and mixes."""

    uses: tuple[Use, ...]
    present: Plan | None
    now: Fit | None
    fits: tuple[Fit, ...]
    mixes: int


def plan_view(facts: Facts) -> PlanView | None:
    """Return the comparison for the line in question; None where there is nothing to compare."""
    if facts.customer is None or facts.line is None or facts.line.kind != "mobile":
        return None
    used = uses(facts.customer, facts.line.id)
    if not used:
        return None
    plans, mix = facts.catalogue.plans, facts.catalogue.mix
    present = present_plan(plans, facts.line.plan, facts.line.fee)
    found = best(plans.values(), used, present, most=4)
    mixed = best_mixes(mix, used, present, most=2) if mix else ()
    now = fitting(present, used) if present else None
    return PlanView(used, present, now, (*found, *mixed), len(mixed))


def use_rows(view: PlanView, cells: int) -> list[Row]:
    """Return what was used month by month."""
    lines = [row((_("used"), "strong"))]
    for use in view.uses:
        minutes = ngettext("{n} minute", "{n} minutes", use.minutes).format(n=use.minutes)
        columns = (Column(10), Column(14, right=True), Column(10, right=True), Column(0))
        data = f"{use.mb / GB:.1f} GB"
        lines.append(table(columns, (row((safe(use.month, 8), "quiet")), row(minutes), row(data), EMPTY), cells))
    return [*lines, EMPTY]


def fit_row(fit: Fit, view: PlanView, cells: int) -> Row:
    """Return one plan: its fee, what the months would have cost, and what that saves."""
    own = view.present is not None and fit.plan.code == view.present.code
    saves = row((_("the present plan"), "quiet")) if own else EMPTY
    if not own and fit.saves > 0:
        saves = row((_("saves {amount}").format(amount=wording.money(fit.saves)), "good"))
    elif not own and fit.saves < 0:
        saves = row((_("costs {amount} more").format(amount=wording.money(-fit.saves)), "quiet"))
    name = row((fit.plan.name.say(i18n.language()), "strong" if fit.saves > 0 else ""))
    return table(FIT, (name, row((wording.money(fit.plan.fee), "quiet")), row(wording.money(fit.total)), saves), cells)


def fit_heads(cells: int) -> Row:
    """Return what the columns of the plans are."""
    heads = (_("plan"), _("a month"), _("these months"), "")
    return table(FIT, tuple(row((head, "quiet")) for head in heads), cells)


def said_rows(view: PlanView, cells: int) -> list[Row]:
    """Return the words to say: the best of them with its sum, or that the present plan is right."""
    first = view.fits[0]
    name = first.plan.name.say(i18n.language())
    months = len(view.uses)
    if first.saves > 0:
        words = _(
            "Over the last {n} months {name} would have cost {sum}, {saved} less. "
            "It would begin on the first of next month; shall I change it?"
        )
        text = words.format(n=months, name=name, sum=wording.money(first.total), saved=wording.money(first.saves))
    else:
        text = _("Over the last {n} months your plan was the right one: no other would have cost less.").format(
            n=months
        )
    return [*wrap(text, cells, "say", most=3), EMPTY]
