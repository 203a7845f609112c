"""The centre of a world: its own routes, service, transactions and SQL, over files that break when they are told to.

A request comes as bytes and is answered as bytes by the application that is served, whole at one moment of virtual
time; several that come together share one commit, as they do behind the writer's thread.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from agentdesk import __version__
from agentdesk.centre import Centre, Means, bodies, create_app, service
from agentdesk.centre.jobs import Tools
from agentdesk.centre.nonces import Nonces
from agentdesk.centre.provisioning import Provisioning
from agentdesk.centre.storage.contract import StorageError, Transaction
from agentdesk.centre.storage.inline import InlineDatabase
from agentdesk.protocol.limits import PROTOCOL
from agentdesk.simulate.disks import Disk, Process, running
from agentdesk.simulate.fibers import Killed
from agentdesk.simulate.oddities import at_the_centre
from agentdesk.simulate.people import catalogue
from agentdesk.simulate.scales import replaced

if TYPE_CHECKING:
    from agentdesk.simulate.world import World

T = TypeVar("T")
NAME = "centre"
JOBS_MS = 1_000
"""How often the centre looks for work that it owes."""

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: path, headers, body, method."""

    path: str
    headers: Headers
    body: bytes
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it goes out; `broken`: the line breaks behind the body."""

    status: int
    headers: Headers
    body: bytes
    broken: bool = False


class Server:
    """The one process of the centre, and the machine it runs on; `generation` counts its starts.

    `updated`: its program is as new as those of the desks; `protocol` is the only one that it speaks.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self.folder = folder
        self.path = folder / "centre.db"
        self.file = str(self.path)
        self.clock = world.clock(NAME)
        self.disk = Disk()
        self.generation = 0
        self.published = catalogue()
        self._dice = Random(f"{world.seed}/centre")
        self.process: Process | None = None
        self._database: InlineDatabase | None = None
        self._app: Any = None
        self._provisioning: Provisioning | None = None
        self._owed: list[Callable[[Transaction], Any]] = []
        self.updated = False
        self.protocol = PROTOCOL

    @property
    def _centre(self) -> Centre:
        found: Centre = self._app.state.centre
        return found

    @property
    def up(self) -> bool:
        return self.process is not None and self.process.alive

    @property
    def means(self) -> Means:
        return Means(self.clock, self._dice.randbytes)

    def start(self) -> bool:
        """Start the process; False if it doesn't come up."""
        self.generation += 1
        process = Process(NAME, self.disk, self._committed, self._died)
        self.process = process
        try:
            with running(process), self._program():
                self._database = InlineDatabase(self.path)
                self._app = _served(self._database, self.means)
                self._centre.start(self.published)
                tools = Tools(self.means, self._centre.policies, self._database.secret)
                self._provisioning = Provisioning(self._database, tools, self._world.exchange)
        except Killed:
            self._close()
            return False
        except StorageError as error:
            self._world.story.tell(NAME, "can't start: {}", type(error).__name__)
            process.alive = False
            self._close()
            return False
        self._world.story.tell(NAME, "is up")
        owed, self._owed = self._owed, []
        for work in owed:
            with suppress(StorageError, Killed):
                self.do(work)
        self._plan_jobs()
        self._world.keeper.watch_over(process)
        return True

    @contextmanager
    def _program(self) -> Iterator[None]:
        """Let the program be the centre's meanwhile."""
        version = f"{__version__}+newer" if self.updated else __version__
        program = ((bodies, "PROTOCOL", self.protocol), (service, "__version__", version))
        with replaced(program), at_the_centre(self.updated):
            yield

    def speak(self, protocol: int) -> None:
        """Speak another protocol from now on."""
        self.protocol = protocol
        self.generation += 1

    def _plan_jobs(self) -> None:
        process = self.process
        self._world.timeline.after(JOBS_MS, lambda: self._do_jobs(process))

    def _do_jobs(self, process: Process | None) -> None:
        """Do what the centre owes, as its own thread does now and then."""
        if process is None or process is not self.process or not process.alive:
            return
        if self._world.watch.jobs_due(self.clock.wall_ms()):
            with running(process), self._program(), suppress(StorageError, Killed):
                self._centre.jobs.run_due()
            self._bury()
        if process.alive and self._provisioning is not None:
            with running(process), self._program(), suppress(StorageError, Killed):
                self._provisioning.run_due()
            self._bury()
        self._plan_jobs()

    def kill(self) -> None:
        """End the process at once."""
        if self.process is not None:
            self.process.alive = False
        self._close()

    def copy(self, to: Path) -> None:
        """Copy the database as it is, as a backup does."""
        to.mkdir(parents=True, exist_ok=True)
        for suffix in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{self.path}{suffix}", to / f"centre.db{suffix}")

    def put_back(self, copy: Path) -> None:
        """Put an earlier copy in the database's place; the process must be down."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        for suffix in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(copy / f"centre.db{suffix}", f"{self.path}{suffix}")

    def do(self, work: Callable[[Transaction], T]) -> T:
        """Do what an operator does at the centre, in a transaction of its own; raises Killed and StorageError."""
        assert self._database is not None
        with running(self.process):
            try:
                return self._database.write(work).result()
            finally:
                self._bury()

    def work_on(self, work: Callable[[InlineDatabase], object]) -> None:
        """Do something on the database, as a thread or an operator beside the answering; does nothing if it is down.

        Raises StorageError.
        """
        process, database = self.process, self._database
        if process is None or database is None or not process.alive:
            return
        with running(process), suppress(Killed):
            work(database)
        self._bury()

    def when_up(self, work: Callable[[Transaction], Any]) -> None:
        """Do something at the centre as soon as it is up."""
        self._owed.append(work)

    def forget_nonces(self) -> None:
        """Be another process of the same centre, which serves for as long and took none of the requests so far."""
        if self._database is not None:
            self._centre.nonces = Nonces(self._centre.means.now, began=0)

    def answer(self, requests: Sequence[Request]) -> list[Reply | None]:
        """Answer requests that came together; None for one whose answer died with the process."""
        process, database = self.process, self._database
        if process is None or database is None or not process.alive:
            return [None] * len(requests)
        with running(process), self._program():
            replies = _loop().run_until_complete(self._together(requests, database))
        self._bury()
        return replies

    async def _together(self, requests: Sequence[Request], database: InlineDatabase) -> list[Reply | None]:
        if len(requests) == 1:
            return [await self._one(requests[0])]
        database.hold()
        tasks = [asyncio.ensure_future(self._one(request)) for request in requests]
        # each of them comes as far as its write, then all that wait are done in one commit
        for _ in range(50):
            await asyncio.sleep(0)
        with suppress(Killed):
            database.release()
        return list(await asyncio.gather(*tasks))

    async def _one(self, request: Request) -> Reply | None:
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        process = self.process
        assert process is not None
        try:
            await self._app(_scope(request), receive, send)
            process.point("before an answer")
        except Killed:
            return None
        body = b"".join(m.get("body", b"") for m in sent[1:])
        return Reply(sent[0]["status"], tuple(sent[0]["headers"]), body)

    def _committed(self, file: str) -> None:
        if file == self.path.name:
            self._world.watch.centre_committed()

    def _died(self, process: Process, where: str) -> None:
        self._world.story.tell(NAME, "dies {}", where)
        self._world.tally[f"centre died {where}"] += 1
        self._world.faults.centre_died()

    def _bury(self) -> None:
        if self.process is not None and not self.process.alive:
            self._close()

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


_apps: list[Any] = []


def _served(database: InlineDatabase, means: Means) -> Any:
    """Return the application over a database.

    There is one for all worlds, as its routes take long to make; all that a process remembers is in its `Centre`, and
    that is made anew.
    """
    if not _apps:
        _apps.append(create_app(database, means))
    centre = _apps[0].state.centre
    vars(centre).clear()
    Centre.__init__(centre, database, means)
    return _apps[0]


class _Here(ThreadPoolExecutor):
    """Does what is handed over at once, in this thread: what comes out doesn't hang on another's pace."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:
            done.set_exception(error)
        return done


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(_Here(1))
    return loop


def lowered(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return headers under the small names that ASGI has for them."""
    return tuple((name.lower(), value) for name, value in headers)


def _scope(request: Request) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "path": request.path,
        "raw_path": request.path.encode(),
        "query_string": b"",
        "headers": list(request.headers),
        "client": ("127.0.0.1", 1),
        "server": ("centre", 80),
        "scheme": "http",
        "root_path": "",
    }
