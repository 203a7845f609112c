"""`agentdesk simulate`: whole worlds in one process, with faults from a seed; what was checked, and what broke."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from agentdesk.cli.errors import FAILED, CommandError
from agentdesk.cli.options import add_json
from agentdesk.cli.output import say, say_json, table
from agentdesk.cli.progress import Progress

if TYPE_CHECKING:
    from agentdesk.simulate.runs import Outcome, Summary

LIST = "list"
STORY_LINES = 60
WIDTH = 100


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk simulate`."""
    parser.add_argument("--seeds", type=int, default=20, metavar="N", help="how many worlds [20]")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the first one's seed [1]")
    parser.add_argument(
        "--plant", metavar="BUG", help=f"plant a bug in the shipped code; `{LIST}` names those there are"
    )
    parser.add_argument("--story", action="store_true", help="tell a failing world's whole story, not its end only")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run worlds until one breaks an invariant; fails then."""
    from agentdesk.simulate.plants import PLANTS
    from agentdesk.simulate.runs import run_seeds

    if arguments.plant == LIST:
        if arguments.json:
            say_json({"plants": {name: plant.says for name, plant in PLANTS.items()}})
        else:
            say(table([(name, plant.says) for name, plant in PLANTS.items()]))
        return 0
    if arguments.plant is not None and arguments.plant not in PLANTS:
        raise CommandError(
            f"there is no bug {arguments.plant!r} to plant; `agentdesk simulate --plant {LIST}` names them"
        )
    if arguments.seeds < 1:
        raise CommandError("give a number of worlds, at least 1")
    seeds = range(arguments.seed, arguments.seed + arguments.seeds)
    with Progress("worlds", arguments.seeds, quiet=arguments.json) as progress:
        summary = run_seeds(seeds, arguments.plant, progress.to)
    if arguments.json:
        say_json(shape(summary, arguments))
    else:
        say(_report(summary, arguments))
    return FAILED if summary.failed is not None else 0


def shape(summary: Summary, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the worlds came to, as JSON."""
    from agentdesk.simulate.invariants import INVARIANTS

    failed = summary.failed
    return {
        "worlds": summary.worlds,
        "operations": summary.operations,
        "seconds": round(summary.seconds, 2),
        "slowest_drain_ms": summary.slowest_drain_ms,
        "plant": arguments.plant,
        "invariants": {
            name: {"sentence": one.sentence, "met": summary.met[name], "worlds": summary.held[name]}
            for name, one in INVARIANTS.items()
        },
        "not_exercised": summary.unmet,
        "faults": dict(sorted(summary.faults.items())),
        "failed": None
        if failed is None
        else {
            "seed": failed.seed,
            "digest": failed.digest,
            "invariant": failed.broken,
            "text": failed.text,
            "story": list(failed.story),
            "again": _again(failed, arguments),
        },
    }


def _again(failed: Outcome, arguments: argparse.Namespace) -> str:
    plant = f" --plant {arguments.plant}" if arguments.plant else ""
    return f"agentdesk simulate --seeds 1 --seed {failed.seed}{plant} --story"


def _report(summary: Summary, arguments: argparse.Namespace) -> Iterator[str]:
    from agentdesk.simulate.invariants import INVARIANTS

    failed = summary.failed
    if failed is not None:
        story = failed.story if arguments.story else failed.story[-STORY_LINES:]
        yield f"the story of seed {failed.seed}" + ("" if len(story) == len(failed.story) else ", its end:")
        yield from story
        yield ""
    rate = summary.worlds / summary.seconds if summary.seconds else 0.0
    yield f"{summary.worlds} worlds, {summary.operations} operations, {rate:.1f} worlds/s"
    yield ""
    rows = []
    for name in INVARIANTS:
        if failed is not None and name == failed.broken:
            state = "BROKEN"
        elif summary.met[name]:
            state = f"held in {summary.held[name]} worlds, met its fault {summary.met[name]} times"
        else:
            state = "not exercised: nothing is known of it"
        rows.append((name, state))
    yield from table(rows)
    if failed is not None:
        sentence = INVARIANTS[failed.broken or ""].sentence
        yield ""
        yield from textwrap.wrap(f"BROKEN {failed.broken}: {sentence}", WIDTH)
        yield from textwrap.wrap(f"in seed {failed.seed} (digest {failed.digest}): {failed.text}", WIDTH)
        yield f"again: {_again(failed, arguments)}"
