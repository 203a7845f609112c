"""Which keys say something of somebody: what is typed into fields for words and numbers, and to verify a caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input, TextArea

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp

POLICY = frozenset({"flows", "flow", "services", "help", "ordering", "choose", "promising"})
"""Screens whose fields take amounts, and look in what the policy says."""

STAY = 4
"""So many digits of a number that is typed stay: amounts and days mean what they meant, nobody is known by them."""


def is_private(desk: DeskApp, character: str) -> bool:
    """Tell whether a character that is typed now is written down as another one."""
    top = desk.screen_stack[-1] if desk.screen_stack else None
    place = getattr(top, "place", "")
    if ord(character[0]) > 0x2E7F:
        return True
    field = desk.focused
    if not isinstance(field, Input | TextArea):
        return place == "verifying" and character.isdigit()
    if place in POLICY:
        return False
    find = getattr(top, "_find", None)
    if place == "pick" and not str(getattr(find, "__module__", "")).endswith("colleague"):
        return False
    if not character.isdigit():
        return character.isalnum()
    typed = field.value if isinstance(field, Input) else field.text
    return typed[-STAY:].isdigit() and len(typed) >= STAY
