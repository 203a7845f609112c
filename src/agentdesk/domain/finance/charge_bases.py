"""Bases that read a line's charges and dues: what was taken wrongly, or is the customer's own, to the last unit.

None gives more than was charged or is owed; where the agent has to say which (`Case.inputs`), what he says is bounded
by what the bill has. All amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.domain.case import Case
from agentdesk.domain.finance.charges import Charge
from agentdesk.domain.finance.money import pro_rata
from agentdesk.domain.times.zone import DAY_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

Basis = Callable[[Case, "Catalogue", Mapping[str, Any]], int]

MONTH_DAYS = 30


def _charges(case: Case, *kinds: str) -> tuple[Charge, ...]:
    found = case.line.charges if case.line else ()
    return tuple(c for c in found if c.kind in kinds) if kinds else found


def _sum(charges: Iterable[Charge]) -> int:
    return sum(c.amount for c in charges)


def _one_off_content(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> int:
    """Give back content that was bought once and that nobody remembers (点播): what no owner ordered."""
    return _sum(_content(case))


def _content(case: Case) -> tuple[Charge, ...]:
    return tuple(c for c in _charges(case, "content") if c.source != "owner")


def _pack_price(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> int:
    """Give back what an add-on cost that never took effect (叠加包未生效)."""
    return _sum(_charges(case, "pack"))


def _vas_fees_since(case: Case, catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    """Give back a service's monthly fees since it was ordered, as far back as charging data are kept (policy §1)."""
    most = min(int(args.get("months", catalogue.rules.charging_months)), catalogue.rules.charging_months)
    services = case.line.vas if case.line else ()
    unknown = [v for v in services if v.source == "unknown"]
    return sum(v.fee * min(most, max(1, -(-(case.at - v.ordered_at) // (MONTH_DAYS * DAY_MS)))) for v in unknown)


def _double_fee(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> int:
    """Give back what was charged more than once: of charges alike in kind, name and amount all but the first."""
    return _sum(_twice(case))


def _twice(case: Case) -> tuple[Charge, ...]:
    seen: set[tuple[str, str, int]] = set()
    found = []
    for charge in _charges(case):
        key = (charge.kind, charge.name, charge.amount)
        if key in seen:
            found.append(charge)
        seen.add(key)
    return tuple(found)


def pickable(case: Case, args: Mapping[str, Any]) -> tuple[Charge, ...]:
    """Return the charges of the bill from which the agent picks those in dispute: all, or those of some `kinds`."""
    kinds = args.get("kinds")
    return tuple(c for c in _charges(case) if kinds is None or c.kind in kinds)


def picked_in(inputs: Mapping[str, Any]) -> frozenset[str]:
    """Return the ids of the charges that were picked (`items`)."""
    picked = inputs.get("items")
    return frozenset(i for i in picked if isinstance(i, str)) if isinstance(picked, list | tuple) else frozenset()


def figures_missing(basis: str, case: Case, args: Mapping[str, Any]) -> str | None:
    """Return what the agent has to say before an amount can be computed: a reason's code; None where nothing."""
    if basis == "disputed_items" and pickable(case, args) and not picked_in(case.inputs):
        return "pick_lines"
    return "enter_receipt" if basis == "entered" and not case.inputs.get("receipt") else None


def _disputed_items(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    """Give back the lines of the bill that the agent picked (`items`, their ids), each once; none picked gives none."""
    wanted = picked_in(case.inputs)
    return _sum({c.id: c for c in pickable(case, args) if c.id in wanted}.values())


def _late_fee(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> int:
    """Waive the late fees of the bill (违约金)."""
    return _sum(_charges(case, "late_fee"))


def _rebate_instalment(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> int:
    """Pay the instalments of a rebate that are due and weren't paid (返费)."""
    rebate = case.line.dues.rebate if case.line else None
    return rebate.monthly * max(0, rebate.due - rebate.paid) if rebate else 0


def _pro_rata_plan(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> int:
    """Give back what a month with a change of plan cost more than the days of both plans."""
    change = case.line.dues.plan_change if case.line else None
    if change is None:
        return 0
    from agentdesk.domain.offering.offers import cycle_start  # it imports the module that imports this one

    days = min(MONTH_DAYS, max(0, (change.at - cycle_start(change.at)) // DAY_MS))
    right = pro_rata(change.old_fee, days, MONTH_DAYS) + pro_rata(change.new_fee, MONTH_DAYS - days, MONTH_DAYS)
    return max(0, change.charged - right)


def _roaming_difference(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> int:
    """Give back what roaming cost above the pack that was bought and didn't take effect."""
    pack = case.line.dues.roaming_pack if case.line else 0
    return max(0, _sum(_charges(case, "roaming")) - pack) if pack else 0


def _exit_fee(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    """Take a share off the fee for leaving a contract early."""
    percent = min(100, max(0, int(args.get("percent", 50))))
    return pro_rata(case.line.dues.exit_fee, percent, 100) if case.line else 0


def _account_balance(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> int:
    """Give back what stands to the account's credit, less what it owes."""
    account = case.account
    return max(0, account.balance - account.arrears) if account else 0


def _deposit(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> int:
    """Give back the deposit for a device (押金)."""
    return case.line.dues.deposit if case.line else 0


def _prepaid_fee(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> int:
    """Give back the part of a fee paid in advance for the days that are left."""
    prepaid = case.line.dues.prepaid if case.line else None
    if prepaid is None or prepaid.ends <= prepaid.begins:
        return 0
    left = min(prepaid.ends - prepaid.begins, max(0, prepaid.ends - max(case.at, prepaid.begins)))
    return pro_rata(prepaid.amount, left, prepaid.ends - prepaid.begins)


def _entered(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> int:
    """Give what stands on a receipt that the agent has before him (`receipt`, its number, and `amount`), to a bound."""
    amount, receipt = case.inputs.get("amount"), case.inputs.get("receipt")
    if not isinstance(amount, int) or isinstance(amount, bool) or not receipt:
        return 0
    return min(max(0, amount), int(args.get("most", amount)))


_REACHED: Mapping[str, Callable[[Case, Mapping[str, Any]], Iterable[Charge]]] = {
    "one_off_content": lambda case, inputs: _content(case),
    "pack_price": lambda case, inputs: _charges(case, "pack"),
    "double_fee": lambda case, inputs: _twice(case),
    "disputed_items": lambda case, inputs: (c for c in _charges(case) if c.id in picked_in(inputs)),
    "late_fee": lambda case, inputs: _charges(case, "late_fee"),
    "roaming_difference": lambda case, inputs: _charges(case, "roaming"),
}

OF_A_BILL = frozenset(_REACHED)
"""Bases whose charges are a bill's: what was given since it was issued was given for them."""


def reached(basis: str, case: Case, inputs: Mapping[str, Any]) -> Mapping[str, int]:
    """Return the lines of the newest bill that a basis gives back, by id in minor units; none where it isn't a bill's.

    Two bases may reach one line: a late fee is waived, or picked as disputed.
    """
    find = _REACHED.get(basis)
    return {charge.id: charge.amount for charge in find(case, inputs)} if find else {}


CHARGE_BASES: Mapping[str, tuple[Basis, Mapping[str, type]]] = {
    "one_off_content": (_one_off_content, {}),
    "pack_price": (_pack_price, {}),
    "vas_fees_since": (_vas_fees_since, {"months": int}),
    "double_fee": (_double_fee, {}),
    "disputed_items": (_disputed_items, {"kinds": list}),
    "late_fee": (_late_fee, {}),
    "rebate_instalment": (_rebate_instalment, {}),
    "pro_rata_plan": (_pro_rata_plan, {}),
    "roaming_difference": (_roaming_difference, {}),
    "exit_fee": (_exit_fee, {"percent": int}),
    "account_balance": (_account_balance, {}),
    "deposit": (_deposit, {}),
    "prepaid_fee": (_prepaid_fee, {}),
    "entered": (_entered, {"most": int}),
}
"""Each basis with the names and types of its arguments."""

ASKS: Mapping[str, tuple[str, ...]] = {
    "disputed_items": ("items",),
    "entered": ("receipt", "amount"),
}
"""What an agent has to say before a basis can compute anything."""
