"""What `agentdesk site` does at the centre: make codes, list the sites, close one."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, Any

from agentdesk.cli.databases import add_database, opened_database
from agentdesk.cli.errors import CommandError
from agentdesk.cli.options import add_json
from agentdesk.cli.output import say, say_json, table

if TYPE_CHECKING:
    from agentdesk.centre.storage.rows import Site


def configure_at_centre(actions: argparse._SubParsersAction[Any]) -> None:
    """Add the actions that work on the centre's database."""
    code = actions.add_parser("code", help="at the centre: make a one-time code that enrols a machine")
    which = code.add_mutually_exclusive_group(required=True)
    which.add_argument("--region", help="the region's code, such as bj")
    which.add_argument("--site", metavar="SITE", help="not a new site: a new key for this one, which lost its own")
    code.add_argument("--name", default="", help="what people call the site, where the machine doesn't say it")
    code.add_argument("--uses", type=int, default=1, metavar="N", help="how many machines it enrols [1]")
    code.set_defaults(run=run_code)
    sites = actions.add_parser("list", help="at the centre: show all sites, and whether each signs with a key")
    sites.set_defaults(run=run_list)
    revoke = actions.add_parser("revoke", help="at the centre: close a site; nothing that it has opens anything")
    revoke.add_argument("site", metavar="SITE", help="its id, as `agentdesk site list` shows it")
    revoke.set_defaults(run=run_revoke)
    for action in (code, sites, revoke):
        add_database(action)
        add_json(action)


def run_code(arguments: argparse.Namespace) -> int:
    """Make a one-time code; it is shown this once, the centre keeps a hash."""
    from agentdesk.centre.enrol import check_region, create_code, create_site_code

    if arguments.site is not None:
        with opened_database(arguments, must_exist=True) as (database, means):
            try:
                code = database.write(partial(create_site_code, means=means, site_id=arguments.site)).result()
            except LookupError as error:
                raise CommandError(f"{error.args[0]}; look at `agentdesk site list`") from None
        facts: dict[str, Any] = {"site": arguments.site}
    else:
        check_region(arguments.region)
        facts = {"region": arguments.region, "name": arguments.name, "uses": max(1, arguments.uses)}
        with opened_database(arguments, must_exist=True) as (database, means):
            code = database.write(partial(create_code, means=means, **facts)).result()
    if arguments.json:
        say_json({"code": code, **facts})
    else:
        say([code])
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """Show the sites."""
    with opened_database(arguments, must_exist=True) as (database, _):
        sites = database.read(lambda snapshot: snapshot.sites()).result()
    if arguments.json:
        say_json({"sites": [{**_facts(site), "scopes": list(site.scopes)} for site in sites]})
    else:
        rows = [[str(value) for value in _facts(site).values()] for site in sites]
        say(table(rows, ("id", "number", "name", "region", "state", "keys")) if rows else ["there is no site yet"])
    return 0


def run_revoke(arguments: argparse.Namespace) -> int:
    """Close a site; what it delivered stays."""
    from agentdesk.centre.enrol import revoke

    with opened_database(arguments, must_exist=True) as (database, means):
        try:
            database.write(partial(revoke, means=means, site_id=arguments.site)).result()
        except LookupError as error:
            raise CommandError(f"{error.args[0]}; look at `agentdesk site list`") from None
    if arguments.json:
        say_json({"site": arguments.site, "revoked": True})
    else:
        say([f"{arguments.site} is closed: its token and its key open nothing any more"])
    return 0


def _facts(site: Site) -> dict[str, Any]:
    """Return what there is to know of a site; `keys` counts those that it had, 0 is one from before there were any."""
    state = "closed" if site.revoked else "no key yet" if not site.public_key else "open"
    return {
        "site": site.id,
        "number": site.number,
        "name": site.name,
        "region": site.region,
        "state": state,
        "keys": site.turns + 1 if site.public_key else 0,
    }
