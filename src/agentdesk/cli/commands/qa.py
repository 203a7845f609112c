"""`agentdesk qa`: what the last run of scenarios and picture tests showed."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from agentdesk.cli.errors import FAILED, CommandError
from agentdesk.cli.output import say


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk qa`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    report = actions.add_parser("report", help="one page: scenarios, steps, pictures beside the accepted ones")
    report.add_argument("--results", metavar="DIR", type=Path, default=Path(".qa"), help="what pytest left [.qa]")
    report.add_argument("--out", metavar="FILE", type=Path, default=Path("qa-report.html"), help="[qa-report.html]")
    report.set_defaults(run=run_report)


def run_report(arguments: argparse.Namespace) -> int:
    """Write the page; fails when something in it failed."""
    from agentdesk.qa.report import BadResult, load, page

    if not arguments.results.is_dir():
        raise CommandError(f"there are no results in {arguments.results}: run pytest tests/scenarios first")
    try:
        results = load(arguments.results)
    except BadResult as problem:
        raise CommandError(str(problem)) from None
    arguments.out.write_text(page(results, f"{datetime.now():%Y-%m-%d %H:%M}"), encoding="utf-8")
    failed = sum(one.outcome == "failed" for one in results)
    say([f"{arguments.out}: {len(results)} runs, {failed} failed"])
    return FAILED if failed else 0
