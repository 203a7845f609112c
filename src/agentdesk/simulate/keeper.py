"""What keeps a centre beside its answering: snapshots prepared in the background, and an operator who tidies.

Both do what the shipped commands do, on the database that answers meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from agentdesk.centre.cutting import cut_logs
from agentdesk.centre.keeping import backup, tidy
from agentdesk.centre.preparing import Preparer
from agentdesk.centre.snapshots import is_region, prepare, shelf_of
from agentdesk.centre.storage.contract import StorageError
from agentdesk.simulate.people import REGIONS
from agentdesk.simulate.scales import HORIZON_MS, KEEP_MS

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
        self.tidies = self._dice.random() < 0.4
        """Sites let go of what is settled, and so backups count, and no old ones are put back."""
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
        self._prepare(scope)

    def back_up(self, to: Path) -> bool:
        """Back the centre up into a folder, with the shipped command where its word counts; tell whether it is done."""
        server = self._world.server
        if not self.tidies:
            server.copy(to)
            return True
        if not server.up:
            return False
        to.mkdir(parents=True, exist_ok=True)
        done: list[int] = []
        self._do(lambda database: done.append(backup(database, to / server.path.name, server.clock.wall_ms)))
        return bool(done)

    def tidy(self, days: int | None = None) -> None:
        """Tidy, as an operator's timer does each day: some days pass for it at once."""
        floors = self._floors()
        for _ in range(days or self._dice.randint(2, 4)):
            self._days += 1
            now = self._world.server.clock.wall_ms()
            self._do(partial(tidy, now=now, keep_ms=KEEP_MS))
            self._do(partial(cut_logs, now=now + self._days * DAY_MS, horizon_ms=HORIZON_MS))
        cut = [scope for scope, floor in self._floors().items() if floor != floors.get(scope, 0)]
        self._world.tally["log cut"] += len(cut)
        self._tell("tidies; logs cut: {}", ", ".join(cut) or "none")

    def tidy_all(self) -> None:
        """Let so many days pass that nothing is left to tidy, with a snapshot of each region as it is."""
        for region in REGIONS:
            self._prepare(f"region/{region}")
        self.tidy(4)

    def _floors(self) -> dict[str, int]:
        file = self._world.watch.file(self._world.server.file)
        return {scope: floor for scope, floor in file.execute("SELECT scope, floor FROM scope") if is_region(scope)}

    def _look(self, process: Process) -> None:
        server = self._world.server
        if process is not server.process or not process.alive:
            return
        self._prepare_due()
        self.watch_over(process)

    def _prepare(self, scope: str) -> None:
        means = self._world.server.means
        self._do(lambda database: prepare(database, shelf_of(database), scope, means))

    def _prepare_due(self) -> None:
        self._do(lambda database: Preparer(database, self._world.server.means).prepare_due())

    def _do(self, work: Callable[[InlineDatabase], object]) -> None:
        with suppress(StorageError):
            self._world.server.work_on(work)

    def _tell(self, what: str, *values: object) -> None:
        self._world.story.tell("centre", what, *values)
