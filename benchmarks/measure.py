"""How things are timed here: in turns with their floor, by medians, with the CPU time beside the wall time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: a value with its unit, the floor it stands against, and the aim, if there is one."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    aim: str = ""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Timing:
    """What one run of something took, seconds; `cpu` is that of this process."""

    wall: float
    cpu: float


def timed(work: Callable[[], object]) -> Timing:
    """Run something once and return how long it took."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return Timing(time.perf_counter() - wall, time.process_time() - cpu)


def in_turns(first: Callable[[], object], second: Callable[[], object], rounds: int) -> tuple[Timing, Timing]:
    """Run two things in turn, so that a noisy machine disturbs both alike, and return the median of each."""
    timings = [(timed(first), timed(second)) for _ in range(rounds)]
    return _median([a for a, _ in timings]), _median([b for _, b in timings])


def percentile(samples: Sequence[float], share: float) -> float:
    """Return the value below which a share of the samples lies."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def table(figures: Sequence[Figure]) -> str:
    """Return figures as aligned lines."""
    rows = [("", "measured", "floor", "ratio", "aim"), *(_row(figure) for figure in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(row[i].rjust(widths[i]) for i in (1, 2, 3)), row[4]]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _row(figure: Figure) -> tuple[str, str, str, str, str]:
    return (
        figure.name,
        f"{_short(figure.value)} {figure.unit}",
        "" if figure.floor is None else f"{_short(figure.floor)} {figure.unit}",
        "" if figure.ratio is None else f"{figure.ratio:.2f} x",
        figure.aim,
    )


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _median(timings: Sequence[Timing]) -> Timing:
    return Timing(median(t.wall for t in timings), median(t.cpu for t in timings))
