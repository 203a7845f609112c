"""The mouse: a click on a key presses it, one on a line puts the cursor there, another one opens it, the wheel scrolls.

Nothing needs it: whatever it does has a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from agentdesk.desk.actions.action import CHARACTERS, KEY_NAMES
from agentdesk.desk.i18n import _
from agentdesk.desk.pointing.targets import Targeted, key_at

if TYPE_CHECKING:
    from agentdesk.desk.widgets.lines import Lines

_NAMELESS = {sign: name for name, sign in CHARACTERS.items()}


def clicked(lines: Lines, event: events.Click) -> None:
    """Do what a click on a line means."""
    place = event.get_content_offset(lines)
    if place is None or place.y >= len(lines.rows):
        return
    pressed = key_of(key_at(lines.rows[place.y], place.x))
    if pressed is not None:
        lines.app.post_message(pressed)
        return
    screen = lines.screen
    if isinstance(screen, Targeted):
        target = next((one for one in screen.targets() if one.lines is lines and one.row == place.y), None)
        if target is not None:
            (target.go if target.pointed() else target.point)()


def key_of(shown: str) -> events.Key | None:
    """Return the key that is printed so; None for none, and for a whole row of keys such as 1-9."""
    if len(shown) == 1:
        return events.Key(CHARACTERS.get(shown, shown), shown)
    for name, printed in KEY_NAMES.items():
        if shown and shown == _(printed):
            return events.Key(name, _NAMELESS.get(name))
    if len(shown) == 2 and shown[0] == "^":
        return events.Key(f"ctrl+{shown[1]}", None)
    return None


def wheel(lines: Lines, by: int) -> None:
    """Move the cursor as the wheel is turned."""
    move = getattr(lines.screen, "action_move", None) or getattr(lines.screen, "action_scroll", None)
    if move is not None:
        move(by)
