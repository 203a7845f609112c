"""Make good: remedies in five categories under a ticket or promise, chosen, given and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual.binding import BindingType

from agentdesk.desk import queries, wording
from agentdesk.desk.actions import bindings_of, hint_of, hints_of
from agentdesk.desk.answers import roles
from agentdesk.desk.deeds import money as deeds_money
from agentdesk.desk.deeds.money import GivenRemedy
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models import remedies as words
from agentdesk.desk.models.approvals import asked_already, covering
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.promise import instead, told_rows
from agentdesk.desk.models.rows import EMPTY, Row, ends, hints, joined, row
from agentdesk.desk.models.sorts import name_of_sort, title_of
from agentdesk.desk.models.telling import legend, signed_all, signs_in
from agentdesk.desk.screens.ask import AskDialog
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.screens.figures import WITH_FIGURES, figures_dialog
from agentdesk.desk.screens.page import Page
from agentdesk.desk.session import Contact
from agentdesk.domain.documents import Document
from agentdesk.domain.offering.remedies import CATEGORIES, RemedyOffer

MISKEYS = (N_("pressed the wrong key"), N_("wrong customer or line"), N_("wrong amount"))


class MakeGoodPage(Page):
    """The remedies of a matter: 1-5 choose the category, Enter opens one."""

    place = "make_good"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("make_good")

    def __init__(self, under: Document, contact: Contact | None) -> None:
        super().__init__()
        self._under = under
        self._contact = contact
        self._facts: Facts | None = None
        self._category = CATEGORIES[1]
        self._offers: dict[str, tuple[RemedyOffer, ...]] = {}

    async def load(self) -> None:
        under, contact, agent = self._under, self._contact, self.desk.settings.agent
        data = under.data
        target = queries.Target(
            contact.scope if contact else "",
            contact.id if contact else "",
            under.scope,
            str(data.get("customer") or ""),
            data.get("subscription"),
            contact.facts.caller if contact and contact.facts else None,
        )
        facts = await self.desk.backend.run(lambda site: queries.facts(site, target, agent.id, agent.role))
        self._facts = facts
        self._offers = {category: words.listed(facts, under, category) for category in CATEGORIES}
        self.paint()

    def title_rows(self, width: int) -> Sequence[Row]:
        about = row((name_of_sort(self._under), "quiet"), "  ", (title_of(self._under), "strong"))
        counts = {c: sum(o.status == "available" for o in found) for c, found in self._offers.items()}
        return [
            ends(row((_("make good"), "strong"), "  ", about), self._legend(), width),
            words.category_row(self._category, counts, width),
        ]

    def _legend(self) -> Row:
        """Return what the signs beside the remedies mean."""
        facts = self._facts
        if facts is None:
            return EMPTY
        offers = self._offers.get(self._category, ())
        return legend(signs_in(*(signed_all(offer.reasons[:2], facts) for offer in offers)))

    def head(self, width: int) -> Sequence[Row]:
        if self._facts is None:
            return ()
        given = words.given_rows(self._facts.work, self._under, self._facts.catalogue, self._facts.at)
        title = [row((_("given in this matter"), "quiet"))] if given else []
        return [*title, *given, EMPTY]

    def items(self, width: int) -> Sequence[Row]:
        facts = self._facts
        if facts is None:
            return ()
        return [words.remedy_row(offer, facts, width) for offer in self._offers.get(self._category, ())]

    @property
    def count(self) -> int:
        return len(self._offers.get(self._category, ()))

    def keys(self) -> Row:
        return hints_of("make_good.go", "make_good.category", "back")

    def action_category(self, index: int) -> None:
        self._category = CATEGORIES[index]
        self.cursor = self.top = 0
        self.say("")

    def action_turn(self, by: int) -> None:
        self.action_category((CATEGORIES.index(self._category) + by) % len(CATEGORIES))

    def chosen(self, index: int) -> None:
        offer, facts = self._offers[self._category][index], self._facts
        if facts is None:
            return
        if offer.status == "inapplicable":
            self.say(wording.say_all(offer.reasons, facts.catalogue))
        elif offer.status == "verify":
            self.say(wording.say(offer.reasons[0], facts.catalogue))
            if self._contact is not None:
                self.desk.deal.verify()
        else:
            self.desk.push_screen(GiveDialog(self._contact, facts, self._under, offer))


class GiveDialog(Dialog[None]):
    """One remedy, from what it is to the words that were told."""

    place = "giving"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("giving")
    AUTO_FOCUS = ""

    def __init__(self, contact: Contact | None, facts: Facts, under: Document, offer: RemedyOffer) -> None:
        super().__init__()
        self._contact = contact
        self._facts = facts
        self._under = under
        self._offer = offer
        self._made: GivenRemedy | None = None
        self._stage = "ask"

    def body(self, width: int) -> Sequence[Row]:
        if self._made is not None:
            data = self._made.document.data
            name = title_of(self._made.document)
            lines = told_rows(data, self._made.tell, self.desk.at(), name, False, width)
            if self._stage == "void":
                lines += [EMPTY, row((_("why is it void?"), "strong"))]
                lines += [row((str(i + 1), "key"), "  ", _(reason)) for i, reason in enumerate(MISKEYS)]
            return lines
        lines = words.give_rows(self._offer, self._facts, self.desk.settings.hotline, width)
        if self._offer.status != "available":
            reasons = wording.say_all(self._offer.reasons, self._facts.catalogue)
            lines += [EMPTY, row((reasons, "warn"))]
            if self._approved:
                lines.append(row((_("a superior has approved it"), "good")))
        return lines

    def keys(self) -> Row:
        if self._stage == "void":
            return hints_of("giving.reason", "back")
        if self._stage == "tell":
            go = row((" Enter ", "next"), " ", (_("told the customer"), "strong"))
            return joined([go, hint_of("giving.void"), hint_of("back", _("later"))])
        if self._stage == "working":
            return row((_("writing it down"), "quiet"))
        more = [("+ -", _("size"))] if len(self._offer.steps) > 1 else []
        work = ["giving.calculate"] if self._offer.remedy.basis in WITH_FIGURES else []
        leave = hint_of("back", _("don't give it"))
        if self._ready:
            go = row((" Enter ", "next"), " ", (_("give it"), "strong"))
            return joined([go, hints(*more), hints_of(*work), leave])
        ask = ["giving.approval"] if self._offer.status == "approve" and self._contact is not None else []
        return joined([roles.hints(self.desk, *ask), hints(*more), hints_of(*work), leave])

    @property
    def _approved(self) -> bool:
        return covering(self._facts, words.as_offer(self._offer)) is not None

    @property
    def _ready(self) -> bool:
        return self._offer.status == "available" or (self._offer.status == "approve" and self._approved)

    def _again(self, quantity: int | None = None) -> None:
        self._offer = words.reassessed(self._offer, self._facts, self._under, quantity)
        self.doze()
        self.say("")

    def action_size(self, by: int) -> None:
        steps = self._offer.steps
        if self._stage == "ask" and self._offer.quantity in steps:
            index = max(0, min(len(steps) - 1, steps.index(self._offer.quantity) + by))
            self._again(steps[index])

    def action_calculate(self) -> None:
        """Pick or enter what the amount follows from; it is kept with what is given."""
        remedy, case = self._offer.remedy, self._facts.case
        if self._stage == "ask" and case is not None:
            dialog = figures_dialog(remedy.basis, remedy.args, case, self._worked_out)
            if dialog is not None:
                self.desk.push_screen(dialog)

    def _worked_out(self, inputs: Mapping[str, Any]) -> None:
        self._facts = replace(self._facts, inputs=inputs)
        self._again()

    def action_go(self) -> None:
        if not self.awake:
            return
        if self._stage == "ask" and self._ready:
            self.desk.spawn(self._give())
        elif self._stage == "tell" and self._made is not None:
            self.desk.spawn(self._tell(self._made))

    def action_approval(self) -> None:
        contact = self._contact
        if self._stage != "ask" or self._offer.status != "approve" or contact is None or self._approved:
            return
        if asked_already(self._facts, words.as_offer(self._offer)) is not None:
            self.say(_("asked already: the answer comes by itself"))
            return

        async def submit(text: str) -> str:
            if not text:
                return _("write something")
            done = await deeds_money.ask(self.desk.deeds, contact, self._facts, self._offer, text)
            if done.ok:
                self.say(_("asked: the answer comes by itself"))
                await self.desk.flow.refresh()
            return done.problem

        asks = _("why should it be given? a superior reads it")
        self.desk.push_screen(AskDialog(lambda _width: [row((asks, "strong"))], submit, _("ask")))

    def action_void(self) -> None:
        if self._stage == "tell":
            self._stage = "void"
            self.say("")

    def action_reason(self, index: int) -> None:
        if self._stage == "void" and self._made is not None:
            self.desk.spawn(self._void(self._made, MISKEYS[index]))

    def action_back(self) -> None:
        if self._stage == "void":
            self._stage = "tell"
            self.say("")
        elif self._stage != "working":
            self.dismiss(None)

    async def _give(self) -> None:
        self._stage = "working"
        self.say("")
        hotline = self.desk.settings.hotline
        done, made = await deeds_money.give(
            self.desk.deeds, self._contact, self._facts, self._under, self._offer, hotline
        )
        self._made = made
        self._stage = "ask" if made is None else "tell"
        self.doze()
        self.say(done.problem)
        await self._refresh()

    async def _tell(self, made: GivenRemedy) -> None:
        self._stage = "working"
        seconds = self._contact.seconds(self.desk.deeds.now()) if self._contact else None
        other = instead(made.document.data, self.desk.at())
        body: dict[str, object] = {"seconds": seconds} if seconds is not None else {}
        body |= {"instead": other} if other else {}
        done = await deeds_money.move(self.desk.deeds, self._contact, made.document, "spoken", body, made.operation)
        self._ended(done.problem)
        await self._refresh()

    async def _void(self, made: GivenRemedy, reason: str) -> None:
        self._stage = "working"
        done = await deeds_money.move(
            self.desk.deeds, self._contact, made.document, "voided", {"reason": reason}, made.operation
        )
        self._ended(done.problem)
        await self._refresh()

    def _ended(self, problem: str) -> None:
        if problem:
            self._stage = "tell"
            self.say(problem)
        else:
            self.dismiss(None)

    async def _refresh(self) -> None:
        if self._contact is not None:
            await self.desk.flow.refresh()
        await self.desk.reload()
