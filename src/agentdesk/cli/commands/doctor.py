"""`agentdesk doctor`: look at terminal, files, clock, line and versions, and say what to do."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from agentdesk import __version__
from agentdesk.cli.databases import DATABASE, add_key_file, database_url, key_file
from agentdesk.cli.errors import FAILED, CommandError, one_line
from agentdesk.cli.options import OUTBOX, add_data, add_json, data_folder
from agentdesk.cli.output import say, say_json, table
from agentdesk.cli.terminal import COLUMNS, LINES, charset, colours
from agentdesk.cli.unlocking import add_unlocking, is_keyed

if TYPE_CHECKING:
    from agentdesk.centre.storage.rows import Site as KnownSite
    from agentdesk.store.site import Site

State = Literal["good", "note", "bad"]

CLOCK_MS = 120_000
"""A wall clock that is further off marks every operation (`domain.instant`)."""

ROOM_BYTES = 200 * 1024 * 1024
CENTRE_S = 3.0
FEW = 5
"""Names that stand in one line."""
ROWS = {
    "document": "documents",
    "scope_log": "log rows",
    "receipt": "receipts",
    "archive": "archived operations",
    "ledger": "money facts",
    "held": "held",
}
SIGNS = {"good": "ok", "note": "--", "bad": "!!"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `note` is worth knowing, `bad` is to be mended; `do` says how."""

    about: str
    state: State
    text: str
    do: str = ""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk doctor`."""
    add_data(parser)
    add_unlocking(parser)
    parser.add_argument(
        "--database",
        metavar="URL",
        help=f"the centre's, to look at it as well [{DATABASE} in the folder, if it is there]",
    )
    add_key_file(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look at everything; fails when something is to be mended."""
    folder = data_folder(arguments)
    findings = [*versions(), *terminal(), *files(folder)]
    if (folder / OUTBOX).is_file():
        findings += [*locks(folder), *site(folder, arguments)]
    if arguments.database is not None or (folder / DATABASE).is_file():
        findings += centre(database_url(arguments), key_file(arguments))
    if arguments.json:
        say_json({"data": str(folder), "findings": [asdict(finding) for finding in findings]})
    else:
        rows = [(SIGNS[f.state], f.about, f.text) for f in findings]
        for line, finding in zip(table(rows), findings, strict=True):
            say([line, *([f"    {finding.do}"] if finding.do else [])])
    return FAILED if any(finding.state == "bad" for finding in findings) else 0


def versions() -> Iterator[Finding]:
    """Tell which versions run here."""
    import sqlite3
    from importlib.metadata import PackageNotFoundError, version

    from agentdesk.replica.driver import cipher_version

    try:
        textual = version("textual")
    except PackageNotFoundError:
        textual = "missing"
    own = f"agentdesk {__version__}, Python {platform.python_version()}"
    libraries = f"SQLCipher {cipher_version()} for a site, SQLite {sqlite3.sqlite_version} for a centre"
    text = f"{own}, {libraries}, Textual {textual}, {platform.system()} {platform.release()}"
    if textual == "missing":
        yield Finding("versions", "bad", text, "install the desk's packages again: pip install agentdesk")
    else:
        yield Finding("versions", "good", text)


def terminal() -> Iterator[Finding]:
    """Look at what the desk would draw on."""
    spoken = charset()
    if spoken == "UTF-8":
        yield Finding("locale", "good", "UTF-8")
    else:
        yield Finding("locale", "bad", f"{spoken}, not UTF-8", "start the desk with LC_ALL=C.UTF-8 or zh_CN.UTF-8")
    if not sys.stdout.isatty():
        yield Finding("terminal", "note", "the output is no terminal; the desk needs one, the plain commands don't")
        return
    size = shutil.get_terminal_size()
    text = f"{size.columns} x {size.lines}, {colours()} colours, TERM={os.environ.get('TERM', '')}"
    if size.columns < COLUMNS or size.lines < LINES:
        yield Finding("terminal", "bad", text, f"make the window at least {COLUMNS} columns by {LINES} lines")
    else:
        yield Finding("terminal", "good", text)


def files(folder: Path) -> Iterator[Finding]:
    """Look at the folder and the files in it."""
    if not folder.is_dir():
        yield Finding(
            "folder", "note", f"{folder} does not exist yet", "enrol a site in it, or name another: --data DIR"
        )
        return
    open_to = folder.stat().st_mode & 0o077
    if folder.stat().st_uid != os.getuid():
        yield Finding("folder", "note", f"{folder} belongs to another user")
    if open_to:
        yield Finding("folder", "note", f"{folder} is open to other users", f"keep it to yourself: chmod 700 {folder}")
    else:
        yield Finding("folder", "good", str(folder))
    closed = [path.name for path in sorted(folder.glob("*.db")) if not os.access(path, os.R_OK | os.W_OK)]
    if closed or not os.access(folder, os.W_OK):
        what = ", ".join(closed) or str(folder)
        yield Finding("files", "bad", f"{what}: not writable for you", "run it as the user who enrolled the site")
    free = shutil.disk_usage(folder).free
    room = f"{free // 1024**2:,} MB free"
    if free < ROOM_BYTES:
        yield Finding("disk", "bad", room, "make room: with a full disk nothing can be promised")
    else:
        yield Finding("disk", "good", room)
    if not (folder / OUTBOX).is_file():
        yield Finding("site", "note", "not enrolled yet", "get a code from the centre's operator: agentdesk site enrol")


def locks(folder: Path) -> Iterator[Finding]:
    """Look who can open a site's files: what a stolen disk gives away."""
    from agentdesk.cli import machine_key
    from agentdesk.trust.recovery import mark_of
    from agentdesk.trust.vault import Vault, VaultError

    if not is_keyed(folder):
        text = "the files aren't encrypted: whoever has the disk has the customers"
        yield Finding("lock", "note", text, f"agentdesk site encrypt --data {folder}")
        return
    try:
        vault = Vault.read(folder)
        agents, machine = (vault.agents(), vault.has_machine) if vault is not None else ((), False)
        sealed_for = vault.sealed_for if vault is not None else b""
    except VaultError as error:
        yield Finding("lock", "bad", str(error))
        return
    place = machine_key.place_of(folder)
    opens = _several(len(agents), "agent") + (" and the machine's key" if machine else "")
    text = f"encrypted; opened by {opens}"
    if not agents and not machine:
        yield Finding("lock", "bad", "encrypted, and nobody can open it", "put back a copy of vault.json")
    elif machine and place is not None and place.resolve().is_relative_to(folder.resolve()):
        do = f"move {place} elsewhere, and name it in {machine_key.VARIABLE}"
        yield Finding("lock", "bad", f"{text}, which lies with what it opens", do)
    elif machine and place is not None and place.exists() and place.stat().st_mode & 0o077:
        yield Finding("lock", "bad", f"{text}, which other users can read", f"chmod 600 {place}")
    elif vault is not None and not vault.has_centre:
        do = f"with its next key it is sealed for the centre, too: enrol it, or agentdesk site rotate --data {folder}"
        yield Finding("lock", "note", f"{text}; with these lost the centre can't open it", do)
    elif sealed_for:
        yield Finding("lock", "good", f"{text}, and by the centre's, sealed for {mark_of(sealed_for)}")
    else:
        yield Finding("lock", "good", text)


def _several(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def site(folder: Path, arguments: argparse.Namespace | None = None) -> Iterator[Finding]:
    """Look at an enrolled site: its outbox, its line and its clock."""
    from agentdesk.cli.unlocking import opened as unlocked
    from agentdesk.replica.driver import sqlite
    from agentdesk.store.errors import StoreError

    try:
        opened = unlocked(folder, arguments)
    except CommandError as error:
        yield Finding("outbox", "note", str(error))
        return
    except (sqlite.Error, StoreError, OSError) as error:
        yield Finding("outbox", "bad", f"can't be opened: {error}", "keep the folder as it is and ask for help")
        return
    try:
        # SQLite 3.40's quick_check sees NULLs that aren't there in tables without a rowid
        sound = opened.files.outbox.execute("PRAGMA main.integrity_check(1)").fetchone()[0]
        if sound != "ok":
            yield Finding("outbox", "bad", str(sound), "keep the folder as it is and ask for help; don't write to it")
        if not opened.enrolled():
            yield Finding(
                "site", "note", "not enrolled yet", "get a code from the centre's operator: agentdesk site enrol"
            )
            return
        yield from _enrolled(opened)
    finally:
        opened.close()


def _enrolled(opened: Site) -> Iterator[Finding]:
    identity, line, waiting = opened.identity, opened.line.state(), opened.outbox.waiting()
    yield Finding("site", "good", f"{identity.name} ({identity.site}) in {identity.region}")
    if not identity.key:
        text = "none, from before sites had them: whoever copies the token can name one in this site's stead"
        yield Finding("key", "note", text, f"agentdesk site rotate --data {opened.files.folder}")
    inbox = len(opened.outbox.inbox(10_000))
    text = f"{waiting} waiting, {inbox} for a person"
    yield Finding("outbox", "note" if inbox else "good", text, "look at them: agentdesk outbox list" if inbox else "")
    before = opened.clock.wall_ms()
    health = _health(identity.url, identity.ca)
    if isinstance(health, str):
        do = "nothing is lost; look at the network and the address, it goes on by itself"
        yield Finding("line", "bad", f"{identity.url}: {health}", do)
    else:
        said = "cut by hand (ctrl+o on the desk restores it)" if line.cut else line.state
        text = f"{identity.url} answers, centre {health.get('version')}; last seen {said}"
        if line.problem and not line.online and not line.cut:
            # a centre that answers may still have closed this site
            yield Finding("line", "note", f"{text}: {one_line(line.problem)}", "agentdesk site sync says it anew")
        else:
            yield Finding("line", "good", text)
        offset = (before + opened.clock.wall_ms()) // 2 - int(health.get("server_time") or before)
        yield _clock(offset)
        return
    if line.offset is not None:
        yield _clock(line.offset)


def centre(url: str, key: Path | None) -> Iterator[Finding]:
    """Look at the centre's database: how much it holds, and what would be lost with it."""
    from agentdesk.centre.keeping import growth
    from agentdesk.centre.own_key import problem_of
    from agentdesk.centre.storage.contract import StorageError
    from agentdesk.centre.storage.keys import load_secret
    from agentdesk.centre.storage.opening import key_path, open_database
    from agentdesk.trust.recovery import mark_of, public_half

    try:
        database = open_database(url, key)
    except StorageError as error:
        yield Finding("centre", "bad", f"can't be opened: {error}")
        return
    path = key_path(url, key)
    try:
        found = database.read(growth).result()
        wrong = database.read(partial(problem_of, path)).result()
        bare = [one.id for one in database.read(lambda snapshot: snapshot.sites()).result() if _bare(one)]
    except StorageError as error:
        yield Finding("key", "bad", str(error))
        return
    finally:
        database.close()
    rows = ", ".join(f"{count:,} {ROWS[name]}" for name, count in found.rows.items())
    text = f"{rows}; {found.prunable:,} receipts to prune"
    yield Finding("centre", "good", text)
    if wrong is not None:
        what, _, do = wrong.partition(": ")
        yield Finding("key", "bad", what, do)
    elif path.exists():
        opens = f"it opens vaults that are sealed for {mark_of(public_half(load_secret(path)))}"
        yield Finding("key", "good", f"{path} is the one that this database was signed with; {opens}")
    if found.durability == "committed" and found.last_backup is None:
        yield Finding(
            "backup",
            "note",
            f"none is known: {found.unsaved:,} operations are in this database alone",
            "agentdesk centre backup FILE; where a replica follows at once, all is well as it is",
        )
    else:
        yield Finding("backup", "good", f"{_several(found.unsaved, 'operation')} since the last one")
    if found.awaited:
        yield Finding(
            "leases",
            "note",
            f"nothing is leased until these sites show what they hold: {', '.join(found.awaited)}",
            "start their desks, or write off what they hold: agentdesk budget write-off SITE",
        )
    if bare:
        few = f"{', '.join(bare[:FEW])}{', ...' if len(bare) > FEW else ''}"
        yield Finding(
            "site keys",
            "note",
            f"{len(bare)} sites have none, and a copied token can name one in their stead: {few}",
            "start their desks, which name one by themselves, or close what is gone: agentdesk site revoke SITE",
        )
    if found.held:
        yield Finding("held", "note", f"{found.held:,} operations wait for a person", "agentdesk held list")


def _bare(site: KnownSite) -> bool:
    """Tell whether a site that may come has a token and no key, as those from before sites had keys."""
    return not site.revoked and not site.public_key


def _clock(offset: int) -> Finding:
    text = f"{abs(offset) / 1000:.1f} s {'ahead of' if offset >= 0 else 'behind'} the centre's"
    if abs(offset) > CLOCK_MS:
        return Finding("clock", "bad", text, "set this machine's clock (timedatectl); until then promises are marked")
    return Finding("clock", "good", text)


def _health(url: str, ca: str = "") -> dict[str, Any] | str:
    """Return what the centre says of itself, or what is wrong; `ca` is the authority that the site believes (PEM)."""
    import ssl
    from urllib.error import URLError
    from urllib.request import urlopen

    try:
        trusting = ssl.create_default_context(cadata=ca) if ca else None
        with urlopen(f"{url.rstrip('/')}/healthz", timeout=CENTRE_S, context=trusting) as answer:
            health = json.loads(answer.read(64 * 1024))
    except URLError as error:
        return str(error.reason)
    except (OSError, ValueError) as error:
        return str(error) or type(error).__name__
    return health if isinstance(health, dict) else "answers something else; is it the centre?"
