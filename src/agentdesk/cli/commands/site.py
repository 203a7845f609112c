"""`agentdesk site`: enrol this machine as a site, look how it stands, sync once, change its key.

What is done at the centre to sites is in `site_at_centre`.
"""

from __future__ import annotations

import argparse
import hashlib
import socket
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentdesk.cli.commands.site_at_centre import configure_at_centre
from agentdesk.cli.errors import FAILED, CommandError
from agentdesk.cli.keying import add_keying, discard, first_agent, new_key
from agentdesk.cli.options import add_data, add_json, add_language, data_folder, opened_site, site_folder, speak
from agentdesk.cli.output import pairs, say, say_json, table
from agentdesk.cli.unlocking import add_unlocking

if TYPE_CHECKING:
    from agentdesk.store.site import Site

MACHINE_ID = Path("/etc/machine-id")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk site`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    enrol = actions.add_parser("enrol", help="make this folder a site of a centre, with a one-time code")
    enrol.add_argument("url", metavar="URL", help="the centre's address, such as https://centre.example")
    enrol.add_argument("code", metavar="CODE", help="the one-time code that the centre's operator gave")
    enrol.add_argument("--name", default="", help="what people call the site [as the code says]")
    enrol.add_argument(
        "--ca", type=Path, metavar="FILE", help="the authority that signs the centre's certificate (PEM), kept here"
    )
    add_keying(enrol)
    enrol.add_argument("--agent", metavar="ID", help="who signs in, with --no-machine-key [asked for]")
    enrol.set_defaults(run=run_enrol)
    encrypt = actions.add_parser("encrypt", help="encrypt the files of a site that was enrolled without a key")
    add_keying(encrypt)
    encrypt.add_argument("--agent", metavar="ID", help="who signs in, with --no-machine-key [asked for]")
    encrypt.set_defaults(run=run_encrypt)
    status = actions.add_parser("status", help="show who this site is, its line, and what waits")
    status.set_defaults(run=run_status)
    sync = actions.add_parser("sync", help="push and pull once, until nothing is left to do")
    sync.set_defaults(run=run_sync)
    rotate = actions.add_parser("rotate", help="give this site a new key and a new token; the old ones end with it")
    rotate.add_argument(
        "--code", default="", help="a code that the centre made for this site: where its key is lost, or refused"
    )
    rotate.set_defaults(run=run_rotate)
    configure_at_centre(actions)
    for action in (enrol, encrypt, status, sync, rotate):
        add_data(action)
        add_unlocking(action)
        add_json(action)
        add_language(action)


def run_enrol(arguments: argparse.Namespace) -> int:
    """Enrol this folder, and fetch the site's data for the first time."""
    speak(arguments)
    from agentdesk.cli.enrolment import enrol

    folder = data_folder(arguments)
    make = partial(new_key, folder, arguments.machine_key, machine=not arguments.no_machine_key)
    site = enrol(folder, arguments.url, arguments.code, arguments.name, machine(), arguments.ca, make)
    try:
        if arguments.no_machine_key:
            _first_agent(folder, site, arguments)
        waiting, problem = _synced(site, arguments.json)
        if arguments.json:
            say_json({**_identity(site), "waiting": waiting, "problem": problem})
        else:
            say([f"{folder} is now the site {site.identity.name!r} ({site.identity.site}) of {site.identity.region}"])
        if problem is not None:
            raise CommandError(f"enrolled, but not yet synced: {problem}; run `agentdesk site sync --data {folder}`")
    finally:
        site.close()
    return 0


def _first_agent(folder: Path, site: Site, arguments: argparse.Namespace) -> None:
    """Let somebody open a site that no machine opens; one that nobody can open is no site."""
    from agentdesk.trust.vault import Vault

    vault, key = Vault.read(folder), site.files.key
    assert vault is not None
    assert key is not None  # both were made just now
    try:
        first_agent(site, vault, key, arguments)
    except CommandError as error:
        discard(folder)
        raise CommandError(f"not enrolled, as nobody signed in: {error}; ask for another code") from None


def run_encrypt(arguments: argparse.Namespace) -> int:
    """Encrypt the files of a site that has no key yet."""
    speak(arguments)
    from agentdesk.cli.encrypting import encrypt

    folder = site_folder(arguments)
    encrypt(folder, arguments)
    if arguments.json:
        say_json({"data": str(folder), "encrypted": True})
    else:
        say(
            [f"the files in {folder} are encrypted; what they were before is gone from it, though not from old backups"]
        )
    return 0


def run_status(arguments: argparse.Namespace) -> int:
    """Show who this site is, its line, and what waits."""
    speak(arguments)
    with opened_site(arguments) as site:
        shape = _status(site)
        if arguments.json:
            say_json(shape)
        else:
            say(_status_lines(site, shape))
    return 0


def run_sync(arguments: argparse.Namespace) -> int:
    """Sync once; fails while something still waits."""
    speak(arguments)
    with opened_site(arguments) as site:
        waiting, problem = _synced(site, arguments.json)
        inbox = len(site.outbox.inbox(10_000))
    if arguments.json:
        say_json({"waiting": waiting, "problem": problem, "inbox": inbox})
        return 0 if problem is None and not waiting else FAILED
    if problem is not None or waiting:
        raise CommandError(f"{waiting} still wait here, nothing is lost: {problem or 'the centre takes its time'}")
    say([f"in step with the centre{f'; {inbox} answers wait for a person' if inbox else ''}"])
    return 0


def run_rotate(arguments: argparse.Namespace) -> int:
    """Change the site's key and token, and use them once: from then on the old ones open nothing."""
    speak(arguments)
    from contextlib import closing

    from agentdesk.store.errors import StoreError
    from agentdesk.sync.client import RequestFailed, client_of
    from agentdesk.sync.fetching import CentreSnapshots
    from agentdesk.sync.recovery import seal_again
    from agentdesk.sync.rotating import rotate
    from agentdesk.sync.signing import credentials_of

    with opened_site(arguments) as site, closing(client_of(site)) as client:
        client.renew = None
        try:
            recovery = rotate(site, client, arguments.code)
        except RequestFailed as failed:
            raise CommandError(f"the key stays as it was: {failed}") from None
        client.auth.credentials = credentials_of(site.identity)
        try:
            CentreSnapshots(client).offers()
        except (RequestFailed, StoreError) as failed:
            raise CommandError(f"the new key is here, the old one ends with the next sync: {failed}") from None
        # who says this is at the site, and so says which centre it is, as at enrolment
        seal_again(site, recovery)
        if arguments.json:
            say_json({"site": site.identity.site, "rotated": True})
        else:
            say([f"{site.identity.name} ({site.identity.site}) signs with a new key; the old one opens nothing now"])
    return 0


def machine() -> str:
    """Return an opaque id of this machine: the system's own, hashed for us alone."""
    try:
        own = MACHINE_ID.read_text().strip()
    except OSError:
        own = socket.gethostname()
    return hashlib.sha256(f"agentdesk {own}".encode()).hexdigest()[:32]


def _synced(site: Site, quiet: bool) -> tuple[int, str | None]:
    from agentdesk.cli.syncing import sync

    return sync(site, "changes taken in", quiet=quiet)


def _identity(site: Site) -> dict[str, Any]:
    identity = site.identity
    return {
        "site": identity.site,
        "number": identity.number,
        "name": identity.name,
        "region": identity.region,
        "scopes": list(identity.scopes),
        "centre": identity.url,
        "data": str(site.files.folder),
    }


def _status(site: Site) -> dict[str, Any]:
    line = site.line.state()
    return {
        **_identity(site),
        "line": {
            "state": "cut" if line.cut else line.state,
            "online": line.online,
            "since": line.since or None,
            "last_contact": line.last_contact,
            "offset": line.offset,
            "problem": line.problem,
            "holder": line.holder,
            "next_try": line.next_try,
            "fetching": None if line.fetching is None else {**asdict(line.fetching), "left_ms": line.fetching.left_ms},
        },
        "waiting": site.outbox.waiting(),
        "oldest_waiting": site.outbox.oldest_waiting(),
        "inbox": len(site.outbox.inbox(10_000)),
        "drafts": len(site.drafts()),
        "catalogue": site.catalogue().version,
        "allowances": {kind: {"id": left.id, "left": left.left} for kind, left in site.allowances().items()},
        "cursors": {scope: {"epoch": e, "seq": n} for scope, (e, n, _) in sorted(site.view.cursors().items())},
    }


def _status_lines(site: Site, shape: dict[str, Any]) -> list[str]:
    from agentdesk.desk import wording
    from agentdesk.desk.i18n import _
    from agentdesk.desk.models import times
    from agentdesk.desk.models.status import fetching_words

    now, line = site.now(), shape["line"]
    states = {
        "live": _("live"),
        "online": _("online"),
        "syncing": _("syncing"),
        "offline": _("offline"),
        "cut": _("cut by hand"),
    }
    state = states.get(line["state"], line["state"])
    if line["since"]:
        state = _("{state}, since {moment}").format(state=state, moment=times.moment(line["since"], now))
    waiting = str(shape["waiting"])
    if shape["oldest_waiting"] is not None:
        waiting = _("{n}, the oldest made {ago}").format(n=waiting, ago=times.ago(shape["oldest_waiting"], now))
    kinds = {"cost": _("may still be given away"), "credit": _("may still be given as credit")}
    facts = [
        (_("site"), f"{shape['name']} ({shape['site']}, {shape['number']})"),
        (_("region"), shape["region"]),
        (_("centre"), shape["centre"]),
        (_("network"), state),
        (_("first sync"), fetching_words(site.line.state().fetching)),
        (_("problem"), line["problem"] or ""),
        (_("waiting"), waiting),
        (_("for a person"), str(shape["inbox"]) if shape["inbox"] else ""),
        (_("catalogue"), shape["catalogue"]),
        *((kinds.get(kind, kind), wording.money(left["left"])) for kind, left in shape["allowances"].items()),
    ]
    cursors = [(scope, str(at["seq"])) for scope, at in shape["cursors"].items()]
    return [*pairs(facts), "", *table(cursors, (_("scope"), _("changes")))]
