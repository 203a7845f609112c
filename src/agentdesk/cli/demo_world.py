"""The demo's world: a folder with a centre's database, an enrolled site, and the centre's own process.

The folder is made once and used again while its world is fresh: all times in it lie around the moment at which it
was made, so one that is older than a day, or was made for another seed, size or program, is made anew. What is
deleted then are only the demo's own files, and only where `demo.json` says that they are.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from agentdesk import __version__
from agentdesk.cli import machine_key
from agentdesk.cli.databases import DATABASE, url_of
from agentdesk.cli.embedded import NOTICES, EmbeddedCentre, free_port
from agentdesk.cli.errors import CommandError
from agentdesk.cli.machine import MachineClock
from agentdesk.cli.options import OUTBOX
from agentdesk.cli.progress import Progress

if TYPE_CHECKING:
    from agentdesk.centre.service import Centre
    from agentdesk.centre.storage.contract import Database
    from agentdesk.desk.settings import SampleAgent
    from agentdesk.domain.documents import Document
    from agentdesk.sample.world import World
    from agentdesk.store.site import Site

FORMAT = 2
NAME = "demo.json"
FRESH_MS = 24 * 3_600_000
REGION = "bj"
SITE_NAME = "演示职场"
OURS = (
    "centre.db*",
    "outbox.db*",
    "replica-*.db*",
    "site.toml",
    "centre.log",
    NOTICES,
    "presence/*.json",
    "sync.lock",
    "sync.bell",
    "migrate.lock",
    "vault.json",
    "vault.lock",
    NAME,
)
"""What a demo makes in its folder, and takes away when it is made anew."""


@dataclass(frozen=True, slots=True)
class Note:
    """What `demo.json` says: what was asked for, when it was made (ms UTC), who sits here, and who rings.

    `ready` is False while the world is being made: what such a folder holds is of no use.
    """

    customers: int
    seed: int
    made_at: int
    ready: bool = False
    format: int = FORMAT
    version: str = __version__
    agent: str = ""
    port: int = 0
    callers: tuple[tuple[str, str | None, str | None], ...] = ()

    def serves(self, customers: int | None, seed: int | None, now: int) -> bool:
        """Tell whether this world will do for what is asked; None is content with any."""
        same = self.ready and self.format == FORMAT and self.version == __version__
        wanted = customers in (None, self.customers) and seed in (None, self.seed)
        return same and wanted and 0 <= now - self.made_at < FRESH_MS


class DemoWorld:
    """A demo's folder with everything running but the desk; a context manager.

    `customers` and `seed` of None take what the folder has, or the defaults. Raises CommandError.
    """

    def __init__(
        self, folder: Path, customers: int | None = None, seed: int | None = None, *, quiet: bool = False
    ) -> None:
        self.folder = folder
        self._customers = customers
        self._seed = seed
        self._quiet = quiet
        self._clock = MachineClock()
        self._lock: IO[str] | None = None
        self._centre: EmbeddedCentre | None = None
        self.note = Note(0, 0, 0)

    @property
    def centre(self) -> EmbeddedCentre:
        """Return the running centre."""
        assert self._centre is not None  # only inside the context
        return self._centre

    @property
    def database(self) -> str:
        """Return the URL of the centre's database."""
        return url_of(self.folder / DATABASE)

    def __enter__(self) -> DemoWorld:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._take_folder()
        try:
            note = read_note(self.folder)
            if note is not None and note.serves(self._customers, self._seed, self._clock.wall_ms()):
                self._resume(note)
            else:
                self._make(note)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the centre and let go of the folder."""
        if self._centre is not None:
            self._centre.stop()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def open_site(self) -> Site:
        """Open the demo's site, for the thread that asks."""
        from agentdesk.cli.unlocking import opened

        return opened(self.folder)

    # a folder that is used again

    def _resume(self, note: Note) -> None:
        """Start the centre on what is there; nobody waits for it, as a desk works without."""
        port = free_port(note.port)
        self._centre = EmbeddedCentre(self.database, port, self.folder)
        self._centre.start()
        self.note = note
        site = self.open_site()
        try:
            # the line is never found cut at the start, however the last demo was left
            site.line.cut(False, self._clock.wall_ms())
            if site.identity.url != self._centre.url:
                site.move_centre(self._centre.url)
        finally:
            site.close()

    # a folder that is made

    def _make(self, before: Note | None) -> None:
        if before is None and (self.folder / OUTBOX).exists():
            raise CommandError(
                f"{self.folder} holds the files of a site: give the demo a folder of its own with --data"
            )
        if before is not None and before.ready and not self._quiet:
            Progress("the sample world is made anew", None).to(0)
        clear(self.folder)
        machine_key.beside(self.folder).unlink(missing_ok=True)
        customers = self._customers or (before.customers if before and before.ready else DEFAULT_CUSTOMERS)
        seed = self._seed if self._seed is not None else (before.seed if before and before.ready else DEFAULT_SEED)
        note = Note(customers, seed, self._clock.wall_ms())
        write_note(self.folder, note)
        world, code = self._fill(note)
        agent = next(iter(world.agents())).id
        (self.folder / "site.toml").write_text(f'[desk]\nagent = "{agent}"\n', "utf-8")
        callers = tuple((c.number, c.name, c.queue) for c in world.callers())
        self.centre.wait()
        self._enrol(code, sample_staff(world))
        port = int(self.centre.url.rpartition(":")[2])
        self.note = Note(customers, seed, note.made_at, ready=True, agent=agent, port=port, callers=callers)
        write_note(self.folder, self.note)

    def _world(self, note: Note) -> World:
        from agentdesk.sample.world import World

        try:
            return World(note.seed, note.customers, REGION, note.made_at)
        except ValueError as error:
            raise CommandError(str(error)) from None

    def _fill(self, note: Note) -> tuple[World, str]:
        """Fill the centre's database, start the centre on it meanwhile, and make a code that enrols one site."""
        with ExitStack() as stack:
            # what is imported here takes longer than the first thousand customers: the bar is there before
            with self._progress("sample customers", note.customers) as progress:
                from functools import partial

                from agentdesk.centre.authors import set_agents
                from agentdesk.centre.enrol import create_code
                from agentdesk.centre.loading import bulk_load
                from agentdesk.centre.loading_money import costs, load_money
                from agentdesk.centre.service import Centre
                from agentdesk.centre.storage.opening import open_database

                world = self._world(note)
                database = open_database(self.database)
                stack.callback(database.close)
                centre = Centre(database)
                load = partial(bulk_load, database, REGION, source="sample", means=centre.means)
                centre.start(world.catalogue)
                agents = [{"id": document.id, **document.data} for document in world.agents()]
                database.write(partial(set_agents, means=centre.means, agents=agents)).result()
                _give_passwords(database, centre, sample_staff(world))
                self._centre = EmbeddedCentre(self.database, free_port(), self.folder)
                self._centre.start()
                load(world.customers(), progress.to)
            with self._progress("their tickets, promises and contacts", None) as progress:
                given: list[Document] = []
                load(_noting(world.work(), costs, given), progress.to)
                load_money(database, REGION, given, source="sample", means=centre.means)
                load(world.outlets())
                load(world.bookings())
                load(world.group())
            make = partial(create_code, means=centre.means, region=REGION, name=SITE_NAME)
            return world, database.write(make).result()

    def _enrol(self, code: str, staff: Sequence[SampleAgent]) -> None:
        from functools import partial

        from agentdesk.cli.enrolment import enrol
        from agentdesk.cli.keying import new_key
        from agentdesk.cli.syncing import sync

        make = partial(new_key, self.folder, machine_key.beside(self.folder))
        site = enrol(self.folder, self.centre.url, code, SITE_NAME, "demo", make_key=make)
        try:
            waiting, problem = sync(site, "first sync of the site, changes", quiet=self._quiet)
            assert site.files.key is not None
            _sign_in(site, site.files.key, staff)
        finally:
            site.close()
        if problem is not None or waiting:
            raise CommandError(f"the demo's first sync failed: {problem or 'the centre takes its time'}; try again")

    def _progress(self, what: str, total: int | None) -> Progress:
        return Progress(what, total, quiet=self._quiet)

    def _take_folder(self) -> None:
        """Make sure that this is the only demo in the folder."""
        lock = (self.folder / "demo.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise CommandError(
                f"a demo runs in {self.folder} already: open another desk on it with "
                f"`agentdesk desk --data {self.folder}`, or give this one a folder of its own with --data"
            ) from None
        self._lock = lock


def sample_staff(world: World) -> tuple[SampleAgent, ...]:
    """Return those of a demo's staff who can sign in: some who take calls, and who approves for them."""
    from agentdesk.desk.settings import SampleAgent
    from agentdesk.sample.passwords import password_of, pin_of

    found: list[SampleAgent] = []
    for role, most, approves in SIGN_IN:
        people = [one for one in world.agents() if one.data["role"] == role][:most]
        for one in people:
            pin = pin_of(world.seed, one.id) if approves else ""
            found.append(SampleAgent(one.id, one.data["name"], role, password_of(world.seed, one.id), pin))
    return tuple(found)


def sample_staff_of(note: Note) -> tuple[SampleAgent, ...]:
    """Return those of a demo's staff who can sign in, by what `demo.json` says."""
    from agentdesk.sample.world import World

    return sample_staff(World(note.seed, note.customers, REGION, note.made_at))


def _give_passwords(database: Database, centre: Centre, staff: Sequence[SampleAgent]) -> None:
    """Give the demo's staff their passwords at the centre."""
    from functools import partial

    from agentdesk.centre.staff import give_password
    from agentdesk.trust.passwords import SALT_BYTES, hashed

    for one in staff:
        hash_ = hashed(one.password, centre.means.random(SALT_BYTES))
        work = partial(give_password, means=centre.means, agent=one.id, hash_=hash_, must_change=False)
        database.write(work).result()


def _sign_in(site: Site, key: bytes, staff: Sequence[SampleAgent]) -> None:
    """Let the demo's first agent in once, so that he can unlock his desk; and give its first superior his PIN."""
    from contextlib import closing

    from agentdesk.sync.client import client_of
    from agentdesk.sync.sign_in import SignInFailed, admit, set_pin, sign_in
    from agentdesk.trust.vault import Vault

    vault = Vault.read(site.files.folder)
    assert vault is not None  # it was made with the key
    with closing(client_of(site)) as client:
        try:
            admit(site, vault, key, sign_in(site, staff[0].id, staff[0].password, client=client), staff[0].password)
            for one in staff:
                if one.pin:
                    set_pin(site, one.id, one.password, one.pin, client)
        except SignInFailed as failed:
            raise CommandError(f"the demo's staff can't sign in: {failed}; try again") from None


SIGN_IN = (("agent", 2, False), ("team_leader", 1, True), ("duty_manager", 1, True))
"""Who of a demo's staff has a password, by role: so many, and whether he has a PIN."""

DEFAULT_CUSTOMERS = 10_000
DEFAULT_SEED = 1


def _noting(
    documents: Iterable[Document], wanted: Callable[[Document], bool], noted: list[Document]
) -> Iterator[Document]:
    """Yield documents, and note those that are wanted on the way."""
    for document in documents:
        if wanted(document):
            noted.append(document)
        yield document


def read_note(folder: Path) -> Note | None:
    """Return what `demo.json` says; None where there is none. One that can't be read is not ready."""
    try:
        parts: Any = json.loads((folder / NAME).read_text("utf-8"))
        callers = tuple((number, name, queue) for number, name, queue in parts.pop("callers"))
        return Note(**parts, callers=callers)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Note(0, 0, 0)


def write_note(folder: Path, note: Note) -> None:
    """Write `demo.json`, whole or not at all."""
    part = folder / f"{NAME}.part"
    part.write_text(json.dumps(asdict(note), ensure_ascii=False), "utf-8")
    part.replace(folder / NAME)


def clear(folder: Path) -> None:
    """Take away what a demo has made in a folder."""
    for pattern in OURS:
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)
