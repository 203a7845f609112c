"""Reading until when something waits, as agents type it: `4h`, `2d`, `18:00`, `30m`, with words behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agentdesk.desk.i18n import _
from agentdesk.desk.models.times import DAY_MS, HOUR_MS, MINUTE_MS, place
from agentdesk.domain.language.text import fold_width

_SPAN = re.compile(r"([0-9]{1,3})(m|h|d|分钟|分|小时|时|天)", re.IGNORECASE)
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_UNITS = {"m": MINUTE_MS, "分": MINUTE_MS, "h": HOUR_MS, "小": HOUR_MS, "时": HOUR_MS, "d": DAY_MS, "天": DAY_MS}


@dataclass(frozen=True, slots=True)
class Until:
    """A moment, ms UTC, and what was typed behind it."""

    at: int
    words: str = ""


def read_until(typed: str, now: int) -> Until | str:
    """Return the moment that somebody typed, counted from now; or what is wrong with it.

    A time of day is the next one: 18:00 at seven in the evening is tomorrow's.
    """
    first, _space, rest = fold_width(typed.strip()).partition(" ")
    span = _SPAN.fullmatch(first)
    if span is not None:
        return Until(now + int(span[1]) * _UNITS[span[2][0].lower()], rest.strip())
    clock = _CLOCK.fullmatch(first)
    if clock is not None:
        minute = int(clock[1]) * 60 + int(clock[2])
        day = place().day(now)
        at = place().instant(day, minute)
        if at <= now:
            at = place().instant(day.fromordinal(day.toordinal() + 1), minute)
        return Until(at, rest.strip())
    return _("say until when first: 4h, 2d or 18:00")


def progress(words: str, at: int) -> dict[str, object]:
    """Return what was typed of how far a promise is: `stage; who comes; 18:30 what there is to say`."""
    parts = [part.strip() for part in words.replace("；", ";").split(";")]
    if len(parts) == 1:
        return {"text": words}
    body: dict[str, object] = {"stage": parts[0]} if parts[0] else {}
    if len(parts) > 2 and parts[1]:
        body["engineer"] = parts[1]
    until, text = read_until(parts[-1], at), parts[-1]
    if isinstance(until, Until):
        body["eta"] = until.at
        text = until.words
    return body | {"text": text.strip() or parts[0] or words}
