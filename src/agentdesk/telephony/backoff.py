"""How long to wait before the next attempt: longer each time, and never in step with all the other desks."""

from __future__ import annotations

from random import Random

FIRST_S = 1.0
LONGEST_S = 30.0


def backoff_s(attempt: int, random: Random, longest_s: float = LONGEST_S) -> float:
    """Seconds before attempt 1, 2, …: doubled each time up to a limit, then cut to 50 to 100 %."""
    full = min(longest_s, FIRST_S * 2.0 ** min(attempt - 1, 16))
    return full * random.uniform(0.5, 1.0)
