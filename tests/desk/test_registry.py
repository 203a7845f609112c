"""Every screen's actions are in one registry: bindings, footers, help and the keymap are of one piece."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter

import pytest
from textual.binding import Binding
from textual.screen import Screen

import agentdesk.desk.screens as rooms
from agentdesk.desk import i18n
from agentdesk.desk.actions import PLACES, Place, bindings_of, hint_of, place_of
from agentdesk.desk.actions.action import RESERVED
from agentdesk.desk.models.help import groups_of, sheet
from agentdesk.desk.models.rows import text
from agentdesk.desk.screens.desk_keys import DeskKeys
from agentdesk.desk.screens.dialog import Dialog
from agentdesk.desk.screens.gate import Gate
from agentdesk.desk.screens.page import Page
from agentdesk.desk.widgets.layer import Layer

NEVER = {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m"}
"""Keys that a terminal can't tell from others."""


def screens() -> list[type[Screen[object]]]:
    """Return every screen of the desk."""
    for module in pkgutil.walk_packages(rooms.__path__, rooms.__name__ + "."):
        importlib.import_module(module.name)

    def below(kind: type) -> list[type]:
        children: list[type] = kind.__subclasses__()
        return [one for child in children for one in (child, *below(child))]

    found = {
        one
        for one in below(Screen)
        if one.__module__.startswith("agentdesk.") and one not in (Page, Dialog, Layer, DeskKeys, Gate)
    }
    return sorted(found, key=lambda one: one.__qualname__)


@pytest.mark.parametrize("screen", screens(), ids=lambda one: one.__name__)
def test_every_screen_is_a_place_and_does_what_the_registry_says_it_does(screen: type[Screen[object]]) -> None:
    place = place_of(screen.place)  # type: ignore[attr-defined]
    for action in place.actions:
        assert callable(getattr(screen, f"action_{action.does.partition('(')[0]}")), action.id


@pytest.mark.parametrize("screen", screens(), ids=lambda one: one.__name__)
def test_no_screen_has_keys_beside_the_registry(screen: type[Screen[object]]) -> None:
    place = place_of(screen.place)  # type: ignore[attr-defined]
    known = {key for action in place.actions for key in action.keys}
    own = [binding for kind in screen.__mro__ for binding in kind.__dict__.get("BINDINGS", ())
           if kind.__module__.startswith("agentdesk.")]  # fmt: skip
    assert {binding.key for binding in own} <= known


def test_every_place_has_a_screen() -> None:
    named = {screen.place for screen in screens()}  # type: ignore[attr-defined]
    assert set(PLACES) - {"page", "dialog"} <= named


@pytest.mark.parametrize("place", PLACES.values(), ids=lambda one: one.name)
def test_no_two_actions_of_a_place_share_a_key_where_both_work(place: Place) -> None:
    for state in place.states or (None,):
        keys = Counter(key for action in place.actions if state is None or state in action.where for key in action.keys)
        assert max(keys.values()) == 1, keys.most_common(1)
        assert not set(keys) & NEVER


def test_each_binding_has_an_id_and_its_help() -> None:
    for name in PLACES:
        found = [one for one in bindings_of(name) if isinstance(one, Binding)]
        assert len({binding.id for binding in found}) == len(found)
        assert all(binding.description for binding in found)


def test_an_id_means_one_thing_with_one_key_wherever_it_stands() -> None:
    known: dict[str, tuple[str, str, str]] = {}
    for place in PLACES.values():
        for action in place.actions:
            if action.id != "go":
                said = action.key, action.word, action.sentence
                assert known.setdefault(action.id, said) == said, action.id


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("place", PLACES.values(), ids=lambda one: one.name)
def test_the_help_of_every_place_fits_eighty_columns_and_names_all(place: Place, language: str) -> None:
    i18n.use(language)
    found = sheet(72, groups_of(place))
    assert Counter(found.actions) == Counter(place.actions)
    for action in place.actions:
        assert action.shown in text(hint_of(action.id)) or action.series


def test_what_means_the_same_everywhere_is_reserved() -> None:
    for key in ("enter", "escape", "up", "down", "ctrl+c", "ctrl+m"):
        assert key in RESERVED
