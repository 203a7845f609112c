"""The sites of a world: machines with a folder each, and on each of them one or two desks that sync as they do.

A desk is a process: its own store on the machine's files, and a worker that wants the site's lease. The worker's loop
is the world's own; session, core, store and client are the shipped ones.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import httpx

from agentdesk.simulate import invariants
from agentdesk.simulate.disks import Disk, Process, running
from agentdesk.simulate.fibers import Fiber, Killed
from agentdesk.simulate.network import Wire
from agentdesk.simulate.people import beginning
from agentdesk.simulate.scales import MOST_OPERATIONS
from agentdesk.simulate.server import Request, lowered
from agentdesk.store.errors import StoreError
from agentdesk.store.incoming import FOLDER
from agentdesk.store.site import Identity, Site
from agentdesk.sync.client import CentreClient, client_of
from agentdesk.sync.core import Pace, SyncCore
from agentdesk.sync.fetching import CentreSnapshots
from agentdesk.sync.first_sync import FirstSync
from agentdesk.sync.lease import Lease
from agentdesk.sync.session import Session
from agentdesk.sync.signing import Credentials, SiteAuth
from agentdesk.trust.signatures import KEY_BYTES

if TYPE_CHECKING:
    from agentdesk.simulate.world import World

PACE = Pace(poll_ms=5_000, most_operations=MOST_OPERATIONS, pull_rows=60, greet_ms=150_000)
"""As shipped, but that it looks less often, and sends and fetches little at once: many small steps meet more faults."""

LEASE_MS = 1_000
LEASE_LOOK_MS = 60_000
"""A desk without the lease looks for it each LEASE_MS; here it is told when it comes free, and looks then."""
LOOK_MS = 200
URL = "http://centre"


class Dice:
    """Randomness of one machine."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def token_bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)


class Machine:
    """One computer with the files of a site; `copies` are earlier states of its folder."""

    def __init__(self, world: World, name: str, region: str, folder: Path) -> None:
        self.world = world
        self.name = name
        self.region = region
        self.folder = folder
        self.outbox = f"{folder}/outbox.db"
        self.clock = world.clock(name)
        self.disk = Disk()
        self.entropy = Dice(f"{world.seed}/{name}/entropy")
        self.site = ""
        self.desks: list[Desk] = []
        self.copies: list[Path] = []

    def enrol(self) -> None:
        """Make the folder the files of a site; on a quiet line."""
        beginning().blank_site(self.folder, self.world.key)
        site = Site(self.folder, self.clock, self.entropy, self.world.key)
        try:
            key = Dice(f"{self.world.seed}/{self.name}/key").token_bytes(KEY_BYTES)
            auth = SiteAuth(Credentials("", key), self.clock.wall_ms, nonces="enrolling")
            client = CentreClient(URL, auth, self.clock, Straight(self.world))
            lineage = site.new_id()
            answer = client.enrol(beginning().code(self.region), self.name, self.name, lineage)
            client.close()
            identity = Identity(
                site=answer.site,
                number=answer.number,
                name=answer.name,
                region=f"region/{answer.region}",
                scopes=tuple(answer.scopes),
                url=URL,
                token=answer.token,
                key=key,
            )
            site.enrol(identity, lineage, auth.lead_ms)
            self.site = answer.site
        finally:
            site.close()

    @property
    def is_fetching(self) -> bool:
        """Tell whether a scope is on its way here as a file."""
        return any(path.stat().st_size for path in (self.folder / FOLDER).glob("*.part"))

    def lease_is_free(self) -> None:
        """Let the desks that wait for the lease look for it."""
        for desk in self.desks:
            desk.look_for_lease()

    def copy(self) -> Path:
        """Copy the folder as it is, as a backup does."""
        to = self.folder.with_name(f"{self.folder.name}-copy-{len(self.copies)}")
        to.mkdir()
        for path in sorted(self.folder.iterdir()):
            if path.is_file() and not path.name.endswith(("-shm", ".lock")):
                shutil.copyfile(path, to / path.name)
        with suppress(FileNotFoundError):
            shutil.copytree(self.folder / FOLDER, to / FOLDER)
        self.copies.append(to)
        return to

    def put_back(self, copy: Path) -> None:
        """Put an earlier copy in the folder's place; no process of the site may run."""
        shutil.rmtree(self.folder)
        shutil.copytree(copy, self.folder)


class Desk:
    """One process on a machine: what its agent works with (`site`), and a worker that syncs while it has the lease."""

    def __init__(self, machine: Machine, number: int, agent: str) -> None:
        self.machine = machine
        self.world = machine.world
        self.name = f"{machine.name}/{number}"
        self.agent = agent
        self.process = Process(self.name, machine.disk, self._committed, self._died, alive=False)
        self.site: Site | None = None
        self.syncing = False
        self._fiber: Fiber | None = None
        self._woken = 0
        self._starts = 0

    @property
    def up(self) -> bool:
        return self.process.alive

    def start(self) -> bool:
        """Start the process; False if it can't open the site's files now, or dies over it."""
        self._starts += 1
        self.process = Process(self.name, self.machine.disk, self._committed, self._died)
        try:
            with running(self.process):
                self.site = Site(self.machine.folder, self.machine.clock, self.machine.entropy, self.world.key)
        except Killed:
            return False
        except StoreError as error:
            self.world.story.tell(self.name, "can't start: {}", type(error).__name__)
            self.process.alive = False
            return False
        self._fiber = Fiber(self._sync_on, self.name)
        self._woken += 2
        process = self.process
        self.world.timeline.after(0, lambda: self.wake(process))
        self.world.story.tell(self.name, "starts")
        return True

    def end(self) -> None:
        """End the process at once, wherever it stands."""
        if self.syncing and self.machine.is_fetching:
            self.world.watch.fetch_broken(self.machine, "killed")
        self.process.alive = False
        if self.syncing:
            self.world.timeline.after(1 + self.world.timeline.now % LEASE_MS, self.machine.lease_is_free)
        if self._fiber is not None:
            fiber, self._fiber = self._fiber, None
            fiber.kill()
            self._raise_failure(fiber)
        self.syncing = False
        if self.site is not None:
            site, self.site = self.site, None
            site.close()

    # the worker

    def wait(self) -> None:
        """Let the world go on until `wake`; called in the fiber."""
        fiber = self._fiber
        if fiber is None:
            raise Killed
        fiber.pause()

    def sleep(self, ms: int) -> None:
        """Let the world go on for so many ms, or until `hurry`; called in the fiber."""
        self._woken += 1
        mark = self._woken
        self.world.timeline.after(ms, lambda: self._due(mark))
        self.wait()
        self._woken += 1

    def wake(self, process: Process) -> None:
        """Let the fiber go on where it waits, if the process that waited is still there."""
        fiber = self._fiber
        if fiber is None or process is not self.process or not process.alive:
            return
        with running(self.process):
            fiber.resume()
        if fiber.over:
            self._fiber = None
            self._raise_failure(fiber)
        if not self.process.alive:
            self.end()

    def _due(self, mark: int) -> None:
        if mark == self._woken:
            self.wake(self.process)

    def hurry(self) -> None:
        """There is something new to push: the worker looks as soon as it looks anyway."""
        mark = self._woken
        if self.syncing and mark % 2:
            self.world.timeline.after(1 + self.world.timeline.now % LOOK_MS, lambda: self._due(mark))

    def look_for_lease(self) -> None:
        """Look whether the lease has come free, where the worker waits for it."""
        if not self.syncing and self._woken % 2:
            self._due(self._woken)

    def _sync_on(self) -> None:
        lease = Lease(self.machine.folder)
        try:
            while True:
                if not lease.take():
                    self.sleep(LEASE_LOOK_MS)
                    continue
                if not self.syncing:
                    self.syncing = True
                    self.world.story.tell(self.name, "has the lease")
                    self.world.tally["lease taken"] += 1
                try:
                    self._sync()
                except StoreError:
                    self.sleep(LEASE_MS)
        finally:
            lease.give_back()

    def _sync(self) -> None:
        machine = self.machine
        site = Site(machine.folder, machine.clock, machine.entropy, self.world.key)
        # the same in each run, and another in each process of the site
        nonces = f"{self.name.replace('/', '-')}-{self._starts}-{site.clock.mono_ms()}"
        client = client_of(site, Wire(self.world.network, self), nonces)
        chance = Random(f"{self.world.seed}/{self.name}/{self._starts}")
        first_sync = FirstSync(site, CentreSnapshots(client), PACE, chance.random)
        try:
            session = Session(site, client, SyncCore(PACE, chance.random), self.name, first_sync)
            while True:
                until = session.step()
                self.sleep(max(1, until - site.clock.mono_ms()))
        except Killed:
            with _left_lying(machine.folder / FOLDER):
                first_sync.close()
            raise
        except StoreError:
            first_sync.close()
            raise
        finally:
            client.close()
            site.close()

    def _committed(self, file: str) -> None:
        self.world.watch.site_committed(self.machine, file)

    def _died(self, process: Process, where: str) -> None:
        self.world.story.tell(self.name, "dies {}", where)
        self.world.tally[f"desk died {where.partition(' of ')[0]}"] += 1

    def _raise_failure(self, fiber: Fiber) -> None:
        if fiber.failure is not None:
            invariants.fallen_over(self.world, self.machine, fiber.failure)


@contextmanager
def _left_lying(folder: Path) -> Iterator[None]:
    """Let files be closed meanwhile and lie there as before: who is killed doesn't clean up."""
    kept = {path: path.with_name(f"{path.name}.kept") for path in sorted(folder.glob("*.db"))}
    for path, aside in kept.items():
        aside.hardlink_to(path)
    yield
    for path, aside in kept.items():
        aside.replace(path)


class Straight(httpx.BaseTransport):
    """A line without faults or waiting, for what isn't to be disturbed. Raises ReadError where the centre is down."""

    def __init__(self, world: World) -> None:
        self._world = world

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        sent = Request(request.url.path, lowered(request.headers.raw), request.read(), request.method)
        (reply,) = self._world.server.answer([sent])
        if reply is None:
            raise httpx.ReadError("the centre went away")
        return httpx.Response(reply.status, headers=list(reply.headers), content=reply.body)
