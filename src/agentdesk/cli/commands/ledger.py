"""`agentdesk ledger`: at the centre, what was given, on whose account, and what for."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from agentdesk.cli.databases import add_database, opened_database
from agentdesk.cli.errors import CommandError
from agentdesk.cli.options import add_json
from agentdesk.cli.output import say, say_csv, say_json, table

if TYPE_CHECKING:
    from agentdesk.centre.ledgers import Booked
    from agentdesk.centre.storage.contract import Snapshot

COLUMNS = (
    "at",
    "department",
    "kind",
    "amount",
    "number",
    "code",
    "name",
    "customer",
    "commitment",
    "site",
    "operation",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk ledger`."""
    parser.add_argument("--region", metavar="CODE", help="of one region [all]")
    parser.add_argument("--department", metavar="ID", help="what one unit pays")
    parser.add_argument("--month", metavar="YYYY-MM", help="of one month in China's time")
    parser.add_argument("--lines", action="store_true", help="list each fact instead of the sums")
    parser.add_argument("--csv", action="store_true", help="write each fact as CSV; amounts in yuan")
    add_database(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show what each unit pays, or the facts behind it."""
    from agentdesk.centre.ledgers import sums

    with opened_database(arguments, must_exist=True) as (database, _means):
        try:
            found = database.read(partial(_read, arguments=arguments)).result()
        except ValueError as error:
            raise CommandError(str(error)) from None
    if arguments.csv:
        _csv(found)
    elif arguments.json:
        units = [
            {"department": s.department, "kind": s.kind, "count": s.count, "amount": s.amount} for s in sums(found)
        ]
        say_json({"sums": units, "lines": [_shape(one) for one in found] if arguments.lines else len(found)})
    elif not found:
        say(["the ledger has nothing of this"])
    elif arguments.lines:
        rows = [
            (_moment(b.line.at), b.line.department, b.line.kind, _yuan(b.line.amount), b.number, b.code, b.name_zh)
            for b in found
        ]
        say(table(rows, ("when (UTC)", "department", "kind", "yuan", "number", "code", "what")))
    else:
        rows_ = [(s.department, s.kind, str(s.count), _yuan(s.amount)) for s in sums(found)]
        say(table(rows_, ("department", "kind", "count", "yuan")))
    return 0


def _read(snapshot: Snapshot, arguments: argparse.Namespace) -> list[Booked]:
    from agentdesk.centre.ledgers import read_ledger

    scopes = [f"region/{arguments.region}"] if arguments.region else sorted(snapshot.budget_scopes())
    return [b for scope in scopes for b in read_ledger(snapshot, scope, arguments.department, arguments.month)]


def _csv(found: Sequence[Booked]) -> None:
    shapes = ({**_shape(booked), "amount": _yuan(booked.line.amount)} for booked in found)
    say_csv(COLUMNS, ([shape[name] for name in COLUMNS] for shape in shapes))


def _shape(booked: Booked) -> dict[str, object]:
    line = booked.line
    return {
        "at": _moment(line.at),
        "department": line.department,
        "kind": line.kind,
        "amount": line.amount,
        "number": booked.number,
        "code": booked.code,
        "name": booked.name_zh,
        "customer": line.customer,
        "commitment": line.commitment,
        "site": line.site,
        "operation": line.operation,
    }


def _yuan(amount: int) -> str:
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M")
