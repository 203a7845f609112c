"""What all dialogs share in which a superior signs: staff number, his PIN unseen, then his words.

Where the site has no PIN of his yet, he says his password once, with the line up, and chooses one if he has none.
Where a site has no passwords at all his number is taken for it (`deeds.signing.proves`).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeVar

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from agentdesk.desk.deeds.signing import Proof, proves, try_pin
from agentdesk.desk.i18n import _
from agentdesk.desk.models.approvals import Superior, pin_problem
from agentdesk.desk.models.rows import Row, row, safe
from agentdesk.desk.models.sign_in import bad_password, reason
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.widgets.secret import Secret

if TYPE_CHECKING:
    from agentdesk.desk.widgets.field import Field

T = TypeVar("T")

Step = Literal["", "number", "pin", "password", "new_pin", "looking", "words"]


class Signing(Dialog[T]):
    """A dialog in which a superior may sign; `step` is what he is asked for, empty while nobody is."""

    def __init__(self, words: Field) -> None:
        super().__init__()
        self.words = words
        self.secret = Secret(id="secret")
        self.step: Step = ""
        self.superior: Superior | None = None
        self._password = ""

    @property
    def proves(self) -> bool:
        """Tell whether he proves who he is."""
        return proves(self.desk.settings)

    def sign_step(self, step: Step, problem: str = "") -> None:
        """Ask the superior for something from now on."""
        self.step = step
        self.secret.take()
        if step in ("", "number", "words"):
            self._password = ""
        if step in ("", "number"):
            self.superior = None
        self.secret.disabled = step == "looking"
        hidden = step in ("pin", "password", "new_pin", "looking")
        self.secret.display = hidden
        self.words.display = step in ("number", "words")
        if step == "looking":
            pass
        elif hidden:
            self.secret.focus()
        elif step:
            self.words.value = ""
            self.words.focus()
        self.doze()
        self.say(problem)

    def asks(self) -> Row:
        """Return what he is asked for."""
        name = safe(self.superior.name, 20) if self.superior is not None else ""
        words = {
            "number": _("the superior types his staff number"),
            "pin": _("{name}: his PIN"),
            "password": _("{name} has no PIN here: his password once, with the line up"),
            "new_pin": _("{name} chooses a PIN of at least {n} digits"),
            "words": _("{name}: his reason"),
            "looking": _("looking"),
            "": "",
        }[self.step]
        catalogue = self.desk.catalogue
        digits = catalogue.sign_in.pin_length if catalogue is not None else 0
        return row((words.format(name=name, n=digits), "strong"))

    def secrets(self) -> list[Widget]:
        """Return the field for what nobody shall see; shown while it is asked for."""
        self.secret.display = False
        return [self.secret]

    async def numbered(self, superior: Superior) -> None:
        """Ask him for his PIN, or for his password where none of his is known here."""
        has = await self.desk.backend.run(lambda site: site.access.has_pin(superior.id))
        self.superior = superior
        self.sign_step("pin" if has else "password")

    @on(Input.Submitted, "#secret")
    def _hidden(self, event: Input.Submitted) -> None:
        event.stop()
        typed, step = self.secret.take(), self.step
        if typed and self.superior is not None and step in ("pin", "password", "new_pin"):
            self.sign_step("looking")
            self.desk.spawn(self._proved(self.superior, step, typed))

    async def _proved(self, superior: Superior, step: Step, typed: str) -> None:
        if step == "pin":
            await self._try_pin(superior, typed)
            return
        if step == "new_pin":
            await self._choose(superior, typed)
            return
        problem, has = await self._bring(superior, typed, None)
        if problem:
            self.sign_step("password", problem)
        elif has:
            self.sign_step("pin")
        else:
            self.sign_step("new_pin")
            self._password = typed

    async def _choose(self, superior: Superior, pin: str) -> None:
        from agentdesk.trust.passwords import BadPassword, checked_pin

        password = self._password
        catalogue = self.desk.catalogue
        try:
            checked_pin(pin, catalogue.sign_in.pin_length if catalogue is not None else 0)
        except BadPassword as bad:
            self.sign_step("new_pin", bad_password(bad))
            self._password = password
            return
        problem, _has = await self._bring(superior, password, pin)
        if problem:
            self.sign_step("new_pin", problem)
            self._password = password
            return
        await self._try_pin(superior, pin)

    async def _try_pin(self, superior: Superior, typed: str) -> None:
        proof = Proof()
        tried = await self.desk.backend.run(lambda site: try_pin(site, superior.id, typed, proof))
        if tried.why == "none":
            self.sign_step("password")
        elif tried.right:
            self.superior = replace(superior, proved=proof.proved)
            self.sign_step("words")
        else:
            self.sign_step("pin", pin_problem(tried))

    async def _bring(self, superior: Superior, password: str, pin: str | None) -> tuple[str, bool]:
        from agentdesk.sync.entering import NotIn

        door = self.desk.settings.door
        assert door is not None
        try:
            return "", await asyncio.to_thread(door.bring_pin, superior.id, password, pin)
        except NotIn as no:
            return reason(no), False
