"""What an amount follows from: disputed traffic, lines picked from the bill, or what a receipt says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agentdesk.desk import wording
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import EMPTY, Row, row, safe
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.calculator import calculator
from agentdesk.domain.case import Case
from agentdesk.domain.finance.charge_bases import pickable
from agentdesk.domain.finance.charges import Charge
from agentdesk.domain.finance.money import AmountError, parse_amount

WITH_FIGURES = frozenset({"overage", "disputed_items", "entered"})
"""Bases whose amount follows from figures that the agent can give."""

LONGEST_RECEIPT = 40

Take = Callable[[Mapping[str, Any]], None]
"""Gets the figures as they are kept with the promise or remedy."""


def figures_dialog(basis: str | None, args: Mapping[str, Any], case: Case, take: Take) -> AskDialog | None:
    """Return the dialog for a basis; None where nothing is to be picked or entered."""
    if basis == "overage":
        return calculator(lambda traffic: take(traffic.inputs()))
    if basis == "disputed_items":
        return _picking(pickable(case, args), take)
    return _receipt(take) if basis == "entered" else None


def read_picks(typed: str, charges: Sequence[Charge]) -> tuple[Charge, ...] | None:
    """Return the charges whose numbers were typed, each once in the bill's order; None if one isn't there."""
    parts = typed.replace(",", " ").replace("，", " ").split()
    if not parts or not all(part.isdecimal() and 1 <= int(part) <= len(charges) for part in parts):
        return None
    picked = {int(part) - 1 for part in parts}
    return tuple(charge for place, charge in enumerate(charges) if place in picked)


def read_receipt(typed: str) -> tuple[str, int] | None:
    """Return a receipt's number and its amount in minor units; None if they can't be read."""
    number, _space, amount = typed.strip().rpartition(" ")
    try:
        yuan = parse_amount(amount)
    except AmountError:
        return None
    return (number.strip()[:LONGEST_RECEIPT], yuan) if number.strip() and yuan > 0 else None


def _picking(charges: Sequence[Charge], take: Take) -> AskDialog:
    async def submit(typed: str) -> str:
        picked = read_picks(typed, charges)
        if picked is None:
            return _("type the numbers of the lines, for example 1 3")
        # their names are kept too: the bill they stand on is not kept for ever
        take({"items": [c.id for c in picked], "lines": [{"name": c.name, "amount": c.amount} for c in picked]})
        return ""

    def lines(_width: int) -> list[Row]:
        listed = [
            row((str(place), "key"), "  ", safe(charge.name, 30), "  ", (wording.money(charge.amount), "strong"))
            for place, charge in enumerate(charges, start=1)
        ]
        return [row((_("which lines of the bill are in dispute?"), "strong")), EMPTY, *listed]

    return AskDialog(lines, submit, _("take them"))


def _receipt(take: Take) -> AskDialog:
    async def submit(typed: str) -> str:
        found = read_receipt(typed)
        if found is None:
            return _("type the receipt's number and the amount in yuan, for example 20391 150")
        take({"receipt": found[0], "amount": found[1]})
        return ""

    def lines(_width: int) -> list[Row]:
        return [
            row((_("what does the receipt say?"), "strong")),
            EMPTY,
            row((_("its number, then the amount in yuan"), "quiet")),
        ]

    return AskDialog(lines, submit, _("take this amount"))
