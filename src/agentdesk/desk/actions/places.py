"""Places: every screen with all that can be done on it, its own and what works on all of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from textual.binding import BindingType

from agentdesk.desk.actions.action import ALWAYS, Action, bindings
from agentdesk.desk.actions.of_desk import DESK
from agentdesk.desk.actions.of_dialogs import COMMON as DIALOG
from agentdesk.desk.actions.of_dialogs import OWN as DIALOGS
from agentdesk.desk.actions.of_doors import DOORS
from agentdesk.desk.actions.of_pages import COMMON as PAGE
from agentdesk.desk.actions.of_pages import OWN as PAGES
from agentdesk.desk.i18n import N_


@dataclass(frozen=True, slots=True)
class Place:
    """A screen: its name, its title, and its actions; `states` where what works depends on the desk's."""

    name: str
    word: str
    own: tuple[Action, ...]
    common: tuple[Action, ...] = ()
    states: tuple[str, ...] = ()

    @property
    def actions(self) -> tuple[Action, ...]:
        """Return all that can be done there, what is its own first."""
        mine = {(key, action.does) for action in self.own for key in action.keys}
        rest = (action for action in self.common if (action.keys[0], action.does) not in mine)
        return (*self.own, *rest)


PLACES: Mapping[str, Place] = {
    place.name: place
    for place in (
        Place("desk", N_("the desk"), DESK, states=tuple(sorted(ALWAYS))),
        Place("page", N_("every page"), (), PAGE),
        Place("dialog", N_("every dialog"), (), DIALOG),
        *(Place(name, word, own, PAGE) for name, (word, own) in PAGES.items()),
        *(Place(name, word, own, DIALOG) for name, (word, own) in DIALOGS.items()),
        *(Place(name, word, own) for name, (word, own) in DOORS.items()),
    )
}
"""Every place by its name."""


def place_of(name: str) -> Place:
    """Return a place."""
    return PLACES[name]


@cache
def all_actions() -> Mapping[str, Action]:
    """Return every action by its id; what works in many places stands there once."""
    found: dict[str, Action] = {}
    for place in PLACES.values():
        for action in place.actions:
            found.setdefault(action.id, action)
    return found


def bindings_of(name: str) -> list[BindingType]:
    """Return the bindings of a place's own actions; what all of its kind do is bound where they come from."""
    place = PLACES[name]
    if not place.own:
        return [*bindings(place.common)]
    bound = {(key, action.does) for action in place.common for key in action.keys}
    return [*bindings(action for action in place.own if (action.keys[0], action.does) not in bound)]
