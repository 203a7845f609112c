"""Bills on the screen: two months side by side, each line explained; the same data as on every other channel."""

from __future__ import annotations

from agentdesk.desk import terms, wording
from agentdesk.desk.i18n import _
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import EMPTY, Column, Row, ends, row, safe, table, wrap
from agentdesk.desk.terms import services as terms_services
from agentdesk.domain.finance.bills import Bill, Pair, bills, compared
from agentdesk.domain.finance.plans import GB


def months(facts: Facts) -> tuple[Bill, ...]:
    """Return the customer's bills, the newest first."""
    return bills(facts.customer) if facts.customer else ()


def month_words(month: str) -> str:
    """Return a month as it is read: 2026-10."""
    return safe(month, 10)


def pairs(found: tuple[Bill, ...], index: int) -> tuple[Pair, ...]:
    """Return the lines of one bill beside those of the one before it."""
    now = found[index] if index < len(found) else None
    before = found[index + 1] if index + 1 < len(found) else None
    return compared(now, before)


def head_rows(found: tuple[Bill, ...], index: int, cells: int) -> list[Row]:
    """Return the two months with their sums."""
    if not found:
        return [row((_("no bill yet: the first one comes with the first of next month"), "quiet"))]
    now = found[index]
    before = found[index + 1] if index + 1 < len(found) else None
    sums = (wording.money(now.total), wording.money(before.total) if before else "")
    change = now.total - before.total if before else 0
    names = (month_words(now.month), month_words(before.month) if before else "")
    more = row((_("up by {amount}").format(amount=wording.money(change)), "warn")) if change > 0 else EMPTY
    if change < 0:
        more = row((_("down by {amount}").format(amount=wording.money(-change)), "good"))
    return [
        table(_columns(cells), (EMPTY, _strong(names[0]), row((names[1], "quiet")), EMPTY), cells),
        table(_columns(cells), (_strong(_("sum")), _strong(sums[0]), row((sums[1], "quiet")), more), cells),
        EMPTY,
    ]


def pair_row(pair: Pair, cells: int) -> Row:
    """Return one line: what it is, both amounts, and what changed."""
    name = row(terms.term(terms_services.BILL_LINES, pair.line.kind), " ", (safe(pair.line.name, 24), "quiet"))
    tone = "warn" if pair.line.kind in ("overage", "third_party", "late_fee") and pair.now else ""
    change = ""
    if pair.change:
        change = ("+" if pair.change > 0 else "-") + wording.money(abs(pair.change))
    return table(
        _columns(cells),
        (name, row((wording.money(pair.now), tone)), row((wording.money(pair.before), "quiet")), row(change)),
        cells,
    )


def explained(pair: Pair, facts: Facts, cells: int) -> list[Row]:
    """Return what a line means, as it is said to the customer, and what can be done about it."""
    line = pair.line
    amount = wording.money(pair.now or pair.before)
    words = {
        "fixed": _("The monthly fee of {name}: {amount}, charged on the first for the whole month."),
        "overage": _(
            "{quantity} beyond what the plan holds, {amount} in all; what is in dispute is put at package price."
        ),
        "vas": _("{name}, {amount} a month, ordered on this line; V lists when and how, and cancels it."),
        "third_party": _("{name} of another provider, {amount}: without proof of an order it is refunded first."),
        "late_fee": _("A fee of {amount} for {days} days of arrears; it ends with the payment."),
        "discount": _("A discount of {amount} that the contract gives; it ends with the contract."),
    }.get(line.kind, _("{name}: {amount}."))
    if line.kind == "overage":
        quantity = f"{line.quantity / GB:.1f} GB" if line.quantity >= GB else f"{line.quantity} MB"
    else:
        quantity = ""
    said = words.format(name=safe(line.name, 30), amount=amount, quantity=quantity, days=line.quantity)
    if not pair.now:
        said = _("Gone this month: {words}").format(words=said)
    elif not pair.before and facts.at:
        said = _("New this month: {words}").format(words=said)
    return wrap(said, cells, "say", most=3)


def title_row(facts: Facts, cells: int) -> Row:
    """Return the title: whose bills these are, and that every channel shows the same."""
    return ends(row((_("bills"), "strong")), row((_("the same on every channel"), "quiet")), cells)


def _columns(cells: int) -> tuple[Column, ...]:
    return (Column(0), Column(11, right=True), Column(11, right=True), Column(16 if cells >= 70 else 11))


def _strong(words: str) -> Row:
    return row((words, "strong"))
