"""What the role of who sits here keeps him from, said before anything opens: he would have told a customer by then."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from agentdesk.desk import wording
from agentdesk.desk.actions import hints_of
from agentdesk.desk.actions.made import MADE
from agentdesk.desk.actions.places import PLACES
from agentdesk.domain.access import kept_from

if TYPE_CHECKING:
    from agentdesk.desk.actions import Action
    from agentdesk.desk.app import DeskApp
    from agentdesk.desk.models.rows import Row


def refusal(app: DeskApp, *kinds: str) -> str:
    """Return why the agent may do none of some kinds of operation; an empty text where he may do one, or none is named.

    Before the policy is loaded nothing is kept from anybody: the operation itself is asked again.
    """
    if app.catalogue is None or not kinds:
        return ""
    reasons = [kept_from(app.catalogue, app.settings.agent.role, kind) for kind in kinds]
    return "" if None in reasons else wording.say_all(tuple(filter(None, reasons[:1])), app.catalogue)


def may(app: DeskApp, *kinds: str) -> bool:
    """Tell whether the agent may do one of some kinds of operation."""
    return not refusal(app, *kinds)


def works(app: DeskApp, action: Action) -> bool:
    """Tell whether the agent's role lets him do what an action makes."""
    return may(app, *MADE.get(action.id, ()))


def hints(app: DeskApp, *names: str) -> Row:
    """Return the keys of those actions that the agent's role lets him do."""
    return hints_of(*(name for name in names if may(app, *MADE.get(name, ()))))


@cache
def _made_by(place: str) -> dict[str, tuple[str, ...]]:
    """Return what the calls of a place make."""
    actions = PLACES[place].actions if place in PLACES else ()
    return {action.does: MADE[action.id] for action in actions if action.id in MADE}


def refused_call(app: DeskApp, place: str, call: str) -> str:
    """Return why the agent may not do what a call of a place makes; an empty text where he may."""
    return refusal(app, *_made_by(place).get(call, ()))
