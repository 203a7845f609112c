"""The caller's card: who is this, is it verified, and what is the matter with him, at one look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.desk import glyphs, i18n, terms
from agentdesk.desk.actions import key
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.facts import Facts, Lookup
from agentdesk.desk.models.lacking import ASKED, to_ask
from agentdesk.desk.models.rows import EMPTY, Row, ends, flow, joined, row, safe, whole
from agentdesk.desk.models.rows import width as cells
from agentdesk.desk.models.telling import legend
from agentdesk.desk.models.warnings import Warning, warnings
from agentdesk.desk.models.ways import spent
from agentdesk.domain.case import Customer, Subscription
from agentdesk.domain.language.text import mask_name
from agentdesk.domain.numbering.numbers import display
from agentdesk.domain.profile.portrait import value_of

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, Tier


@dataclass(frozen=True, slots=True)
class CardView:
    """What stands on a card; `known` is False for a number that leads to nobody here."""

    known: bool
    tier: Tier
    badge: str
    name: str
    number: str
    home: str
    traits: tuple[str, ...]
    line: str
    verification: str
    verified: bool
    needs_choice: str
    warnings: tuple[Warning, ...]
    spent: bool = False
    """Nothing that he says can verify him any more: there is no key for it."""
    lacking: str = ""
    """What is missing in his record and can be asked for now."""


def badge(tier: Tier, catalogue: Catalogue | None) -> str:
    """Return a tier's badge: a shape and a word, so that it is told without colour."""
    rule = catalogue.tiers.get(tier) if catalogue else None
    word = rule.name.say(i18n.language()) if rule else terms.term(terms.TIERS, tier)
    return f" {glyphs.current().tier(tier)} {word} "


def person(customer: Customer, verified: bool) -> str:
    """Return a customer's name as it may be shown, with how he is addressed."""
    name = safe(customer.name, 40)
    shown = name if verified else mask_name(name)
    address = terms.salutation(customer.document.data.get("gender")) if customer.segment != "corporate" else ""
    if not shown:
        return _("no name")
    return f"{shown} {address}".strip() if i18n.chinese() else f"{address} {shown}".strip()


def line_words(line: Subscription, masked: bool) -> str:
    """Return a line: its kind, its number, its plan."""
    number = display(line.number, masked) if line.number else ""
    return " ".join(part for part in (terms.term(terms.LINES, line.kind), number, safe(line.plan, 24)) if part)


def card(facts: Facts, lookup: Lookup | None = None) -> CardView:
    """Return the card of a caller, known or not."""
    number = _number(facts, lookup)
    home = safe((facts.line.home if facts.own_number and facts.line else "") or facts.home or "", 24)
    customer = facts.customer
    if customer is None:
        choose = len(lookup.customers) if lookup else 0
        return CardView(
            known=False,
            tier="standard",
            badge=_several(choose) if choose else " ? ",
            name=_("who is it?") if choose else _("unknown caller"),
            number=number,
            home=home,
            traits=(),
            line="",
            verification=terms.level(0),
            verified=False,
            needs_choice=_several_words(choose),
            warnings=warnings(facts),
        )
    verified = facts.verified
    line = line_words(facts.line, not verified) if facts.line is not None and not facts.own_number else ""
    return CardView(
        known=True,
        tier=facts.tier,
        badge=badge(facts.tier, facts.catalogue),
        name=person(customer, verified),
        number=number,
        home=home,
        traits=_traits(customer, facts),
        line=line,
        verification=_verification(facts),
        verified=verified,
        needs_choice=_choice(facts, customer),
        warnings=warnings(facts),
        spent=spent(facts),
        lacking=to_ask(facts) or "",
    )


def card_rows(view: CardView, width: int) -> list[Row]:
    """Return a card's lines: who, what he is, the line in question, the warnings, and what is missing."""
    verification = row((view.verification, "good" if view.verified else "strong"))
    if not view.verified and view.known and not view.spent:
        verification = row(verification, " ", ("v", "key"))
    who = joined(
        [
            row((view.badge, f"tier-{view.tier}" if view.known else "mark")),
            row((view.name, "strong")),
            row(view.number, " ", (view.home, "quiet")) if view.number else EMPTY,
        ]
    )
    lines = [ends(who, verification, width)]
    choice = row((view.needs_choice, "strong"))
    traits = whole([row((trait, "quiet")) for trait in view.traits], width - cells(choice) - 3)
    if traits or choice:
        lines.append(ends(row(" ", traits), choice, width))
    if view.line:
        lines.append(row(" ", (_("about"), "quiet"), " ", (view.line, "strong")))
    sign = glyphs.current().warning
    marked = [
        row((f"{sign} {w.words}", "late" if w.late else "warn"), *(((f" {w.untold}", "quiet"),) if w.untold else ()))
        for w in view.warnings
    ]
    if explained := legend(w.untold for w in view.warnings):
        marked.append(explained)
    if view.lacking:
        words = _("not known yet: {what}").format(what=_(ASKED[view.lacking]))
        marked.append(row((words, "quiet"), " ", (key("rights"), "key")))
    lines.extend(row(" ", line) for line in flow(marked, width - 1))
    return lines


def _number(facts: Facts, lookup: Lookup | None) -> str:
    if facts.caller:
        return display(facts.caller, masked=not facts.verified)
    if lookup is not None and lookup.raw:
        return safe(lookup.raw, 24) if lookup.number is None else display(lookup.number)
    if facts.line is not None and facts.line.number:
        return display(facts.line.number, masked=not facts.verified)
    return ""


def _traits(customer: Customer, facts: Facts) -> tuple[str, ...]:
    tenure = ""
    if customer.since:
        tenure = _("{span} in the network").format(span=times.span(facts.at - customer.since))
    portrait = facts.case.portrait(facts.catalogue).code if facts.case else ""
    stage = facts.case.stage(facts.catalogue).code if facts.case else ""
    return tuple(
        safe(part, 24)
        for part in (
            terms.term(terms.CARDS, customer.card),
            tenure,
            terms.term(terms.SEGMENTS, customer.segment),
            terms.term(terms.VALUES, value_of(customer, facts.catalogue.customers).code),
            terms.term(terms.PORTRAITS, portrait or None),
            terms.term(terms.LIFECYCLES, stage or None),
        )
        if part
    )


def _verification(facts: Facts) -> str:
    if facts.verified:
        role = terms.term(terms.CALLERS, facts.caller_role)
        return _("verified: {role}").format(role=role)
    if spent(facts):
        return _("can be verified at a counter only")
    if facts.own_number:
        return _("own number, not verified")
    return _("not verified")


def _choice(facts: Facts, customer: Customer) -> str:
    if facts.holders > 1:
        return _several_words(facts.holders)
    lines = len(customer.subscriptions)
    return ngettext("{n} line (Tab)", "{n} lines (Tab)", lines).format(n=lines) if lines > 1 else ""


def _several(count: int) -> str:
    return f" {count} ? " if count > 1 else " ? "


def _several_words(count: int) -> str:
    if count < 1:
        return ""
    return ngettext("number leads to {n} customer (Tab)", "number leads to {n} customers (Tab)", count).format(n=count)
