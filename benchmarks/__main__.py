"""`make bench`: each measurement side by side with its floor; `--json FILE` writes the same figures."""

from __future__ import annotations

import argparse
import json
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from agentdesk.replica.driver import cipher_version
from benchmarks import at_rest, catalogue, commit, desk, history, live, lookup, pouch, pull, push, storm
from benchmarks.measure import Figure, table

DATABASES = ("sqlite", "postgresql")
PARTS = ("commit", "at-rest", "catalogue", "lookup", "desk", "push", "pull", "live", "storm", "history", "pouchdb")


def main() -> int:
    """Run the measurements that were asked for and print their table."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="run some of them")
    parser.add_argument(
        "--databases",
        nargs="+",
        choices=DATABASES,
        default=DATABASES,
        help="what the centre keeps its data in",
    )
    parser.add_argument(
        "--customers", type=int, default=1_000_000, help="size of the large world of look-ups and of the desk"
    )
    parser.add_argument(
        "--history", type=int, default=1_000_000, help="operations behind a push (10000000: an hour and 40 GB of disk)"
    )
    options = parser.parse_args()
    parts: dict[str, list[Callable[[Path], list[Figure]]]] = {
        "commit": [commit.run],
        "at-rest": [lambda f: at_rest.run(f, min(options.customers, 100_000))],
        "catalogue": [catalogue.run],
        "lookup": [lambda f: lookup.run(f, 10_000), lambda f: lookup.run(f, options.customers)],
        "desk": [lambda f: desk.run(f, options.customers)],
        "push": [lambda f: push.run(f, list(options.databases))],
        "pull": [lambda f: pull.run(f, list(options.databases))],
        "live": [lambda f: live.run(f, list(options.databases))],
        "storm": [lambda f: storm.run(f, list(options.databases))],
        "history": [lambda f: history.run(f, options.history)],
        "pouchdb": [pouch.run],
    }
    figures: list[Figure] = []
    for name, steps in parts.items():
        if name not in options.only:
            continue
        for step in steps:
            print(f"measuring {name} …", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory(prefix="agentdesk-bench-") as folder:
                figures += step(Path(folder))
    libraries = f"SQLCipher {cipher_version()}, SQLite {sqlite3.sqlite_version}"
    machine = f"Python {platform.python_version()}, {libraries}, {platform.machine()}"
    figures += pouch.compared(figures)
    print(machine)
    print(table(figures))
    if options.json:
        content = {"machine": machine, "figures": [figure.as_json() for figure in figures]}
        options.json.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
