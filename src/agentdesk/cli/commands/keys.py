"""`agentdesk keys`: every key of the desk, as a keymap has it; and what is wrong with a keymap."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.cli.errors import CommandError
from agentdesk.cli.options import add_data, add_json, add_language, data_folder, speak
from agentdesk.cli.output import say, say_json

if TYPE_CHECKING:
    from agentdesk.desk.actions import Place
    from agentdesk.desk.actions.keymap import Keymap


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk keys`."""
    parser.add_argument("place", metavar="PLACE", nargs="?", help="only those of one screen, such as desk or ticket")
    parser.add_argument("--check", metavar="FILE", type=Path, help="say what is wrong with a keymap, and nothing else")
    parser.add_argument("--keymap", metavar="FILE", type=Path, help="as they are with this keymap [the site's]")
    add_json(parser)
    add_data(parser)
    add_language(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the keys, or check a keymap; a mistake in one is an error with file and line."""
    from agentdesk.desk.actions import PLACES, keymap
    from agentdesk.desk.personal.choices import KEYMAP

    speak(arguments)
    if arguments.check is not None:
        found = load_keymap(arguments.check)
        if arguments.json:
            say_json({"ok": True, "moved": {name: list(keys) for name, keys in found.moved.items()}})
        else:
            say([f"{arguments.check}: {len(found.moved)} actions moved, no key is taken twice"])
        return 0
    path = arguments.keymap
    if path is None and (usual := data_folder(arguments) / KEYMAP).is_file():
        path = usual
    keymap.use(load_keymap(path) if path is not None else None)
    if arguments.place is not None and arguments.place not in PLACES:
        raise CommandError(f"there is no screen {arguments.place!r}: give one of {', '.join(sorted(PLACES))}")
    places = [place for name, place in PLACES.items() if arguments.place in (None, name)]
    if arguments.json:
        say_json({"places": {place.name: _listed(place) for place in places}})
        return 0
    for place in places:
        say(_lines(place, whole=arguments.place is not None))
    return 0


def load_keymap(path: Path) -> Keymap:
    """Return the keymap of a file; raises CommandError with its first mistake."""
    from agentdesk.desk.actions.keymap import KeymapError, parse

    try:
        return parse(path.read_text("utf-8-sig"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"the keymap can't be read from {path}: {error}") from None
    except KeymapError as error:
        raise CommandError(str(error)) from None


def _listed(place: Place) -> list[dict[str, object]]:
    from agentdesk.desk.actions import keymap
    from agentdesk.desk.i18n import _

    return [
        {
            "id": action.id,
            "keys": list(keymap.current().keys(action)),
            "help": _(action.sentence),
            "fixed": action.fixed,
        }
        for action in place.actions
    ]


def _lines(place: Place, whole: bool) -> Iterator[str]:
    """Say a place's own actions, and all of them where it alone was asked for."""
    from agentdesk.desk import glyphs
    from agentdesk.desk.i18n import _

    yield f"{_(place.word)} ({place.name})"
    for action in place.actions if whole or place.name in ("page", "dialog") else place.own:
        gap = " " * max(1, 11 - glyphs.width(action.shown))
        yield f"  {action.shown}{gap}{action.id:<26} {_(action.sentence)}"
    yield ""
