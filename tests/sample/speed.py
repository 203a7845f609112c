"""Prints how fast the sample world is made, and that memory stays flat: `python -m tests.sample.speed [CUSTOMERS]`."""

from __future__ import annotations

import resource
import sys
from collections import deque
from collections.abc import Callable, Iterable
from time import process_time, time

from agentdesk.sample import World


def rate(what: str, make: Callable[[], Iterable[object]], count: int) -> None:
    """Print how many customers a second of CPU time goes through."""
    start = process_time()
    deque(make(), maxlen=0)
    taken = process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{what:10} {count / taken:10,.0f} customers/s  {taken:6.2f} s  peak {peak} MiB")


def main() -> None:
    """Make a world of the size on the command line, 50,000 customers without one."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    world = World(1, size, "region/bj", int(time() * 1000))
    rate("names", lambda: [world.customer(0)], 1)
    rate("customers", world.customers, size)
    rate("work", world.work, size)


if __name__ == "__main__":
    main()
