"""The calculator for disputed traffic: four figures in one line, what follows from them, and Enter takes it."""

from __future__ import annotations

from collections.abc import Callable

from agentdesk.desk import wording
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import EMPTY, Row, row
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.domain.finance.money import AmountError, parse_amount
from agentdesk.domain.finance.traffic import Traffic, charged, difference, rated


def read_traffic(typed: str) -> Traffic | None:
    """Return the figures that were typed: MB used, yuan for a MB, MB of a package, yuan for it; None if unreadable."""
    parts = typed.split()
    if len(parts) != 4 or not (parts[0].isdecimal() and parts[2].isdecimal()):
        return None
    try:
        price, pack_price = parse_amount(parts[1]), parse_amount(parts[3])
    except AmountError:
        return None
    traffic = Traffic(int(parts[0]), price, 1, int(parts[2]), pack_price)
    return traffic if traffic.sensible else None


def worked_out(traffic: Traffic) -> str:
    """Return the sum as it is read to the customer."""
    return _("{charged} charged, {rated} at the package rate: {difference} back").format(
        charged=wording.money(charged(traffic)),
        rated=wording.money(rated(traffic)),
        difference=wording.money(difference(traffic)),
    )


def calculator(take: Callable[[Traffic], None]) -> AskDialog:
    """Return the dialog; `take` gets the figures that make sense."""
    last: list[str] = []

    async def submit(typed: str) -> str:
        traffic = read_traffic(typed)
        if traffic is None:
            return _("type four figures, for example 3072 0.29 1024 10")
        if last != [typed]:
            # shown first, taken by the second Enter
            last[:] = [typed]
            return _("{sum}; Enter takes it").format(sum=worked_out(traffic))
        take(traffic)
        return ""

    def lines(_width: int) -> list[Row]:
        return [
            row((_("disputed traffic at the package rate"), "strong")),
            EMPTY,
            row((_("MB used outside, yuan a MB, MB of the package, yuan for it"), "quiet")),
        ]

    return AskDialog(lines, submit, _("work it out"))
