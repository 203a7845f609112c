"""All about a customer on one page: what he is and why, what he has a right to, his lines, money, people and history.

`seen` is the customer's own view (客户可见): nothing internal, and no fact above the level of verification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from agentdesk.desk import i18n, terms, wording
from agentdesk.desk.i18n import N_, _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.card import badge, line_words, person
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import EMPTY, Row, ends, pad, row, safe, wrap
from agentdesk.desk.models.telling import untold
from agentdesk.desk.models.warnings import warnings
from agentdesk.domain.case import Case, Customer
from agentdesk.domain.language.text import mask_name
from agentdesk.domain.numbering.numbers import display
from agentdesk.domain.profile.disclosure import INTERNAL, may_tell
from agentdesk.domain.profile.portrait import Told, monthly_bill, usage_of, value_of
from agentdesk.domain.profile.rights import clubs_of, next_benefit, rights_of
from agentdesk.domain.profile.warnings import silence

LABEL = 14
LAYERS = {
    "standard": N_("standard"),
    "tier": N_("tier"),
    "feature": N_("club"),
    "tenure": N_("loyalty"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page is about; `seen`: the customer looks on."""

    facts: Facts
    case: Case
    customer: Customer
    width: int
    seen: bool

    @property
    def level(self) -> int:
        return self.facts.level

    def shows(self, fact: str) -> bool:
        """Tell whether a fact is on the page at all."""
        return may_tell(fact, self.level) if self.seen else True

    def line(self, label: str, words: Row | str, fact: str = "") -> list[Row]:
        """Return a labelled line; one that the caller may not hear yet says from which level on."""
        if fact and not self.shows(fact):
            return []
        text = row(words) if isinstance(words, str) else words
        why = untold(fact, self.level) if fact else ""
        mark = row((why, "quiet" if fact in INTERNAL else "warn")) if why else EMPTY
        return [ends(row(pad(row((label, "quiet")), LABEL), text), mark, self.width)]


def customer_rows(facts: Facts, width: int, seen: bool = False) -> list[Row]:
    """Return the page of a customer; nothing where nobody is chosen."""
    if facts.case is None or facts.customer is None:
        return [row((_("nobody is chosen"), "quiet"))]
    sheet = Sheet(facts, facts.case, facts.customer, width, seen)
    rows: list[Row] = []
    for title, part in PARTS:
        found = part(sheet)
        if found:
            rows += [*([EMPTY] if rows else []), *([row((_(title), "strong"))] if title else []), *found]
    return rows


def _told(told: Told, words: str, sheet: Sheet) -> Row:
    why = wording.say(told.why, sheet.facts.catalogue)
    return row(words or _("none"), "  ", (why, "quiet"))


def _who(sheet: Sheet) -> list[Row]:
    facts, customer = sheet.facts, sheet.customer
    tier = facts.tier
    head = row((badge(tier, facts.catalogue), f"tier-{tier}"), " ", (person(customer, facts.verified), "strong"))
    rows = [row(head, "  ", (terms.term(terms.CARDS, customer.card), "quiet"))]
    portrait, stage = sheet.case.portrait(facts.catalogue), sheet.case.stage(facts.catalogue)
    value = value_of(customer, facts.catalogue.customers)
    rows += sheet.line(
        _("portrait"), _told(portrait, terms.term(terms.PORTRAITS, portrait.code or None), sheet), "portrait"
    )
    rows += sheet.line(_("life cycle"), _told(stage, terms.term(terms.LIFECYCLES, stage.code), sheet), "portrait")
    rows += sheet.line(_("value"), _told(value, terms.term(terms.VALUES, value.code), sheet), "value")
    points = customer.document.data.get("points")
    if isinstance(points, int) and points:
        rows += sheet.line(_("points"), _("{n}, worth {amount} as a remedy").format(
            n=points, amount=wording.money(points)
        ), "points")  # fmt: skip
    manager = customer.document.data.get("manager")
    if isinstance(manager, dict) and facts.tier == "diamond":
        number = display(str(manager.get("number") or ""), masked=False)
        rows += sheet.line(_("manager"), f"{safe(manager.get('name'), 20)} {safe(number, 20)}", "rights")
    return rows


def _rights(sheet: Sheet) -> list[Row]:
    catalogue, language = sheet.facts.catalogue, i18n.language()
    rows: list[Row] = []
    for entitled in rights_of(sheet.case, catalogue):
        right = entitled.right
        fact = "rights_standard" if right.layer == "standard" else "rights"
        if not sheet.shows(fact):
            continue
        why = wording.say(entitled.why, catalogue)
        name = row(right.name.say(language), "  ")
        if right.layer == "feature":
            name = row(name, (why, "quiet"), "  ")
        name = row(name, (right.note.say(language), "quiet"))
        now = (
            row((_("usable now"), "good"))
            if entitled.usable
            else row((wording.say(entitled.not_now[0], catalogue), "warn"))
        )
        label = pad(row((_(LAYERS[right.layer]), "quiet")), LABEL)
        rows.append(ends(row(label, name), now if not sheet.seen or entitled.usable else EMPTY, sheet.width))
    ahead = next_benefit(sheet.case, catalogue)
    if ahead is not None:
        right, months = ahead
        words = ngettext("{name} in {n} month", "{name} in {n} months", months)
        rows += sheet.line(_("next"), words.format(name=right.name.say(language), n=months))
    clubs = [
        catalogue.customers.clubs[c].name.say(language) for c in clubs_of(sheet.case) if c in catalogue.customers.clubs
    ]
    if clubs:
        rows += sheet.line(_("clubs"), _(", ").join(clubs), "rights")
    return rows


def _warned(sheet: Sheet) -> list[Row]:
    if sheet.seen:
        return []
    facts, language = sheet.facts, i18n.language()
    rows = []
    for warning in warnings(facts, whole=True):
        names = [
            facts.catalogue.templates[code].name.say(language)
            for code in warning.offers[:3]
            if code in facts.catalogue.templates
        ]
        answer = row((_("answered by: {offers}").format(offers=_(", ").join(names)), "quiet")) if names else EMPTY
        rows.append(row((warning.words, "late" if warning.late else "warn"), "  ", answer))
    hush = silence(sheet.case, facts.catalogue)
    if hush is not None:
        rows.append(row((wording.say(hush, facts.catalogue), "accent")))
    return rows


def _lines(sheet: Sheet) -> list[Row]:
    facts = sheet.facts
    rows = []
    for line in sheet.customer.subscriptions:
        chosen = facts.line is not None and facts.line.id == line.id
        words = row((line_words(line, masked=not facts.verified), "strong" if chosen else ""))
        state = terms.term(terms.STOPS, line.stop_reason) if line.stopped else _("in service")
        more = [row((state, "warn" if line.stopped else "quiet"))]
        if sheet.shows("contract") and line.contract_end is not None:
            more.append(row((_("contract to {day}").format(day=times.day(line.contract_end)), "quiet")))
        if sheet.shows("bill"):
            more.append(row((wording.money(line.fee), "quiet")))
        right: Row = EMPTY
        for part in more:
            right = row(right, "  ", part) if right else part
        rows.append(ends(words, right, sheet.width))
        if line.home and line.home != facts.home and sheet.case.line is line:
            rows += sheet.line(_("home"), line.home)
    return rows


def _money(sheet: Sheet) -> list[Row]:
    rows: list[Row] = []
    for account in sheet.customer.accounts:
        rows += sheet.line(_("balance"), wording.money(account.balance), "balance")
        if account.arrears:
            rows += sheet.line(_("arrears"), row((wording.money(account.arrears), "warn")), "arrears")
        if account.bill_due is not None:
            rows += sheet.line(_("payment due"), times.day(account.bill_due), "bill")
        if account.direct_debit:
            rows += sheet.line(_("pays by"), _("direct debit"), "bill")
    fees = usage_of(sheet.customer).get("fees")
    if isinstance(fees, list) and fees:
        said = _(", ").join(wording.money(fee) for fee in fees)
        mean = wording.money(monthly_bill(sheet.customer))
        rows += sheet.line(_("last bills"), _("{bills}; {mean} in the mean").format(bills=said, mean=mean), "bill")
    for credit in sheet.customer.document.data.get("credits") or ():
        at, repaid = credit.get("at"), credit.get("repaid_at")
        words = _("{amount} on {day}").format(amount=wording.money(credit.get("amount")), day=times.day(at))
        back = row((_("paid back"), "good")) if repaid else row((_("not paid back yet"), "warn"))
        rows += sheet.line(_("credit"), row(words, "  ", back), "credits")
    return rows


def _people(sheet: Sheet) -> list[Row]:
    rows: list[Row] = []
    shown = sheet.facts.verified and not sheet.seen
    for contact in sheet.customer.people:
        name = safe(contact.name, 20)
        words = " ".join(
            part
            for part in (
                name if shown else mask_name(name),
                display(contact.number, masked=not shown),
                _("good hours {hours}").format(hours=safe(contact.hours, 20)) if contact.hours else "",
            )
            if part
        )
        if not sheet.seen:
            rows += sheet.line(terms.term(terms.RELATIONS, contact.relation), words, "people")
    if sheet.customer.segment == "family" and not sheet.seen:
        rows += sheet.line(_("family"), _("one pays for all: see W08 on offer"))
    told = sheet.customer.document.data.get("supplied") or {}
    for name in told if shown else ():
        ago = times.ago(int(told[name].get("at") or 0), sheet.facts.at)
        words = safe(told[name].get("value") or "", 80)
        rows += sheet.line(
            _("he told"), row(words, ("  " + _("{ago}, not checked").format(ago=ago), "quiet")), "people"
        )
    address = sheet.customer.text("address")
    if address and sheet.facts.verified:
        rows += [
            row(pad(row((_("address"), "quiet")), LABEL), part) for part in wrap(safe(address, 80), sheet.width - LABEL)
        ]
    return rows


def _history(sheet: Sheet) -> list[Row]:
    rows: list[Row] = []
    lines = {line.id: line for line in sheet.customer.subscriptions}
    for test in sheet.customer.document.data.get("speed_tests") or ():
        line = lines.get(str(test.get("subscription")))
        rate = f" / {line.rate_mbps}" if line is not None else ""
        valid = _("valid") if test.get("valid") else _("not valid")
        words = f"{test.get('mbps')}{rate} Mbps, {valid}, {times.day(int(test.get('at') or 0))}"
        rows += sheet.line(_("speed test"), words, "usage")
    usage = usage_of(sheet.customer)
    if usage:
        words = _("{gb} GB, {minutes} min a month; {contacts} contacts in 90 days").format(
            gb=int(usage.get("mb") or 0) // 1024, minutes=usage.get("minutes") or 0, contacts=usage.get("contacts") or 0
        )
        rows += sheet.line(_("uses"), words, "usage")
    leaving = next((d for d in sheet.facts.earlier if d.data.get("leaving")), None)
    if leaving is not None and not sheet.seen:
        known = sheet.facts.catalogue.customers.leaving.get(str(leaving.data["leaving"].get("reason")))
        name = known.name.say(i18n.language()) if known else safe(leaving.data["leaving"].get("reason"))
        rows += sheet.line(_("wanted to leave"), f"{name}  {times.day(int(leaving.data.get('at') or 0))}", "churn")
    return rows


PARTS: Sequence[tuple[str, Callable[[Sheet], list[Row]]]] = (
    ("", _who),
    (N_("rights, layer by layer"), _rights),
    (N_("early warnings"), _warned),
    (N_("lines"), _lines),
    (N_("money"), _money),
    (N_("people and place"), _people),
    (N_("use and tests"), _history),
)


def leaving_words(facts: Facts, reasons: Iterable[str]) -> list[Row]:
    """Return the words that answer reasons for leaving; they hold nobody."""
    known = facts.catalogue.customers.leaving
    return [row((known[reason].words.say(i18n.language()), "say")) for reason in reasons if reason in known]
