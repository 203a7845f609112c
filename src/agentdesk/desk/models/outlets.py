"""Outlets near a customer: how far, open until when, how many wait, what is done there."""

from __future__ import annotations

from collections.abc import Sequence

from agentdesk.desk import terms
from agentdesk.desk.i18n import N_, _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.rows import Column, Row, row, safe, table
from agentdesk.domain.outlet.outlets import Near

SERVICES = {
    "sim": N_("SIM cards"),
    "transfer": N_("transfer of a line"),
    "payment": N_("payment"),
    "broadband": N_("broadband"),
    "repair_desk": N_("handset repair"),
    "corporate": N_("companies"),
}


def distance(near: Near) -> Row:
    """Return how far an outlet is; within the promised kilometre it is green."""
    if near.metres is None:
        return row(("-", "quiet"))
    words = f"{near.metres} m" if near.metres < 1_000 else f"{near.metres / 1_000:.1f} km"
    return row((words, "good" if near.within_promise else ""))


def hours(near: Near, at: int) -> Row:
    """Return until when an outlet is open, or when it opens next."""
    if near.open_now and near.closes is not None:
        return row((_("open to {clock}").format(clock=times.clock(near.closes)), "good"))
    if near.opens is not None:
        return row((_("opens {moment}").format(moment=times.moment(near.opens, at)), "warn"))
    return row((_("closed"), "quiet"))


def queue(near: Near) -> Row:
    """Return how many people wait, where the outlet said so lately."""
    if near.waiting is None:
        return row(("-", "quiet"))
    return row(ngettext("{n} waits", "{n} wait", near.waiting).format(n=near.waiting))


def outlet_rows(found: Sequence[Near], at: int, width: int) -> list[Row]:
    """Return one line for each outlet."""
    columns = (Column(8, True), Column(22), Column(16), Column(9), Column(0))
    lines = []
    for near in found:
        name = row((safe(near.outlet.data.get("name"), 30), "strong"))
        address = row((safe(near.outlet.data.get("address"), 60), "quiet"))
        lines.append(table(columns, (distance(near), name, hours(near, at), queue(near), address), width))
    return lines


def services(near: Near) -> str:
    """Return what is done at an outlet in words."""
    return _(", ").join(terms.term(SERVICES, service) for service in near.outlet.data.get("services") or ())
