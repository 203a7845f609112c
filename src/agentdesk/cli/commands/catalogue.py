"""`agentdesk catalogue`: check a catalogue's files, look into it, or publish it signed off."""

from __future__ import annotations

import argparse
import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentdesk.cli.databases import add_database, opened_database
from agentdesk.cli.errors import FAILED, CommandError
from agentdesk.cli.options import add_data, add_json, add_language, opened_site, speak
from agentdesk.cli.output import say, say_json
from agentdesk.cli.unlocking import add_unlocking

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk catalogue`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    check = actions.add_parser("check", help="find what is wrong with a catalogue, with file and line")
    check.add_argument("path", metavar="PATH", nargs="?", type=Path, help="its folder [the packaged sample]")
    check.set_defaults(run=run_check)
    show = actions.add_parser("show", help="list the commitments, or show one entry whole")
    show.add_argument(
        "code",
        metavar="CODE",
        nargs="?",
        help="the code of one, such as U04, R301, SM01, Q201 or S01; or remedies, services, flows, scripts",
    )
    show.add_argument("--path", metavar="PATH", type=Path, help="the folder of its files [the packaged sample]")
    show.set_defaults(run=run_show)
    add_data(show, "show what is in force at the site of this folder, not what came with the program")
    add_unlocking(show)
    publish = actions.add_parser("publish", help="make a catalogue that passes the check the newest at the centre")
    publish.add_argument("path", metavar="PATH", nargs="?", type=Path, help="its folder [the packaged sample]")
    publish.add_argument("--sign-off", metavar="NAME", help="who answers for it [the name you are signed in with]")
    add_database(publish)
    publish.set_defaults(run=run_publish)
    for action in (check, show, publish):
        add_json(action)
        add_language(action)


def run_check(arguments: argparse.Namespace) -> int:
    """Print every problem with file and line; fails when there is one."""
    from agentdesk.catalogue.check import check_all
    from agentdesk.catalogue.show import check_json, check_lines

    language = speak(arguments)
    found = check_all(_folder(arguments.path))
    if arguments.json:
        say_json(check_json(found))
    else:
        say(check_lines(found, language))
    return FAILED if found.problems else 0


def run_publish(arguments: argparse.Namespace) -> int:
    """Publish a folder's catalogue under somebody's name; refuses one with problems, which it prints."""
    from agentdesk.catalogue.check import check_all
    from agentdesk.catalogue.files import load
    from agentdesk.catalogue.show import check_json, check_lines
    from agentdesk.centre.policies import publish

    language = speak(arguments)
    folder = _folder(arguments.path)
    found = check_all(folder)
    if found.problems:
        if arguments.json:
            say_json(check_json(found))
        else:
            say(check_lines(found, language))
        return FAILED
    catalogue = load(folder)
    name = (arguments.sign_off if arguments.sign_off is not None else getpass.getuser()).strip()
    if not name:
        raise CommandError("nobody signs it off: give a name with --sign-off")
    with opened_database(arguments, must_exist=True) as (database, means):
        database.write(lambda tx: publish(tx, means, catalogue, signed_off=name)).result()
    if arguments.json:
        say_json({"ok": True, "version": catalogue.version, "sample": catalogue.sample, "signed_off_by": name})
    else:
        say([f"{catalogue.version} is published, signed off by {name}: sites get it with their next sync"])
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """List the commitments, or show all that one says."""
    from agentdesk.catalogue.show import UnknownTemplate, as_json, details, overview

    language = speak(arguments)
    catalogue, signed = _catalogue(arguments)
    try:
        if arguments.json:
            say_json({**as_json(catalogue, arguments.code), **signed})
        elif arguments.code is None:
            say(overview(catalogue, language, **signed))
        else:
            say(details(catalogue, arguments.code, language))
    except UnknownTemplate as error:
        raise CommandError(str(error)) from None
    return 0


def _catalogue(arguments: argparse.Namespace) -> tuple[Catalogue, dict[str, Any]]:
    """Return the catalogue of a site, of a folder, or the packaged one, and who signed it off when."""
    if arguments.data is not None:
        with opened_site(arguments) as site:
            catalogue = site.catalogue()
            return catalogue, site.signed_off(catalogue.version)
    from agentdesk.catalogue.files import load

    return load(_folder(arguments.path)), {}


def _folder(path: Path | None) -> Path:
    if path is None:
        from agentdesk._resources import data_root

        return data_root() / "catalogue"
    if not path.is_dir():
        raise CommandError(f"{path} is no folder: give the folder with the catalogue's .toml files")
    return path
