"""The lock over the desk: nothing of any customer is in sight, and nothing that is open gets lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from agentdesk.desk.actions import bindings_of
from agentdesk.desk.models.rows import Row
from agentdesk.desk.models.sign_in import lock_rows, sample_rows
from agentdesk.desk.screens.gate import Gate

if TYPE_CHECKING:
    from agentdesk.desk.locking import Lock
    from agentdesk.sync.entering import Door, Entered


class LockScreen(Gate):
    """Asks who sits here for his password or PIN, or lets somebody else take over."""

    place: ClassVar[str] = "locked"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("locked")

    def __init__(self, lock: Lock, door: Door, number: str, by_pin: bool) -> None:
        super().__init__(door, number)
        self._lock = lock
        self._own = number
        self.by_pin = by_pin
        self.other = False

    def body(self, width: int) -> Sequence[Row]:
        view = self._lock.view(self.other)
        return [*lock_rows(view, self.number, self.stage, width), *sample_rows(view.staff, width)]

    def keys(self) -> Row:
        if self.other:
            return self.hints("locked.go", "locked.back")
        return self.hints("locked.go", "locked.other", *(["locked.pin"] if self.by_pin else []))

    def proof(self, number: str, password: str, new: str | None) -> Entered:
        if self.other or new is not None:
            return self.door.enter(number, password, new)
        return self.door.unlock(number, password)

    def opened(self, entered: Entered) -> None:
        self.desk.spawn(self._let_in(entered))

    async def _let_in(self, entered: Entered) -> None:
        problem = await self._lock.let_in(entered)
        if problem:
            self.ask("number" if self.other else "password", problem)

    async def look_at_pin(self, typed: str) -> None:
        from agentdesk.desk.models.approvals import pin_problem

        tried = await self._lock.try_pin(typed)
        if tried.right:
            self._lock.open()
            return
        self.wait(tried.wait_ms)
        self.ask("pin", pin_problem(tried))

    def action_other(self) -> None:
        if self.stage == "working":
            return
        why_not = self._lock.not_now()
        if why_not:
            self.problem = why_not
            self.tick()
            return
        self.other = True
        self.number = ""
        self._field.value = ""
        self.ask("number")

    def action_pin(self) -> None:
        if self.by_pin and not self.other and self.stage in ("password", "pin"):
            self.ask("pin" if self.stage == "password" else "password")

    def action_back(self) -> None:
        if self.stage == "working":
            return
        if self.other and self.stage != "number":
            super().action_back()
            return
        self.other = False
        self.number = self._own
        self.ask("password")

    def action_help(self) -> None:
        """Nothing is explained through a closed door."""

    def action_palette(self) -> None:
        """Nothing is found through a closed door."""

    def action_cut(self) -> None:
        """The line is left as it is."""
