"""When an operation was made, seen from the centre: a site's wall clock may be wrong (DOMAIN rule 6).

The monotonic clock of the machine is trusted inside one boot, as nobody can set it; across boots the wall
clock less its last known error; and nothing outside what is certain: after the site was last heard, before it
is heard now. The deadline that was spoken to a customer stands, whatever is estimated here.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

TOLERANCE_MS = 120_000
"""A wall clock that is further off than two minutes marks the instant."""

Source = Literal["monotonic", "wall", "clamped"]


class ClockReading(NamedTuple):
    """A machine's clocks at one moment, all ms.

    `boot` names the boot inside which `mono_ms` counts; `offset_ms` is the last known error of the wall clock
    (wall less the centre's time), None if the two were never compared.
    """

    wall_ms: int
    mono_ms: int
    boot: str
    offset_ms: int | None = None


class Instant(NamedTuple):
    """An estimated instant, ms UTC, where it comes from, and whether somebody should look at it.

    `marked` is set where the estimate had to be clamped, or where the site's wall clock was more than two
    minutes off it.
    """

    at_ms: int
    source: Source
    marked: bool


def estimate(reading: ClockReading, sent: ClockReading, received_ms: int, last_contact_ms: int) -> Instant:
    """Return the instant at which an operation was made.

    `reading` are the site's clocks when it was made, `sent` when the batch that brought it left;
    `received_ms` and `last_contact_ms` are the centre's own time: now, and a moment before which it can't have been
    made (where there is none: 0). The result never lies outside the two.
    """
    earliest = min(last_contact_ms, received_ms)
    since = sent.mono_ms - reading.mono_ms
    source: Source
    if reading.boot and reading.boot == sent.boot and since >= 0:
        guess, source = received_ms - since, "monotonic"
    else:
        # With no known error, the error that the same wall clock shows on arrival is the best there is.
        offset = sent.wall_ms - received_ms if reading.offset_ms is None else reading.offset_ms
        guess, source = reading.wall_ms - offset, "wall"
    at_ms = min(max(guess, earliest), received_ms)
    clamped = at_ms != guess
    marked = clamped or abs(reading.wall_ms - at_ms) > TOLERANCE_MS
    return Instant(at_ms, "clamped" if clamped else source, marked)
