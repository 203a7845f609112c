"""Time as people say it: what is left, how late, how long ago, and the moment itself on demand."""

from __future__ import annotations

from agentdesk.desk.i18n import _, chinese, ngettext
from agentdesk.domain.times.zone import Zone, zone

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def place() -> Zone:
    """Return the zone of what is shown: deadlines are China's."""
    return zone("Asia/Shanghai")


def span(ms: int) -> str:
    """Return a length of time in its largest whole unit: `10 min`, `5 h`, `2 days`."""
    minutes = max(0, ms) // MINUTE_MS
    if minutes < 1:
        return _("< 1 min")
    if minutes < 120:
        return ngettext("{n} min", "{n} min", minutes).format(n=minutes)
    hours = minutes // 60
    if hours < 48:
        return ngettext("{n} h", "{n} h", hours).format(n=hours)
    days = hours // 24
    if days < 60:
        return ngettext("{n} day", "{n} days", days).format(n=days)
    months = days // 30
    if months < 24:
        return ngettext("{n} month", "{n} months", months).format(n=months)
    years = days // 365
    return ngettext("{n} year", "{n} years", years).format(n=years)


def left(due: int | None, at: int) -> tuple[str, bool]:
    """Return what is left of a deadline, and whether it has passed."""
    if due is None:
        return "", False
    if due < at:
        if at - due < MINUTE_MS:
            return _("just late"), True
        return _("{span} late").format(span=span(at - due)), True
    # a minute that has begun is still there
    return _("{span} left").format(span=span(-(-(due - at) // MINUTE_MS) * MINUTE_MS)), False


def ago(then: int, at: int) -> str:
    """Return how long ago something was."""
    if at - then < MINUTE_MS:
        return _("just now")
    return _("{span} ago").format(span=span(at - then))


def clock(at: int) -> str:
    """Return the time of day: 14:32."""
    minute = place().minute(at)
    return f"{minute // 60:02d}:{minute % 60:02d}"


def day(at: int) -> str:
    """Return a date: `11月23日`, `23 Nov`."""
    date = place().day(at)
    return f"{date.month}月{date.day}日" if chinese() else f"{date.day} {_MONTHS[date.month - 1]}"


def days_between(then: int, at: int) -> int:
    """Return how many calendar days lie between two instants."""
    return place().day(then).toordinal() - place().day(at).toordinal()


def moment(then: int, at: int) -> str:
    """Return a moment as it is spoken: today 14:42, tomorrow 09:00, 23 Nov 18:00."""
    days = days_between(then, at)
    if days == 0:
        return _("today {clock}").format(clock=clock(then))
    if days == 1:
        return _("tomorrow {clock}").format(clock=clock(then))
    if days == -1:
        return _("yesterday {clock}").format(clock=clock(then))
    return f"{day(then)} {clock(then)}"


def stopwatch(ms: int) -> str:
    """Return a running time: 00:42, 1:02:03."""
    seconds = max(0, ms) // 1000
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60:02d}:{rest % 60:02d}"
