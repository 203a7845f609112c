"""What befalls whole machines: files put back to an earlier copy, or copied; and a site that is given other scopes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from agentdesk.centre.allowances import set_target, write_off
from agentdesk.centre.histories import begin_epoch
from agentdesk.centre.storage.contract import Transaction
from agentdesk.protocol.limits import PROTOCOL
from agentdesk.simulate.people import AGENTS, REGIONS, agent_id
from agentdesk.simulate.scales import KEEP_MS
from agentdesk.simulate.sites import Desk, Machine
from agentdesk.simulate.work import Agent
from agentdesk.sync.client import RequestFailed

if TYPE_CHECKING:
    from agentdesk.domain.policy import MoneyKind
    from agentdesk.simulate.faults import Faults
    from agentdesk.simulate.world import World

MOST_ENROLLED = 2
"""Sites that begin while others work, in one world."""

MOST_COPIES = 1
"""Machines that run on a copy of another's files, in one world."""


class Calamities:
    """Backups that are made in time, and what happens when they are used."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._dice = Random(f"{world.seed}/calamities")
        self._copies: dict[Path, int] = {}
        self._cloned = 0
        self._enrolled = 0

    def sorts(self) -> dict[str, Callable[[], None]]:
        return {
            "site restored": self._site_restored,
            "site copied": self._site_copied,
            "centre restored": self._centre_restored,
            "scopes": self._scopes,
            "site enrolled": self._site_enrolled,
            "snapshots": self._snapshots,
            "versions": self._versions,
            "leases": self._leases,
        }

    # sites

    def _site_restored(self) -> None:
        world, machine = self._world, self._dice.choice(self._world.machines)
        if not machine.copies or self._dice.random() < 0.4:
            # the more waits there, the more is sent again from the copy
            machine = max(world.machines, key=world.watch.waiting)
            machine.copy()
            self._tell(machine.name, "is backed up")
            return
        if machine.disk.full:
            return
        copy = self._dice.choice(machine.copies)
        for desk in machine.desks:
            desk.end()
        world.watch.forget(machine.folder)
        world.may_fork = world.may_expose = True
        machine.put_back(copy)
        world.watch.site_put_back(machine)
        world.tally["site restored"] += 1
        self._tell(machine.name, "goes back to an earlier copy of its files")
        for desk in machine.desks:
            self._faults.after(self._dice.randrange(100, 10_000), partial(self._start, desk))

    def _site_copied(self) -> None:
        world, dice = self._world, self._dice
        if self._cloned >= MOST_COPIES:
            return
        machine = dice.choice(world.machines)
        if machine.disk.full:
            return
        self._cloned += 1
        world.may_fork = world.may_expose = True
        copy = machine.copy()
        twin = Machine(world, f"{machine.name}b", machine.region, machine.folder.with_name(f"{machine.folder.name}b"))
        shutil.copytree(copy, twin.folder)
        twin.site = machine.site
        twin.clock.skew = world.skew
        world.machines.append(twin)
        desk = Desk(twin, 1, agent_id(machine.region, dice.randint(1, AGENTS)))
        twin.desks.append(desk)
        world.agents[desk.name] = Agent(desk)
        world.watch.site_copied(twin)
        world.tally["site copied"] += 1
        self._tell(twin.name, "runs on a copy of the files of {}", machine.name)
        self._start(desk)
        world.join(desk)

    def _start(self, desk: Desk) -> None:
        if not desk.up:
            self._world.start_desk(desk)

    # the centre

    def _centre_restored(self) -> None:
        world, server = self._world, self._world.server
        oldest = world.timeline.now - KEEP_MS if world.keeper.tidies else 0
        copies = [to for to, at in self._copies.items() if at >= oldest]
        if world.keeper.tidies and world.tally["clock jumped"]:
            copies = copies[-1:]  # a clock that runs ahead by years lets go of all that a backup has
        if not copies or self._dice.random() < 0.4:
            to = server.folder.with_name(f"centre-copy-{world.timeline.now}")
            if world.keeper.back_up(to):
                world.watch.centre_copied(to)
                self._copies[to] = world.timeline.now
                self._tell("centre", "is backed up")
            return
        server.kill()
        world.watch.forget(server.folder)
        world.may_expose = world.was_restored = True
        copy = self._dice.choice(copies)
        server.put_back(copy)
        world.watch.centre_put_back(copy)
        world.tally["centre restored"] += 1
        for machine in world.machines:
            if machine.is_fetching:
                world.watch.fetch_broken(machine, "centre restored")
        told = self._dice.random() < 0.3
        self._tell("centre", "goes back to an earlier copy of its file{}", ", and is told so" if told else "")
        self._faults.centre_died()
        if told:
            server.when_up(lambda tx: begin_epoch(tx, server.means, "an operator says so"))

    # the keeping of the centre

    def _snapshots(self) -> None:
        keeper = self._world.keeper
        if self._dice.random() < 0.5:
            keeper.prepare_now()
        else:
            keeper.tidy()

    def _versions(self) -> None:
        """Let the centre be updated; or let it speak another protocol than the sites, until they are updated too."""
        world, dice, server = self._world, self._dice, self._world.server
        if not server.updated and dice.random() < 0.4:
            server.updated = True
            world.tally["centre updated"] += 1
            self._tell("centre", "is updated")
            server.kill()
            self._faults.centre_died()
        elif server.protocol == PROTOCOL:
            server.speak(PROTOCOL + 1)
            world.tally["protocols differ"] += 1
            self._tell("centre", "speaks another protocol")
            self._faults.after(dice.randrange(2_000, 30_000), lambda: server.speak(PROTOCOL))

    # what a site may promise

    def _leases(self) -> None:
        """Let an operator recall what a site holds, or write it off."""
        world, dice = self._world, self._dice
        machine, means = dice.choice(world.machines), world.server.means
        if dice.random() < 0.3:
            world.may_expose = True
            world.tally["lease written off"] += 1
            self._tell("centre", "writes off what {} holds", machine.name)
            self._faults.operate(lambda tx: write_off(tx, means, machine.site, None, "operator"))
            return
        targets: dict[MoneyKind, int] = {
            "cost": dice.choice((0, 60_000, 150_000)),
            "credit": dice.choice((0, 100_000, 250_000)),
        }
        world.tally["lease recalled"] += 1
        self._tell("centre", "lets {} hold {}", machine.name, targets)
        self._faults.operate(lambda tx: set_target(tx, means, machine.site, targets, "operator"))

    # what a site may see

    def _site_enrolled(self) -> None:
        """Let a site begin: what it is to see is fetched while all else goes on."""
        world, dice = self._world, self._dice
        if self._enrolled >= MOST_ENROLLED or not world.server.up:
            return
        self._enrolled += 1
        machine = world.new_machine(dice.choice(REGIONS))
        try:
            machine.enrol()
        except RequestFailed:
            world.machines.remove(machine)
            shutil.rmtree(machine.folder)
            return
        desk = Desk(machine, 1, agent_id(machine.region, dice.randint(1, AGENTS)))
        machine.desks.append(desk)
        world.agents[desk.name] = Agent(desk)
        world.tally["site enrolled"] += 1
        self._tell(machine.name, "is enrolled")
        self._start(desk)
        world.join(desk)
        self._disturb(desk)

    def _disturb(self, desk: Desk) -> None:
        """Let something go wrong while a site's first scopes are on their way."""
        dice, faults = self._dice, self._faults
        trouble = dice.choice(("none", "line", "line", "desk", "desk", "centre"))
        if trouble == "line":
            faults.worsen(desk.machine)
        elif trouble == "desk":
            faults.crash(desk, dice.randrange(20, 120))
        elif trouble == "centre":
            faults.after(dice.randrange(100, 1_500), self._centre_restored)

    def _scopes(self) -> None:
        world, dice = self._world, self._dice
        machine = dice.choice(world.machines)
        self._faults.operate(partial(self._change_scopes, machine, dice.choice(REGIONS), dice.random() < 0.5))
        world.tally["scopes changed"] += 1

    def _change_scopes(self, machine: Machine, region: str, more: bool, tx: Transaction) -> None:
        site = tx.lock_site(machine.site)
        if site is None:
            return
        scope = f"region/{region}"
        if more and scope not in site.scopes:
            tx.put_site(replace(site, scopes=(*site.scopes, scope)))
            self._tell("centre", "lets {} see {}", machine.name, scope)
        elif not more and scope in site.scopes:
            tx.put_site(replace(site, scopes=tuple(s for s in site.scopes if s != scope)))
            self._tell("centre", "lets {} see {} no more", machine.name, scope)

    def _tell(self, who: str, what: str, *values: object) -> None:
        self._world.story.tell(who, what, *values)
