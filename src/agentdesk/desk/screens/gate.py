"""What a closed door asks for, one thing after the other: staff number, password, a new one where he must change it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from agentdesk.desk.actions import hints_of
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import Row, folded, row, wrap, wrapped
from agentdesk.desk.models.sign_in import Stage, bad_password, pause, reason
from agentdesk.desk.widgets.field import Field
from agentdesk.desk.widgets.layer import Layer
from agentdesk.desk.widgets.lines import Lines
from agentdesk.desk.widgets.secret import Secret

if TYPE_CHECKING:
    from agentdesk.sync.entering import Door, Entered, NotIn

TICK_S = 1.0
LONGEST_NUMBER = 64


class Gate(Layer[None]):
    """A closed door; a subclass says what is shown, and what happens when it opens."""

    AUTO_FOCUS = ""

    def __init__(self, door: Door, number: str = "") -> None:
        super().__init__()
        self.door = door
        self.number = number
        self.stage: Stage = "password" if number else "number"
        self.problem = ""
        self._free_at = 0.0
        self._waits_for = ""
        self._old = ""
        self._new = ""
        self._field = Field(id="number", max_length=LONGEST_NUMBER)
        self._secret = Secret(id="secret")

    def compose(self) -> ComposeResult:
        with Vertical(id="gate"):
            yield Lines(lambda width, _height: [part for line in self.body(width) for part in wrapped(line, width)])
            yield self._field
            yield self._secret
            yield Lines(lambda width, _height: self._problem(width), id="problem")
            yield Lines(lambda width, _height: folded(self.keys(), width), id="hints")

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self.tick)
        self.lay_out()

    # what a subclass says

    def body(self, width: int) -> Sequence[Row]:
        """Return the lines above the field."""
        return ()

    def keys(self) -> Row:
        """Return the keys that work."""
        return ()

    def opened(self, entered: Entered) -> None:
        """Let somebody in."""

    def proof(self, number: str, password: str, new: str | None) -> Entered:
        """Look at what was typed, in a thread of its own; raises NotIn."""
        return self.door.enter(number, password, new)

    # asking

    def ask(self, stage: Stage, problem: str = "") -> None:
        """Ask for something from now on; what was typed before is forgotten."""
        self.stage = stage
        self.problem = problem
        self._secret.value = ""
        if stage not in ("new", "again", "working"):
            self._old = self._new = ""
        self.lay_out()

    def lay_out(self) -> None:
        """Show the field that is asked for."""
        numbered, working = self.stage == "number", self.stage == "working"
        self._field.display = numbered
        self._secret.display = not numbered
        self._secret.disabled = working
        if not working and self.is_attached:
            (self._field if numbered else self._secret).focus()
        self.tick()

    def tick(self) -> None:
        """Paint what a second changes."""
        for lines in self.query(Lines):
            lines.repaint()

    def _problem(self, width: int) -> list[Row]:
        waits = self.waits_ms
        if waits and not self.problem:
            words = _("wait {wait}").format(wait=pause(waits))
            return [row((words, "warn"))]
        return wrap(self.problem, width, "late", most=3) if self.problem else []

    @property
    def waits_ms(self) -> int:
        """Return for how long nothing that is typed is looked at, ms."""
        if self._waits_for != self.number:
            return 0
        return max(int((self._free_at - monotonic()) * 1000), 0)

    @on(Input.Submitted, "#number")
    def _numbered(self, event: Input.Submitted) -> None:
        event.stop()
        number = event.value.strip()
        if number:
            self.number = number
            self.ask("password")

    @on(Input.Submitted, "#secret")
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        typed = self._secret.take()
        if not typed or self.stage == "working":
            return
        if self.stage == "new":
            self._choose(typed)
        elif self.waits_ms:
            self.problem = _("too soon: wait {wait}").format(wait=pause(self.waits_ms))
            self.tick()
        elif self.stage == "again":
            if typed != self._new:
                self.ask("new", _("the two aren't the same: choose it again"))
                self._new = ""
                return
            self._look(self._old, typed)
        elif self.stage == "pin":
            self.run_worker(self.look_at_pin(typed))
        else:
            self._look(typed, None)

    def _choose(self, typed: str) -> None:
        from agentdesk.trust.passwords import BadPassword, checked

        try:
            if typed == self._old:
                raise BadPassword("same", "the new password is the old one")
            checked(typed, self.number)
        except BadPassword as bad:
            self.problem = bad_password(bad)
            self.tick()
            return
        self._new = typed
        self.ask("again")

    def _look(self, password: str, new: str | None) -> None:
        self.stage = "working"
        self.problem = ""
        self.lay_out()
        self.run_worker(self._proved(password, new))

    async def _proved(self, password: str, new: str | None) -> None:
        from agentdesk.store.errors import StoreError
        from agentdesk.sync.entering import NotIn

        try:
            entered = await asyncio.to_thread(self.proof, self.number, password, new)
        except NotIn as no:
            self._refused(no, password)
        except StoreError as error:
            self.ask("password", str(error))
        else:
            self._old = self._new = ""
            self.opened(entered)

    def _refused(self, no: NotIn, password: str) -> None:
        self.wait(no.wait_ms)
        if no.why == "must_change" or (no.why == "bad" and self._old):
            self.ask("new", reason(no))
            self._old = password
            return
        self.ask("password", reason(no))

    def wait(self, ms: int) -> None:
        """Look at nothing that is typed for so long."""
        self._free_at, self._waits_for = monotonic() + ms / 1000, self.number

    async def look_at_pin(self, typed: str) -> None:
        """Look at a PIN; a subclass that asks for one does it."""

    def action_back(self) -> None:
        if self.stage == "working":
            return
        self.ask("number")
        self._field.value = ""

    def action_go(self) -> None:
        """Enter is the field's."""

    def hints(self, *names: str) -> Row:
        """Return the keys that work, by their names."""
        return hints_of(*names) if self.stage != "working" else row((_("looking"), "quiet"))
