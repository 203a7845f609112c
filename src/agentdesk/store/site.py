"""A site's store: one operation, one durable transaction, and only then the screen says so (DOMAIN rule 1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentdesk.store.catalogues import Catalogues
from agentdesk.store.errors import StoreError
from agentdesk.store.files import Files
from agentdesk.store.line import Line
from agentdesk.store.outbox import Outbox
from agentdesk.store.view import View

if TYPE_CHECKING:
    from agentdesk.domain.decide import Allowance
    from agentdesk.domain.operation import Clock, Draft
    from agentdesk.domain.policy import Catalogue, MoneyKind
    from agentdesk.store.access import Access, Gone
    from agentdesk.store.allowances import Allowances
    from agentdesk.store.committing import Committed, Committing, Entropy
    from agentdesk.store.intake import Intake, Page, Standing
    from agentdesk.store.lineages import Agreed, Lineage
    from agentdesk.store.outbox import Answer, Word
    from agentdesk.store.search import Search


class NotEnrolled(StoreError):
    """This folder belongs to no site yet."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this site is: its id, its four-digit number, its region's scope, and where the centre is.

    It signs with `key` (32 bytes; none: it was enrolled before sites had keys); `ca` is the authority that signs the
    centre's certificate (PEM; empty: one that the machine knows).
    """

    site: str
    number: int
    name: str
    region: str
    scopes: tuple[str, ...]
    url: str
    token: str = field(repr=False)
    key: bytes = field(default=b"", repr=False)
    ca: str = field(default="", repr=False)


class Site:
    """The store of one site, used by one thread; several processes may have one on the same folder.

    `key` is the data key of its files (`store.files.Files`), None where they aren't encrypted.
    """

    def __init__(self, folder: Path, clock: Clock, entropy: Entropy, key: bytes | None = None) -> None:
        self.files = Files(folder, clock.mono_ms, key)
        self.clock = clock
        self.entropy = entropy
        self.view = View(self.files)
        self.outbox = Outbox(self.files)
        self.line = Line(self.files, clock)
        self._catalogues = Catalogues(self.view)
        self._identity: Identity | None = None

    def close(self) -> None:
        self.files.close()

    # what reads alone is enough for a desk's first frame; the rest is loaded when it is asked for

    @cached_property
    def search(self) -> Search:
        """Finding by name and by words."""
        from agentdesk.store.search import Search

        return Search(self.files)

    @cached_property
    def access(self) -> Access:
        """Who may sign in here, and how often somebody tried."""
        from agentdesk.store.access import Access

        return Access(self.files, self.view)

    @cached_property
    def _allowances(self) -> Allowances:
        from agentdesk.store.allowances import Allowances

        return Allowances(self.files, self.view)

    @cached_property
    def _intake(self) -> Intake:
        from agentdesk.store.intake import Intake

        return Intake(self.files, self.view, self.outbox, self._catalogues.get, self.now)

    @cached_property
    def _committing(self) -> Committing:
        from agentdesk.store.committing import Committing

        parts = (self.files, self.view, self.line, self._catalogues, self._allowances)
        return Committing(*parts, self.clock, self.entropy)

    # who this site is

    def enrolled(self) -> bool:
        return self._meta("site") is not None

    def enrol(self, identity: Identity, lineage: str, offset: int | None = None) -> None:
        """Make this folder the files of a site, with a new lineage; raises StoreError when it is one already.

        `offset` is how far this machine's clock was found to be ahead of the centre's, ms.
        """
        from agentdesk.domain.operation import GENESIS

        with self.files.writing() as outbox:
            if self.enrolled():
                raise StoreError(f"{self.files.folder} is enrolled already; use another folder for another site")
            values = {
                "site": identity.site,
                "number": str(identity.number),
                "name": identity.name,
                "region": identity.region,
                "scopes": "\n".join(identity.scopes),
                "url": identity.url,
                "token": identity.token,
                "key": identity.key.hex(),
                "ca": identity.ca,
                "counter": "0",
            }
            outbox.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", values.items())
            outbox.execute(
                "INSERT INTO chain (lineage, seq, hash, current, answered_hash) VALUES (?, 0, ?, 1, ?)",
                (lineage, GENESIS, GENESIS),
            )
            outbox.execute("UPDATE line SET offset = ? WHERE id = 1", (offset,))

    def move_centre(self, url: str) -> None:
        """Note that the centre is reached at another address from now on; raises BadAddress."""
        from agentdesk.trust.addresses import check_address

        check_address(url)
        with self.files.writing() as outbox:
            outbox.execute("UPDATE meta SET value = ? WHERE key = 'url'", (url,))
        self._identity = None

    @property
    def identity(self) -> Identity:
        """Return who this site is; raises NotEnrolled."""
        if self._identity is None:
            rows = dict(self.files.outbox.execute("SELECT key, value FROM meta").fetchall())
            if "site" not in rows:
                folder = self.files.folder
                raise NotEnrolled(f"{folder} is not enrolled; run `agentdesk site enrol URL CODE --data {folder}`")
            self._identity = Identity(
                rows["site"],
                int(rows["number"]),
                rows["name"],
                rows["region"],
                tuple(rows["scopes"].split("\n")),
                rows["url"],
                rows["token"],
                bytes.fromhex(rows.get("key", "")),
                rows.get("ca", ""),
            )
        return self._identity

    def look_again(self) -> None:
        """Forget who this site is: another process may have changed its key."""
        self._identity = None

    def next_key(self) -> bytes:
        """Return the key that this site is about to have, made and kept before anybody hears of it."""
        from agentdesk.trust.signatures import KEY_BYTES

        with self.files.writing() as outbox:
            row = outbox.execute("SELECT value FROM meta WHERE key = 'next_key'").fetchone()
            if row is not None:
                return bytes.fromhex(row[0])
            key = self.entropy.token_bytes(KEY_BYTES)
            outbox.execute("INSERT INTO meta (key, value) VALUES ('next_key', ?)", (key.hex(),))
        return key

    def take_key(self, token: str, key: bytes) -> None:
        """Go by another token and sign with another key from now on."""
        with self.files.writing() as outbox:
            values = {"token": token, "key": key.hex()}
            outbox.executemany("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", values.items())
            outbox.execute("DELETE FROM meta WHERE key = 'next_key' AND value = ?", (key.hex(),))
        self._identity = None

    def settle_vault(self) -> tuple[Gone, ...]:
        """Take out of this folder's vault who has no business here any more; returns who that was.

        To be called when the site was opened; sync does it whenever it brought something of the organisation. Raises
        StoreError when the vault can't be read or written.
        """
        from agentdesk.trust.vault import Vault, VaultError

        try:
            vault = Vault.read(self.files.folder)
            return self.access.settle(vault) if vault is not None else ()
        except VaultError as error:
            raise StoreError(str(error)) from error

    # the only way to change anything

    def commit(self, draft: Draft) -> Committed:
        """Decide an operation and put it on disk in one durable transaction.

        Raises Refused when the rules don't allow it and DiskFull when there is no room; nothing is recorded then.
        """
        return self.commit_all((draft,))[0]

    def commit_all(self, drafts: Iterable[Draft]) -> tuple[Committed, ...]:
        """Put several operations on disk together, in order: all of them or none."""
        from agentdesk.store.bell import ring

        made = self._committing.commit(self.identity.site, drafts)
        ring(self.files.folder)
        return made

    # what an operation is made from

    def new_id(self) -> str:
        from agentdesk.domain.numbering.ids import uuid7

        return uuid7(self.clock.wall_ms(), self.entropy.token_bytes(10))

    def now(self) -> int:
        """Return the instant as the centre would see it, ms UTC."""
        return self.line.state().instant(self.clock.wall_ms())

    def next_number(self) -> str:
        """Return a new digits-only number for a ticket or a promise; made offline, never given twice."""
        from agentdesk.domain.numbering.ids import digits_number

        with self.files.writing() as outbox:
            outbox.execute("UPDATE meta SET value = value + 1 WHERE key = 'counter'")
            # both are read here: whoever syncs may have got a new number for this site meanwhile
            facts = dict(outbox.execute("SELECT key, value FROM meta WHERE key IN ('counter', 'number')").fetchall())
        return digits_number(int(facts["number"]), int(facts["counter"]))

    def allowances(self) -> Mapping[MoneyKind, Allowance]:
        """Return what may still be promised here: one lease of each kind, minor units left."""
        return self._allowances.all(self.identity.site)

    def leases(self) -> tuple[Mapping[str, Any], ...]:
        """Return the signed leases that this site holds, with what it spent of each, as it shows them to the centre."""
        return self._allowances.slips(self.identity.site)

    def return_surplus(self) -> int:
        """Return to the centre what this site needn't hold, by operations of its own; returns how many it made."""
        from agentdesk.domain.decide import SITE_ROLE
        from agentdesk.domain.operation import Draft
        from agentdesk.store.committing import Refused

        me = self.identity
        made = 0
        for found in self._allowances.surplus(me.site, me.scopes):
            place = (f"site/{me.site}", found.lease)
            draft = Draft("allowance.returned", me.site, SITE_ROLE, *place, {"why": found.why})
            with suppress(Refused):  # spent meanwhile, or this site isn't known here yet: the next sync looks again
                self.commit(replace(draft, allowance=found.lease, amount=found.amount))
                made += 1
        return made

    def catalogue(self, version: str = "") -> Catalogue:
        """Return a version of the catalogue as the centre published it, or the newest one.

        Before the first sync it is the one that came with the program.
        """
        return self._catalogues.get(version)

    def signed_off(self, version: str) -> dict[str, Any]:
        """Return who signed a version off and when (ms UTC), or nothing where nobody did."""
        return self._catalogues.signed_off(version)

    # what the centre says

    def take_answers(self, lineage: str, answers: Iterable[Answer], epoch: str = "", word: Word | None = None) -> int:
        """Keep the centre's verdicts, and show what they mean; return how many operations no longer wait for one.

        `epoch` is the identity of the logs in which the answers' changes stand, `word` says how far the centre is.
        """
        return self._intake.answers(lineage, answers, epoch, self.clock.wall_ms(), word)

    def epoch(self) -> str:
        """Return the history of the centre that this site knows; empty before it has greeted it."""
        return self._meta("epoch") or ""

    def lineages(self) -> tuple[Lineage, ...]:
        """Return what this site tells the centre about its lineages, the current one last."""
        from agentdesk.store.lineages import own_lineages

        return own_lineages(self.files.outbox)

    def agree(self, standing: Standing) -> Agreed:
        """Come to terms with the centre: send again what it lost, and go on in a new lineage where histories parted."""
        agreed = self._intake.agree(standing, self.new_id(), self.clock.wall_ms())
        self._identity = None
        return agreed

    def rewind(self, lineage: str, answered: int) -> bool:
        """Send a lineage again from after `answered`: the centre says that it has no more than that.

        False if that is no step back. What it lost is pending again, and its verdicts are forgotten.
        """
        return self._intake.rewind(lineage, answered)

    def pull_cursors(self) -> dict[str, tuple[str, int, str]]:
        """Return from where each of the site's scopes is to be pulled: (epoch, number, hash), from the start at first.

        A scope whose replica has a new generation under way goes on in that.
        """
        known = self._intake.cursors()
        return {scope: known.get(scope, ("", 0, "")) for scope in self.identity.scopes}

    def take_page(self, page: Page) -> bool:
        """Take in a pulled page whole, with its cursor, and rebase the documents it changed.

        False if the replica hasn't the documents that the centre counts: it has to be fetched again.
        """
        return self._intake.page(page)

    def differed(self, scope: str) -> None:
        """Count that a scope's replica differed from what the centre has: `doctor` tells."""
        with self.files.writing() as outbox:
            outbox.execute(
                "INSERT INTO meta (key, value) VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET value = value + 1",
                (f"differed:{scope}",),
            )

    def tidy(self) -> int:
        """Let operations go that are at the centre for good, once a day; returns how many."""
        from agentdesk.store.tidying import is_due, tidy

        now = self.clock.wall_ms()
        return tidy(self.files, now) if is_due(self.files, now) else 0

    def adopt(self, scope: str, path: Path) -> None:
        """Take in a scope whole, as a verified replica file of the centre's; its log goes on from the file's cursor."""
        self._intake.adopt(scope, path)

    def complete_replicas(self) -> bool:
        """Let new generations of replicas that were filled up serve from now on; False if there were none."""
        return self._intake.complete()

    def recover(self) -> None:
        """Finish what a process died over, with the centre there or not; cheap while little is pending."""
        self._intake.resume()

    # drafts: unsent words survive whatever happens to the program

    def keep_draft(self, key: str, text: str) -> None:
        """Keep a draft, one for each key; an empty text forgets it."""
        with self.files.writing() as outbox:
            if text:
                outbox.execute(
                    "INSERT INTO draft (key, text, at) VALUES (?1, ?2, ?3) "
                    "ON CONFLICT (key) DO UPDATE SET text = ?2, at = ?3",
                    (key, text, self.clock.wall_ms()),
                )
            else:
                outbox.execute("DELETE FROM draft WHERE key = ?", (key,))

    def draft(self, key: str) -> str:
        row = self.files.outbox.execute("SELECT text FROM draft WHERE key = ?", (key,)).fetchone()
        return row[0] if row else ""

    def drafts(self) -> dict[str, str]:
        return dict(self.files.outbox.execute("SELECT key, text FROM draft ORDER BY at DESC").fetchall())

    def _meta(self, key: str) -> str | None:
        row = self.files.outbox.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None


SiteFactory = Callable[[], Site]
