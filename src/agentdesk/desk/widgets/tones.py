"""The colours of tones, taken from the theme in Python: a style sheet would cost a node for each tone and widget."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rich.style import Style
from textual.theme import Theme


def tones(theme: Theme) -> Mapping[str, Style]:
    """Return the style of each tone, and of the line under the cursor (`selected`), in a theme."""
    if theme.ansi:
        return TERMINAL
    return _tones(theme.name, *(theme.variables.get(name) for name in _OWN), *_basic(theme))


TERMINAL: Mapping[str, Style] = {
    "": Style.null(),
    "quiet": Style(dim=True),
    "strong": Style(bold=True),
    "accent": Style(color="cyan", bold=True),
    "key": Style(color="cyan", bold=True),
    "next": Style(color="cyan", bold=True, reverse=True),
    "late": Style(color="red", bold=True),
    "warn": Style(color="yellow"),
    "good": Style(color="green"),
    "say": Style(bold=True, underline=True),
    "mark": Style(color="magenta", bold=True),
    "tier-standard": Style(reverse=True),
    "tier-vip": Style(color="yellow", bold=True, reverse=True),
    "tier-diamond": Style(color="blue", bold=True, reverse=True),
    "selected": Style(reverse=True),
}
"""The tones in the terminal's own colours."""

_OWN = (
    "quiet",
    "strong",
    "say",
    "selected",
    "diamond",
    "on-diamond",
    "vip",
    "on-vip",
    "ordinary",
    "on-ordinary",
    "mark",
)


def _basic(theme: Theme) -> tuple[str | None, ...]:
    return theme.accent, theme.background, theme.error, theme.warning, theme.success


@lru_cache(maxsize=8)
def _tones(
    _name: str,
    quiet: str | None,
    strong: str | None,
    say: str | None,
    selected: str | None,
    diamond: str | None,
    on_diamond: str | None,
    vip: str | None,
    on_vip: str | None,
    ordinary: str | None,
    on_ordinary: str | None,
    mark: str | None,
    accent: str | None,
    background: str | None,
    error: str | None,
    warning: str | None,
    success: str | None,
) -> Mapping[str, Style]:
    return {
        "": Style.null(),
        "quiet": Style(color=quiet),
        "strong": Style(color=strong, bold=True),
        "accent": Style(color=accent, bold=True),
        "key": Style(color=accent, bold=True),
        "next": Style(color=background, bgcolor=accent, bold=True),
        "late": Style(color=error, bold=True),
        "warn": Style(color=warning),
        "good": Style(color=success),
        "say": Style(color=say, bold=True),
        "mark": Style(color=mark, bold=True),
        "tier-standard": Style(color=on_ordinary, bgcolor=ordinary),
        "tier-vip": Style(color=on_vip, bgcolor=vip, bold=True),
        "tier-diamond": Style(color=on_diamond, bgcolor=diamond, bold=True),
        "selected": Style(bgcolor=selected),
    }
