"""`agentdesk catalogue`: check a catalogue's files, or look into it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.cli.errors import FAILED, CommandError
from agentdesk.cli.options import add_data, add_json, add_language, opened_site, speak
from agentdesk.cli.output import say, say_json

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk catalogue`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    check = actions.add_parser("check", help="find what is wrong with a catalogue, with file and line")
    check.add_argument("path", metavar="PATH", nargs="?", type=Path, help="its folder [the packaged sample]")
    check.set_defaults(run=run_check)
    show = actions.add_parser("show", help="list the commitments, or show one whole")
    show.add_argument("code", metavar="CODE", nargs="?", help="the code of one, such as U04")
    show.add_argument("--path", metavar="PATH", type=Path, help="the folder of its files [the packaged sample]")
    show.set_defaults(run=run_show)
    add_data(show, "show what is in force at the site of this folder, not what came with the program")
    for action in (check, show):
        add_json(action)
        add_language(action)


def run_check(arguments: argparse.Namespace) -> int:
    """Print every problem with file and line; fails when there is one."""
    from agentdesk.catalogue.check import check
    from agentdesk.catalogue.show import check_json, check_lines

    language = speak(arguments)
    problems = check(_folder(arguments.path))
    if arguments.json:
        say_json(check_json(problems))
    else:
        say(check_lines(problems, language))
    return FAILED if problems else 0


def run_show(arguments: argparse.Namespace) -> int:
    """List the commitments, or show all that one says."""
    from agentdesk.catalogue.show import UnknownTemplate, as_json, details, overview

    language = speak(arguments)
    catalogue = _catalogue(arguments)
    try:
        if arguments.json:
            say_json(as_json(catalogue, arguments.code))
        elif arguments.code is None:
            say(overview(catalogue, language))
        else:
            say(details(catalogue, arguments.code, language))
    except UnknownTemplate as error:
        raise CommandError(str(error)) from None
    return 0


def _catalogue(arguments: argparse.Namespace) -> Catalogue:
    """Return the catalogue of a site, of a folder, or the packaged one."""
    if arguments.data is not None:
        with opened_site(arguments) as site:
            return site.catalogue()
    from agentdesk.catalogue.files import load

    return load(_folder(arguments.path))


def _folder(path: Path | None) -> Path:
    if path is None:
        from agentdesk._resources import data_root

        return data_root() / "catalogue"
    if not path.is_dir():
        raise CommandError(f"{path} is no folder: give the folder with the catalogue's .toml files")
    return path
