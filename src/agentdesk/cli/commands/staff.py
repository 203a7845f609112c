"""`agentdesk staff`: at the centre, who works here, and what they sign in with."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from agentdesk.cli.databases import add_database, opened_database
from agentdesk.cli.errors import CommandError
from agentdesk.cli.options import add_json
from agentdesk.cli.output import say, say_json, table
from agentdesk.cli.vaults import operator

if TYPE_CHECKING:
    from agentdesk.centre.staff import Standing


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk staff`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="list agents: role, password, lock, last sign-in")
    listing.add_argument("--all", action="store_true", help="also those who were dismissed")
    listing.set_defaults(run=run_list)
    password = actions.add_parser("password", help="give an agent a new password, shown once; he changes it at sign-in")
    password.add_argument("--stdin", action="store_true", help="read it from the first line of the input instead")
    password.set_defaults(run=run_password)
    release = actions.add_parser("unlock", help="let an agent try again who was wrong too often")
    release.set_defaults(run=run_unlock)
    role = actions.add_parser("role", help="give an agent another role")
    role.set_defaults(run=run_role)
    dismissing = actions.add_parser("dismiss", help="dismiss an agent: desks learn it with their next sync")
    dismissing.set_defaults(run=run_dismiss)
    for one in (password, release, role, dismissing):
        one.add_argument("agent", metavar="AGENT", help="the agent's id, as `staff list` shows it")
    role.add_argument("role", metavar="ROLE", help="a role of the catalogue, such as team_leader")
    for one in (listing, password, release, role, dismissing):
        add_database(one)
        add_json(one)


def run_list(arguments: argparse.Namespace) -> int:
    """List agents."""
    from agentdesk.centre.staff import standings

    with opened_database(arguments, must_exist=True) as (database, means):
        found = database.read(lambda snapshot: standings(snapshot, means.now())).result()
    found = [one for one in found if arguments.all or not one.dismissed]
    if arguments.json:
        say_json({"staff": [_shape(one) for one in found]})
    elif not found:
        say(["nobody works here yet: `agentdesk import agents FILE.csv`"])
    else:
        heads = ("id", "name", "role", "password", "last sign-in (UTC)", "")
        say(table([_row(one) for one in found], heads))
    return 0


def run_password(arguments: argparse.Namespace) -> int:
    """Give an agent a new password; only its hash is kept."""
    from agentdesk.centre.staff import give_password, new_password
    from agentdesk.trust.passwords import SALT_BYTES, BadPassword, checked, hashed

    given = sys.stdin.readline().rstrip("\r\n") if arguments.stdin else None
    with opened_database(arguments, must_exist=True) as (database, means):
        password = new_password(means.random(16)) if given is None else given
        try:
            checked(password, arguments.agent)
        except BadPassword as bad:
            raise CommandError(str(bad)) from None
        hash_ = hashed(password, means.random(SALT_BYTES))
        work = partial(give_password, means=means, agent=arguments.agent, hash_=hash_, by=operator())
        _done(lambda: database.write(work).result())
    shown = {} if given is not None else {"password": password}
    if arguments.json:
        say_json({"agent": arguments.agent, **shown, "must_change": True})
    else:
        if shown:
            say([password])
        print(f"{arguments.agent} signs in with it once, and then chooses another", file=sys.stderr)
    return 0


def run_unlock(arguments: argparse.Namespace) -> int:
    """End an agent's lock."""
    from agentdesk.centre.staff import unlock

    with opened_database(arguments, must_exist=True) as (database, means):
        work = partial(unlock, means=means, agent=arguments.agent, by=operator())
        _done(lambda: database.write(work).result())
    return _say(arguments, "unlocked", "may try again at once; where the line is down, only once his site has it again")


def run_role(arguments: argparse.Namespace) -> int:
    """Give an agent another role."""
    from agentdesk.centre.policies import Policies
    from agentdesk.centre.staff import set_role

    with opened_database(arguments, must_exist=True) as (database, means):
        catalogue, _ = database.read(lambda snapshot: Policies().get(snapshot, "")).result()
        work = partial(
            set_role, means=means, catalogue=catalogue, agent=arguments.agent, role=arguments.role, by=operator()
        )
        _done(lambda: database.write(work).result())
    return _say(arguments, "role", f"is {arguments.role} from now on; sites learn it with their next sync")


def run_dismiss(arguments: argparse.Namespace) -> int:
    """Dismiss an agent."""
    from agentdesk.centre.staff import dismiss

    with opened_database(arguments, must_exist=True) as (database, means):
        _done(lambda: database.write(partial(dismiss, means=means, agent=arguments.agent, by=operator())).result())
    return _say(arguments, "dismissed", "signs in nowhere any more; desks learn it with their next sync")


def _done(deed: Any) -> None:
    from agentdesk.centre.staff import NoSuchAgent, NoSuchRole

    try:
        deed()
    except (NoSuchAgent, NoSuchRole) as problem:
        raise CommandError(str(problem)) from None


def _say(arguments: argparse.Namespace, what: str, words: str) -> int:
    if arguments.json:
        say_json({"agent": arguments.agent, "done": what, **({"role": arguments.role} if what == "role" else {})})
    else:
        say([f"{arguments.agent} {words}"])
    return 0


def _shape(one: Standing) -> dict[str, Any]:
    data = one.agent.data
    return {
        "id": one.agent.id,
        "name": data.get("name"),
        "role": data.get("role"),
        "department": data.get("department"),
        "team": data.get("team"),
        "places": sorted({str(data[key]) for key in ("site", "region", "place") if data.get(key)}),
        "signed_in_at_sites": sorted(data.get("signed_in") or ()),
        "password": one.has_password,
        "must_change": one.must_change,
        "changed_at": one.changed_at or None,
        "signed_in_at": one.signed_in_at or None,
        "pin": one.has_pin,
        "failures": one.failures,
        "locked_ms": one.locked_ms,
        "dismissed_at": data.get("dismissed_at"),
    }


def _row(one: Standing) -> tuple[str, ...]:
    data = one.agent.data
    password = "none" if not one.has_password else "to be changed" if one.must_change else "own"
    notes = []
    if one.dismissed:
        notes.append("dismissed")
    if one.locked_ms:
        notes.append(f"locked for {-(-one.locked_ms // 60_000)} min")
    if one.has_pin:
        notes.append("PIN")
    at = datetime.fromtimestamp(one.signed_in_at / 1000, UTC).strftime("%Y-%m-%d %H:%M") if one.signed_in_at else "-"
    return one.agent.id, str(data.get("name") or ""), str(data.get("role") or ""), password, at, ", ".join(notes)
