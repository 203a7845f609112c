"""Secrets are compared in one place, in a time that tells nothing, whatever characters somebody says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.comparing import same_secret

TEXTS = st.text(st.characters(), max_size=20)

HELPER = "domain/comparing.py"

SECRET = re.compile(r"(^|_)(token|secret|password|pin|proof|mac|seal|signature|verifier|answer_seal)(_hash|s)?$")
"""Names of what somebody may try to guess; digests and hashes of what is public aren't."""

ASKED = ("read_", "ask_", "getpass")


@given(TEXTS, TEXTS)
def test_it_is_equality(one: str, other: str) -> None:
    assert same_secret(one, one)
    assert same_secret(one, other) == (one == other)
    whole = one.encode("utf-8", "surrogatepass")
    assert same_secret(whole, one)


def named(node: ast.expr) -> str:
    """Return the last word of what an expression is called; of a call, of what is called."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(func=func):
            return named(func)
    return ""


def plain(node: ast.expr) -> bool:
    """Tell whether an expression is a constant, or what somebody is asked to type again: neither is known here."""
    if isinstance(node, ast.Call):
        return named(node).startswith(ASKED)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Tuple) and all(map(plain, node.elts)))


def compared(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield where secrets are compared by operators, or by another function than the one for it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            operators = any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)
            if operators and not any(map(plain, sides)) and any(SECRET.search(named(side)) for side in sides):
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Call) and named(node) == "compare_digest":
            yield node.lineno, ast.unparse(node)


def test_what_the_walk_finds() -> None:
    found = {
        "token == known": 1,
        "row['pin'] != said": 1,
        "site.token_hash == hash_": 1,
        "seal(x) == y": 1,
        "hmac.compare_digest(a, b)": 1,
        "token == ''": 0,
        "token is None": 0,
        "getpass.getpass('once more: ') != password": 0,
        "same_secret(token, known)": 0,
        "seq == other.seq": 0,
    }
    assert {text: len(list(compared(ast.parse(text)))) for text in found} == found


def test_secrets_are_compared_by_the_one_helper_alone(repository: Path) -> None:
    source = repository / "src" / "agentdesk"
    wrong = [
        f"{path.relative_to(source)}:{line}: {text}"
        for path in sorted(source.rglob("*.py"))
        if path.relative_to(source).as_posix() != HELPER
        for line, text in compared(ast.parse(path.read_text("utf-8")))
    ]
    assert wrong == []
