"""`agentdesk budget`: at the centre, what regions may promise, what is leased to which site, and what is exposed."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from agentdesk.cli.databases import add_database, opened_database
from agentdesk.cli.errors import CommandError
from agentdesk.cli.options import add_json
from agentdesk.cli.output import say, say_json, table
from agentdesk.domain.finance.money import AmountError, format_minor, parse_amount

if TYPE_CHECKING:
    from agentdesk.centre.authors import Means
    from agentdesk.centre.storage.contract import Snapshot, Transaction
    from agentdesk.centre.storage.rows import Budget, Exposure, Lease, Site

T = TypeVar("T")

KINDS = ("cost", "credit")
PREFIX = "region/"

CAUSES = {
    "written_off": "a site was given up with this left",
    "returned": "a site that was given up returned it",
    "over_lease": "a copy of a site spent beyond its lease",
    "unleased": "promised without a lease, and honoured",
    "restored": "leased before the centre was restored",
    "limit_lowered": "out already when the limit was lowered",
    "covered": "within the limit again",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk budget`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="all budgets: limit, promised, leased out, exposed, free")
    listed.set_defaults(run=run_list)
    show = actions.add_parser("show", help="one region's budgets, and who holds what of them")
    show.add_argument("region", metavar="REGION")
    show.set_defaults(run=run_show)
    put = actions.add_parser("set", help="set what a region may promise; what is out already stands")
    put.add_argument("region", metavar="REGION")
    put.add_argument("kind", choices=KINDS, help="cost is given away, credit comes back")
    put.add_argument("amount", metavar="AMOUNT", help="in yuan, such as 200000 or 1,500.50")
    put.set_defaults(run=run_set)
    recall = actions.add_parser("recall", help="have a site return at its next sync what it holds")
    recall.add_argument("site", metavar="SITE", help="id, number or name")
    recall.add_argument(
        "--leave", metavar="AMOUNT", default="0", help="what it goes on to hold of each kind, in yuan [0]"
    )
    recall.add_argument("--kind", choices=KINDS, help="only this kind")
    recall.set_defaults(run=run_recall)
    write_off = actions.add_parser("write-off", help="give up what a site holds that can't be reached any more")
    write_off.add_argument("site", metavar="SITE", help="id, number or name")
    write_off.add_argument("lease", metavar="LEASE", nargs="?", help="only this lease")
    write_off.add_argument("--yes", action="store_true", help="don't ask")
    write_off.set_defaults(run=run_write_off)
    repaid = actions.add_parser("repaid", help="free the credit of a promise whose customer has paid")
    repaid.add_argument("region", metavar="REGION")
    repaid.add_argument("promise", metavar="PROMISE", help="the id of the promise's document")
    repaid.set_defaults(run=run_repaid)
    exposures = actions.add_parser("exposures", help="what limits can't answer for, amount by amount, with its cause")
    exposures.add_argument("region", metavar="REGION", nargs="?")
    exposures.set_defaults(run=run_exposures)
    for action in (listed, show, put, recall, write_off, repaid, exposures):
        add_database(action)
        add_json(action)


def run_list(arguments: argparse.Namespace) -> int:
    """List all budgets."""
    rows = _read(arguments, lambda s: [row for scope in s.budget_scopes() for row in _rows(s, scope)])
    if arguments.json:
        say_json({"budgets": rows})
    elif rows:
        say(_budget_table(rows))
    else:
        say(["no region has a budget yet: the first site of a region brings the sample's, or set one"])
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Show a region's budgets with its leases, and check them."""
    from agentdesk.centre.exposure import check_money

    scope = PREFIX + arguments.region

    def read(snapshot: Snapshot) -> tuple[list[dict[str, Any]], list[Lease], dict[str, Site], list[str]]:
        wrong = [line for line in check_money(snapshot) if scope in line]
        return _rows(snapshot, scope), snapshot.leased(scope), {s.id: s for s in snapshot.sites()}, wrong

    rows, leases, sites, wrong = _read(arguments, read)
    if not rows:
        raise CommandError(f"the region {arguments.region!r} has no budget: see `agentdesk budget list`")
    held = [{**asdict(x), "left": x.left, "name": sites[x.site].name if x.site in sites else ""} for x in leases]
    if arguments.json:
        say_json({"budgets": rows, "leases": held, "wrong": wrong})
        return 0
    heads = ("SITE", "NAME", "LEASE", "LEASED", "PROMISED", "RETURNED", "LEFT", "TARGET", "STATE")
    names, figures = ("site", "name", "id"), ("amount", "spent", "returned", "left", "target")
    lines = [[*(x[n] for n in names), *(_yuan(x[n]) for n in figures), _state(x, sites)] for x in held]
    say([*_budget_table(rows), "", *(table(lines, heads) if lines else ["nothing of it is leased"])])
    if wrong:
        say(["", "the books don't agree, tell whoever looks after the centre:", *wrong])
    return 0


def run_set(arguments: argparse.Namespace) -> int:
    """Set a limit, and say what a lower one no longer covers."""
    from agentdesk.centre.budgets import set_budget
    from agentdesk.centre.enrol import check_region

    check_region(arguments.region)
    limit = _amount(arguments.amount)
    wanted = {"region": arguments.region, "kind": arguments.kind, "limit": limit, "actor": _operator()}

    def work(tx: Transaction, means: Means) -> tuple[Budget, int]:
        before = {b.kind: b for b in tx.budgets([PREFIX + arguments.region])}.get(arguments.kind)
        after = set_budget(tx, means, **wanted)
        return after, after.exposed - (before.exposed if before is not None else 0)

    after, more = _write(arguments, work)
    if arguments.json:
        say_json({"budget": asdict(after), "newly_exposed": max(0, more)})
        return 0
    lines = [f"{arguments.region} may promise {_yuan(limit)} of {arguments.kind}"]
    if more > 0:
        lines.append(f"{_yuan(more)} more than that are out already: they stand, and are booked as limit_lowered")
    say(lines)
    return 0


def run_recall(arguments: argparse.Namespace) -> int:
    """Set what a site should hold, so that it returns the rest."""
    from agentdesk.centre.allowances import set_target

    leave = _amount(arguments.leave)
    targets = dict.fromkeys((arguments.kind,) if arguments.kind else KINDS, leave)

    def work(tx: Transaction, means: Means) -> tuple[Site, list[Lease]]:
        site = _found(tx.sites(), arguments.site)
        return site, set_target(tx, means, site.id, targets, _operator())

    site, leases = _write(arguments, work)
    back = sum(max(0, x.left - x.target) for x in leases)
    if arguments.json:
        say_json({"site": site.id, "leases": [asdict(x) for x in leases], "to_return": back})
    elif not leases:
        say([f"{site.name} ({site.id}) holds nothing that could be recalled"])
    else:
        say([f"{site.name} ({site.id}) returns up to {_yuan(back)} at its next sync, less what it promises until then"])
    return 0


def run_write_off(arguments: argparse.Namespace) -> int:
    """Give up what a site holds, once the operator has seen how much that is."""
    from agentdesk.centre.allowances import write_off

    def read(snapshot: Snapshot) -> tuple[Site, list[Lease]]:
        site = _found(snapshot.sites(), arguments.site)
        leases = [x for x in snapshot.leases(site.id) if arguments.lease in (None, x.id)]
        return site, [x for x in leases if x.state == "open"]

    site, leases = _read(arguments, read)
    if not leases and arguments.lease is not None:
        raise CommandError(
            f"{site.id} has no open lease {arguments.lease!r}: see `agentdesk budget show {site.region}`"
        )
    risk = sum(max(0, x.left) for x in leases)
    words = f"{site.name} ({site.id}) may still promise {_yuan(risk)}, and nobody can stop it: that much is at risk"
    if not arguments.yes:
        if arguments.json or not sys.stdin.isatty():
            raise CommandError(f"{words}; add --yes to give it up")
        say([f"{words}."])
        if input("Give it up and lease it to others? Type yes: ").strip().lower() != "yes":
            raise CommandError("nothing was done")

    def work(tx: Transaction, means: Means) -> int:
        return write_off(tx, means, site.id, arguments.lease, _operator())

    amount = _write(arguments, work)
    if arguments.json:
        say_json({"site": site.id, "written_off": amount})
    else:
        say([f"{_yuan(amount)} of {site.name} ({site.id}) are written off: they may be leased to others"])
    return 0


def run_repaid(arguments: argparse.Namespace) -> int:
    """Free the credit of a promise."""
    from agentdesk.centre.budgets import NotCredit, repay

    def work(tx: Transaction, means: Means) -> int:
        return repay(tx, means, PREFIX + arguments.region, arguments.promise, _operator())

    try:
        amount = _write(arguments, work)
    except (LookupError, NotCredit) as error:
        raise CommandError(str(error.args[0])) from None
    if arguments.json:
        say_json({"promise": arguments.promise, "freed": amount})
    else:
        say([f"{_yuan(amount)} of credit are free again" if amount else "it was freed before: nothing was done"])
    return 0


def run_exposures(arguments: argparse.Namespace) -> int:
    """List what is booked beyond the limits."""

    def read(snapshot: Snapshot) -> list[Exposure]:
        scopes = [PREFIX + arguments.region] if arguments.region else snapshot.budget_scopes()
        return [row for scope in scopes for row in snapshot.exposures(scope)]

    rows = _read(arguments, read)
    if arguments.json:
        say_json({"exposures": [asdict(row) for row in rows]})
        return 0
    heads = ("WHEN (UTC)", "REGION", "KIND", "AMOUNT", "SITE", "LEASE", "CAUSE")
    lines = [
        [
            *(_when(x.at), x.scope.removeprefix(PREFIX), x.kind, _yuan(x.amount), x.site or "-", x.lease or "-"),
            f"{x.cause}: {CAUSES.get(x.cause, 'unknown')}",
        ]
        for x in rows
    ]
    say(table(lines, heads) if lines else ["nothing is exposed: all that is out is within its limit"])
    return 0


def _rows(snapshot: Snapshot, scope: str) -> list[dict[str, Any]]:
    out = snapshot.outstanding(scope)
    rows = []
    for budget in snapshot.budgets([scope]):
        leased = out.get(budget.kind, 0)
        free = max(0, budget.limit - budget.settled - leased)
        region = scope.removeprefix(PREFIX)
        rows.append({**asdict(budget), "region": region, "leased": leased, "free": free})
    return rows


def _budget_table(rows: Sequence[dict[str, Any]]) -> list[str]:
    heads = ("REGION", "KIND", "LIMIT", "PROMISED", "LEASED OUT", "EXPOSED", "FREE")
    names = ("limit", "settled", "leased", "exposed", "free")
    return table([(x["region"], x["kind"], *(_yuan(x[name]) for name in names)) for x in rows], heads)


def _state(lease: dict[str, Any], sites: dict[str, Site]) -> str:
    closed = lease["site"] not in sites or sites[lease["site"]].revoked
    return "site closed" if closed and lease["state"] == "open" else str(lease["state"]).replace("_", " ")


def _found(sites: Sequence[Site], wanted: str) -> Site:
    """Return the site that an operator names by id, number or name; raises CommandError."""
    found = [s for s in sites if wanted in (s.id, str(s.number))] or [s for s in sites if s.name == wanted]
    if not found:
        raise CommandError(f"there is no site {wanted!r}: give its id, number or name")
    if len(found) > 1:
        raise CommandError(
            f"{len(found)} sites are called {wanted!r}: give the id, one of {', '.join(s.id for s in found)}"
        )
    return found[0]


def _amount(text: str) -> int:
    try:
        return parse_amount(text)
    except AmountError as error:
        raise CommandError(f"{text!r} is no amount: {error}") from None


def _yuan(amount: int) -> str:
    return format_minor(amount)


def _when(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def _operator() -> str:
    """Return who runs the command, for the archive."""
    try:
        return f"operator:{getpass.getuser()}"
    except (OSError, KeyError):
        return "operator"


def _read(arguments: argparse.Namespace, work: Callable[[Snapshot], T]) -> T:
    with opened_database(arguments, must_exist=True) as (database, _):
        return database.read(work).result()


def _write(arguments: argparse.Namespace, work: Callable[[Transaction, Means], T]) -> T:
    with opened_database(arguments, must_exist=True) as (database, means):
        return database.write(lambda tx: work(tx, means)).result()
