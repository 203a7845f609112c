"""Where the agent's authority ends: a superior signs here, others are asked, or the customer waits for the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from agentdesk.desk.actions import bindings_of, hint_of, hints_of
from agentdesk.desk.deeds import promises as deeds_promises
from agentdesk.desk.i18n import _
from agentdesk.desk.models import approvals as ways
from agentdesk.desk.models.approvals import Approving, Superior
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.offers import OfferLine
from agentdesk.desk.models.rows import EMPTY, Row, joined, row
from agentdesk.desk.screens.signing import Signing
from agentdesk.desk.session import Contact
from agentdesk.desk.widgets.field import Field
from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document
from agentdesk.domain.language.text import clean
from agentdesk.domain.offering.offers import Offer
from agentdesk.store.site import Site

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

LONGEST = 200
SIGNING = ("number", "pin", "password", "new_pin", "looking")


class ApprovalDialog(Signing[Approving]):
    """The three ways to an approval; answers with the one by which the promise can be made now."""

    place = "approving"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("approving")
    AUTO_FOCUS = ""

    def __init__(self, contact: Contact, facts: Facts, line: OfferLine, offer: Offer, reason: str) -> None:
        super().__init__(Field(reason, id="words"))
        self._contact = contact
        self._facts = facts
        self._line = line
        self._offer = offer
        self._reason = reason
        self._stage = "ways"

    def on_mount(self) -> None:
        super().on_mount()
        self._lay_out()

    def body(self, width: int) -> Sequence[Row]:
        if self._stage == "wait":
            return ways.wait_rows(self._offer, self._facts, self.desk.settings.hotline, width)
        lines = ways.ways_rows(self._offer, self._facts, width)
        if self._stage == "staff" and self.proves:
            return [*lines, EMPTY, self.asks()]
        if self._stage == "staff":
            return [*lines, EMPTY, row((_("the superior types his staff number, then his reason"), "strong"))]
        if self._stage == "ask":
            return [*lines, EMPTY, row((_("why should it be approved?"), "strong"))]
        return lines

    def fields(self) -> Sequence[Widget]:
        return (self.words, *self.secrets())

    def keys(self) -> Row:
        if self._stage == "staff" and self.step in SIGNING:
            return joined([hint_of("go", _("continue")), hint_of("back")])
        if self._stage == "ways":
            return hints_of("approving.staff", "approving.ask", "approving.wait", "back")
        if self._stage == "working":
            return row((_("writing it down"), "quiet"))
        verb = {"staff": _("approve and promise"), "ask": _("ask them"), "wait": _("he waits: promise it so")}
        return joined([row((" Enter ", "next"), " ", (verb[self._stage], "strong")), hint_of("back")])

    def _lay_out(self) -> None:
        typed = self._stage in ("staff", "ask")
        self.words.display = typed
        if typed:
            self.words.focus()
        else:
            self.set_focus(None)
        self.paint()

    def action_way(self, stage: str) -> None:
        if self._stage != "ways" or (stage == "wait" and not ways.may_wait(self._offer)):
            return
        self._stage = stage
        self.words.value = self._reason if stage == "ask" else ""
        self.doze()
        self.say("")
        self._lay_out()
        if stage == "staff" and self.proves:
            self.sign_step("number")

    def action_back(self) -> None:
        if self._stage in ("staff", "ask", "wait"):
            self.sign_step("")
            self._stage = "ways"
            self.say("")
            self._lay_out()
        elif self._stage != "working":
            self.dismiss(None)

    def action_go(self) -> None:
        if self._stage == "wait":
            self.dismiss(Approving(self.desk.deeds.new_id(), self._reason, waits=True))

    @on(Input.Submitted, "#words")
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        text = clean(event.value, LONGEST).strip()
        if not text:
            self.say(_("write something"))
        elif self._stage == "staff" and self.step == "words":
            if self.superior is not None:
                self.dismiss(Approving(self.desk.deeds.new_id(), text, self.superior))
        elif self._stage == "staff":
            self.desk.spawn(self._sign(text))
        elif self._stage == "ask":
            self.desk.spawn(self._ask(text))

    async def _sign(self, text: str) -> None:
        number, _space, reason = text.partition(" ")
        agents = await self.desk.backend.run(staff)
        superior, problem = ways.superiors(agents, number, self._offer, self._facts)
        if superior is None:
            self.say(problem)
            return
        if self.proves:
            await self.numbered(superior)
            return
        self.dismiss(Approving(self.desk.deeds.new_id(), reason.strip() or self._reason, superior))

    async def _ask(self, reason: str) -> None:
        self._stage = "working"
        self.paint()
        done = await deeds_promises.ask(self.desk.deeds, self._contact, self._facts, self._line, self._offer, reason)
        if not done.ok:
            self._stage = "ask"
            self.doze()
            self.say(done.problem)
            self._lay_out()
            return
        self.dismiss(None)
        if self._facts.online:
            self.desk.flow.say(_("asked: when it is approved you hear of it here; g lists it"), "good")
        else:
            self.desk.flow.say(_("noted: the superiors are asked when the line is back; g lists it"), "warn")
        await self.desk.reload()


def staff(site: Site) -> tuple[Document, ...]:
    """Return who works here, as the organisation knows it."""
    return site.view.of_type(ORG, "agent")


Sign = Callable[[Superior | None, str], Awaitable[str]]
"""Does what a superior signs (None: the agent is one himself), with his words; returns what is wrong."""


class SignDialog(Signing[bool]):
    """An answer of a superior: his staff number where somebody else sits at the desk, then his words."""

    place = "ask"

    AUTO_FOCUS = "Field"

    def __init__(
        self,
        lines: Callable[[int], Sequence[Row]],
        sign: Sign,
        verb: str,
        roles: frozenset[str],
        optional: bool = False,
    ) -> None:
        super().__init__(Field(id="words"))
        self._lines = lines
        self._sign = sign
        self._verb = verb
        self._roles = roles
        self._optional = optional
        self._busy = False

    @property
    def _own(self) -> bool:
        return self.desk.settings.agent.role in self._roles

    def body(self, width: int) -> Sequence[Row]:
        if self.step:
            return [*self._lines(width), EMPTY, self.asks()]
        asks = _("your reason") if self._own else _("the superior types his staff number, then his reason")
        return [*self._lines(width), EMPTY, row((asks, "strong"))]

    def fields(self) -> Sequence[Widget]:
        return (self.words, *self.secrets())

    def on_mount(self) -> None:
        super().on_mount()
        if self.proves and not self._own:
            self.sign_step("number")

    def action_back(self) -> None:
        if self.step in ("", "number", "looking"):
            super().action_back()
        else:
            self.sign_step("number")

    def keys(self) -> Row:
        if self.step in SIGNING:
            return joined([hint_of("go", _("continue")), hint_of("back")])
        return joined([hint_of("ask.go", self._verb), hint_of("back")])

    @on(Input.Submitted, "#words")
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        if not self._busy:
            self._busy = True
            self.desk.spawn(self._check(clean(event.value, LONGEST).strip()))

    async def _check(self, text: str) -> None:
        if self.step == "number":
            superior = _known(await self.desk.backend.run(staff), text, self._roles)
            if superior is None:
                self.say(_("no superior here has this staff number"))
            else:
                await self.numbered(superior)
            self._busy = False
            return
        problem = await self._signed(text)
        self._busy = False
        if problem:
            self.say(problem)
        else:
            self.dismiss(True)

    async def _signed(self, text: str) -> str:
        superior = self.superior
        if not self._own and superior is None:
            number, _space, text = text.partition(" ")
            agents = await self.desk.backend.run(staff)
            superior = _known(agents, number, self._roles)
            if superior is None:
                return _("no superior here has this staff number")
        if not text.strip() and not self._optional:
            return _("write something")
        return await self._sign(superior, text.strip())


def approving_roles(catalogue: Catalogue | None) -> frozenset[str]:
    """Return the roles that approve."""
    return frozenset(role.id for role in catalogue.roles.values() if role.approves) if catalogue else frozenset()


def _known(agents: Sequence[Document], typed: str, roles: frozenset[str]) -> Superior | None:
    number = typed.strip().lower()
    for one in agents:
        role = str(one.data.get("role") or "")
        named = number and number in (one.id.lower(), str(one.data.get("number") or ""))
        if named and role in roles and one.data.get("dismissed_at") is None:
            return Superior(one.id, str(one.data.get("name") or one.id), role)
    return None
