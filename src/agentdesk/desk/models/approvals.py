"""Approvals at the desk: what an agent may do where his authority ends, and the list of what is asked (policy §2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from agentdesk.desk import i18n, terms, wording
from agentdesk.desk.i18n import N_, _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.promise import blanks, labelled, plain_amount, said, words
from agentdesk.desk.models.rows import EMPTY, Column, Row, row, safe, table
from agentdesk.desk.models.sorts import state_of, title_of
from agentdesk.domain.access import not_allowed
from agentdesk.domain.documents import Document, Key
from agentdesk.domain.finance.authority import lowest_approvers
from agentdesk.domain.language.words import Spoken
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.offering.approving import Wanted, answer_due, may_approve, uncovered
from agentdesk.domain.offering.offers import Offer, also_due_at, due_at
from agentdesk.domain.offering.remedy_templates import giving_of
from agentdesk.domain.times.zone import MINUTE_MS

if TYPE_CHECKING:
    from agentdesk.desk.deeds.signing import PinTried
    from agentdesk.domain.condition.words import Reason
    from agentdesk.domain.policy import Catalogue, Template
    from agentdesk.domain.tiers import Tier
    from agentdesk.store.access import Proved


WIDE = 110


@dataclass(frozen=True, slots=True)
class Superior:
    """Somebody who may approve, as the organisation knows him."""

    id: str
    name: str
    role: str
    proved: Proved | None = field(default=None, repr=False, compare=False)
    """The PIN that he typed; None where he needs none."""


@dataclass(frozen=True, slots=True)
class Approving:
    """How a promise beyond the authority comes to be made.

    `approval` is the id of one that was given; or of a new one that a `superior` gives at this desk, or that the
    customer waits for. `reason` is what is told to who approves.
    """

    approval: str
    reason: str = ""
    superior: Superior | None = None
    waits: bool = False


def wanted(facts: Facts, offer: Offer, document: str = "") -> Wanted | None:
    """Return what an approval of an offer has to cover; None while nobody is chosen."""
    if facts.customer is None:
        return None
    return Wanted(
        offer.template,
        facts.customer.document.id,
        facts.line.id if facts.line else None,
        offer.amount or 0,
        facts.tier,
        facts.agent,
        facts.at,
        document,
    )


def covering(facts: Facts, offer: Offer) -> Document | None:
    """Return an approval that was given and covers an offer as it stands, if there is one."""
    need = wanted(facts, offer)
    if need is None or not offer.beyond:
        return None
    some = (d for d in facts.work if d.type == "approval" and d.data.get("state") == "given")
    return next((d for d in some if not uncovered(d, need, facts.catalogue)), None)


def asked_already(facts: Facts, offer: Offer) -> Document | None:
    """Return an approval of the same thing that nobody has answered yet."""
    return next(
        (
            d
            for d in facts.work
            if d.type == "approval"
            and d.data.get("state") == "open"
            and d.data.get("template") == offer.template.code
            and d.data.get("commitment") is None
        ),
        None,
    )


def may_not_ask(offer: Offer, facts: Facts) -> Reason | None:
    """Return why nothing comes of what is beyond the agent's authority: his role may ask for no approval."""
    return None if offer.ceiling else not_allowed(facts.catalogue, facts.role, "approval.asked")


def approved(offer: Offer, facts: Facts) -> Offer:
    """Return an offer as it stands with the approvals that were given, or that the agent may ask for.

    What one covers can be promised. Who may ask for none, nor promise a smaller amount alone, isn't led to ask the
    customer whether he wants it.
    """
    if offer.status == "inapplicable" or not offer.beyond:
        return offer
    if covering(facts, offer) is None:
        not_his = may_not_ask(offer, facts)
        if not_his is None:
            return offer
        return replace(offer, status="inapplicable", reasons=(offer.beyond[0], not_his, *offer.beyond[1:]))
    left = tuple(reason for reason in offer.reasons if reason not in offer.beyond)
    return replace(offer, status="verify" if left else "available", reasons=left)


def may_wait(offer: Offer) -> bool:
    """Tell whether a customer may be asked to wait for an approval: never for what the law gives."""
    return offer.template.money is not None and not offer.template.money.statutory


def waiting_due(offer: Offer, facts: Facts) -> tuple[int, int]:
    """Return by when who waits hears of it, and by when it is then done, ms UTC."""
    rules = facts.catalogue.rules.approvals
    wait = rules.later * MINUTE_MS
    done = due_at(offer.template, facts.tier, facts.online, facts.at, facts.catalogue, wait)
    return answer_due(rules, facts.at, later=True), done


def waiting_also(offer: Offer, facts: Facts) -> int | None:
    """Return the second deadline of a promise whose customer waits for its approval first, ms UTC."""
    wait = facts.catalogue.rules.approvals.later * MINUTE_MS
    return also_due_at(offer.template, facts.tier, facts.online, facts.at, facts.catalogue, wait)


def waiting_words(offer: Offer, facts: Facts, hotline: str, number: str = "", *, tell: bool = False) -> Spoken:
    """Return the words with which a customer is asked whether he waits, or is told that he does."""
    heard, _done = waiting_due(offer, facts)
    rules = facts.catalogue.rules.approvals
    values = blanks(offer, facts, offer.amount, hotline, number) | {"due": times.moment(heard, facts.at)}
    text = rules.tell if tell else rules.ask
    return words(text, values, facts, f"approval.{'tell' if tell else 'ask'}")


def approver_names(offer: Offer, facts: Facts) -> str:
    """Return the names of the roles that may approve an offer and stand lowest."""
    return _names(offer.template, facts.tier, offer.amount or 0, facts.catalogue)


def _names(template: Template, tier: Tier, amount: int, catalogue: Catalogue) -> str:
    found = lowest_approvers(template.money, tier, catalogue, amount)
    return _(", ").join(catalogue.roles[role].name.say(i18n.language()) for role in found)


def ways_rows(offer: Offer, facts: Facts, cells: int) -> list[Row]:
    """Return what goes beyond the agent's authority, who may approve it, and the three ways to an approval."""
    title = row((offer.template.name.say(i18n.language()), "strong"), "  ", (wording.money(offer.amount), "strong"))
    lines = [title, EMPTY]
    lines += [row((wording.say(reason, facts.catalogue), "warn")) for reason in offer.beyond]
    lines += [labelled(_("approves"), row(_("{role} or above").format(role=approver_names(offer, facts)))), EMPTY]
    asked = asked_already(facts, offer)
    if asked is not None:
        ago = times.ago(int(asked.data.get("at") or facts.at), facts.at)
        lines.append(row((_("asked already {ago}: nobody has answered yet").format(ago=ago), "warn")))
    lines.append(row(("s", "key"), "  ", _("a superior at this desk signs it with his staff number")))
    lines.append(row(("g", "key"), "  ", _("ask the superiors at other desks; you hear of it here")))
    if not facts.online:
        lines.append(row("   ", (_("the line is down: they see it when it is back"), "warn")))
    if may_wait(offer):
        lines.append(row(("l", "key"), "  ", _("ask the customer whether he waits for the answer")))
    else:
        lines.append(row(("-", "quiet"), "  ", (_("the law gives this: the customer never waits for it"), "quiet")))
    return lines


def wait_rows(offer: Offer, facts: Facts, hotline: str, cells: int) -> list[Row]:
    """Return the words that ask a customer to wait, and until when."""
    heard, done = waiting_due(offer, facts)
    title = row((offer.template.name.say(i18n.language()), "strong"), "  ", (wording.money(offer.amount), "strong"))
    lines = [title, EMPTY, *said(_("ask"), waiting_words(offer, facts, hotline).text, cells), EMPTY]
    lines.append(labelled(_("answer"), row((times.moment(heard, facts.at), "strong"))))
    lines.append(labelled(_("then done"), row(times.moment(done, facts.at))))
    return lines


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One approval in the list: what is asked, for whom, by whom; `mine`: this agent asked it."""

    document: Document
    customer: str
    asker: str
    mine: bool


def asked_lines(
    documents: Iterable[Document], names: Mapping[Key, str], askers: Mapping[str, str], agent: str
) -> tuple[AskedLine, ...]:
    """Return the lines of the list: what waits for an answer first, one's own answers after it."""
    lines = [
        AskedLine(
            d,
            names.get(Key(d.scope, str(d.data.get("customer") or "")), ""),
            askers.get(str(d.data.get("asked_by") or ""), str(d.data.get("asked_by") or "")),
            d.data.get("asked_by") == agent,
        )
        for d in documents
    ]
    lines.sort(key=lambda x: (x.document.data.get("state") != "open", not x.mine, x.document.data.get("due") or 0))
    return tuple(lines)


def wanted_names(data: Mapping[str, Any], catalogue: Catalogue | None) -> str:
    """Return the names of the roles that may answer what is asked and stand lowest."""
    template = giving_of(str(data.get("template")), catalogue) if catalogue else None
    if template is None or catalogue is None:
        return terms.term(terms.ROLES, data.get("wanted_role"))
    return _names(template, data.get("tier") or "standard", data.get("amount") or 0, catalogue)


def asked_row(line: AskedLine, catalogue: Catalogue | None, at: int, width: int) -> Row:
    """Return one line of the list."""
    data = line.document.data
    words_, late = times.left(data.get("due"), at)
    state = state_of(line.document)
    amount = wording.money(data.get("amount")) if data.get("amount") is not None else ""
    title = title_of(line.document).removesuffix(amount).rstrip()
    who = row((wanted_names(data, catalogue), "quiet"))
    # where there is little room the role waits for the dialog: the amount is what a superior looks for
    roles = ((Column(25), who),) if width >= WIDE else ()
    cells = (
        (Column(0), row(title, "  ", (line.customer, "quiet"))),
        (Column(9, True), row((amount, "strong"))),
        (Column(10), row((_("myself") if line.mine else safe(line.asker, 14), "quiet"))),
        *roles,
        (Column(14), row((state, "good" if data.get("state") == "given" else ""))),
        (Column(12), row((words_, "late" if late else ""))),
    )
    return table(tuple(column for column, _cell in cells), tuple(cell for _column, cell in cells), width)


def asked_rows(line: AskedLine, catalogue: Catalogue | None, at: int, width: int) -> list[Row]:
    """Return all that a superior looks at before he answers."""
    data = line.document.data
    lines = [
        row((title_of(line.document), "strong"), "  ", (spoken(safe(data.get("number"), 24)), "quiet")),
        EMPTY,
        labelled(_("customer"), row(line.customer)),
        labelled(_("asked by"), row(line.asker, "  ", (terms.term(terms.ROLES, data.get("asked_role")), "quiet"))),
    ]
    proposed = data.get("proposed")
    if proposed is not None and proposed != data.get("amount"):
        lines.append(labelled(_("computed"), row(wording.money(proposed))))
    lines.append(labelled(_("reason"), row((safe(data.get("reason"), 200), "say"))))
    lines += [labelled("", row((_(BEYOND_WORDS.get(code, code)), "warn"))) for code in data.get("beyond") or ()]
    if data.get("commitment") is not None:
        lines.append(labelled("", row((_("the customer waits for the answer"), "warn"))))
    words_, late = times.left(data.get("due"), at)
    lines.append(labelled(_("deadline"), row((words_, "late" if late else "strong"))))
    template = catalogue.templates.get(str(data.get("template"))) if catalogue else None
    if template is not None:
        lines += [EMPTY, row((template.note.say(i18n.language()), "quiet"))]
    return lines


BEYOND_WORDS: Mapping[str, str] = {
    "above_authority": N_("above what the agent may give alone"),
    "above_need": N_("more than the law gives"),
    "customer_90_days": N_("above what the front line may give a customer in 90 days"),
    "agent_day_cost": N_("above what the agent may give in a day"),
    "agent_day_promises": N_("more promises of money than the agent may make in a day"),
}


def pin_problem(tried: PinTried) -> str:
    """Return why a PIN isn't right, and when the next one is looked at."""
    from agentdesk.desk.models.sign_in import pause

    wait = pause(tried.wait_ms)
    match tried.why:
        case "none":
            return _("no PIN is known here")
        case "wrong":
            words = ngettext("wrong PIN: {n} try left before a lock", "wrong PIN: {n} tries left", tried.left)
            return _("{what}; the next one in {wait}").format(what=words.format(n=tried.left), wait=wait)
        case "soon":
            return _("too soon after a wrong PIN: wait {wait}").format(wait=wait)
        case _:
            return _("the PIN was wrong too often: locked for {wait}; signing in with the password ends it").format(
                wait=wait
            )


def superiors(agents: Sequence[Document], typed: str, offer: Offer, facts: Facts) -> tuple[Superior | None, str]:
    """Return the superior whose staff number was typed, or why he can't approve here."""
    digits = typed.strip().lower()
    found = next((d for d in agents if digits and digits in (d.id.lower(), str(d.data.get("number") or ""))), None)
    if found is None or found.data.get("dismissed_at") is not None:
        return None, _("nobody here has this staff number: type it as it stands on his badge")
    role = str(found.data.get("role") or "")
    if found.id == facts.agent:
        return None, _("nobody approves his own promise")
    if not may_approve(offer.template, role, facts.tier, offer.amount or 0, facts.catalogue):
        name = terms.term(terms.ROLES, role)
        return None, _("{name} ({role}) may not approve {amount}").format(
            name=safe(found.data.get("name"), 20), role=name, amount=plain_amount(offer.amount)
        )
    return Superior(found.id, str(found.data.get("name") or found.id), role), ""
