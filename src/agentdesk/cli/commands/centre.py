"""`agentdesk centre`: keep the centre's database: back it up, say what was restored or lost, tidy it, see how it is."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from agentdesk.cli.databases import add_database, existing_url, key_file, opened_database
from agentdesk.cli.errors import CommandError
from agentdesk.cli.options import add_json
from agentdesk.cli.output import pairs, say, say_json, table


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk centre`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    status = actions.add_parser("status", help="what the database holds, and how safe it is")
    status.set_defaults(run=run_status)
    backup = actions.add_parser("backup", help="copy the database into a new file, while the centre is at work")
    backup.add_argument("file", type=Path, metavar="FILE", help="a file that does not exist yet")
    backup.set_defaults(run=run_backup)
    restored = actions.add_parser("restored", help="say that the database was put back from a backup")
    restored.set_defaults(run=run_restored)
    lost = actions.add_parser("key-lost", help="say that the key file is lost for good: a new one takes its place")
    lost.set_defaults(run=run_key_lost)
    durability = actions.add_parser("durability", help="say when an operation counts as durable")
    durability.add_argument(
        "mode", choices=("committed", "backup"), help="committed: a replica follows at once; backup: a backup has it"
    )
    durability.set_defaults(run=run_durability)
    snapshot = actions.add_parser("snapshot", help="prepare regions for sites that begin, as one file each")
    snapshot.add_argument("--scope", metavar="SCOPE", help="only this one, such as region/bj [all regions]")
    snapshot.set_defaults(run=run_snapshot)
    tidy = actions.add_parser("tidy", help="remove what nobody will ask for again")
    tidy.set_defaults(run=run_tidy)
    vault = actions.add_parser("open-vault", help="let somebody into a site's files that nobody can open any more")
    vault.add_argument("site", metavar="SITE", help="the site's id, as `site list` shows it")
    vault.add_argument("folder", type=Path, metavar="FOLDER", help="where a copy of its vault.json lies; it is changed")
    vault.add_argument(
        "--agent", required=True, metavar="ID", help="who is let in for a day, by his password at the centre"
    )
    vault.add_argument("--stdin", action="store_true", help="read the password from the first line of the input")
    vault.set_defaults(run=run_open_vault)
    for one in (status, backup, restored, lost, durability, snapshot, tidy, vault):
        add_database(one)
        add_json(one)


def run_status(arguments: argparse.Namespace) -> int:
    """Show what the database holds."""
    from agentdesk.centre.keeping import growth

    with opened_database(arguments, must_exist=True) as (database, _):
        found = database.read(growth).result()
    if arguments.json:
        say_json(asdict(found))
        return 0
    last = "never" if found.last_backup is None else f"{_when(found.last_backup)}, {found.unsaved:,} operations since"
    say(
        pairs(
            [
                *((name.replace("_", " "), f"{rows:,}") for name, rows in found.rows.items()),
                ("durable when", "committed" if found.durability == "committed" else "a backup has it"),
                ("last backup", last),
                ("history", f"number {found.epoch_number}"),
                ("waits for", ", ".join(found.awaited) or "no site"),
            ]
        )
    )
    return 0


def run_backup(arguments: argparse.Namespace) -> int:
    """Copy the database, and count what is in the copy as durable."""
    from agentdesk.centre.keeping import backup

    with opened_database(arguments, must_exist=True) as (database, means):
        size = backup(database, arguments.file, means.now)
    if arguments.json:
        say_json({"file": str(arguments.file), "bytes": size})
    else:
        say([f"backed up to {arguments.file} ({size:,} bytes); keep the centre's key file with it, in another place"])
    return 0


def run_restored(arguments: argparse.Namespace) -> int:
    """Begin a new history of the centre: sites find out what it lost, and send it again."""
    from agentdesk.centre.histories import begin_epoch

    with opened_database(arguments, must_exist=True) as (database, means):
        epoch = database.write(lambda tx: begin_epoch(tx, means, "restored, an operator says")).result()
        sites = [site for site in database.read(lambda s: s.sites()).result() if not site.revoked]
    if arguments.json:
        say_json({"epoch": epoch, "sites": [site.id for site in sites]})
    else:
        say(
            [
                f"a new history begins: {epoch}",
                f"nothing is leased until {len(sites)} sites have shown what they hold, or were written off",
            ]
        )
    return 0


def run_key_lost(arguments: argparse.Namespace) -> int:
    """Make a new key, and sign again with it what sites hold."""
    from agentdesk.centre.authors import system_means
    from agentdesk.centre.own_key import replace_lost

    done = replace_lost(existing_url(arguments), key_file(arguments), system_means())
    if arguments.json:
        say_json({"key": str(done.path), "leases": done.leases, "imports_need_the_lost_key": done.imports})
        return 0
    say(
        [
            f"a new key lies in {done.path}; {done.leases} leases are signed with it, for the sites' next sync",
            "copy it to all machines of this centre, and keep a copy apart from the database",
            "if the database was put back from a backup as well, say so: agentdesk centre restored",
            *(["customers can't be imported any more: with another key none is recognised"] if done.imports else []),
        ]
    )
    return 0


def run_durability(arguments: argparse.Namespace) -> int:
    """Set when an operation is durable: sites keep what isn't, to send it again."""
    from agentdesk.centre.keeping import set_durability

    with opened_database(arguments, must_exist=True) as (database, _):
        set_durability(database, arguments.mode)
    if arguments.json:
        say_json({"durability": arguments.mode})
    else:
        say([f"an operation is durable when {'a backup has it' if arguments.mode == 'backup' else 'it is committed'}"])
    return 0


def run_snapshot(arguments: argparse.Namespace) -> int:
    """Prepare the snapshots of all regions, or of one; one that is as new as its log stays."""
    from agentdesk.centre.snapshots import is_region, prepare, shelf_of

    with opened_database(arguments, must_exist=True) as (database, means):
        heads = database.read(lambda snapshot: snapshot.heads()).result()
        scopes = [head.scope for head in heads if is_region(head.scope)]
        if arguments.scope is not None:
            if arguments.scope not in scopes:
                known = ", ".join(scopes) or "none yet"
                raise CommandError(f"{arguments.scope!r} is no region of this centre; there are: {known}")
            scopes = [arguments.scope]
        made = [prepare(database, shelf_of(database), scope, means) for scope in scopes]
    if arguments.json:
        say_json({"snapshots": [manifest.model_dump(exclude={"sealed_key"}) for manifest in made]})
    else:
        rows = [(m.scope, f"{m.seq:,}", f"{m.rows:,}", f"{m.size / 1e6:,.1f} MB", m.name) for m in made]
        say(table(rows, ("scope", "changes", "documents", "size", "file")) if rows else ["there is no region yet"])
    return 0


def run_open_vault(arguments: argparse.Namespace) -> int:
    """Let an agent into a site's vault by the password that he has at the centre; what waits there can be sent then."""
    from agentdesk.centre.enrol import note_recovery
    from agentdesk.cli.vaults import let_in, operator, own_password

    with opened_database(arguments, must_exist=True) as (database, means):
        by = operator()
        password = own_password(database, arguments.agent, arguments.stdin)
        try:
            # it is written down before it is done: a vault that was opened unseen is worse than a line too many
            database.write(lambda tx: note_recovery(tx, means, arguments.site, arguments.agent, by)).result()
        except LookupError as error:
            raise CommandError(f"{error}: `agentdesk site list` shows them") from None
        until = let_in(arguments.folder, database.secret(), arguments.agent, password, means.now())
    if arguments.json:
        say_json({"site": arguments.site, "agent": arguments.agent, "until": until})
    else:
        say(
            [
                f"{arguments.folder / 'vault.json'} opens for {arguments.agent} until {_when(until)}",
                "put it back into the site's folder, open the desk there with the line up, and let the others sign in",
            ]
        )
    return 0


def run_tidy(arguments: argparse.Namespace) -> int:
    """Prune receipts, erase contents older than the policy keeps them, cut logs where a snapshot stands in for them."""
    from agentdesk.centre.cutting import cut_logs
    from agentdesk.centre.keeping import tidy

    with opened_database(arguments, must_exist=True) as (database, means):
        done = tidy(database, means.now())
        cuts = cut_logs(database, means.now())
    if arguments.json:
        logs = [{"scope": cut.scope, "from": cut.before, "to": cut.floor} for cut in cuts]
        say_json({**asdict(done), "logs": logs})
    else:
        say([f"{done.receipts:,} receipts pruned, the contents of {done.contents:,} operations erased"])
        say(f"the log of {cut.scope} begins at {cut.floor:,} now" for cut in cuts)
    return 0


def _when(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
