"""Running a macro: its blanks are asked for, then its steps are done one after another, as by hand.

The first step that is refused ends it; what was done stays done, and both are said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentdesk.desk import i18n, terms, wording
from agentdesk.desk.drafts import NewTicket
from agentdesk.desk.i18n import _
from agentdesk.desk.models.promise import promise as promise_view
from agentdesk.desk.models.rows import EMPTY, Row, row
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.personal.macros import SITE, Macro, MacroStep
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.choose import ChooseDialog
from agentdesk.desk.screens.steps import Step, ask_all, needed
from agentdesk.domain.documents import is_open
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.times.clocks import clock_named, deadlines
from agentdesk.domain.work.repeats import repeated

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.desk.models.facts import Facts
    from agentdesk.desk.session import Contact


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a macro: what was done and what wasn't, in words; `problem` is why it ended early."""

    done: tuple[str, ...]
    left: tuple[str, ...]
    problem: str = ""

    @property
    def words(self) -> str:
        """Return it in a sentence."""
        said = _("done: {what}").format(what=", ".join(self.done) or _("nothing"))
        if not self.left:
            return said
        left = _("not done: {what}").format(what=", ".join(self.left))
        return f"{said}; {left}: {self.problem}"


def name_of(step: MacroStep) -> str:
    """Return what a step does, in a word or two."""
    words = {"note": _("note"), "ticket": _("ticket"), "promise": _("promise")}
    return f"{words[step.do]} {step.fields.get('code', '')}".strip()


async def choose(app: DeskApp) -> None:
    """Ask which macro to do; they are read anew: somebody may have mended one."""
    problem = await app.manner.read_macros()
    found = app.manner.macros
    if problem or not found:
        path = app.settings.folder / SITE
        app.flow.say(problem or _("there are no macros: write them into {path}").format(path=path))
        return
    dialog = ChooseDialog(_("do which macro?"), found, lambda one, _width: row(one.name))
    app.push_screen(dialog, lambda one: begin(app, one) if one is not None else None)


def named(app: DeskApp, name: str) -> None:
    """Do the macro of a name; one that is there no more is said."""
    found = next((one for one in app.manner.macros if one.id == name), None)
    if found is None:
        app.flow.say(_("there is no macro {name} any more").format(name=name))
    else:
        begin(app, found)


def begin(app: DeskApp, macro: Macro) -> None:
    """Ask for the blanks of a macro, or whether to do it where it has none; then do it."""
    contact = app.flow.contact
    if contact is None or contact.facts is None or contact.facts.customer is None:
        app.flow.say(_("choose the customer first: press Tab"))
        return

    async def do(found: dict[str, Any]) -> str:
        app.spawn(_run_and_say(app, contact, macro, found))
        return ""

    steps = [Step(name, asks, needed) for name, asks in macro.blanks.items()]
    if steps:
        ask_all(app, macro.name, steps, do)
        return

    def lines(_width: int) -> list[Row]:
        listed = [row(str(place), "  ", name_of(step)) for place, step in enumerate(macro.steps, start=1)]
        return [row((macro.name, "strong")), EMPTY, *listed]

    async def submit(_words: str) -> str:
        return await do({})

    app.push_screen(AskDialog(lines, submit, _("do it"), typed=False))


async def _run_and_say(app: DeskApp, contact: Contact, macro: Macro, blanks: dict[str, Any]) -> None:
    ran = await run(app, contact, macro, {name: str(value) for name, value in blanks.items()})
    app.flow.say(f"{macro.name}: {ran.words}", "late" if ran.left else "good")
    await app.reload()


async def run(app: DeskApp, contact: Contact, macro: Macro, blanks: dict[str, str]) -> Ran:
    """Do the steps of a macro; the first that is refused is the last."""
    done: list[str] = []
    for place, step in enumerate(macro.steps):
        facts = contact.facts
        if app.flow.contact is not contact or facts is None:
            words, problem = "", _("the contact has changed")
        else:
            words, problem = await _DO[step.do](app, contact, facts, step.filled(blanks))
        if problem:
            return Ran(tuple(done), tuple(name_of(one) for one in macro.steps[place:]), problem)
        done.append(words or name_of(step))
        await app.flow.refresh()
    return Ran(tuple(done), ())


async def _note(app: DeskApp, contact: Contact, facts: Facts, step: MacroStep) -> tuple[str, str]:
    customer = facts.customer.document if facts.customer else None
    done = await app.deeds.note(contact, step.fields["text"], customer, None)
    return _("note"), done.problem


async def _ticket(app: DeskApp, contact: Contact, facts: Facts, step: MacroStep) -> tuple[str, str]:
    kind, symptom, words = step.fields["kind"], step.fields.get("class"), step.fields["text"]
    customer, line, at = facts.customer, facts.line.id if facts.line else None, app.at()
    if customer is None:
        return "", _("choose the customer first: press Tab")
    if kind not in terms.TICKETS:
        return "", _("there is no kind of ticket {kind}").format(kind=kind)
    node = facts.catalogue.classes.get(symptom or "")
    if symptom is not None and node is None:
        return "", _("the policy has no class {code}").format(code=symptom)
    before = repeated(kind, symptom, line, facts.work, at, facts.catalogue)
    if before is not None and is_open(before):
        number = spoken(str(before.data.get("number")))
        return "", _("open already: {title} {number}").format(title=title_of(before), number=number)
    origin = {"hall": "branch", "phone": "hotline", "desk": "branch"}.get(contact.channel, contact.channel)
    level = (before.data.get("level") or 0) + 1 if before is not None and kind == "complaint" else 0
    ends = deadlines(clock_named(kind, symptom, facts.catalogue, origin, False, level), facts.tier, at, facts.catalogue)
    address = customer.document.data.get("address")
    new = NewTicket(
        number="",
        kind=kind,
        symptom=symptom,
        title=node.name.say(i18n.language()) if node else words[:40],
        words=words,
        customer=customer.document.id,
        line=line,
        contact=contact.id,
        due=ends.due,
        person={"number": facts.caller} if facts.caller else {},
        origin=origin,
        place=address if kind == "fault" and isinstance(address, str) else None,
    )
    done = await app.deeds.ticket(contact, customer.document, new)
    if not done.ok:
        return "", done.problem
    return f"{_('ticket')} {spoken(str(done.document.data.get('number')))}", ""


async def _promise(app: DeskApp, contact: Contact, facts: Facts, step: MacroStep) -> tuple[str, str]:
    code = step.fields["code"]
    line = contact.board.of(code)
    if code not in facts.catalogue.templates:
        return "", _("the policy has no promise {code}").format(code=code)
    if line is None:
        return "", _("it is not on offer to this customer")
    offer = line.offer
    if offer.status != "available":
        return "", wording.say_all(offer.reasons, facts.catalogue)
    if promise_view(offer, facts, app.settings.hotline, offer.amount, offer.amount).type_again:
        return "", _("its amount is typed again by hand: promise it with {key}").format(key=line.key)
    done = await app.deeds.promise(contact, facts, line, offer, contact.seconds(app.deeds.now()), None)
    return offer.template.name.say(i18n.language()), done.problem


_DO = {"note": _note, "ticket": _ticket, "promise": _promise}
