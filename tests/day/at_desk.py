"""A desk in a terminal on the world of the day: its clock begins at that hour and runs, its calls come by the hook.

`python -m tests.day.at_desk FOLDER BASE`: BASE is the monotonic ms at which the day began.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from agentdesk.desk.app import DeskApp
from agentdesk.qa.clock import NOW
from agentdesk.qa.desk import Desk
from agentdesk.telephony.hook import HookSource


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A clock that stood at the day's hour when the machine's monotonic clock stood at `base` ms."""

    base: int
    boot: str = "boot-1"

    def wall_ms(self) -> int:
        return NOW + self.mono_ms() - self.base

    def mono_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


def main() -> int:
    """Run the desk until it is left."""
    folder, clock = Path(sys.argv[1]), RunningClock(int(sys.argv[2]))
    desk = Desk(folder, make=False, demo=False)
    agent = desk.settings.agent

    def sources() -> list[HookSource]:
        return [HookSource(folder, now_ms=clock.wall_ms, agent=agent.extension or agent.id)]

    DeskApp(replace(desk.settings, clock=clock, sources=sources)).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
