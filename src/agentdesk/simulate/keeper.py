"""What keeps a centre beside its answering: snapshots prepared in the background, and an operator who tidies.

Both do what the shipped commands do, on the database that answers meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from agentdesk.centre.cutting import cut_logs
from agentdesk.centre.preparing import Preparer
from agentdesk.centre.snapshots import is_region, prepare, shelf_of
from agentdesk.centre.storage.contract import StorageError
from agentdesk.simulate.people import REGIONS
from agentdesk.simulate.scales import HORIZON_MS

if TYPE_CHECKING:
    from agentdesk.centre.storage.inline import InlineDatabase
    from agentdesk.simulate.disks import Process
    from agentdesk.simulate.world import World

DAY_MS = 86_400_000
LOOK_MS = 10_000
"""How often it is looked whether a snapshot is due, as the server's own thread does."""

MIN_ROWS = (1, 1, 14, 20_000)
"""From how many documents on a region has a snapshot: from the start, after a while, or only when it has to."""


class Keeper:
    """The keeping of one world's centre; `min_rows` is from how many documents on a region has a snapshot."""

    def __init__(self, world: World, without: Collection[str]) -> None:
        self._world = world
        self._dice = Random(f"{world.seed}/keeper")
        self.min_rows = MIN_ROWS[-1] if "snapshots" in without else self._dice.choice(MIN_ROWS)
        self._days = 0

    def watch_over(self, process: Process) -> None:
        """Look for due snapshots from now on, as long as a process of the centre lives."""
        if not self._world.timeline.now:
            self._prepare_due()
        self._world.timeline.after(LOOK_MS, partial(self._look, process))

    def prepare_now(self) -> None:
        """Prepare a region's snapshot, as an operator's command."""
        scope = f"region/{self._dice.choice(REGIONS)}"
        self._world.tally["snapshot asked for"] += 1
        self._tell("prepares a snapshot of {}", scope)
        self._do(lambda database: prepare(database, shelf_of(database), scope, self._world.server.clock.wall_ms()))

    def cut_logs(self) -> None:
        """Cut the logs, as an operator's timer does each day: some days pass for it at once."""
        floors = self._floors()
        for _ in range(self._dice.randint(2, 4)):
            self._days += 1
            now = self._world.server.clock.wall_ms() + self._days * DAY_MS
            self._do(partial(cut_logs, now=now, horizon_ms=HORIZON_MS))
        cut = [scope for scope, floor in self._floors().items() if floor != floors.get(scope, 0)]
        self._world.tally["log cut"] += len(cut)
        self._tell("tidies its logs; cut: {}", ", ".join(cut) or "none")

    def _floors(self) -> dict[str, int]:
        file = self._world.watch.file(self._world.server.file)
        return {scope: floor for scope, floor in file.execute("SELECT scope, floor FROM scope") if is_region(scope)}

    def _look(self, process: Process) -> None:
        server = self._world.server
        if process is not server.process or not process.alive:
            return
        self._prepare_due()
        self.watch_over(process)

    def _prepare_due(self) -> None:
        self._do(lambda database: Preparer(database, self._world.server.means).prepare_due())

    def _do(self, work: Callable[[InlineDatabase], object]) -> None:
        with suppress(StorageError):
            self._world.server.work_on(work)

    def _tell(self, what: str, *values: object) -> None:
        self._world.story.tell("centre", what, *values)
