"""Faults of the program told without what they were about: an exception's text may hold a customer's data.

What is told is where it happened and of what class it was, file by file; never a message, a value or a local name's
content (DOMAIN rule 9).
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator

OWN = "agentdesk"
DEEPEST = 60
"""Frames of one exception that are told: more than that is one that called itself."""


def place_of(error: BaseException) -> str:
    """Return an exception's class and the place in this program where it came up: `ValueError (flow.py:120)`."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if f"/{OWN}/" in frame.filename] or frames
    if not own:
        return type(error).__name__
    return f"{type(error).__name__} ({own[-1].filename.rpartition('/')[2]}:{own[-1].lineno})"


def told(error: BaseException) -> Iterator[str]:
    """Yield the lines of an exception and of what it came from: classes, files, lines and functions."""
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield f"{type(at).__module__}.{type(at).__qualname__}"
        for frame in traceback.extract_tb(at.__traceback__)[-DEEPEST:]:
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
