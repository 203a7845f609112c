"""One thing that can be done: its id, its keys, its words, and where it works."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding

from agentdesk.desk.i18n import N_, _

IDLE, RINGING, CALL, AFTER = "idle", "ringing", "call", "after"
CONTACT = frozenset({RINGING, CALL, AFTER})
ALWAYS = frozenset({IDLE, RINGING, CALL, AFTER})
TALKING = frozenset({CALL, AFTER})

DIGITS = "123456789"
MACRO = "macro."
"""How the ids of an agent's macros begin."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: its keys with commas between, the word in the footer, and its help.

    `where` are the states of the desk that it works in; on any other screen the screen itself knows. `call` is the
    method of the screen, the last part of the id where nothing else is said; `{key}` and `{index}` in it stand for
    one of `series`: keys that are printed beside lines, and so can't be moved.
    """

    id: str
    key: str
    word: str
    help: str = ""
    where: frozenset[str] = frozenset()
    call: str = ""
    series: str = ""
    priority: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys that it has where no keymap moves it."""
        return tuple(self.series) or tuple(self.key.split(","))

    @property
    def does(self) -> str:
        """Return what is called."""
        return self.call or self.id.rpartition(".")[2]

    @property
    def sentence(self) -> str:
        """Return what the help says of it."""
        return self.help or self.word

    @property
    def fixed(self) -> bool:
        """Tell whether it can't be moved: its keys are printed beside lines, or mean the same everywhere."""
        return bool(self.series) or all(key in RESERVED for key in self.keys)

    @property
    def macro(self) -> bool:
        """Tell whether it is one of an agent's macros."""
        return self.id.startswith(MACRO)

    @property
    def shown(self) -> str:
        """Return the key as it is printed: where a keymap has moved it, the one that it has now."""
        from agentdesk.desk.actions import keymap

        if self.series:
            return named(self.key)
        return named(keymap.current().keys(self)[0])


KEY_NAMES = {
    "enter": "Enter",
    "escape": "Esc",
    "slash": "/",
    "question_mark": "?",
    "semicolon": ";",
    "comma": ",",
    "full_stop": ".",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "apostrophe": "'",
    "tab": "Tab",
    "shift+tab": "Shift-Tab",
    "backspace": "Backspace",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "up": "Up",
    "down": "Down",
    "left": "<-",
    "right": "->",
    "space": N_("Space"),
    **{f"f{number}": f"F{number}" for number in range(1, 13)},
}
"""Keys that are printed otherwise than they are called."""

RESERVED = frozenset(
    {"enter", "escape", "up", "down", "pageup", "pagedown", "home", "end", "backspace", "delete"}
    | {f"ctrl+{letter}" for letter in "chijmqsvxz"}
)
"""Keys that mean the same everywhere, that fields need, or that terminals take for themselves or for others."""


def named(key: str) -> str:
    """Return a key as it is printed."""
    known = KEY_NAMES.get(key)
    if known is not None:
        return _(known)
    return key.replace("ctrl+", "^")


CHARACTERS = {"/": "slash", "?": "question_mark", ";": "semicolon", ",": "comma", ".": "full_stop", "+": "plus",
              "-": "minus", "=": "equals_sign", "'": "apostrophe", " ": "space"}  # fmt: skip
"""What keys are called whose characters are no names."""


def bindings(actions: Iterable[Action]) -> list[Binding]:
    """Return the bindings of actions, each with its id; a keymap moves keys before they reach a binding."""
    result = []
    for action in actions:
        for index, key in enumerate(action.keys):
            call = action.does
            if action.series:
                call = call.format(key=key, index=index)
            name = action.id if len(action.keys) == 1 else f"{action.id}.{key}"
            result.append(Binding(key, call, action.sentence, show=False, id=name, priority=action.priority))
    return result
