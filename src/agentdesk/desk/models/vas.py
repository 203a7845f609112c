"""The value-added services (增值业务) of a line: who ordered each, when and how, and whether it is being cancelled."""

from __future__ import annotations

from dataclasses import dataclass

from agentdesk.desk import terms, wording
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import EMPTY, Column, Row, row, safe, table, width
from agentdesk.desk.models.telling import sign
from agentdesk.desk.terms import services as terms_services
from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.offering.services import VAS_ALL, VAS_ONE

_COLUMNS = (Column(1), Column(14), Column(8, right=True), Column(0))


@dataclass(frozen=True, slots=True)
class VasLine:
    """One active service; `fee` is minor units a month, `order` the open order that cancels it."""

    code: str
    name: str
    fee: int
    source: str
    how: str
    provider: str
    ordered_at: int
    order: Document | None


def vas_lines(facts: Facts) -> tuple[VasLine, ...]:
    """Return the active services of the line in question."""
    if facts.customer is None or facts.line is None:
        return ()
    wanted = facts.line.id
    lines = facts.customer.document.data.get("subscriptions") or ()
    raw = next((line.get("vas") or () for line in lines if line.get("id") == wanted), ())
    return tuple(
        VasLine(
            code=str(v.get("code") or ""),
            name=safe(v.get("name") or v.get("code"), 30),
            fee=int(v.get("fee") or 0),
            source=str(v.get("source") or "owner"),
            how=str(v.get("how") or ("unknown" if v.get("source") == "unknown" else "")),
            provider=safe(v.get("provider") or "", 24),
            ordered_at=int(v.get("ordered_at") or 0),
            order=cancelling(facts, str(v.get("code") or "")),
        )
        for v in raw
    )


def cancelling(facts: Facts, code: str) -> Document | None:
    """Return the open order that cancels a service of the line in question."""
    for order in facts.work:
        data = order.data
        if order.type != "service_order" or not is_open(order) or facts.line is None:
            continue
        if data.get("subscription") != facts.line.id:
            continue
        one = data.get("service") == VAS_ONE and (data.get("parameters") or {}).get("service") == code
        if one or data.get("service") == VAS_ALL:
            return order
    return None


def vas_head(cells: int) -> Row:
    """Return the head of the list."""
    words = (_("service"), _("a month"), _("who ordered it, when, how"))
    return table(_COLUMNS, (EMPTY, *(row((word, "quiet")) for word in words)), cells)


def vas_sign(line: VasLine, facts: Facts) -> str:
    """Return the sign of what keeps a service from who is on the line; how far its cancelling is, he hears earlier."""
    return sign("services" if line.order is None else "progress", facts)


def vas_row(line: VasLine, key: str, facts: Facts, cells: int) -> Row:
    """Return one service: what it costs, who ordered it, when and how, or that it is being cancelled."""
    when = times.day(line.ordered_at) if line.ordered_at else ""
    source = terms.term(terms_services.VAS_SOURCE, line.source)
    how = terms.term(terms_services.VAS_HOW, line.how) if line.how else ""
    parts = [part for part in (source, when, how, line.provider) if part]
    room = cells - sum(column.cells for column in _COLUMNS) - 2 * (len(_COLUMNS) - 1) - 3
    while len(parts) > 2 and width(row(", ".join(parts))) > room:
        parts.pop()  # whole parts only; the service's own dialog has them all
    origin = ", ".join(parts)
    gone = line.order is not None
    last = row((origin, "warn" if line.source != "owner" else "quiet"))
    if line.order is not None:
        late = line.order.data.get("state") in ("late", "failed")
        last = row((_("cancellation late"), "late")) if late else row((_("being cancelled"), "good"))
    name, why = row((line.name, "quiet" if gone else "")), vas_sign(line, facts)
    last = row((f"{why} ", "quiet"), last) if why else last
    return table(_COLUMNS, (row(("" if gone else key, "key")), name, row(wording.money(line.fee)), last), cells)
