"""What can be done at a closed door: before signing in, and on the lock over the desk. Nothing else works there."""

from __future__ import annotations

from agentdesk.desk.actions.action import Action
from agentdesk.desk.i18n import N_

LOCK = Action("lock", "ctrl+l", N_("lock"), N_("lock the desk: drafts, contacts and calls stay as they are"))
"""Works on every screen of the desk; on the desk itself in each of its states."""

DOORS: dict[str, tuple[str, tuple[Action, ...]]] = {
    "sign_in": (
        N_("sign in"),
        (
            Action("sign_in.go", "enter", N_("continue"), call="go"),
            Action("sign_in.back", "escape", N_("other number"), call="back"),
            Action("sign_in.leave", "ctrl+q", N_("leave"), call="leave"),
        ),
    ),
    "locked": (
        N_("locked"),
        (
            Action("locked.go", "enter", N_("unlock"), call="go"),
            Action(
                "locked.other", "tab", N_("change of agent"), N_("let a colleague take over this desk"), call="other"
            ),
            Action("locked.pin", "f2", N_("by PIN"), N_("unlock by PIN instead of the password"), call="pin"),
            Action("locked.back", "escape", N_("back"), call="back"),
        ),
    ),
}
"""Places of their own: no palette, no help and no keys of the desk reach through them."""
