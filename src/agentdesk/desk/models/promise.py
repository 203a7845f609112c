"""The promise in all its states: asked, typed again, promised, told; the words and what is recorded with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentdesk.desk import i18n, terms, wording
from agentdesk.desk.i18n import _, pgettext
from agentdesk.desk.models import rows, times
from agentdesk.desk.models.card import badge, person
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import EMPTY, Row, ends, row, safe, wrap
from agentdesk.desk.models.work import department
from agentdesk.domain.finance.money import AmountError, parse_amount
from agentdesk.domain.language.text import mask_name
from agentdesk.domain.language.words import Spoken, WordsError
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.numbering.numbers import display
from agentdesk.domain.offering.offers import Offer, assess
from agentdesk.domain.policy import Bilingual

labelled, LABEL = rows.labelled, rows.LABEL
"""Under these names dialogs have them from here, too."""


@dataclass(frozen=True, slots=True)
class PromiseView:
    """What the dialog of one promise shows; amounts are minor units."""

    offer: Offer
    customer: str
    badge: str
    tier: str
    ask: str
    proposed: int | None
    amount: int | None
    ceiling: int | None
    type_again: bool
    due: int
    at: int
    department: str
    offline: str
    also: int | None = None


def plain_amount(amount: int | None) -> str:
    """Return an amount as it is typed and spoken: `200.00`."""
    return "" if amount is None else f"{amount // 100}.{amount % 100:02d}"


def blanks(offer: Offer, facts: Facts, amount: int | None, hotline: str, number: str = "") -> dict[str, str]:
    """Return what fills the blanks of a promise's words."""
    customer = facts.customer
    name = safe(customer.name, 40) if customer else ""
    shown = name if facts.verified else mask_name(name).rstrip("*")
    days = offer.template.days.get(facts.tier)
    return {
        "name": shown,
        "salutation": _salutation(facts),
        "amount": plain_amount(amount),
        "due": times.moment(offer.due, facts.at),
        "also": times.moment(offer.also, facts.at) if offer.also is not None else "",
        "department": department(offer.template.department, facts.catalogue),
        "number": spoken(number),
        "line": _line(facts),
        "days": "" if days is None else str(days),
        "hotline": hotline,
    }


def words(text: Bilingual, values: dict[str, str], facts: Facts, code: str) -> Spoken:
    """Return words as they are said and recorded, in the language in use."""
    language = i18n.language()
    said = text.say(language)
    try:
        return Spoken.of(code, facts.catalogue.version, language, said, values)
    except WordsError:
        # a catalogue is checked before it is published; one that slipped through is shown as it stands
        return Spoken.of(code, facts.catalogue.version, language, said.replace("{", "(").replace("}", ")"), {})


def ask_words(offer: Offer, facts: Facts, amount: int | None, hotline: str) -> Spoken:
    """Return the words to ask (征询)."""
    template = offer.template
    own = template.offline.ask if offer.mode == "later" else None
    return words(own or template.ask, blanks(offer, facts, amount, hotline), facts, template.code)


def tell_words(offer: Offer, facts: Facts, amount: int | None, hotline: str, number: str) -> Spoken:
    """Return the words to tell (告知), with the promise's number in groups of digits."""
    template = offer.template
    own = template.offline.tell if offer.mode == "later" else None
    return words(own or template.tell, blanks(offer, facts, amount, hotline, number), facts, template.code)


def promise(
    offer: Offer, facts: Facts, hotline: str, amount: int | None = None, proposed: int | None = None
) -> PromiseView:
    """Return the dialog of an offer, `amount` minor units where the agent changed what was computed."""
    chosen = offer.amount if amount is None else amount
    first = offer.amount if proposed is None else proposed
    rule = offer.template.money
    quick = facts.catalogue.tiers[facts.tier].quick_limit if facts.tier in facts.catalogue.tiers else 0
    again = rule is not None and rule.kind == "cost" and (chosen or 0) > quick
    return PromiseView(
        offer=offer,
        customer=person(facts.customer, facts.verified) if facts.customer else "",
        badge=badge(facts.tier, facts.catalogue),
        tier=facts.tier,
        ask=ask_words(offer, facts, chosen, hotline).text,
        proposed=first,
        amount=chosen,
        ceiling=offer.ceiling,
        type_again=again,
        due=offer.due,
        at=facts.at,
        department=department(offer.template.department, facts.catalogue),
        offline=_offline(offer, facts),
        also=offer.also,
    )


def read_amount(text: str) -> tuple[int | None, str]:
    """Return the minor units that were typed, or why they can't be read."""
    try:
        return parse_amount(text), ""
    except AmountError as error:
        return None, {
            "empty": _("type an amount in yuan, for example 36.50"),
            "exponent": _("type the amount in full, for example 1200"),
            "negative": _("type an amount without a minus sign"),
            "decimals": _("type at most two decimals"),
            "too_large": _("this amount is too large"),
            "not_a_number": _("type the amount in digits, for example 36.50"),
        }[error.code]


def reassess(offer: Offer, facts: Facts, amount: int | None) -> Offer:
    """Return the offer with another amount, or with the one computed now, as the rules see it."""
    case = facts.case
    return offer if case is None else assess(offer.template, case, facts.catalogue, amount)


def ask_rows(view: PromiseView, cells: int) -> list[Row]:
    """Return the dialog before the promise: the words to ask, amount, deadline, department, and line down."""
    title = row((view.offer.template.name.say(i18n.language()), "strong"))
    lines = [ends(title, row(view.customer, "  ", (view.badge, f"tier-{view.tier}")), cells), EMPTY]
    lines += said(_("ask"), view.ask, cells)
    lines.append(EMPTY)
    if view.amount is not None:
        amount = row((wording.money(view.amount), "strong"))
        if view.ceiling is not None:
            amount = row(
                amount, "   ", (_("at most {amount} alone").format(amount=wording.money(view.ceiling)), "quiet")
            )
        if view.proposed is not None and view.proposed != view.amount:
            amount = row(amount, "   ", (_("computed {amount}").format(amount=wording.money(view.proposed)), "quiet"))
        lines.append(labelled(_("amount"), amount))
    due = row((_("by {moment}").format(moment=times.moment(view.due, view.at)), "strong"))
    lines.append(labelled(_("deadline"), row(due, "   ", (times.left(view.due, view.at)[0], "quiet"))))
    also = view.offer.template.also
    if also is not None and view.also is not None:
        interim = row((_("by {moment}").format(moment=times.moment(view.also, view.at)), "strong"))
        lines.append(labelled(_("interim"), row(interim, "   ", (also.name.say(i18n.language()), "quiet"))))
    lines.append(labelled(_("department"), row(view.department)))
    if view.offline:
        lines.append(labelled(_("line down"), row((view.offline, "quiet"))))
    return lines


def instead(data: Mapping[str, Any], at: int) -> str:
    """Return what to say of a promise instead of its words where a time in them has passed; empty while none has."""
    due, also = data.get("due"), data.get("also_due")
    number = spoken(safe(data.get("number"), 24))
    if isinstance(due, int) and due < at:
        text = _("I am sorry: I meant to have this done by {moment}. I press them now. The number is {number}.")
    elif isinstance(due, int) and isinstance(also, int) and also < at and data.get("also_kept_at") is None:
        text = _("This will be done by {moment}. The number is {number}. I am sorry that you had to wait till now.")
    else:
        return ""
    return text.format(moment=times.moment(due, at), number=number)


def told_rows(data: Mapping[str, Any], tell: str, at: int, name: str, told: bool, cells: int) -> list[Row]:
    """Return the dialog after the promise: it is promised, its number, and the words to tell."""
    number, due = safe(data.get("number"), 24), int(data.get("due") or 0)
    head = row((_("promised"), "good"), "  ", (name, "strong"))
    lines = [ends(head, row((spoken(number), "strong")), cells), EMPTY]
    other = "" if told else instead(data, at)
    if other:
        lines.append(labelled("", row((_("a time in the words has passed; say this instead"), "warn"))))
    lines += said(_("tell"), other or tell, cells)
    words_, late = times.left(due, at)
    lines += [EMPTY, labelled(_("deadline"), row(times.moment(due, at), "   ", (words_, "late" if late else "quiet")))]
    if told:
        lines.append(labelled(_("told"), row((_("marked as spoken"), "good"))))
    return lines


def said(label: str, text: str, cells: int) -> list[Row]:
    """Return words to be spoken: the brightest thing of a dialog."""
    body = wrap(text, cells - LABEL, "say")
    return [labelled(label if index == 0 else "", line) for index, line in enumerate(body)]


def _salutation(facts: Facts) -> str:
    gender = facts.customer.document.data.get("gender") if facts.customer else None
    if gender == "male":
        return pgettext("spoken", "sir")
    return pgettext("spoken", "madam") if gender == "female" else pgettext("spoken", "sir or madam")


def _line(facts: Facts) -> str:
    """Return the number in question as it may be spoken: whole to who rings from it, else its end."""
    line = facts.line
    if line is None:
        return _("your line")
    if not line.number:
        return terms.term(terms.LINES, line.kind)
    if facts.verified or facts.own_number:
        return display(line.number, masked=False)
    return _("the number ending in {tail}").format(tail=line.number[-4:])


def _offline(offer: Offer, facts: Facts) -> str:
    rule = offer.template.offline
    if offer.mode == "later":
        return _("these are the line-down words and limit")
    if rule.mode == "same":
        return _("the same")
    if rule.mode == "later" and rule.limit is not None:
        if rule.limit.unit == "natural":
            return _("within {span} at the latest").format(span=times.span(rule.limit.amount * times.MINUTE_MS))
        return _("other words, a later limit")
    instead = facts.catalogue.templates.get(rule.instead or "")
    if instead is not None:
        return _("not possible; instead: {name}").format(name=instead.name.say(i18n.language()))
    return _("not possible")
