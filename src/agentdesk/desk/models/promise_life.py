"""The whole life of a promise: where it is, with whom, who approved it, what was told, and why it is due when it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk import i18n, terms, wording
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models import times
from agentdesk.desk.models.clock_words import clock_words
from agentdesk.desk.models.promise import LABEL, instead, labelled
from agentdesk.desk.models.rows import EMPTY, Row, ends, row, safe, wrap
from agentdesk.desk.models.sorts import state_of, title_of
from agentdesk.desk.models.tickets import Move, why_words
from agentdesk.desk.models.work import department
from agentdesk.desk.queries.promises import PromiseFound
from agentdesk.desk.terms.promises import APPROVAL_STATES
from agentdesk.domain.documents import OPEN_COMMITMENT_STATES, Document
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.offering.offers import time_limit
from agentdesk.domain.times.why import due_explained
from agentdesk.domain.times.zone import MINUTE_MS

if TYPE_CHECKING:
    from agentdesk.domain.policy import Tier

MOVES = (
    Move("s", "spoken", N_("tell the words"), ""),
    Move("u", "chased", N_("chase"), N_("what the customer says")),
    Move("d", "dispatched", N_("dispatch"), N_("what they should know, if anything")),
    Move("b", "accepted", N_("accept"), ""),
    Move("n", "noted", N_("how far it is"), N_("stage; who comes; when (18:30), then what there is to say")),
    Move("k", "also_kept", N_("interim deadline kept"), N_("what was done by then")),
    Move("h", "handed_over", N_("hand over"), N_("what he should know")),
    Move("f", "fulfilled", N_("kept"), N_("the proof that it is kept")),
    Move("x", "withdrawn", N_("withdraw"), N_("why the customer wants it no more")),
)


def moves(promise: Document, agent: str) -> tuple[Move, ...]:
    """Return what can be done with a promise now."""
    data, state = promise.data, promise.data.get("state")
    if state not in OPEN_COMMITMENT_STATES:
        return ()
    waits = bool(data.get("waits")) and state == "held"
    first = data.get("first_responsible") or data.get("owner")
    hidden = {"fulfilled"} if waits else set()
    if data.get("spoken_at") is not None or first != agent:
        hidden.add("spoken")
    if data.get("accepted_at") is not None:
        hidden.add("accepted")
    if data.get("also_due") is None or data.get("also_kept_at") is not None:
        hidden.add("also_kept")
    return tuple(move for move in MOVES if move.move not in hidden)


def life_rows(found: PromiseFound, agent: str, at: int, width: int) -> list[Row]:
    """Return what stands above the list of what was done."""
    promise = found.promise
    data, policy = promise.data, found.policy
    closed = data.get("closed_at")
    # how late it was stands still once it is over, and in time there is nothing left to say
    words, late = times.left(data.get("due"), closed or at)
    words = words if late or not closed else ""
    state = state_of(promise)
    if data.get("waits") and data.get("state") == "held":
        state = _("waits for an approval")
    elif data.get("learnt_late"):
        state = _("{state} in time, learnt late").format(state=state)
    elif data.get("late"):
        state = _("{state}, late").format(state=state)
    lines = [
        ends(
            row((title_of(promise), "strong"), "  ", (spoken(safe(data.get("number"), 24)), "strong")),
            row((found.customer, "quiet")),
            width,
        ),
        EMPTY,
        labelled(_("state"), row((state, "strong"), *_marks(promise))),
        labelled(_("department"), row(department(data.get("department"), policy), "  ", *_person(found, "handler"))),
    ]
    if data.get("due") is not None:
        due = times.moment(data["due"], at)
        lines.append(labelled(_("deadline"), row(due, "   ", (words, "late" if late else "strong"))))
    lines += interim_rows(promise, at)
    told = clock_words(promise, policy, at)
    if told and not closed:
        lines.append(labelled("", told))
    lines += _proof(promise, width)
    lines += progress_rows(promise, at)
    lines += _work(found, at, width)
    owner = _name(found, data.get("owner"))
    first = _name(found, data.get("first_responsible") or data.get("owner"))
    minded = row(_("myself") if data.get("owner") == agent else owner)
    if first != owner:
        minded = row(minded, "   ", (_("first responsible: {name}").format(name=first), "quiet"))
    lines.append(labelled(_("minded by"), minded))
    lines += _approved(found, at)
    if found.dispute is not None:
        number = spoken(safe(found.dispute.data.get("number"), 24))
        lines.append(labelled(_("dispute"), row(_("honours {number}").format(number=number))))
    lines += _told(promise, at, width)
    version = safe(data.get("catalogue") or "", 32)
    if version:
        newer = row() if version == found.newest else row("   ", (_("a newer one is in force since"), "quiet"))
        lines.append(labelled(_("policy"), row((version, "quiet"), newer)))
    return lines


def interim_rows(promise: Document, at: int) -> list[Row]:
    """Return the second deadline that was announced with a promise: kept, missed, or how long it has yet."""
    data = promise.data
    if data.get("also_due") is None:
        return []
    due, kept = int(data["also_due"]), data.get("also_kept_at")
    name = safe(data.get("also_zh" if i18n.chinese() else "also_en") or "", 30)
    if kept is not None:
        late = int(kept) > due
        words, tone = (_("kept late") if late else _("kept in time")), "late" if late else "good"
    else:
        words, over = times.left(due, at)
        tone = "late" if over else "strong"
    return [labelled(_("interim"), row((name, ""), "   ", times.moment(due, at), "   ", (words, tone)))]


def _proof(promise: Document, width: int) -> list[Row]:
    """Return what shows that it was kept."""
    kept = [move for move in promise.data.get("moves") or () if move.get("what") == "fulfilled" and move.get("text")]
    text = safe(kept[-1]["text"], 200) if kept and promise.data.get("state") == "fulfilled" else ""
    lines = wrap(text, width - LABEL, "good", most=2) if text else []
    return [labelled(_("proof") if index == 0 else "", line) for index, line in enumerate(lines)]


def _marks(promise: Document) -> tuple[tuple[str, str], ...]:
    data = promise.data
    found: list[tuple[str, str]] = []
    if data.get("chases"):
        found.append(("  " + _("chased {n}").format(n=data["chases"]), ""))
    if data.get("level"):
        found.append(("  " + _("level {n}").format(n=data["level"]), "warn"))
    if data.get("flags"):
        found.append(("  " + _("marked"), "warn"))
    return tuple(found)


def _name(found: PromiseFound, who: object) -> str:
    return safe(found.staff.get(str(who), who or ""), 24)


def _person(found: PromiseFound, name: str) -> tuple[tuple[str, str], ...]:
    who = found.promise.data.get(name)
    return ((_name(found, who), "quiet"),) if who else ()


def progress_rows(promise: Document, at: int) -> list[Row]:
    """Return how far it is: what a customer who asks is told (stage, who comes, when)."""
    progress = promise.data.get("progress")
    if not isinstance(progress, dict):
        return []
    parts = [safe(progress.get("stage") or "", 30), safe(progress.get("engineer") or "", 20)]
    if progress.get("eta"):
        parts.append(_("expected {moment}").format(moment=times.moment(int(progress["eta"]), at)))
    said = _(", ").join(part for part in parts if part)
    text = safe(progress.get("text") or "", 80)
    ago = times.ago(int(progress.get("at") or at), at)
    return [labelled(_("how far"), row((said or text, "say"), "  ", (text if said else "", ""), "  ", (ago, "quiet")))]


def _work(found: PromiseFound, at: int, width: int) -> list[Row]:
    """Return the ticket that carries the department's work: where it is, who comes, and what it was answered."""
    ticket = found.ticket
    if ticket is None:
        return []
    data = ticket.data
    parts = [state_of(ticket), safe((data.get("engineer") or {}).get("name") or "", 24)]
    state = _(", ").join(part for part in parts if part)
    number = spoken(safe(data.get("number"), 24))
    lines = [labelled(_("ticket"), row((number, "strong"), "  ", (state, "quiet")))]
    answers = [move for move in data.get("moves") or () if move.get("what") == "replied"]
    if answers:
        ago = times.ago(int(answers[-1].get("at") or at), at)
        words = _("answered {ago}: {text}").format(ago=ago, text=safe(answers[-1].get("text") or "", 200))
        lines += [labelled("", line) for line in wrap(words, width - LABEL, "say", most=2)]
    return lines


def _approved(found: PromiseFound, at: int) -> list[Row]:
    approval = found.approval
    if approval is None:
        return []
    data = approval.data
    number = spoken(safe(data.get("number"), 24))
    if data.get("given_at") is None:
        state = terms.term(APPROVAL_STATES, data.get("state"))
        return [labelled(_("approval"), row((state, "warn"), "  ", (number, "quiet")))]
    who = found.staff.get(str(data.get("approver")), str(data.get("approver") or ""))
    role = terms.term(terms.ROLES, data.get("approver_role"))
    waited = times.span(int(data.get("waited_ms") or 0))
    said = _("{name} ({role}), {moment}, waited {span}").format(
        name=safe(who, 20), role=role, moment=times.moment(int(data["given_at"]), at), span=waited
    )
    return [labelled(_("approval"), row(said, "  ", (number, "quiet")))]


def _told(promise: Document, at: int, width: int) -> list[Row]:
    data = promise.data
    words = data.get("tell") or {}
    told = data.get("spoken_at")
    said = _("told {ago}").format(ago=times.ago(told, at)) if told else _("not told yet")
    mark = safe(words.get("hash") or "", 64)[:8]
    hashed = _("words {mark}").format(mark=mark) if mark else ""
    shown = row((said, "good" if told else "warn"), "   ", (hashed, "quiet"))
    text = safe(data.get("spoken_instead") or words.get("text") or "", 400)
    other = "" if told else instead(data, at)
    if other:
        said = _("a time in the words has passed; say this instead")
        lines = (labelled("", line) for line in wrap(other, width - LABEL, "say", most=3))
        return [labelled(_("tell"), row((said, "warn"))), *lines]
    if data.get("spoken_instead"):
        hashed = _("other words: the time had passed")
        shown = row((said, "good"), "   ", (hashed, "quiet"))
    return [labelled(_("tell"), shown), *(labelled("", line) for line in wrap(text, width - LABEL, "quiet", most=3))]


def why_rows(found: PromiseFound) -> list[Row]:
    """Return why a promise is due when it is: the limit of its version, line down or not, and the law."""
    data, policy = found.promise.data, found.policy
    template = policy.templates.get(str(data.get("template")))
    if template is None or data.get("at") is None or data.get("due") is None:
        return [row((_("the policy here doesn't know this promise any more"), "quiet"))]
    tier: Tier = data.get("tier") or "standard"
    online = data.get("line") != "down"
    limit = time_limit(template, tier, online)
    name = policy.tiers[tier].name.say(i18n.language()) if tier in policy.tiers else tier
    down = not online and template.offline.mode == "later"
    head = _("the limit while the line is down") if down else _("the limit for {tier}").format(tier=name)
    begin = int(data["at"])
    rows = [row((head, ""))]
    if data.get("waits") is not None and data.get("approval"):
        begin += policy.rules.approvals.later * MINUTE_MS
        rows.append(row((_("the customer agreed to wait for the approval first"), "")))
    due, lines = due_explained(limit, policy.calendars, begin)
    rows += [row((why_words(line, policy), "quiet")) for line in lines]
    if template.law is not None:
        law, _lines = due_explained(template.law, policy.calendars, int(data["at"]))
        rows.append(row((_("the law's clock ends {moment}; it never pauses").format(moment=_at(law)), "quiet")))
        due = min(due, law)
    if template.also is not None and data.get("also_due") is not None:
        down_limit = template.also.later if down else None
        _end, lines = due_explained(down_limit or template.also.limits[tier], policy.calendars, begin)
        rows.append(row((template.also.name.say(i18n.language()), "")))
        rows += [row((why_words(line, policy), "quiet")) for line in lines]
    told = int(data["due"])
    if abs(told - due) > MINUTE_MS:
        rows.append(row((_("the customer was told {moment}: that stands").format(moment=_at(told)), "quiet")))
    return rows


def _at(then: int) -> str:
    return f"{times.day(then)} {times.clock(then)}"


def flags_rows(found: PromiseFound) -> list[Row]:
    """Return what a promise collided with."""
    from agentdesk.domain.condition.conditions import Reason

    codes = found.promise.data.get("flags") or ()
    return [row((wording.say(Reason.of(str(code)), found.policy), "warn")) for code in codes]
