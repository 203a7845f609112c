"""A service to be ordered and what became of it: words to read back and to say, and the lines of its dialogs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agentdesk.desk import i18n, wording
from agentdesk.desk.i18n import _
from agentdesk.desk.models import spoken as say
from agentdesk.desk.models import times
from agentdesk.desk.models.card import badge, line_words, person
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.needs import slot_words
from agentdesk.desk.models.promise import labelled, plain_amount, said
from agentdesk.desk.models.rows import EMPTY, Row, ends, row, safe, wrap
from agentdesk.desk.models.sorts import state_of, title_of
from agentdesk.desk.models.work import department
from agentdesk.domain.documents import Document
from agentdesk.domain.language.phrases import Bilingual
from agentdesk.domain.language.words import Spoken
from agentdesk.domain.numbering.ids import spoken as digits
from agentdesk.domain.offering.services import Standing

if TYPE_CHECKING:
    from agentdesk.domain.guidance.knowledge import Input, Service
    from agentdesk.domain.policy import Catalogue

MOST_LAW = 2


def name_of(service: Service) -> str:
    """Return a service's name."""
    return service.name.say(i18n.language())


def values(standing: Standing, facts: Facts, hotline: str, number: str = "") -> dict[str, str]:
    """Return what fills the blanks of a service's words."""
    return {
        "name": say.name(facts),
        "salutation": say.salutation(facts),
        "amount": plain_amount(standing.service.fee),
        "due": times.moment(standing.due, facts.at),
        "department": department(standing.service.department, facts.catalogue),
        "number": digits(number),
        "line": say.line(facts),
        "days": "",
        "hotline": hotline,
    }


def confirm_words(standing: Standing, facts: Facts, hotline: str) -> Spoken:
    """Return the words that are read back before anything is ordered; while the line is down they say so first."""
    service, text = standing.service, standing.service.confirm
    lead = facts.catalogue.rules.services_down if standing.mode == "later" else None
    if lead is not None:
        text = Bilingual(lead.zh + text.zh, f"{lead.en} {text.en}")
    return say.spoken(service.code, facts.catalogue.version, text, values(standing, facts, hotline))


def done_words(standing: Standing, facts: Facts, hotline: str, number: str) -> Spoken:
    """Return the words that are said after it was ordered, or noted while the line is down (DOMAIN rule 12)."""
    service = standing.service
    text = service.later if standing.mode == "later" and service.later is not None else service.done
    return say.spoken(service.code, facts.catalogue.version, text, values(standing, facts, hotline, number))


def effective_words(service: Service) -> str:
    """Return from when a service works."""
    return {
        "at_once": _("at once"),
        "within": _("within its limit"),
        "next_cycle": _("from next month"),
        "appointment": _("by appointment"),
    }[service.effective]


def fee_words(service: Service) -> str:
    """Return what a service costs the customer."""
    return wording.money(service.fee) if service.fee else _("free")


def value_words(need: Input, value: str, catalogue: Catalogue | None, at: int) -> str:
    """Return an answer to a need as people say it."""
    choice = next((c for c in need.choices if c.id == value), None)
    if choice is not None:
        return choice.name.say(i18n.language())
    plan = catalogue.plans.get(value) if catalogue and need.id == "plan" else None
    if plan is not None:
        return plan.name.say(i18n.language())
    return slot_words(value, at) if need.kind == "slot" else safe(value, 60)


def head_rows(standing: Standing, facts: Facts, cells: int) -> list[Row]:
    """Return the head of the dialog: what is ordered, for whom, on which line, when it works and what it costs."""
    service = standing.service
    who = person(facts.customer, facts.verified) if facts.customer else ""
    lines = [
        ends(
            row((name_of(service), "strong"), "  ", (service.code, "quiet")),
            row(who, "  ", (badge(facts.tier, facts.catalogue), f"tier-{facts.tier}")),
            cells,
        )
    ]
    if facts.line is not None:
        lines.append(labelled(_("line"), row(line_words(facts.line, not facts.verified))))
    due = row((_("by {moment}").format(moment=times.moment(standing.due, facts.at)), "strong"))
    lines.append(labelled(_("works"), row(effective_words(service), "  ", due)))
    fee = row((fee_words(service), "strong" if service.fee else ""))
    if service.fee_note is not None:
        fee = row(fee, "  ", (service.fee_note.say(i18n.language()), "quiet"))
    lines.append(labelled(_("fee"), fee))
    if standing.mode == "later":
        lines.append(labelled(_("line down"), row((_("noted here, ordered when the line is back"), "warn"))))
    if service.law is not None:
        law = wrap(service.law.say(i18n.language()), cells - 12, "warn", most=MOST_LAW)
        lines += [labelled(_("law") if index == 0 else "", line) for index, line in enumerate(law)]
    return lines


def need_rows(needs: Sequence[Input], given: Mapping[str, str], present: str, facts: Facts) -> list[Row]:
    """Return what has to be asked: what was answered, and the question that is asked now."""
    lines = []
    for need in needs:
        question = need.name.say(i18n.language())
        if need.id in given:
            value = value_words(need, given[need.id], facts.catalogue, facts.at)
            lines.append(row((question, "quiet"), "  ", (value, "strong")))
        else:
            lines.append(row((question, "say" if need.id == present else "quiet")))
    return lines


def confirm_rows(standing: Standing, facts: Facts, hotline: str, cells: int) -> list[Row]:
    """Return the words to read back before."""
    return said(_("read back"), confirm_words(standing, facts, hotline).text, cells)


def done_rows(order: Document, at: int, cells: int) -> list[Row]:
    """Return the dialog after the order: its number, and the words to say."""
    data = order.data
    number = digits(str(data.get("number") or ""))
    later = data.get("mode") == "later"
    state = (_("noted here"), "warn") if later else (_("ordered"), "good")
    head = row(state, "  ", (title_of(order), "strong"))
    lines = [ends(head, row((number, "strong")), cells), EMPTY]
    lines += said(_("tell"), str((data.get("done") or {}).get("text") or ""), cells)
    if later:
        words = _("The line is down: say that it is noted, and done when the line is back.")
        lines += [EMPTY, labelled(_("line down"), row((words, "warn")))]
    due = data.get("due")
    if isinstance(due, int):
        left, late = times.left(due, at)
        moment = row(times.moment(due, at), "   ", (left, "late" if late else "quiet"))
        lines += [EMPTY, labelled(_("deadline"), moment)]
    return lines


def order_rows(order: Document, catalogue: Catalogue | None, at: int, cells: int) -> list[Row]:
    """Return the head of an order's page: what it is, how it stands, and until when."""
    data = order.data
    number = digits(str(data.get("number") or ""))
    tone = {"late": "late", "failed": "late", "effected": "good"}.get(str(data.get("state")), "strong")
    lines = [
        ends(row((title_of(order), "strong"), "  ", (state_of(order), tone)), row((number, "strong")), cells),
    ]
    due = data.get("due")
    if isinstance(due, int) and data.get("state") in ("ordered", "late"):
        left, late = times.left(due, at)
        moment = row((times.moment(due, at), "strong"), "   ", (left, "late" if late else "quiet"))
        lines.append(labelled(_("told"), moment))
    lines.append(labelled(_("department"), row(department(data.get("department"), catalogue))))
    service = catalogue.services.get(str(data.get("service"))) if catalogue else None
    for name, value in (data.get("parameters") or {}).items():
        need = next((n for n in service.needs if n.id == name), None) if service else None
        if need is not None:
            lines.append(
                row((need.name.say(i18n.language()), "quiet"), "  ", value_words(need, str(value), catalogue, at))
            )
    if data.get("effected_at"):
        took = int(data.get("took_ms") or 0)
        spent = (
            _("after {n} s").format(n=took // 1000)
            if took < 120_000
            else _("after {span}").format(span=times.span(took))
        )
        then = times.moment(int(data["effected_at"]), at)
        lines.append(labelled(_("took effect"), row((then, "good"), "  ", (spent, "quiet"))))
        lines.append(labelled(_("proof"), row(safe(data.get("proof"), 60))))
    if data.get("state") == "cancelled" and not data.get("failure"):
        words = _("Cancelled here. The network may have begun: look whether it took effect, and undo it if so.")
        lines += wrap(words, cells, "warn")
    if data.get("state") == "late":
        lines += wrap(_("It should work by now and doesn't: promise something in its place with p."), cells, "late")
    if data.get("state") == "failed":
        words = _("It can't be done: {reason}. Tell the customer, and promise something in its place with p.")
        lines += wrap(words.format(reason=safe(data.get("failure"), 80)), cells, "late")
    return lines
