"""`agentdesk desk`: open the desk of an enrolled site."""

from __future__ import annotations

import argparse

from agentdesk.cli.launch import add_screen, open_desk, screen, seat_of, site_sources
from agentdesk.cli.options import add_data, add_language, site_folder
from agentdesk.cli.signing_in import signed_in
from agentdesk.cli.unlocking import add_unlocking


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk desk`."""
    parser.add_argument("--agent", metavar="ID", help="who sits here [as site.toml says, or who signs in]")
    add_unlocking(parser)
    add_screen(parser)
    add_data(parser)
    add_language(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Open the desk; calls come from where site.toml says."""
    from agentdesk.cli.config import read_config

    folder = site_folder(arguments)
    config = read_config(folder)
    with screen(arguments, config) as shown:
        came = signed_in(folder, arguments, config, shown)
        if came is None:
            return 0
        seat = seat_of(folder, came.agent, config.desk.extension, came.door, came.since)
        sources = site_sources(folder, config, seat.agent)
        return open_desk(folder, seat, config, shown, sources, arguments, sample_staff=came.sample_staff)
