"""What goes wrong in a world, and when: planned from the seed, some sorts of it in one world and some in another.

A world that has everything at once hides what only shows where the rest is quiet.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from agentdesk.centre import dismiss_agent, publish
from agentdesk.centre.storage.contract import StorageError
from agentdesk.protocol.limits import PROTOCOL
from agentdesk.replica.driver import sqlite
from agentdesk.simulate import invariants, oddities
from agentdesk.simulate.calamities import Calamities
from agentdesk.simulate.disks import another_program, running
from agentdesk.simulate.fibers import Killed
from agentdesk.simulate.network import Weather
from agentdesk.simulate.people import newer, superior_id

if TYPE_CHECKING:
    from agentdesk.simulate.sites import Desk, Machine
    from agentdesk.simulate.world import World

PULL = "/v1/pull"
SETTLE_MS = 30_000
"""What an earlier failure may keep a site from looking, ms."""
FEW = 6
"""Sorts of faults in most worlds: what shows only where the rest is quiet shows there."""
YEAR_MS = 365 * 86_400_000


class Faults:
    """The faults of one world; `ACTIVE` names the sorts that may come."""

    def __init__(self, world: World, without: Collection[str] = ()) -> None:
        self.world = world
        self._dice = Random(f"{world.seed}/faults")
        self._locks: list[sqlite3.Connection] = []
        self._versions = 1
        self._ending: list[Callable[[], None]] = []
        self.over = False
        sorts = self._sorts() | Calamities(world, self).sorts()
        most = self._dice.choice((FEW, FEW, len(sorts)))
        chosen = self._dice.sample(sorted(sorts), self._dice.randint(2, most))
        self.active = sorted(set(chosen) - set(without)) or ["weather"]
        self._do = sorts

    def _sorts(self) -> dict[str, Callable[[], None]]:
        return {
            "weather": self._weather,
            "line": self._line,
            "pushes refused": self._no_push,
            "desk killed": self._kill_desk,
            "desk crash": self._crash_desk,
            "centre killed": self._kill_centre,
            "centre crash": self._crash_centre,
            "disk": self._disk,
            "busy": self._busy,
            "clock": self._clock,
            "odd operations": self._odd,
            "dismissal": self._dismiss,
            "policy": self._publish,
        }

    def begin(self, until: int) -> None:
        """Plan the world's faults until an instant; some sites have trouble while their first scopes come."""
        for machine in self.world.machines:
            if "weather" in self.active and self._dice.random() < 0.4:
                self.worsen(machine)
            if "desk crash" in self.active and self._dice.random() < 0.4:
                self.crash(machine.desks[0], self._dice.randrange(20, 120))
        self._next(until)

    def strike(self, sort: str) -> None:
        """Let a fault of a sort happen now."""
        self._do[sort]()

    @property
    def sorts(self) -> list[str]:
        """Return all sorts of faults."""
        return sorted(self._do)

    def _next(self, until: int) -> None:
        wait = int(self._dice.expovariate(1 / 6_000))
        if self.world.timeline.now + wait < until:
            self.world.timeline.after(wait, partial(self._strike, until))

    def _strike(self, until: int) -> None:
        if self.over:
            return
        self.strike(self._dice.choice(self.active))
        self._next(until)

    def heal(self) -> None:
        """End all faults: lines are up, disks have room, and who is down starts again."""
        self.over = True
        for ended in tuple(self._ending):
            ended()
        for weather in self.world.network.weather:
            self.world.network.weather[weather] = Weather()
        for lock in self._locks:
            lock.close()
        self._locks.clear()
        self.world.server.disk.full = False
        self.world.server.protocol = PROTOCOL
        if self.world.server.process is not None:
            self.world.server.process.crash_in = None
        for machine in self.world.machines:
            machine.disk.full = False
            for desk in machine.desks:
                desk.process.crash_in = None
        self._centre_again()
        for machine in self.world.machines:
            for desk in machine.desks:
                self._desk_again(desk)

    # the line

    def _weather(self) -> None:
        self.worsen(self._dice.choice(self.world.machines))

    def worsen(self, machine: Machine) -> None:
        """Let a machine's line turn bad for a while."""
        dice = self._dice

        def some(most: float) -> float:
            return dice.random() * most if dice.random() < 0.5 else 0.0

        self.world.network.weather[machine.name] = Weather(
            drop_request=some(0.4),
            drop_answer=some(0.6),
            duplicate=some(0.4),
            truncate_request=some(0.3),
            truncate_answer=some(0.4),
            refuse=some(0.4),
            fail_after=some(0.4),
            slow=some(0.3),
            latency_ms=dice.choice((5, 20, 200, 1_500)),
        )
        self._tell(machine.name, "the line turns bad")
        self.after(dice.randrange(5_000, 60_000), partial(self._clear, machine))

    def _clear(self, machine: Machine) -> None:
        self.world.network.weather[machine.name] = Weather()

    def _line(self) -> None:
        machine = self._dice.choice(self.world.machines)
        self.world.network.of(machine.name).down = True
        self.world.tally["line down"] += 1
        self._tell(machine.name, "the line goes down")
        self.after(self._dice.randrange(2_000, 60_000), partial(self._line_up, machine))

    def _line_up(self, machine: Machine) -> None:
        self.world.network.of(machine.name).down = False
        self._tell(machine.name, "the line is up")

    def _no_push(self) -> None:
        """Let a proxy refuse a site's pushes for a while: it must go on pulling as if nothing were."""
        world = self.world
        machine = self._dice.choice(world.machines)
        weather = world.network.weather[machine.name] = Weather(no_push=True)
        self._tell(machine.name, "every push is refused")
        for desk in machine.desks:
            # so that something waits to be pushed
            for _ in range(3):
                world.agents[desk.name].act()
        holders = [desk.process for desk in machine.desks if desk.syncing]
        asked = world.watch.record.asked
        before = asked.get((machine.name, PULL), 0)
        began = world.timeline.now + SETTLE_MS
        refused = world.tally["push refused"]

        def ended() -> None:
            same = world.network.weather[machine.name] is weather and not weather.down
            quiet = same and len(holders) == 1 and holders[0].alive and not machine.disk.full and not self._locks
            if quiet and world.server.generation == generation and world.tally["push refused"] - refused > 1:
                invariants.pulled_meanwhile(
                    world, machine, asked.get((machine.name, PULL), 0) - before, world.timeline.now - began
                )
            if same:
                self._clear(machine)
            self._ending.remove(ended)

        generation = world.server.generation
        self._ending.append(ended)
        self.after(self._dice.randrange(50_000, 90_000), ended)

    # processes

    def _any_desk(self) -> Desk:
        return self._dice.choice([desk for machine in self.world.machines for desk in machine.desks])

    def _kill_desk(self) -> None:
        desk = self._any_desk()
        if desk.up:
            self.world.tally["desk killed"] += 1
            self._tell(desk.name, "is killed{}", " with the lease" if desk.syncing else "")
            if desk.syncing:
                self.world.tally["lease holder killed"] += 1
            desk.end()
        self.after(self._dice.randrange(500, 30_000), partial(self._desk_again, desk))

    def _crash_desk(self) -> None:
        self.crash(self._any_desk(), self._dice.randrange(12))

    def crash(self, desk: Desk, points: int) -> None:
        """Let a desk die after so many crash points, and start again a while later."""
        desk.process.crash_in = points
        self.after(self._dice.randrange(5_000, 40_000), partial(self._desk_again, desk))

    def _desk_again(self, desk: Desk) -> None:
        if not desk.up:
            if not any(other.up for other in desk.machine.desks) and self._dice.random() < 0.5:
                desk.machine.clock.reboot()
                self.world.tally["machine rebooted"] += 1
            self.world.start_desk(desk)

    def _kill_centre(self) -> None:
        if self.world.server.up:
            self.world.tally["centre killed"] += 1
            self._tell("centre", "is killed")
            self.world.server.kill()
            self.centre_died()

    def _crash_centre(self) -> None:
        process = self.world.server.process
        if process is not None and process.alive:
            process.crash_in = self._dice.randrange(10)

    def centre_died(self) -> None:
        """Plan that the centre comes up again."""
        self.after(self._dice.randrange(200, 20_000), self._centre_again)

    def _centre_again(self) -> None:
        if not self.world.server.up:
            self.world.server.kill()
            if not self.world.server.start():
                self.after(2_000, self._centre_again)

    # disks

    def _disk(self) -> None:
        dice, world = self._dice, self.world
        machine = None if dice.random() < 0.4 else dice.choice(world.machines)
        disk, name = (machine.disk, machine.name) if machine else (world.server.disk, "centre")
        disk.full, disk.spare = True, dice.randrange(4)
        world.tally["centre's disk full" if name == "centre" else "site's disk full"] += 1
        self._tell(name, "the disk is full")

        def room() -> None:
            disk.full = False
            self._tell(name, "the disk has room again")

        self.after(dice.randrange(2_000, 30_000), room)

    def _busy(self) -> None:
        dice, world = self._dice, self.world
        paths: list[tuple[str, Path]] = [(m.name, m.folder / "outbox.db") for m in world.machines]
        paths.append(("centre", world.server.path))
        name, path = dice.choice(paths)
        lock = another_program(path, None if name == "centre" else world.key)
        try:
            lock.execute("BEGIN IMMEDIATE")
        except (sqlite3.OperationalError, sqlite.OperationalError):
            lock.close()
            return
        world.tally["centre's file busy" if name == "centre" else "site's file busy"] += 1
        self._tell(name, "another program locks the file")
        self._locks.append(lock)

        def let_go() -> None:
            if lock in self._locks:
                self._locks.remove(lock)
                lock.close()

        self.after(dice.randrange(200, 12_000), let_go)

    # everything else

    def _clock(self) -> None:
        dice, world = self._dice, self.world
        machine = dice.choice(world.machines)
        jump = dice.choice((1, -1)) * dice.choice((90_000, 3_600_000, YEAR_MS, 10 * YEAR_MS))
        machine.clock.skew = jump + dice.randrange(1_000)
        world.tally["clock jumped"] += 1
        self._tell(machine.name, "the wall clock jumps to {} ms off", machine.clock.skew)

    def _odd(self) -> None:
        desk = self._any_desk()
        if desk.site is None:
            return
        try:
            with running(desk.process):
                oddities.make(self.world, desk, self._dice)
        except Killed:
            desk.end()

    def _dismiss(self) -> None:
        desk = self._any_desk()
        agent = desk.agent if self._dice.random() < 0.7 else superior_id(desk.machine.region)
        self.world.tally["agent dismissed"] += 1
        self._tell("centre", "dismisses {}", agent)
        self.operate(lambda tx: dismiss_agent(tx, self.world.server.means, agent))

    def _publish(self) -> None:
        self._versions += 1
        catalogue = newer(self._versions)
        self.world.tally["policy published"] += 1
        self._tell("centre", "publishes {}", catalogue.version)
        self.operate(lambda tx: publish(tx, self.world.server.means, catalogue))

    def operate(self, work: Callable[..., object]) -> None:
        """Let an operator do something at the centre, if it is up."""
        if self.world.server.up:
            try:
                self.world.server.do(work)
            except (StorageError, LookupError, Killed):
                return  # LookupError: a restored centre doesn't know who is meant

    def after(self, ms: int, event: Callable[[], None]) -> None:
        """Let something happen so many ms from now, unless the faults are over by then."""

        def happen() -> None:
            if not self.over:
                event()

        self.world.timeline.after(ms, happen)

    def _tell(self, who: str, what: str, *values: object) -> None:
        self.world.story.tell(who, what, *values)
