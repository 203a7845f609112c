"""The three-level trees of symptoms and causes, found by a part of a name, a code, or the initials of the sound."""

from __future__ import annotations

from agentdesk.desk import i18n
from agentdesk.desk.models.rows import safe
from agentdesk.domain.language.pinyin import initials
from agentdesk.domain.policy import Catalogue, ClassNode


def path_of(code: str, catalogue: Catalogue | None) -> str:
    """Return a class with all levels above it: fault > broadband > drops."""
    if catalogue is None:
        return safe(code)
    tree, parts = ("cause", code.split(".")[1:]) if code.startswith("cause.") else ("", code.split("."))
    names = []
    for end in range(1, len(parts) + 1):
        node = catalogue.classes.get(".".join([tree, *parts[:end]] if tree else parts[:end]))
        if node is not None:
            names.append(node.name.say(i18n.language()))
    return " > ".join(names) or safe(code)


def found(catalogue: Catalogue, tree: str, kind: str | None, typed: str, most: int = 8) -> tuple[ClassNode, ...]:
    """Return the finest classes of a tree that fit what is typed, those whose own name fits in front.

    Every word must fit the class or one of the levels above it: a part of the name in either language, of the code, or
    the beginning of the initials (`kddx` for 宽带掉线).
    """
    words = typed.lower().split()
    parents = {code.rpartition(".")[0] for code in catalogue.classes}
    fitting = []
    for node in catalogue.classes.values():
        if node.tree != tree or node.code in parents or (kind is not None and node.kind != kind):
            continue
        own = f"{node.name.zh} {node.name.en} {node.code}".lower()
        whole = f"{_levels(node, catalogue)} {own}".lower()
        sounds = initials(_levels(node, catalogue))
        if all(word in whole or word in sounds for word in words):
            fitting.append((not all(word in own for word in words), node))
    fitting.sort(key=lambda pair: pair[0])
    return tuple(node for _later, node in fitting[:most])


def _levels(node: ClassNode, catalogue: Catalogue) -> str:
    """Return the names of a class's levels in both languages, the Chinese ones together."""
    parts = node.code.split(".")
    above = [catalogue.classes.get(".".join(parts[:end])) for end in range(1, len(parts) + 1)]
    known = [one for one in above if one is not None]
    return "".join(one.name.zh for one in known) + " " + " ".join(one.name.en for one in known)
