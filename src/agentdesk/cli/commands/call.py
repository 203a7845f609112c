"""`agentdesk call`: make a running desk ring, as a softphone or a `tel:` link does."""

from __future__ import annotations

import argparse

from agentdesk.cli.options import add_data, add_json, data_folder
from agentdesk.cli.output import say, say_json


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk call`."""
    parser.add_argument("number", metavar="NUMBER", help="who calls, such as 18612345678 or tel:+86-186-1234-5678")
    parser.add_argument("--name", help="the caller's name as the switch gives it")
    parser.add_argument("--queue", help="the queue that the call came through")
    parser.add_argument("--agent", metavar="ID", help="whose desk shall ring, where several run")
    add_data(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ring."""
    from agentdesk.telephony.ring import ring

    number = arguments.number.removeprefix("tel:")
    rung = ring(data_folder(arguments), number, name=arguments.name, queue=arguments.queue, agent=arguments.agent)
    if arguments.json:
        say_json({"call_id": rung.call_id, "agent": rung.agent, "pid": rung.pid, "new": rung.new})
    else:
        say([f"the desk of {rung.agent or f'process {rung.pid}'} rings: call {rung.call_id}"])
    return 0
