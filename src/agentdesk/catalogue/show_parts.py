"""The small parts of what `agentdesk catalogue show` prints: limits, conditions, columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentdesk.domain.language.text import cells
from agentdesk.domain.policy import TIERS, Condition, Tier
from agentdesk.domain.times.calendar import Limit

_UNITS = {"zh": (" 天", " 小时", " 分钟"), "en": (" d", " h", " min")}


def limit_text(limit: Limit, language: str = "zh") -> str:
    """Return a time limit in words, working time with its calendar: `36 h`, `2 h (field)`."""
    text = _amount(limit, language)
    return text if limit.unit == "natural" else f"{text} ({limit.calendar})"


def _amount(limit: Limit, language: str) -> str:
    names = _UNITS["zh" if language.startswith("zh") else "en"]
    # people say 36 hours and 90 minutes, but 5 days
    days, rest = divmod(limit.amount, 1440) if limit.unit == "natural" and limit.amount > 4320 else (0, limit.amount)
    hours, minutes = divmod(rest, 60) if rest > 90 or not rest % 60 else (0, rest)
    parts = [f"{n}{name}" for n, name in zip((days, hours, minutes), names, strict=True) if n]
    return " ".join(parts) or f"0{names[2]}"


def limits_text(by_tier: Mapping[Tier, Limit], language: str) -> str:
    """Return the limits by tier, with their calendar once: `2 h / 1 h / 30 min (daytime)`."""
    limits = [by_tier[tier] for tier in TIERS]
    calendars = {limit.calendar for limit in limits}
    shared = calendars.pop() if len(calendars) == 1 else ""
    texts = [_amount(limit, language) if shared else limit_text(limit, language) for limit in limits]
    text = " / ".join(texts[:1] if len(set(texts)) == 1 else texts)
    return f"{text} ({shared})" if shared else text


def condition_text(condition: Condition) -> str:
    """Return a condition as it stands in the file: `stopped reasons=arrears`."""
    args = (f"{name}={_argument(value)}" for name, value in condition.args.items())
    return " ".join((condition.name, *args))


def _argument(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, dict):
        return ",".join(f"{key}:{item}" for key, item in value.items())
    return str(value)


def rows(lines: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows with their columns below each other, however wide the characters are."""
    widths = [max(cells(row[column]) for row in lines) for column in range(len(lines[0]))]
    return [
        "  ".join(text + " " * (width - cells(text)) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in lines
    ]
