"""Scripts: what a good agent says now, by the step and by what is the matter; blanks filled as far as known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk import i18n
from agentdesk.desk.i18n import _
from agentdesk.desk.models import spoken as say
from agentdesk.desk.models import times
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.promise import plain_amount
from agentdesk.desk.models.rail import Step
from agentdesk.desk.models.rows import EMPTY, Row, row, wrap
from agentdesk.desk.models.ways import spent
from agentdesk.desk.models.work import department
from agentdesk.domain.documents import due_of, is_open
from agentdesk.domain.numbering.ids import spoken as digits
from agentdesk.telephony.story import HANDED_OVER

if TYPE_CHECKING:
    from agentdesk.desk.session import Contact
    from agentdesk.domain.guidance.knowledge import Script
    from agentdesk.domain.policy import Catalogue

STEP_NAMES = ("accept", "listen", "confirm", "propose", "agree", "follow")
"""How scripts call the six steps, in their order."""

OF_STEP = {Step.RECEIVE: "S01", Step.AGREE: "S24", Step.FOLLOW_UP: "S24"}
"""What can be said in any call at a step; the other scripts say what only some callers' matter makes true."""


def situations(contact: Contact | None, state: str, online: bool) -> tuple[str, ...]:
    """Return the codes of the scripts for what is the matter now, the most pressing first."""
    if contact is None:
        return ()
    found: list[str] = []
    facts = contact.facts
    if facts is not None and facts.customer is not None and not facts.verified:
        if spent(facts):
            found.append("S25")
        elif max(contact.misses.values(), default=0) >= facts.catalogue.rules.verify_misses_call:
            found.append("S03")
    if state == "hold":
        found.append("S05")
    elif "retrieved" in contact.moments and contact.live:
        found.append("S06")
    if contact.call is not None and contact.call.transfers:
        last = contact.call.transfers[-1]
        failed = last.cancelled_at is not None or (last.done_at is not None and (contact.live or contact.again != ""))
        found.append("S08" if failed else "S07")
    untold = [p for p in contact.promises if not p.told]
    if untold:
        found.append("S12")
    cut_off = contact.ended and contact.dropped_by not in (None, "agent", HANDED_OVER) and contact.step < Step.AGREE
    if contact.again == "back" or cut_off:
        found.append("S22")
    if facts is not None:
        if facts.contact is not None and facts.caller_role != "owner":
            found.append("S04")
        if not facts.online and contact.step in (Step.CONFIRM, Step.PROPOSE):
            found.append("S17")
        line = facts.line
        if line is not None and line.stopped and line.stop_reason == "arrears" and contact.step <= Step.PROPOSE:
            found.append("S13")
        if line is not None and any(v.source == "unknown" for v in line.vas) and contact.step <= Step.PROPOSE:
            found.append("S14")
        tickets = [d for d in facts.work if d.type == "ticket" and is_open(d)]
        if any(d.data.get("state") == "replied" for d in tickets) and contact.step >= Step.FOLLOW_UP:
            found.append("S20")
        if tickets and contact.step is Step.CONFIRM:
            found.append("S15")
        if any((d.data.get("due") or facts.at) < facts.at for d in facts.work if is_open(d)):
            found.append("S10")
        if any(d.type == "attachment" and is_open(d) for d in facts.work):
            found.append("S18")
        if any(line.offer.status == "approve" for line in contact.board.lines) and contact.step is Step.PROPOSE:
            found.append("S16")
        if not facts.verified and contact.step is Step.CONFIRM:
            found.append("S02")
    elif not online:
        found.append("S17")
    return tuple(dict.fromkeys(found))


def listed(catalogue: Catalogue, contact: Contact | None, state: str, online: bool) -> tuple[Script, ...]:
    """Return all scripts: those of the moment first, then those of the present step, then the rest."""
    now = situations(contact, state, online)
    step = STEP_NAMES[int(contact.step)] if contact else ""

    def key(script: Script) -> tuple[int, str]:
        if script.code in now:
            return now.index(script.code), script.code
        return (50 if script.step == step else 60), script.code

    return tuple(sorted(catalogue.scripts.values(), key=key))


def present(catalogue: Catalogue, contact: Contact, state: str, online: bool) -> Script | None:
    """Return the script to have before one's eyes now: of what is the matter, else one that any call may have."""
    codes = (*situations(contact, state, online), OF_STEP.get(contact.step, ""))
    return next((catalogue.scripts[code] for code in codes if code in catalogue.scripts), None)


def values(contact: Contact | None, agent: str, hotline: str) -> dict[str, str]:
    """Return what fills the blanks of scripts: of the last promise of this contact, else of the first open work."""
    facts = contact.facts if contact else None
    found = {
        "agent": agent,
        "hotline": hotline,
        "salutation": say.salutation(facts),
        "name": say.name(facts),
        "line": say.line(facts),
        "days": "",
    }
    if contact is None or facts is None:
        return found
    # scripts speak of the ticket that presses most where one is open; a promise has its own words
    work = sorted((d for d in facts.work if is_open(d)), key=lambda d: (d.type != "ticket", due_of(d) or facts.at))
    about = [p.document for p in contact.promises] or work
    if about:
        data = about[0].data
        if isinstance(data.get("due"), int) and data["due"] >= facts.at:
            found["due"] = times.moment(data["due"], facts.at)
        found["number"] = digits(str(data.get("number") or ""))
        found["department"] = department(data.get("department"), facts.catalogue)
        if data.get("amount"):
            found["amount"] = plain_amount(data["amount"])
    return found


def script_rows(script: Script, filled: dict[str, str], online: bool, cells: int) -> list[Row]:
    """Return a script: when it is said, its lines in order, what never to say, and what changes with the line down."""
    language = i18n.language()
    lines: list[Row] = [*wrap(script.when.say(language), cells, "quiet", most=2), EMPTY]
    for line in script.lines:
        lines += [*wrap(say.filled(line, filled), cells, "say", most=4)]
    if script.offline is not None and not online:
        lines += [EMPTY, row((_("with the line down"), "warn"))]
        lines += wrap(say.filled(script.offline, filled), cells, "say", most=4)
    lines += [EMPTY, *wrap(_("never: {words}").format(words=script.avoid.say(language)), cells, "warn", most=4)]
    return lines


ABOUT_WORK = frozenset({"S10", "S15", "S18", "S20"})
"""The scripts whose number and time are those of what is open already."""
OF_WORK = ("due", "number", "department", "amount")


def sayable(script: Script, contact: Contact, filled: dict[str, str], facts: Facts) -> tuple[str, ...]:
    """Return the lines of a script that can be said as they stand: no blank is open, none is of another matter."""
    told = bool(contact.promises) or script.code in ABOUT_WORK
    known = {name: value for name, value in filled.items() if value and (told or name not in OF_WORK)}
    lines = (script.offline,) if script.offline is not None and not facts.online else script.lines
    return tuple(say.filled(line, known) for line in lines if say.complete(line, known))


def foot_line(said: tuple[str, ...]) -> str:
    """Return the one line of a script that stands at the foot of a wide screen."""
    return _("Say: {words}").format(words=said[0]) if said else ""
