"""`agentdesk demo`: the desk on a whole sample world, with its own centre and calls that ring by themselves."""

from __future__ import annotations

import argparse
from random import Random
from typing import TYPE_CHECKING

from agentdesk.cli.launch import MakeSources, add_screen, hook, open_desk, screen, seat_of
from agentdesk.cli.options import add_data, add_language, data_folder

if TYPE_CHECKING:
    from agentdesk.cli.demo_world import DemoWorld, Note
    from agentdesk.desk.settings import AgentIdentity
    from agentdesk.telephony.source import CallSource


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk demo`."""
    parser.add_argument("--customers", type=_size, metavar="N", help="how many customers the world has [10000]")
    parser.add_argument("--seed", type=int, metavar="S", help="another number, another world [1]")
    parser.add_argument("--no-calls", action="store_true", help="nobody rings; `agentdesk call` still does")
    add_screen(parser)
    add_data(parser)
    add_language(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the world if need be, start its centre, and open the desk."""
    from agentdesk.cli.colleague import Colleague
    from agentdesk.cli.config import SiteConfig
    from agentdesk.cli.demo_world import DemoWorld, sample_staff_of
    from agentdesk.cli.machine import MachineClock, MachineEntropy
    from agentdesk.cli.unlocking import by_machine
    from agentdesk.sync.entering import Door

    folder = data_folder(arguments, "demo")
    config = SiteConfig()
    with (
        screen(arguments, config) as shown,
        DemoWorld(folder, arguments.customers, arguments.seed) as world,
    ):
        door = Door(folder, MachineClock(), MachineEntropy(), by_machine(folder))
        seat = seat_of(folder, world.note.agent, None, door)
        note = None if arguments.no_calls else world.note
        # the first ticket on the first screen
        work = seat.first[1]
        ticket = next((document for document in (*work.mine, *work.late) if document.type == "ticket"), None)
        with Colleague(folder, ticket):
            sources, staff = _sources(world, seat.agent, note), sample_staff_of(world.note)
            code = open_desk(folder, seat, config, shown, sources, arguments, demo=True, sample_staff=staff)
    print(f"the demo's files stay in {folder}; look at them with: agentdesk outbox list --data {folder}")
    return code


def _sources(world: DemoWorld, agent: AgentIdentity, note: Note | None) -> MakeSources:
    def make() -> list[CallSource]:
        sources = [hook(world.folder, agent)]
        if note is not None and note.callers:
            from agentdesk.cli.machine import MachineClock
            from agentdesk.telephony.demo import DemoCaller, DemoPace, DemoSource

            callers = [DemoCaller(*caller) for caller in note.callers]
            # others ring while the agent talks, lines break off, and who is called doesn't always come to the telephone
            pace = DemoPace(second=0.4, drops=0.2, fails=0.3)
            sources.append(DemoSource(callers, now_ms=MachineClock().wall_ms, random=Random(note.seed), pace=pace))
        return sources

    return make


def _size(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 5_000_000:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number from 1 to 5000000")
    return int(text)
