"""Keys as they are printed: in the footer of the desk, and in the hints of every other screen."""

from __future__ import annotations

from agentdesk.desk.actions.action import CHARACTERS
from agentdesk.desk.actions.of_desk import DESK, FOOT
from agentdesk.desk.actions.places import all_actions
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import EMPTY, Row, cut, hint, joined, row, width
from agentdesk.domain.language.text import fold_width


def footer(state: str, cells: int, skip: frozenset[str] = frozenset()) -> Row:
    """Return the keys that matter now, the likeliest first, as many as fit in whole words; the help is always there."""
    known = {action.id: action for action in DESK}
    tail = hint(known["help"].shown, _(known["help"].word))
    line: Row = EMPTY
    for action in (known[name] for name in FOOT[state].split() if name not in skip):
        more = joined([line, hint(action.shown, _(action.word))])
        if width(joined([more, tail])) > cells - 2:
            break
        line = more
    return cut(row(" ", joined([line, tail])), cells)


def key(name: str) -> str:
    """Return the key of an action as it is printed now."""
    return all_actions()[name].shown


def hint_of(name: str, word: str = "") -> Row:
    """Return an action's key and what it does; `word` where it does something special now."""
    action = all_actions()[name]
    return hint(action.shown, word or _(action.word))


def hints_of(*names: str) -> Row:
    """Return several actions' keys and what they do in one line."""
    return joined([hint_of(name) for name in names])


_SIGNS = {"、": "/", "。": "."}
"""What an input method makes of signs that are keys."""


def plain_key(character: str | None) -> str | None:
    """Return the plain twin of a full-width character typed with the input method on, or None."""
    if not character or len(character) != 1 or character.isascii():
        return None
    folded = fold_width(character)
    if folded in _SIGNS:
        return _SIGNS[folded]
    return folded if folded.isascii() else None


def key_name(character: str) -> str:
    """Return what the key of a plain character is called."""
    return CHARACTERS.get(character, character)
