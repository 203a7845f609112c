"""Plots about money: credit that runs, a refund that is looked into, a broken promise that paid by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentdesk.domain.documents import Document
from agentdesk.domain.times.calendar import due
from agentdesk.sample.agents import SITE
from agentdesk.sample.pen import DAY_MS, HOUR_MS, MINUTE_MS, Pen

POWER_ON, REFUND_FIRST, REPAIR, LATE_REPAIR = "U04", "U11", "W06", "R207"


def credit_running(pen: Pen) -> None:
    """Stopped for a bill he forgot, switched on ten hours ago: the credit of one day runs, and keeps from the next."""
    at = pen.now - 10 * HOUR_MS
    contact = pen.contact("inquiry.tariff.bill", at - 3 * MINUTE_MS, "promised", True)
    made = pen.promise(POWER_ON, at, "fulfilled", amount=10_000, contact=contact)
    days = pen.floor.catalogue.templates[POWER_ON].days[pen.tier]
    _more(made, booked="billing", credit="running", credit_until=at + days * DAY_MS)


def check_open(pen: Pen) -> None:
    """Forced services were refunded the day before yesterday, and are looked into now."""
    at = pen.now - 2 * DAY_MS
    contact = pen.contact("complaint.vas.forced", at - 4 * MINUTE_MS, "promised", True)
    made = pen.promise(REFUND_FIRST, at, "fulfilled", amount=1_800, contact=contact)
    _more(made, booked="vas")
    data = made.data
    catalogue = pen.floor.catalogue
    pen.write(
        "check",
        at,
        {
            "purpose": "verification",
            "about": made.id,
            "about_type": "commitment",
            **{name: data[name] for name in ("customer", "subscription", "name_zh", "name_en", "amount", "money")},
            "about_number": data["number"],
            "department": data["department"],
            "owner": None,
            "state": "open",
            "at": at,
            "due": due(catalogue.tickets["verification"].limits["standard"], catalogue.calendars, at),
            "moves": [pen.move(at, "opened", pen.agent)],
        },
    )


def compensated(pen: Pen) -> None:
    """The repair wasn't there when it was promised: what is promised for that was given by itself."""
    until = pen.now - DAY_MS
    made = pen.promise(REPAIR, until - 36 * HOUR_MS, "breached", due=until)
    _more(made, booked="broadband_maintenance", breached_at=until)
    remedy = pen.floor.catalogue.remedies[LATE_REPAIR]
    data = made.data
    pen.write(
        "remedy",
        until,
        {
            "number": data["number"],
            "customer": data["customer"],
            "subscription": data["subscription"],
            "under": made.id,
            "matter": made.id,
            "remedy": remedy.code,
            "catalogue": data["catalogue"],
            "category": remedy.category,
            "name_zh": remedy.name.zh,
            "name_en": remedy.name.en,
            "unit_zh": remedy.unit.zh,
            "unit_en": remedy.unit.en,
            "statutory": remedy.statutory,
            "basis": remedy.basis,
            "department": remedy.department,
            "quantity": 1,
            "state": "given",
            "amount": 3_000,
            "money": remedy.money,
            "allowance": None,
            "booked": "broadband_maintenance",
            "automatic": True,
            "due": pen.now + 10 * HOUR_MS,
            "owner": pen.agent,
            "site": SITE,
            "spoken_at": None,
            "at": until,
            "moves": [pen.move(until, "compensated", "centre", role="centre")],
        },
    )


def _more(document: Document, **fields: Any) -> None:
    data: Mapping[str, Any] = document.data
    assert isinstance(data, dict)  # what a pen writes it may still add to
    data.update(fields)
