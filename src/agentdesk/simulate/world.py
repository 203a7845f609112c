"""One world: built from a seed, run with faults, healed, drained, and looked at."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any

from agentdesk.simulate import invariants, oddities
from agentdesk.simulate.disks import opened_by_simulated
from agentdesk.simulate.exchange import Exchange
from agentdesk.simulate.faults import Faults
from agentdesk.simulate.keeper import Keeper
from agentdesk.simulate.network import Network
from agentdesk.simulate.people import AGENTS, REGIONS, agent_id, beginning, ram
from agentdesk.simulate.scales import scaled_down
from agentdesk.simulate.server import Server
from agentdesk.simulate.sites import Desk, Machine
from agentdesk.simulate.timeline import Story, Timeline, WorldClock
from agentdesk.simulate.watch import Watch
from agentdesk.simulate.work import Agent
from agentdesk.store.committing import Committed

BUSY_MS = 100_000
"""How long agents work and things go wrong."""

DRAIN_MS = 200_000
"""How long everything may take to arrive afterwards: bounded, and with no new local write."""

ACT_MS = 4_000
"""The time between two things that an agent does, on average."""


class World:
    """The world of one seed; `run` it once, in a `with`.

    `skew` is the error of all sites' clocks, ms; `without` are sorts of faults that don't come.
    """

    def __init__(self, seed: int, skew: int = 0, without: Collection[str] = ()) -> None:
        self.seed = seed
        self.skew = skew
        self.key = sha256(f"{seed}/data key".encode()).digest()
        """What the files of all its sites are encrypted with."""
        self.timeline = Timeline()
        self.story = Story(self.timeline)
        self.tally: Counter[str] = Counter()
        self.met: Counter[str] = Counter()
        """How often each invariant met its fault."""
        self.violations: list[invariants.Violation] = []
        self.drained_in: int | None = None
        self.may_expose = False
        """A site was copied, the centre restored, or a lease written off: money may be promised twice."""
        self.was_restored = False
        self.may_fork = False
        self.may_break_chains = False
        self._memories: dict[str, dict[str, Any]] = {}
        self.operations = 0
        self._folder = Path(tempfile.mkdtemp(prefix="agentdesk-world-", dir=ram()))
        self._opened = opened_by_simulated()
        self._dice = Random(f"{seed}/world")
        self.watch = Watch(self)
        self.network = Network(self)
        self.keeper = Keeper(self, without)
        self.exchange = Exchange(self)
        self._scales = scaled_down(self.keeper.min_rows, self.keeper.tidies)
        self.server = Server(self, self._folder / "centre")
        self.machines: list[Machine] = []
        self.agents: dict[str, Agent] = {}
        self.faults = Faults(self, without)

    def __enter__(self) -> World:
        self._log = logging.getLogger("agentdesk.centre")
        self._level = self._log.level
        self._log.setLevel(logging.CRITICAL + 1)
        self._opened.__enter__()
        self._scales.__enter__()
        oddities.learn()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for machine in self.machines:
                for desk in machine.desks:
                    desk.end()
            self.server.kill()
            self.watch.close()
        finally:
            oddities.forget()
            self._scales.__exit__(None, None, None)
            self._opened.__exit__(kind, raised, trace)
            self._log.setLevel(self._level)
            shutil.rmtree(self._folder, ignore_errors=True)

    def memory(self, name: str) -> dict[str, Any]:
        """Return what an invariant remembers from one look to the next."""
        return self._memories.setdefault(name, {})

    def forget(self, *beginnings: str) -> None:
        """Let go of what was remembered under names that begin so, or end in such a name."""
        for name in list(self._memories):
            if (
                name.startswith(beginnings)
                or name.partition(" ")[2].startswith(beginnings)
                or name.endswith(beginnings)
            ):
                del self._memories[name]

    def clock(self, name: str) -> WorldClock:
        return WorldClock(self.timeline, name)

    # what happens

    def run(self) -> None:
        """Let the world happen, until it is over or an invariant is broken."""
        self.build()
        self.faults.begin(BUSY_MS)
        for agent in self.agents.values():
            self._plan(agent)
        if self.until(BUSY_MS):
            self.settle()
        self.story.add(sorted((a.id, a.verdict) for a in self.watch.record.centre.archive.values()))

    def settle(self) -> None:
        """End all faults, let everything arrive, and look at what must hold then."""
        self.story.tell("world", "all faults end, and nobody writes any more")
        self.faults.heal()
        began = self.timeline.now
        while self.timeline.now < began + DRAIN_MS and self.until(self.timeline.now + 1_000):
            if self._is_drained():
                self.drained_in = self.timeline.now - began
                break
        if not self.violations:
            invariants.look(self, "quiet")
            invariants.look(self, "end")

    def build(self) -> None:
        """Start the centre, and enrol sites with their desks."""
        beginning().copy_to(self.server.folder)
        self.server.start()
        self.watch.read_centre()
        dice = self._dice
        numbers = dict.fromkeys(REGIONS, 0)
        for index in range(dice.choice((2, 2, 2, 3, 3, 4))):
            region = REGIONS[0] if index < 2 else dice.choice(REGIONS)
            machine = self.new_machine(region)
            machine.enrol()
            for number in range(1, dice.choice((1, 1, 2)) + 1):
                numbers[region] = numbers[region] % AGENTS + 1
                desk = Desk(machine, number, agent_id(region, numbers[region]))
                machine.desks.append(desk)
                self.agents[desk.name] = Agent(desk)
                self.start_desk(desk)
        self.tally["two desks"] += sum(len(machine.desks) > 1 for machine in self.machines)
        self.watch.on = True
        self.story.tell("world", "{} sites, {} desks; {}", len(self.machines), len(self.agents), self.faults.active)

    def new_machine(self, region: str) -> Machine:
        """Add a machine, on which nothing is yet."""
        name = f"site-{len(self.machines) + 1}"
        machine = Machine(self, name, region, self._folder / name)
        machine.clock.skew = self.skew
        self.machines.append(machine)
        return machine

    def start_desk(self, desk: Desk) -> None:
        """Start a desk's process; one that can't be started is tried again by the faults."""
        self.agents[desk.name].forget()
        if not desk.start():
            self.timeline.after(3_000, partial(self._start_again, desk))

    def _start_again(self, desk: Desk) -> None:
        if not desk.up:
            self.start_desk(desk)

    def join(self, desk: Desk) -> None:
        """Let another desk's agent work, too."""
        self._plan(self.agents[desk.name])

    def _plan(self, agent: Agent) -> None:
        wait = int(self._dice.expovariate(1 / ACT_MS))
        if self.timeline.now + wait < BUSY_MS:
            self.timeline.after(wait, partial(self._act, agent))

    def _act(self, agent: Agent) -> None:
        if agent.desk.up:
            agent.act()
        self._plan(agent)

    def until(self, at: int) -> bool:
        """Let everything happen that happens before an instant; False if an invariant is broken on the way."""
        timeline = self.timeline
        while not self.violations:
            following = timeline.next_at()
            if following is None or following > at:
                timeline.now = at
                return True
            timeline.step()
        return False

    def _is_drained(self) -> bool:
        watch = self.watch
        owed = watch.owes_verdicts() or watch.jobs_due(self.server.clock.wall_ms()) or watch.clocks_begun()
        owed = owed or watch.orders_wait()
        return self.server.up and not owed and all(invariants.is_drained(self, machine) for machine in self.machines)

    # what is told

    def shown(self, desk: Desk, committed: Iterable[Committed], what: str) -> None:
        """An agent was shown that his operations are accepted."""
        names = []
        for one in committed:
            made = self.watch.record.made[one.operation.id]
            made.shown = True
            self.operations += 1
            names.append(made.short)
        self.story.tell(desk.name, "{}: {}", what, ", ".join(names))
        desk.hurry()
