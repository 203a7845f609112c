"""The promise: ask, promise, tell; three keys from the ring, and nothing is called promised before it is on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from agentdesk.desk import wording
from agentdesk.desk.actions import bindings_of, hint_of, hints_of
from agentdesk.desk.answers import roles
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models import promise as words
from agentdesk.desk.models.approvals import Approving, approved
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.offers import OfferLine
from agentdesk.desk.models.rail import Step
from agentdesk.desk.models.rows import EMPTY, Row, joined, row
from agentdesk.desk.models.sorts import title_of
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.screens.figures import WITH_FIGURES
from agentdesk.desk.session import Contact, MadePromise
from agentdesk.desk.widgets.field import Field
from agentdesk.domain.offering.offers import Offer

MISKEYS = (N_("pressed the wrong key"), N_("wrong customer or line"), N_("wrong amount"))


class PromiseDialog(Dialog[None]):
    """One promise from the words to ask to the words that were told."""

    place = "promising"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("promising")
    AUTO_FOCUS = ""

    def __init__(self, contact: Contact, line: OfferLine, facts: Facts, made: MadePromise | None = None) -> None:
        super().__init__()
        self._contact = contact
        self._line = line
        self._facts = facts
        self._offer: Offer = line.offer
        self._reason: str | None = None
        self._asked_s: int | None = None
        self._made = made
        self._stage = "tell" if made else "ask"
        self._amount = Field(id="amount")

    def on_mount(self) -> None:
        super().on_mount()
        self._asked_s = self._contact.seconds(self.desk.deeds.now())
        self._contact.advance(Step.PROPOSE)
        self.desk.desk_screen.show_all()
        self._lay_out()

    # what is shown

    def body(self, width: int) -> Sequence[Row]:
        if self._made is not None:
            document = self._made.document
            name = title_of(document)
            lines = words.told_rows(document.data, self._made.tell, self.desk.at(), name, self._made.told, width)
            if self._stage == "void":
                lines += [EMPTY, row((_("why is it void?"), "strong"))]
                lines += [row((str(i + 1), "key"), "  ", _(reason)) for i, reason in enumerate(MISKEYS)]
            return lines
        lines = words.ask_rows(self._view(), width)
        label = ""
        if self._stage == "edit":
            label = _("new amount in yuan, then the reason if there is one")
        elif self._offer.status == "available" and self._view().type_again:
            label = _("type the amount again to promise it: {amount}").format(
                amount=words.plain_amount(self._offer.amount)
            )
        if self._offer.status != "available":
            lines += [EMPTY, row((wording.say_all(self._offer.reasons, self._facts.catalogue), "warn"))]
        return [*lines, EMPTY, row((label, "strong"))] if label else lines

    def fields(self) -> Sequence[Widget]:
        return (self._amount,)

    def keys(self) -> Row:
        if self._stage == "void":
            return hints_of("promising.reason", "back")
        if self._stage == "tell":
            go = row((" Enter ", "next"), " ", (_("told the customer"), "strong"))
            return joined([go, hint_of("promising.void"), hint_of("back", _("later"))])
        if self._stage == "edit":
            return joined([hint_of("promising.go", _("take this amount")), hint_of("back")])
        if self._stage == "working":
            return row((_("writing it down"), "quiet"))
        more = ["promising.edit"] if self._offer.amount is not None else []
        more += ["promising.calculate"] if self._works_out else []
        leave = hint_of("back", _("don't promise"))
        if self._offer.status != "available":
            ask = ["promising.approval"] if self._offer.status == "approve" else []
            return joined([roles.hints(self.desk, *ask, *more), leave])
        go = row((" Enter ", "next"), " ", (_("promise"), "strong"))
        return joined([go, hints_of(*more), leave])

    def _view(self) -> words.PromiseView:
        return words.promise(
            self._offer, self._facts, self.desk.settings.hotline, self._offer.amount, self._line.offer.amount
        )

    def _lay_out(self) -> None:
        field = self._amount
        # what isn't approved yet can't be promised: there is nothing to type again
        again = self._made is None and self._offer.status == "available" and self._view().type_again
        typed = self._stage == "edit" or (self._stage == "ask" and again)
        field.display = typed
        if typed:
            field.focus()
        else:
            self.set_focus(None)
        self.paint()

    def facts_changed(self, facts: Facts) -> None:
        """Show what changed while the dialog was open: other words, another deadline; Enter sleeps again."""
        if self._made is not None or self._stage == "working":
            return
        before = self._offer
        self._facts = replace(facts, inputs=self._facts.inputs)
        if before.amount is not None:
            self._offer = approved(words.reassess(before, self._facts, before.amount), self._facts)
        else:
            line = self._contact.board.of(self._line.code)
            self._offer = line.offer if line else before
        if (before.mode, before.status) != (self._offer.mode, self._offer.status):
            self.doze()
            self.problem = _("this has changed: look again before you promise")
        self._lay_out()

    # what the agent means

    def action_go(self) -> None:
        if self._stage == "tell" and self._made is not None:
            self.desk.spawn(self._tell(self._made))
        elif self._stage == "ask" and self._offer.status == "available" and not self._view().type_again:
            self.desk.spawn(self._promise())

    @on(Input.Submitted, "#amount")
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        text, _space, reason = event.value.strip().partition(" ")
        amount, problem = words.read_amount(text)
        if amount is None:
            self.say(problem)
        elif self._stage == "edit":
            self._take(amount, reason.strip())
        elif amount != self._offer.amount:
            self.say(_("this isn't the amount above: type it again, or Esc"))
        elif self._offer.status == "available":
            self.desk.spawn(self._promise())

    def _take(self, amount: int, reason: str) -> None:
        offer = approved(words.reassess(self._offer, self._facts, amount), self._facts)
        if offer.status == "inapplicable":
            self.say(wording.say_all(offer.reasons, self._facts.catalogue))
            return
        self._offer, self._reason, self._stage = offer, reason or None, "ask"
        self._amount.value = ""
        self.doze()
        self.problem = ""
        self._lay_out()

    def action_edit(self) -> None:
        if self._stage == "ask" and self._offer.amount is not None:
            self._stage = "edit"
            self._lay_out()

    def action_approval(self) -> None:
        if self._stage == "ask" and self._offer.status == "approve":
            from agentdesk.desk.screens.approval import ApprovalDialog

            dialog = ApprovalDialog(self._contact, self._facts, self._line, self._offer, self._reason or "")
            self.desk.push_screen(dialog, self._approved)

    def _approved(self, way: Approving | None) -> None:
        if way is not None:
            self.desk.spawn(self._promise(way))

    def action_calculate(self) -> None:
        """Pick or enter what the amount follows from; it is kept with the promise."""
        rule, case = self._offer.template.money, self._facts.case
        if self._stage == "ask" and rule is not None and case is not None:
            from agentdesk.desk.screens.figures import figures_dialog

            dialog = figures_dialog(rule.basis, rule.args, case, self._worked_out)
            if dialog is not None:
                self.desk.push_screen(dialog)

    @property
    def _works_out(self) -> bool:
        rule = self._offer.template.money
        return rule is not None and rule.basis in WITH_FIGURES

    def _worked_out(self, inputs: Mapping[str, Any]) -> None:
        facts = replace(self._facts, inputs=inputs)
        offer = words.reassess(self._offer, facts, None)
        if offer.status == "inapplicable":
            self.say(wording.say_all(offer.reasons, facts.catalogue))
            return
        self._facts, self._offer = facts, offer
        self.doze()
        self._lay_out()

    def action_void(self) -> None:
        if self._stage == "tell" and self._made is not None and not self._made.told:
            self._stage = "void"
            self._lay_out()

    def action_reason(self, index: int) -> None:
        if self._stage == "void" and self._made is not None:
            self.desk.spawn(self._void(self._made, MISKEYS[index]))

    def action_back(self) -> None:
        if self._stage == "working":
            return
        if self._stage in ("edit", "void"):
            self._stage = "ask" if self._made is None else "tell"
            self._amount.value = ""
            self.say("")
            self._lay_out()
        else:
            self.dismiss(None)

    async def _promise(self, way: Approving | None = None) -> None:
        self._stage = "working"
        self.say("")
        done = await self.desk.deeds.promise(
            self._contact, self._facts, self._line, self._offer, self._asked_s, self._reason, way
        )
        if not done.ok:
            self._stage = "ask"
            self.doze()
            self.say(done.problem)
            self._lay_out()
            return
        self._made = self._contact.promises[0]
        self._stage = "tell"
        self.doze()
        self._lay_out()
        await self.desk.flow.refresh()

    async def _tell(self, made: MadePromise) -> None:
        self._stage = "working"
        self.say("")
        said = words.instead(made.document.data, self.desk.at())
        done = await self.desk.deeds.spoken(self._contact, made.document, made.operation, said)
        if not done.ok:
            self._back_to_tell(done.problem)
            return
        self.dismiss(None)
        await self.desk.flow.refresh()

    async def _void(self, made: MadePromise, reason: str) -> None:
        self._stage = "working"
        self.say("")
        done = await self.desk.deeds.voided(self._contact, made.document, reason, made.operation)
        if not done.ok:
            self._back_to_tell(done.problem)
            return
        self._contact.promises.remove(made)
        self.dismiss(None)
        self.desk.flow.say(_("voided: nothing was promised"), "quiet")
        await self.desk.flow.refresh()

    def _back_to_tell(self, problem: str) -> None:
        self._stage = "tell"
        self.say(problem)
        self._lay_out()
