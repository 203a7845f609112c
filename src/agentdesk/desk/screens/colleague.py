"""Whom to hand work over to: a colleague, found by a part of the name or the staff number."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TYPE_CHECKING

from agentdesk.desk import terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import row, safe
from agentdesk.desk.queries import promises as queries_promises
from agentdesk.desk.screens.ask import Pick, PickDialog

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp


async def pick_colleague(
    desk: DeskApp, owner: str | None, then: Callable[[str | None], None], roles: Container[str] | None = None
) -> None:
    """Ask for a colleague other than who has the work; `then` gets his id, or None where nobody was chosen.

    `roles` are those that may have it. Whoever does the same work in the same team stands first.
    """
    people = await desk.backend.run(lambda site: queries_promises.colleagues(site, owner))

    def find(typed: str) -> list[Pick[str]]:
        words = typed.lower().split()
        found = []
        for one in people:
            role = terms.term(terms.ROLES, one.data.get("role"))
            name = safe(one.data.get("name") or "", 24)
            fits = roles is None or one.data.get("role") in roles
            if fits and one.id != owner and all(word in f"{one.id} {name} {role}".lower() for word in words):
                found.append(Pick(row(name, "  ", (role, "quiet"), "  ", (safe(one.id, 16), "quiet")), one.id))
        return found[:8]

    desk.push_screen(PickDialog(_("to whom? type a name, a number or a role"), find), then)
