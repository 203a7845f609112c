"""Asking for several things, one line after the other; Esc goes back to where the first was asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import EMPTY, Row, row, safe
from agentdesk.desk.screens.ask import AskDialog

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

Finish = Callable[[dict[str, Any]], Awaitable[str]]
"""Does something with all that was typed; returns what is wrong, or an empty text when it is done."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to ask for: its name, its words, and what makes a value of what was typed.

    `read` raises ValueError with what is wrong, in words for the agent.
    """

    name: str
    asks: str
    read: Callable[[str], Any]
    value: str = ""


def needed(typed: str) -> str:
    """Return what was typed; raises ValueError where nothing was."""
    if not typed.strip():
        raise ValueError(_("write something"))
    return typed.strip()


def optional(typed: str) -> str:
    """Return what was typed, also where that is nothing."""
    return typed.strip()


def ask_all(desk: DeskApp, title: str, steps: Sequence[Step], finish: Finish) -> None:
    """Ask for all steps in their order, then do it; what is wrong at the end is said at the last one."""
    found: dict[str, Any] = {}

    def ask(place: int) -> None:
        step = steps[place]

        def lines(width: int) -> list[Row]:
            count = f"{place + 1}/{len(steps)}" if len(steps) > 1 else ""
            head = row((title, "strong"), "  ", (count, "quiet"))
            before = [row((f"  {one.asks}  ", "quiet"), safe(_shown(found[one.name]), 80)) for one in steps[:place]]
            return [head, *before[-4:], EMPTY, row((step.asks, "strong"))]

        async def submit(words: str) -> str:
            try:
                found[step.name] = step.read(words)
            except ValueError as error:
                return str(error)
            if place + 1 < len(steps):
                return ""
            return await finish(found)

        def answered(done: bool | None) -> None:
            if done and place + 1 < len(steps):
                ask(place + 1)

        verb = _("next step") if place + 1 < len(steps) else _("do it")
        desk.push_screen(AskDialog(lines, submit, verb, step.value), answered)

    ask(0)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return " | ".join(str(one) for one in value.values())
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
