"""Making good on the screen: remedies by category with size, account and why not; what was given; the words to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agentdesk.desk import glyphs, i18n, terms, wording
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.approvals import approver_names, covering, may_not_ask
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.promise import blanks, plain_amount, said, words
from agentdesk.desk.models.rows import EMPTY, Column, Row, joined, labelled, row, safe, table, width, wrap
from agentdesk.desk.models.sorts import state_of, title_of
from agentdesk.desk.models.telling import signed_all
from agentdesk.desk.models.work import department
from agentdesk.desk.terms import money as terms_money
from agentdesk.domain.documents import Document
from agentdesk.domain.language.words import Spoken
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.offering.offers import Offer
from agentdesk.domain.offering.remedies import CATEGORIES, RemedyOffer, assess_remedy, given_under, remedies
from agentdesk.domain.offering.remedy_templates import template_of

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

WIDE = 100


def listed(facts: Facts, under: Document, category: str) -> tuple[RemedyOffer, ...]:
    """Return the remedies of a category under a matter, what can be given first; none while nobody is chosen."""
    if facts.case is None:
        return ()
    return tuple(_askable(offer, facts) for offer in remedies(facts.case, facts.catalogue, under, category))


def _askable(offer: RemedyOffer, facts: Facts) -> RemedyOffer:
    """Return a remedy as what can't be given where it wants an approval that the agent's role may not ask for."""
    if offer.status == "inapplicable" or not offer.beyond or covering(facts, as_offer(offer)) is not None:
        return offer
    not_his = may_not_ask(as_offer(offer), facts)
    if not_his is None:
        return offer
    return replace(offer, status="inapplicable", reasons=(offer.beyond[0], not_his, *offer.beyond[1:]))


def reassessed(offer: RemedyOffer, facts: Facts, under: Document, quantity: int | None = None) -> RemedyOffer:
    """Return a remedy as it stands now, in another size where one is named."""
    if facts.case is None:
        return offer
    size = offer.quantity if quantity is None else quantity
    return _askable(assess_remedy(offer.remedy, facts.case, facts.catalogue, under, size), facts)


def as_offer(offer: RemedyOffer) -> Offer:
    """Return a remedy in the form in which promises are approved."""
    return Offer(
        template_of(offer.remedy), offer.status, offer.amount, offer.ceiling, offer.due, offer.mode,
        offer.reasons, offer.approver, 0, offer.beyond,
    )  # fmt: skip


def size_words(offer: RemedyOffer) -> str:
    """Return how much is given: an amount, or so many of its unit."""
    if offer.remedy.basis:
        return wording.money(offer.amount) if offer.amount else ""
    unit = offer.remedy.unit.say(i18n.language())
    size = f"{offer.quantity} {unit}" if len(offer.remedy.steps) > 1 or offer.amount else ""
    yuan = offer.remedy.unit_cost == 100 and offer.amount
    if yuan:
        return wording.money(offer.amount)
    return f"{size} ({wording.money(offer.amount)})" if offer.amount else size


def tell_words(offer: RemedyOffer, facts: Facts, hotline: str, number: str) -> Spoken:
    """Return the words to tell, with the remedy's number."""
    size = plain_amount(offer.amount) if offer.remedy.basis else str(offer.quantity)
    values = {**blanks(as_offer(offer), facts, offer.amount, hotline, number), "amount": size}
    return words(offer.remedy.tell, values, facts, offer.remedy.code)


def category_row(chosen: str, counts: dict[str, int], cells: int) -> Row:
    """Return the five categories with their keys and how many of each can be given; if narrow, one by its name."""
    for named in (CATEGORIES, (chosen,)):
        parts = []
        for index, category in enumerate(CATEGORIES):
            name = f"{_(terms_money.CATEGORIES[category])} " if category in named else ""
            text = f"{name}({counts.get(category, 0)})"
            parts.append(row((str(index + 1), "key"), " ", (text, "strong" if category == chosen else "quiet")))
        line = joined(parts, "  ")
        if width(line) <= cells:
            break
    return line


def remedy_row(offer: RemedyOffer, facts: Facts, cells: int) -> Row:
    """Return one remedy: its name, how much, who pays, and what is to be said about it."""
    ready = offer.status == "available"
    applies = offer.status != "inapplicable"
    if ready:
        remark, tone = offer.remedy.note.say(i18n.language()), "quiet"
    else:
        remark = signed_all(offer.reasons[:2], facts)
        tone = "strong" if offer.status == "verify" else "quiet"
    if offer.status == "approve" and offer.approver:
        names = approver_names(as_offer(offer), facts)
        remark = _("beyond your authority: {role} approves").format(role=names)
    pays = department(offer.booked, facts.catalogue) if offer.amount else ""
    line = (
        row((offer.remedy.name.say(i18n.language()), "strong" if ready else "" if applies else "quiet")),
        row((size_words(offer) if applies else "", "strong" if ready else "")),
        row((pays if applies else "", "quiet")),
        row((remark, tone)),
    )
    if cells >= WIDE:
        return table((Column(40), Column(14), Column(16), Column(0)), line, cells)
    # who pays stands in the dialog: with little room the names and reasons need it
    return table((Column(30), Column(14), Column(0)), (line[0], line[1], line[3]), cells)


def give_rows(offer: RemedyOffer, facts: Facts, hotline: str, cells: int) -> list[Row]:
    """Return the dialog before a remedy is given: the words, how much, who pays, until when, what must lie there."""
    remedy, language = offer.remedy, i18n.language()
    lines = [row((remedy.name.say(language), "strong")), EMPTY]
    # the number is known when it is given: until then the words show that one comes
    lines += said(_("tell"), tell_words(offer, facts, hotline, glyphs.current().ellipsis).text, cells)
    lines.append(EMPTY)
    size = size_words(offer)
    if size:
        amount = row((size, "strong"))
        if len(offer.steps) > 1:
            sizes = _(", ").join(str(step) for step in offer.steps)
            amount = row(amount, "   ", (_("sizes: {sizes}").format(sizes=sizes), "quiet"), "  ", ("+ -", "key"))
        if offer.ceiling is not None:
            most = _("at most {amount} alone").format(amount=wording.money(offer.ceiling))
            amount = row(amount, "   ", (most, "quiet"))
        lines.append(labelled(_("how much"), amount))
    if offer.amount:
        lines.append(labelled(_("who pays"), row(department(offer.booked, facts.catalogue))))
    due = row((_("by {moment}").format(moment=times.moment(offer.due, facts.at)), "strong"))
    if offer.mode == "later":
        due = row(due, "   ", (_("this is the line-down limit"), "quiet"))
    lines.append(labelled(_("deadline"), due))
    lines.append(labelled(_("department"), row(department(offer.department, facts.catalogue))))
    proof = wrap(safe(remedy.evidence.say(language), 300), cells - 12, "quiet", most=2)
    lines += [labelled(_("proof") if index == 0 else "", line) for index, line in enumerate(proof)]
    if remedy.check:
        lines.append(
            labelled(_("checked"), row((_("given first; looked into afterwards, nothing is taken back"), "quiet")))
        )
    return lines


def given_rows(facts_work: Sequence[Document], under: Document, catalogue: Catalogue | None, at: int) -> list[Row]:
    """Return what was given under a matter, each with its number, amount, state and who pays."""
    found = [d for d in facts_work if d.type == "remedy" and under.id in (d.data.get("under"), d.data.get("matter"))]
    return [given_row(document, catalogue) for document in sorted(found, key=lambda d: d.data.get("at") or 0)]


def given_row(document: Document, catalogue: Catalogue | None) -> Row:
    """Return one remedy that was given in a line."""
    data = document.data
    pays = department(data.get("booked"), catalogue) if data.get("amount") else ""
    parts = [row((title_of(document), "strong")), row((state_of(document), "quiet"))]
    if pays:
        parts.append(row((_("{unit} pays").format(unit=pays), "quiet")))
    if data.get("automatic"):
        parts.append(row((_("by itself"), "quiet")))
    objection = (data.get("objection") or {}).get("state")
    if objection:
        parts.append(row((terms.term(terms_money.OBJECTIONS, objection), "warn")))
    return joined(parts)


def money_rows(document: Document, catalogue: Catalogue | None, at: int) -> list[Row]:
    """Return what a promise's or remedy's money is doing: who pays, its credit, what a check brought."""
    data, lines = document.data, []
    if data.get("amount") and data.get("booked"):
        lines.append(labelled(_("who pays"), row(department(data["booked"], catalogue))))
    objection = (data.get("objection") or {}).get("state")
    if objection:
        lines.append(labelled(_("objection"), row((terms.term(terms_money.OBJECTIONS, objection), "warn"))))
    if data.get("credit") is not None:
        state = terms.term(terms_money.CREDITS, data["credit"])
        left, late = times.left(data.get("credit_until"), at)
        running = data["credit"] == "running" and data.get("credit_until")
        lines.append(
            labelled(
                _("credit"),
                row((state, "strong"), "  ", (left, "late" if late else ""))
                if running
                else row((state, "late" if data["credit"] == "collecting" else "quiet")),
            )
        )
    if data.get("check_result"):
        lines.append(labelled(_("checked"), row(terms.term(terms_money.RESULTS, data["check_result"]))))
    inputs = data.get("inputs") or {}
    if inputs.get("formula"):
        values = ", ".join(f"{name} {value}" for name, value in (inputs.get("values") or {}).items())
        lines.append(labelled(_("worked out"), row((safe(f"{inputs['formula']}: {values}", 120), "quiet"))))
    if inputs.get("lines"):
        picked = _(", ").join(
            f"{line.get('name')} {wording.money(line.get('amount') or 0)}" for line in inputs["lines"]
        )
        lines.append(labelled(_("of the bill"), row((safe(picked, 120), "quiet"))))
    if inputs.get("receipt"):
        said = f"{inputs['receipt']}: {wording.money(inputs.get('amount') or 0)}"
        lines.append(labelled(_("receipt"), row((safe(said, 120), "quiet"))))
    return lines


def remedy_rows(remedy: Document, catalogue: Catalogue | None, at: int, cells: int) -> list[Row]:
    """Return a remedy in full: what was given, who does it until when, who pays, what was told."""
    data = remedy.data
    head = row((title_of(remedy), "strong"), "  ", (spoken(safe(data.get("number") or "", 24)), "strong"))
    lines = [head, EMPTY, labelled(_("state"), row((state_of(remedy), "strong")))]
    lines.append(labelled(_("department"), row(department(data.get("department"), catalogue))))
    if data.get("due") is not None and data.get("state") == "given":
        left, late = times.left(data["due"], at)
        lines.append(labelled(_("deadline"), row(times.moment(data["due"], at), "   ", (left, "late" if late else ""))))
    lines += money_rows(remedy, catalogue, at)
    if data.get("automatic"):
        lines.append(labelled("", row((_("given by itself, as a promise was broken"), "quiet"))))
    if "kept_in_time" in (data.get("flags") or ()):
        words = _("the promise was kept in time, learnt late: the customer keeps it, somebody looks at who pays")
        lines += [labelled("", line) for line in wrap(words, cells - 12, "warn", 2)]
    tell = safe((data.get("tell") or {}).get("text") or "", 400)
    return [
        *lines,
        *(labelled(_("tell") if i == 0 else "", line) for i, line in enumerate(wrap(tell, cells - 12, "quiet", 4))),
    ]


def check_rows(check: Document, catalogue: Catalogue | None, at: int) -> list[Row]:
    """Return a check in full: what it looks into, for whom, until when, and what it brought."""
    data = check.data
    lines = [row((title_of(check), "strong")), EMPTY]
    lines.append(labelled(_("state"), row((state_of(check), "strong"))))
    lines.append(labelled(_("department"), row(department(data.get("department"), catalogue))))
    lines.append(labelled(_("about"), row(spoken(safe(data.get("about_number") or "", 24)))))
    if data.get("due") is not None and data.get("state") == "open":
        left, late = times.left(data["due"], at)
        lines.append(labelled(_("deadline"), row(times.moment(data["due"], at), "   ", (left, "late" if late else ""))))
    if data.get("result"):
        result = terms.term(terms_money.RESULTS, data["result"])
        against = department(data.get("against"), catalogue) if data.get("against") else ""
        lines.append(labelled(_("result"), row((result, "strong"), "  ", against)))
    return lines


def standing(facts: Facts, under: Document) -> int:
    """Return how many remedies stand under a matter."""
    return len(tuple(given_under(facts.case, under))) if facts.case is not None else 0


def matter_rows(document: Document, given: Sequence[Document], catalogue: Catalogue | None, at: int) -> list[Row]:
    """Return what the page of a ticket or promise shows of money: who pays, credit, what was given and is checked."""
    lines = money_rows(document, catalogue, at) if document.type == "commitment" else []
    for index, one in enumerate(given):
        if one.type == "check":
            words = row((title_of(one), "strong"), "  ", (state_of(one), "quiet"))
        else:
            words = given_row(one, catalogue)
        lines.append(labelled(_("made good") if index == 0 else "", words))
    return lines
