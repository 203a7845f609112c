"""`agentdesk import`: bring customers and agents into the centre from files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.cli.databases import add_database, opened_database
from agentdesk.cli.errors import FAILED, CommandError
from agentdesk.cli.options import add_json
from agentdesk.cli.output import say, say_json

if TYPE_CHECKING:
    from agentdesk.centre.importer.customers import Report


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk import`."""
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    customers = kinds.add_parser("customers", help="from a CSV file, UTF-8 or GB18030, Chinese or English headers")
    customers.add_argument("file", metavar="FILE.csv", type=Path, help="the file; refused lines go beside it")
    customers.add_argument("--region", required=True, help="the region's code, such as bj")
    customers.set_defaults(run=run_customers)
    agents = kinds.add_parser("agents", help="from a CSV file with id, name and role of each; dismisses nobody")
    agents.add_argument(
        "file", metavar="FILE.csv", type=Path, help="the file: id, name and role; also department, team, region"
    )
    agents.set_defaults(run=run_agents)
    for kind in (customers, agents):
        add_database(kind)
        add_json(kind)


def run_customers(arguments: argparse.Namespace) -> int:
    """Import customers; fails when not a single line could be read."""
    from agentdesk.centre.enrol import check_region
    from agentdesk.centre.importer.customers import Progress as Done
    from agentdesk.centre.importer.customers import import_customers
    from agentdesk.cli.progress import Progress

    path: Path = arguments.file
    check_region(arguments.region)
    if not path.is_file():
        raise CommandError(f"{path} is no file: give the path of a CSV file")
    with (
        opened_database(arguments, must_exist=False) as (database, means),
        Progress("lines read", None, quiet=arguments.json) as progress,
    ):

        def show(done: Done) -> None:
            progress.to(done.rows, int(done.rows / done.share) if done.share else None)

        report = import_customers(database, path, arguments.region, show, means=means)
    if arguments.json:
        say_json(_shape(report))
    else:
        say(_lines(report))
    return FAILED if report.rejected and report.rejected == report.rows else 0


def run_agents(arguments: argparse.Namespace) -> int:
    """Take in a list of agents, all of it or nothing; who is there already is changed."""
    from functools import partial

    from agentdesk.centre.authors import set_agents
    from agentdesk.centre.policies import Policies
    from agentdesk.cli.staff import read_staff

    path: Path = arguments.file
    if not path.is_file():
        raise CommandError(f"{path} is no file: give the path of a CSV file")
    with opened_database(arguments, must_exist=False) as (database, means):
        catalogue, _ = database.read(lambda snapshot: Policies().get(snapshot, "")).result()
        agents = read_staff(path, catalogue)
        database.write(partial(set_agents, means=means, agents=agents)).result()
    if arguments.json:
        say_json({"agents": len(agents)})
    else:
        say([f"{len(agents):,} agents are known at the centre; sites learn of them with their next sync"])
    return 0


def _shape(report: Report) -> dict[str, object]:
    return {
        "rows": report.rows,
        "rejected": report.rejected,
        "rejects": str(report.rejects) if report.rejects else None,
        "customers": {"new": report.written.new, "changed": report.written.changed, "same": report.written.same},
        "encoding": report.encoding,
        "ignored_columns": list(report.ignored),
        "seconds": round(report.seconds, 3),
    }


def _lines(report: Report) -> list[str]:
    written = report.written
    rate = report.rows / report.seconds if report.seconds else 0
    lines = [
        f"{report.rows:,} lines ({report.encoding}) in {report.seconds:.1f} s, {rate:,.0f}/s",
        f"customers: {written.new:,} new, {written.changed:,} changed, {written.same:,} as they were",
    ]
    if report.ignored:
        lines.append(f"columns that mean nothing here: {', '.join(report.ignored)}")
    if report.rejects:
        lines.append(f"{report.rejected:,} lines refused, each with its reason in {report.rejects}")
    return lines
