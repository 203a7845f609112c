"""Question flows on the screen: which ones may help, the question to ask now, and what is known beside it.

What is known about the caller stands beside a question and never answers it: only he can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk import i18n, terms, wording
from agentdesk.desk.i18n import _
from agentdesk.desk.models import spoken as say
from agentdesk.desk.models import times
from agentdesk.desk.models.approvals import approved
from agentdesk.desk.models.classes import path_of
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.promise import plain_amount
from agentdesk.desk.models.rows import EMPTY, Column, Row, ends, row, safe, table, wrap
from agentdesk.desk.models.sorts import state_of, title_of
from agentdesk.desk.models.telling import marked
from agentdesk.desk.models.work import department
from agentdesk.desk.terms import services as terms_services
from agentdesk.domain.access import not_allowed
from agentdesk.domain.documents import is_open
from agentdesk.domain.guidance.flows import Walk, categories, matching, suggested
from agentdesk.domain.offering.offers import assess
from agentdesk.domain.times.clocks import ticket_due

if TYPE_CHECKING:
    from agentdesk.desk.session import Contact
    from agentdesk.domain.guidance.knowledge import Flow, FlowEnd, FlowStep
    from agentdesk.domain.policy import Catalogue

SUGGESTED = 5
WIDE = 100


def sections(catalogue: Catalogue) -> tuple[str, ...]:
    """Return what Tab goes through: all flows, then each category."""
    return ("", *categories(catalogue.flows))


def listed(catalogue: Catalogue, contact: Contact | None, typed: str, category: str) -> tuple[tuple[Flow, bool], ...]:
    """Return the flows to list; what is suggested for this contact comes first and is marked."""
    found = matching(catalogue.flows.values(), typed, category)
    if typed.strip() or category:
        return tuple((flow, False) for flow in found)
    first = suggestions(catalogue, contact)
    return (*((flow, True) for flow in first), *((flow, False) for flow in found if flow not in first))


def suggestions(catalogue: Catalogue, contact: Contact | None) -> tuple[Flow, ...]:
    """Return the flows that fit this contact, the best first; none without one."""
    if contact is None:
        return ()
    offers = [line.offer for line in contact.board.lines]
    classes = [matter.klass for matter in contact.matters]
    facts = contact.facts
    tickets = [d for d in (facts.work if facts else ()) if d.type == "ticket" and is_open(d)]
    classes += [str(d.data["symptom"]) for d in tickets if d.data.get("symptom")]
    reason = catalogue.customers.reason_of(facts.matter) if facts else None
    classes += reason.classes if reason else ()
    return suggested(catalogue, offers, classes, [matter.title for matter in contact.matters], SUGGESTED)


def section_row(category: str) -> Row:
    """Return which category is listed, and how to change it."""
    word = terms.term(terms_services.FLOW_CATEGORIES, category) if category else _("all categories")
    return row((word, "strong"), "  ", ("Tab", "key"), " ", (_("other category"), "quiet"))


def flow_row(flow: Flow, marked: bool, cells: int) -> Row:
    """Return one flow of the list: its name, its category, and words that lead to it."""
    language = i18n.language()
    mark = row(("> ", "accent")) if marked else row("  ")
    if i18n.chinese():
        columns = (Column(36), Column(20), Column(0)) if cells >= WIDE else (Column(28), Column(16), Column(0))
    else:
        # the words that lead to a flow are Chinese: English has the room for names
        columns = (Column(0), Column(42 if cells >= WIDE else 24), Column(1))
    words = ", ".join(flow.synonyms[:3]) if i18n.chinese() else ""
    kind = terms.term(terms_services.FLOW_CATEGORIES, flow.category)
    name = row(mark, (flow.name.say(language), "strong" if marked else ""))
    return table(columns, (name, row((kind, "quiet")), row((safe(words, 60), "quiet"))), cells)


def step_rows(walk: Walk, step: FlowStep, cells: int) -> list[Row]:
    """Return the question to ask now, the hint for the agent, and the answers with their keys."""
    language = i18n.language()
    lines = wrap(step.ask.say(language), cells, "say", most=4)
    if step.hint is not None:
        lines += wrap(step.hint.say(language), cells, "quiet", most=2)
    lines.append(EMPTY)
    for answer in step.answers:
        lines.append(row((str(answer.key), "key"), "  ", answer.says.say(language)))
    return lines


def end_rows(
    walk: Walk, end: FlowEnd, facts: Facts | None, catalogue: Catalogue, hotline: str, cells: int
) -> list[Row]:
    """Return an end: what it is, the words to say, and what Enter does about it."""
    title = terms.term(terms_services.FLOW_ENDS, end.kind)
    about = ""
    tone = "good"
    not_his = not_allowed(catalogue, facts.role, "ticket.opened") if facts and end.kind == "ticket" else None
    if end.kind == "promise":
        template = catalogue.templates.get(end.promise or "")
        about = template.name.say(i18n.language()) if template else safe(end.promise, 12)
        reasons = promise_problem(end, facts)
        if reasons:
            about, tone = f"{about}  {reasons}", "warn"
    elif end.kind == "ticket":
        about = f"{path_of(end.class_code or '', catalogue)}  {terms.term(terms.STATIONS, end.station)}"
        if not_his is not None:
            about, tone = f"{about}  {wording.say(not_his, catalogue)}", "warn"
    elif end.kind == "transfer":
        about = terms.term(terms.ROLES, end.to)
    text = say.filled(end.tell, values(end, facts, catalogue, hotline))
    in_vain = not_his is not None or (end.kind == "promise" and out_of_reach(end, facts))
    words = "quiet" if in_vain else "say"
    return [
        row((title, tone), "  ", (about, "strong" if tone == "good" else "warn")),
        EMPTY,
        *wrap(text, cells, words, most=6),
    ]


def promise_problem(end: FlowEnd, facts: Facts | None) -> str:
    """Return why the promise of an end can't be made now, or an empty text."""
    template = facts.catalogue.templates.get(end.promise or "") if facts else None
    if facts is None or facts.case is None or template is None:
        return ""
    offer = approved(assess(template, facts.case, facts.catalogue), facts)
    return "" if offer.status == "available" else wording.say_all(offer.reasons, facts.catalogue)


def out_of_reach(end: FlowEnd, facts: Facts | None) -> bool:
    """Tell whether neither the promise of an end can be made, nor what stands in its place while the line is down."""
    template = facts.catalogue.templates.get(end.promise or "") if facts else None
    if facts is None or facts.case is None or template is None:
        return False
    offer = approved(assess(template, facts.case, facts.catalogue), facts)
    instead = facts.catalogue.templates.get(template.offline.instead or "")
    if instead is not None and [reason.code for reason in offer.reasons] == ["line_down"]:
        offer = assess(instead, facts.case, facts.catalogue)
    return offer.status == "inapplicable"


def values(end: FlowEnd, facts: Facts | None, catalogue: Catalogue, hotline: str) -> dict[str, str]:
    """Return what fills the blanks of an end's words: those of its promise or ticket."""
    found = {
        "hotline": hotline,
        "salutation": say.salutation(facts),
        "name": say.name(facts),
        "line": say.line(facts),
        "days": "",
    }
    template = catalogue.templates.get(end.promise or "")
    if facts is not None and facts.case is not None and template is not None:
        offer = assess(template, facts.case, catalogue)
        found["due"] = times.moment(offer.due, facts.at)
        found["department"] = department(template.department, catalogue)
        found["amount"] = plain_amount(offer.amount)
    node = catalogue.classes.get(end.class_code or "")
    if node is not None:
        found["department"] = department(node.department, catalogue)
        due = ticket_due(node.kind, node.code, facts.tier, facts.at, catalogue)[0] if facts else None
        if facts is not None and due is not None:
            found["due"] = times.moment(due, facts.at)
    return found


def path_rows(walk: Walk, cells: int) -> list[Row]:
    """Return what was asked and answered so far, the last ones."""
    language = i18n.language()
    lines = []
    for step_id, key in walk.path[-4:]:
        step = walk.flow.steps[step_id]
        answer = next(a for a in step.answers if a.key == key)
        lines.append(ends(row((safe(step.ask.say(language), 80), "quiet")), row(answer.says.say(language)), cells))
    return lines


def known_rows(facts: Facts | None, cells: int) -> list[Row]:
    """Return what the desk knows about the caller, to be held beside what he says."""
    if facts is None or facts.customer is None:
        return []
    parts: list[str] = []

    def known(fact: str, words: str) -> None:
        parts.append(marked(words, fact, facts))

    line, account = facts.line, facts.case.account if facts.case else None
    if line is not None:
        known("stopped", terms.term(terms.STOPS, line.stop_reason) if line.stopped else _("line is working"))
        if line.fault_since:
            known("outage", _("fault known for {span}").format(span=times.span(facts.at - line.fault_since)))
        if line.vas:
            known("services", _("{n} value-added services").format(n=len(line.vas)))
        if line.overage_charge:
            known("bill", _("beyond the plan {amount}").format(amount=wording.money(line.overage_charge)))
    if account is not None and account.arrears:
        known("arrears", _("arrears {amount}").format(amount=wording.money(account.arrears)))
    opened = [d for d in facts.work if is_open(d)]
    for document in opened[:2]:
        known("progress", f"{title_of(document)}: {state_of(document)}")
    words = _("known here: {facts}").format(facts=_("; ").join(parts))
    return wrap(words, cells, "quiet", most=2)
