"""Text from a telephone network: strangers type it, so it is cut and cleaned before anyone keeps it."""

from __future__ import annotations

from agentdesk.domain.language import text

NUMBER_CHARS = 64
"""Longest number kept, in characters; E.164 needs 15."""

NAME_CHARS = 120
"""Longest name, reason, queue or path kept, in characters."""


def clean(value: object, limit: int = NAME_CHARS) -> str | None:
    """A value as one short line, cleaned as all texts from outside are; None when nothing is left.

    Markup such as ``[red]`` is ordinary text here: whoever paints it builds plain segments.
    """
    if not isinstance(value, str):
        return None
    return " ".join(text.clean(value, limit).split())[:limit].rstrip() or None
