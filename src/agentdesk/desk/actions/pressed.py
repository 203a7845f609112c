"""A key as it comes from the terminal, and the one that a screen's binding knows it by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual import events

from agentdesk.desk.actions import keymap
from agentdesk.desk.actions.footer import key_name, plain_key
from agentdesk.desk.actions.places import place_of
from agentdesk.desk.models.rows import Row, Span

if TYPE_CHECKING:
    from textual.dom import DOMNode

TONES = frozenset({"key", "next"})
"""The tones that keys are printed in."""


def plain(event: events.Key, typing: bool) -> events.Key:
    """Return a full-width key as its plain twin; while somebody types into a field it stays what it is."""
    twin = None if typing else plain_key(event.character)
    return event if twin is None else events.Key(key_name(twin), twin)


def macro_of(event: events.Key, screen: DOMNode | None) -> str:
    """Return the macro that a key does on a screen, or an empty text."""
    return keymap.current().macro(getattr(screen, "place", ""), event.key, getattr(screen, "state", None))


def meant(event: events.Key, screen: DOMNode | None, typing: bool) -> events.Key | None:
    """Return the key that was meant: a moved one as what it stands for now; None where it means nothing any more.

    While somebody types into a field its letters are letters.
    """
    name = getattr(screen, "place", None)
    if not keymap.current().moved or name is None or (typing and event.is_printable):
        return event
    state = getattr(screen, "state", None) if place_of(name).states else None
    key = keymap.current().meant(name, event.key, state)
    if key == keymap.NOTHING:
        return None
    return event if key == event.key else events.Key(key, key if len(key) == 1 else None)


def printed(rows: Iterable[Row], screen: DOMNode | None) -> tuple[Row, ...]:
    """Return lines with each key as it is now: what stands there by its old name is printed anew."""
    name = getattr(screen, "place", None)
    if not keymap.current().moved or name is None:
        return tuple(rows)
    return tuple(tuple(_span(span, name) for span in line) for line in rows)


_SAID = re.compile(r"(按 ?|\bpress |\bwith )([^\s\w]|\w|Tab|\^\w)(?=$|[\s，。；、,.;:：)）])")
"""How sentences name a key: `press v`, `先按 v`."""


def _sentence(text: str, place: str) -> str:
    """Return a sentence with the key that it names as it is now: the screen's own, or else the desk's."""

    def now(found: re.Match[str]) -> str:
        own = keymap.current().printed(place, found[2])
        return found[1] + (own if own != found[2] else keymap.current().printed("desk", found[2]))

    return _SAID.sub(now, text)


def _span(span: Span, place: str) -> Span:
    if span.tone not in TONES:
        said = _sentence(span.text, place)
        return span if said == span.text else Span(said, span.tone)
    bare = span.text.strip()
    now = keymap.current().printed(place, bare)
    return span if now == bare else Span(span.text.replace(bare, now), span.tone)
