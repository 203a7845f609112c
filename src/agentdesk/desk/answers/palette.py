"""What can be done on a screen: all of it with its keys at one look, or found by its name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Protocol

from agentdesk.desk.actions import ANYWHERE, DESK, Action, Place, place_of
from agentdesk.desk.answers import roles

if TYPE_CHECKING:
    from agentdesk.desk.app import DeskApp
    from agentdesk.desk.screens.dialog import Dialog

OF_DESK = "desk."
"""How the ids and the calls of what the desk does begin where they are listed on a page."""

OPENED_BY = {"customer": "rights", "flows": "knowledge", "group": "announcements"}
"""Pages that aren't called as what opens them is."""


class Placed(Protocol):
    """A screen whose actions are in the registry."""

    place: ClassVar[str]

    def works(self, action: Action) -> bool:
        """Tell whether an action can be done now."""

    async def run_action(self, action: str) -> None:
        """Do an action by its call."""


def all_keys(app: DeskApp, screen: Placed) -> None:
    """Show all keys of a screen; each can be done from there."""
    from agentdesk.desk.screens.keys import KeysScreen

    def works(action: Action) -> bool:
        return screen.works(action) and roles.works(app, action)

    _ask(app, screen, KeysScreen(_place(app, screen), works))


def by_name(app: DeskApp, screen: Placed) -> None:
    """Ask for an action by its name; from a page also for what the desk can do without going back to it."""
    from agentdesk.desk.screens.help import HelpScreen
    from agentdesk.desk.screens.page import Page

    place = _place(app, screen)
    known: dict[str, Action] = {}
    if isinstance(screen, Page):
        found = (*DESK, *app.manner.macro_actions())
        known = {f"{OF_DESK}{one.id}": one for one in found if _makes_sense(one, place)}
        place = replace(place, common=(*place.common, *(_without_key(one) for one in known.values())))

    def works(action: Action) -> bool:
        desk = known.get(action.id)
        now = screen.works(action) if desk is None else app.desk_screen.works(desk)
        return now and roles.works(app, desk or action)

    _ask(app, screen, HelpScreen(place, works))


def _place(app: DeskApp, screen: Placed) -> Place:
    """Return the place of a screen; macros are done at the desk itself."""
    place = place_of(screen.place)
    return replace(place, own=(*place.own, *app.manner.macro_actions())) if place.name == "desk" else place


def _makes_sense(action: Action, place: Place) -> bool:
    """Tell whether something that the desk does can be begun from a page: not what the page itself is."""
    return (action.id in ANYWHERE or action.macro) and action.id != OPENED_BY.get(place.name, place.name)


def _without_key(action: Action) -> Action:
    """Return an action of the desk as a page lists it: its key means something else there, or nothing."""
    return replace(action, id=f"{OF_DESK}{action.id}", key="", call=f"{OF_DESK}{action.does}")


def _ask(app: DeskApp, screen: Placed, dialog: Dialog[str]) -> None:
    from agentdesk.desk.screens.keys import PALETTE

    def act(call: str | None) -> None:
        if call == PALETTE:
            by_name(app, screen)
        elif call and call.startswith(OF_DESK):
            app.call_later(app.desk_screen.run_action, call.removeprefix(OF_DESK))
        elif call:
            app.call_later(screen.run_action, call)

    app.push_screen(dialog, act)
