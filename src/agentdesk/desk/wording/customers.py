"""The words for what a customer is, has a right to and is warned of, and for why something is offered at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models.rows import safe
from agentdesk.desk.terms.hall import APPOINTMENTS
from agentdesk.domain.finance.money import format_minor

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

Values = Mapping[str, Any]


def _money(amount: object) -> str:
    return format_minor(amount if isinstance(amount, int) else 0, "CNY", i18n.language())


def _n(v: Values, name: str) -> int:
    value = v.get(name)
    return value if isinstance(value, int) else 0


def _many(words: object, table: Mapping[str, str]) -> str:
    items = words if isinstance(words, list | tuple) else ()
    return _(", ").join(safe(terms.term(table, code)) for code in items)


def _named(kind: str) -> Callable[[Values, Catalogue | None], str]:
    """Return the words that name an entry of the customers' policy by its id in a value."""

    def say(v: Values, c: Catalogue | None) -> str:
        code = str(v.get({"reasons": "matter", "warnings": "warning", "clubs": "club"}[kind]) or "")
        table: Mapping[str, Any] = getattr(c.customers, kind) if c else {}
        known = table.get(code)
        return known.name.say(i18n.language()) if known else safe(code)

    return say


_matter, _warning, _club = _named("reasons"), _named("warnings"), _named("clubs")


def _value(v: Values, _c: Catalogue | None) -> str:
    bill, least = _money(v.get("bill")), v.get("at_least")
    if not least:
        return _("pays {bill} a month in the mean").format(bill=bill)
    return _("pays {bill} a month in the mean, from {least} on").format(bill=bill, least=_money(least))


def _tier_right(v: Values, c: Catalogue | None) -> str:
    card = str(v.get("card") or "")
    known = c.cards.get(card) if c else None
    return _("by the card: {card}").format(card=known.name.say(i18n.language()) if known else safe(card))


def _tenure(v: Values, _c: Catalogue | None) -> str:
    n = _n(v, "months")
    return ngettext("in the network for {n} month and more", "in the network for {n} months and more", n).format(n=n)


def _tail(v: Values) -> str:
    return safe(v.get("number") or "")[-5:]


def _open(v: Values, _c: Catalogue | None) -> str:
    kind = terms.term(terms.TICKETS, v.get("kind"))
    return _("{kind} open, ends in {tail}").format(kind=kind, tail=_tail(v))


def _joined(v: Values, _c: Catalogue | None) -> str:
    n = _n(v, "days")
    return ngettext("joined {n} day ago", "joined {n} days ago", n).format(n=n)


BECAUSE: Mapping[str, Callable[[Values, Catalogue | None], str]] = {
    "arrears": lambda v, c: _("something is owed"),
    "broken_promise": lambda v, c: _("a promise was broken"),
    "contract_ends": lambda v, c: _("the contract ends or has ended"),
    "fault": lambda v, c: _("the line has a fault"),
    "flag": lambda v, c: _("marked: {flags}").format(flags=_many(v.get("flags"), terms.FLAGS)),
    "lifecycle": lambda v, c: _("stage: {stages}").format(stages=_many(v.get("stages"), terms.LIFECYCLES)),
    "open_ticket": lambda v, c: (
        _("a ticket is late")
        if v.get("late")
        else _("open: {kinds}").format(kinds=_many(v.get("kinds"), terms.TICKETS))
    ),
    "overage": lambda v, c: _("data was charged beyond the package"),
    "portrait": lambda v, c: _("fits a {kinds}").format(kinds=_many(v.get("portraits"), terms.PORTRAITS)),
    "segment": lambda v, c: _("for {segments} customers").format(segments=_many(v.get("segments"), terms.SEGMENTS)),
    "speed_below": lambda v, c: _("a valid speed test below the contract"),
    "stopped": lambda v, c: _many(v.get("reasons"), terms.STOPS) or _("the line is stopped"),
    "tier": lambda v, c: _("for this tier"),
    "vas": lambda v, c: (
        _("services of unknown source")
        if "unknown" in (v.get("sources") or ())
        else _("value-added services on the line")
    ),
    "repeat_contact": lambda v, c: _("called about it before"),
    "announcement": lambda v, c: _("a common fault is announced"),
    "line": lambda v, c: _many(v.get("kinds"), terms.LINES),
}
"""Why an offer stands there, by the condition that moved it up."""


def because(v: Values, c: Catalogue | None) -> str:
    """Return why an offer stands there in words."""
    worded = BECAUSE.get(str(v.get("condition")))
    return worded(v, c) if worded else _("fits the caller's situation")


WORDS: Mapping[str, Callable[[Values, Catalogue | None], str]] = {
    # what a customer is, and why
    "portrait_data": lambda v, c: _("uses {gb} GB a month").format(gb=_n(v, "value") // 1024),
    "portrait_voice": lambda v, c: _("talks {n} minutes a month").format(n=_n(v, "value")),
    "portrait_product": lambda v, c: _("ordered {n} products in a year").format(n=_n(v, "value")),
    "portrait_network": lambda v, c: _("reported the network {n} times in a year").format(n=_n(v, "value")),
    "portrait_price": lambda v, c: _("asked about bills and tariffs {n} times in a year").format(n=_n(v, "value")),
    "portrait_service": lambda v, c: _("{n} contacts in 90 days").format(n=_n(v, "value")),
    "portrait_none": lambda v, c: _("nothing stands out"),
    "as_stored": lambda v, c: _("as the centre has it; no usage is known here"),
    "value_bill": _value,
    "stage_open": _open,
    "stage_broken": lambda v, c: _("a promise was broken, ends in {tail}").format(tail=_tail(v)),
    "stage_solved": lambda v, c: _("answered lately, ends in {tail}").format(tail=_tail(v)),
    "stage_joined": _joined,
    "stage_steady": lambda v, c: _("nothing is open, nothing was lately"),
    # rights
    "right_standard": lambda v, c: _("for every customer"),
    "right_tier": _tier_right,
    "right_club": lambda v, c: _("member: {club}").format(club=_club(v, c)),
    "right_tenure": _tenure,
    # why something is offered, or isn't by itself
    "because": because,
    "lead_matter": lambda v, c: _("asked about: {matter}").format(matter=_matter(v, c)),
    "lead_warning": lambda v, c: _("warning: {warning}").format(warning=_warning(v, c)),
    "lead_promised": lambda v, c: _("promised already, ends in {tail}").format(tail=_tail(v)),
    "silent_matter": lambda v, c: _("no offers to stay: the call is about {matter}").format(matter=_matter(v, c)),
    "silent_complaint": lambda v, c: _("no offers to stay while a complaint is open, ends in {tail}").format(
        tail=_tail(v)
    ),
    # verification
    "counter_method": lambda v, c: _("the ID card is read at a counter only"),
    "no_face_check": lambda v, c: _("no face check in the app in the last ten minutes: ask the caller to make it"),
    "code_needs_line": lambda v, c: _("a code needs the line to the centre: use another method"),
    "code_no_mobile": lambda v, c: _("a code goes to a mobile line only: choose it with Tab"),
    "no_code": lambda v, c: _("no code has come yet: wait a moment"),
    "code_expired": lambda v, c: _("the code has expired: send another one"),
    "code_wrong": lambda v, c: _("the code doesn't match"),
    "agent_unnamed": lambda v, c: _("who acts for the owner is noted by name and certificate"),
    "counter_only": lambda v, c: _("missed too often today: only the ID card at a counter or the face check counts"),
    "method_missed": lambda v, c: _("missed too often by {method}: another method").format(
        method=terms.term(terms.METHODS, v.get("method"))
    ),
    # the hall
    "slot_past": lambda v, c: _("that time has begun already: choose a later one"),
    "slot_full": lambda v, c: _("that time is full: choose another one"),
    "appointment_state": lambda v, c: _("the appointment is {state}: this can't be done any more").format(
        state=terms.term(APPOINTMENTS, v.get("state"))
    ),
    "visit_closed": lambda v, c: _("the visit is closed: its slip was given"),
    "nothing_carried": lambda v, c: _("the level doesn't travel with this transfer: verify again"),
}
