"""What an agent chose on the settings screen, kept in a small TOML file of his own beside the site's files.

    language = "zh-CN"
    theme = "light"
    keymap = "keymap.toml"     # relative to the site's folder

What isn't there is as the command line, `site.toml` and the terminal say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from agentdesk.desk.i18n import LANGUAGES, N_
from agentdesk.store.small_files import write_whole

FOLDER = "agents"
KEYMAP = "keymap.toml"
"""The keymap of a site where an agent has none of his own."""

VALUES: Mapping[str, tuple[str, ...]] = {
    "language": LANGUAGES,
    "theme": ("dark", "light", "contrast", "ansi"),
    "ambiguous": ("auto", "narrow", "wide"),
    "bell": ("all", "ring", "late", "off"),
    "ring": ("once", "repeat"),
}
"""What may be chosen, the usual first."""

WORDS: Mapping[str, str] = {
    "language": N_("language"),
    "theme": N_("theme"),
    "ambiguous": N_("signs of two widths"),
    "bell": N_("bell"),
    "ring": N_("a call that rings"),
    "keymap": N_("keymap"),
}
"""What each setting is called."""

NAMES: Mapping[str, str] = {
    "zh-CN": "简体中文",
    "zh-TW": "繁體中文",
    "en": "English",
    "dark": N_("dark"),
    "light": N_("light"),
    "contrast": N_("high contrast"),
    "ansi": N_("the terminal's own colours"),
    "auto": N_("as the terminal answers, at the next start"),
    "narrow": N_("one cell"),
    "wide": N_("two cells, as terminals set up for Chinese have it"),
    "all": N_("when a call rings, and when something of yours is late"),
    "ring": N_("when a call rings"),
    "late": N_("when something of yours is late"),
    "off": N_("never"),
    "once": N_("the bell once"),
    "repeat": N_("the bell until you answer"),
}
"""What each value is called."""


@dataclass(frozen=True, slots=True)
class Choices:
    """An agent's settings; an empty one is the machine's."""

    language: str = ""
    theme: str = ""
    ambiguous: str = ""
    bell: str = ""
    ring: str = ""
    keymap: str = ""


NONE = Choices()
"""What an agent has who chose nothing."""


class ChoicesError(Exception):
    """A file of settings that can't be read: one line with the file, and what to do."""


def path_of(folder: Path, agent: str) -> Path:
    """Return where an agent's settings are kept."""
    return folder / FOLDER / (re.sub(r"[^A-Za-z0-9._-]", "_", agent or "nobody").lstrip(".") + ".toml")


def read(path: Path) -> Choices:
    """Return what a file says, all as usual where there is none; raises ChoicesError with its first mistake."""
    from agentdesk.domain.language.forms import toml_of

    try:
        table = toml_of(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return Choices()
    except (OSError, UnicodeDecodeError) as error:
        raise ChoicesError(f"{path} can't be read: {error}") from None
    except ValueError as error:
        raise ChoicesError(f"{path} is not TOML: {error}; correct it or delete the file") from None
    known = {field.name for field in fields(Choices)}
    for name, value in table.items():
        _check(path, name, value, known)
    return Choices(**table)


def _check(path: Path, name: str, value: Any, known: set[str]) -> None:
    if name not in known:
        raise ChoicesError(f"{path}: {name!r} is no setting: remove it (there are {', '.join(sorted(known))})")
    if not isinstance(value, str) or (name in VALUES and value not in VALUES[name]):
        given = " or ".join(f'"{one}"' for one in VALUES.get(name, ("FILE",)))
        raise ChoicesError(f"{path}: {name} can't be {value!r}: give {given}")


def write(path: Path, choices: Choices) -> None:
    """Keep settings; the file appears whole or not at all."""
    given = {field.name: getattr(choices, field.name) for field in fields(Choices)}
    lines = ["# Written by the settings screen of the desk."]
    lines += [f"{name} = {_quoted(value)}" for name, value in given.items() if value]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, "\n".join(lines) + "\n")


def _quoted(value: str) -> str:
    # the escapes of JSON are among TOML's, but for DEL
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def keymap_path(folder: Path, choices: Choices) -> Path | None:
    """Return where the keymap stands: the agent's own, or the site's; None where there is none."""
    if choices.keymap:
        return folder / Path(choices.keymap).expanduser()
    usual = folder / KEYMAP
    return usual if usual.is_file() else None
