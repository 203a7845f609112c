"""JSON and TOML from outside: read whatever it is, or refused in one way.

Python's readers stop at what is nested too deeply, and at figures of thousands of digits, with errors of other kinds
than for a missing bracket. TOML nests without end in one dotted key, too.
"""

from __future__ import annotations

import json
import re
from typing import Any

DEEPEST = 64
"""How deep tables and lists may nest; nothing of ours comes near."""

LONGEST_TOML = 1 << 22
"""Characters of a file; a large catalogue has a fiftieth of that."""

_NAME = "(?:[A-Za-z0-9_-]++|\"[^\"\n]*+\"|'[^'\n]*+')"
# the reader takes a time for a dotted key that rises with the square of its dots
_MANY_DOTS = re.compile(rf"(?:^|[{{,\[])[ \t]*+(?:{_NAME}[ \t]*+\.[ \t]*+){{{DEEPEST}}}", re.MULTILINE)


def json_of(text: str | bytes, deepest: int | None = None) -> Any:
    """Return the value of a JSON text, nested no deeper than `deepest` if that is given; raises ValueError."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if deepest is not None and _depth(value, deepest) > deepest:
        raise ValueError("it is nested too deeply")
    return value


def toml_of(text: str) -> dict[str, Any]:
    """Return the table that a TOML text is; raises ValueError, which says the line where there is one."""
    import tomllib

    if len(text) > LONGEST_TOML:
        raise ValueError(f"it is longer than {LONGEST_TOML} characters")
    if _MANY_DOTS.search(text):
        raise ValueError("it is nested too deeply")
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if _depth(table, DEEPEST) > DEEPEST:
        raise ValueError("it is nested too deeply")
    return table


def _depth(value: Any, most: int) -> int:
    """Return how deep a value nests, or that it is more than `most`; what is deep is walked level by level."""
    depth, level = 0, [value]
    while depth <= most:
        level = [one for one in level if isinstance(one, dict | list)]
        if not level:
            break
        depth += 1
        level = [item for one in level for item in (one.values() if isinstance(one, dict) else one)]
    return depth
