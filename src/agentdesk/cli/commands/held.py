"""`agentdesk held`: at the centre, what waits for a person's decision, and deciding it."""

from __future__ import annotations

import argparse
import getpass
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from agentdesk.cli.databases import add_database, opened_database
from agentdesk.cli.errors import REFUSED, CommandError
from agentdesk.cli.options import add_json
from agentdesk.cli.output import pairs, say, say_json, table
from agentdesk.domain.language.forms import DEEPEST, json_of

if TYPE_CHECKING:
    from agentdesk.centre.authors import Means
    from agentdesk.centre.policies import Policies
    from agentdesk.centre.releasing import Because
    from agentdesk.centre.service import Centre
    from agentdesk.centre.storage.contract import Database, Snapshot, Transaction
    from agentdesk.centre.storage.rows import Archived, Receipt

SHORT_ID = 13
"""Characters of an id that a list shows."""
PAGE = 1_000


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk held`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="list what is held, oldest first")
    listing.add_argument("--site", metavar="ID", help="only what this site has sent")
    listing.add_argument("--most", type=int, default=50, metavar="N", help="at most so many [50]")
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", help="show one operation that is held, masked")
    show.set_defaults(run=run_show)
    release = actions.add_parser("release", help="let an operation stand, with what was held for it")
    release.add_argument("--words", metavar="TEXT", default="", help="why; the author reads it")
    release.set_defaults(run=run_release)
    refuse = actions.add_parser("refuse", help="refuse an operation for good; what was said to a customer stands")
    refuse.set_defaults(run=run_refuse)
    for one in (show, release, refuse):
        one.add_argument("id", metavar="ID", help="an operation's id, the beginning of one, or SITE:LINEAGE:NUMBER")
    refuse.add_argument("words", metavar="REASON", help="why; the author reads it")
    for one in (release, refuse):
        one.add_argument("--by", metavar="NAME", help="who decides [the user of this machine]")
    for one in (listing, show, release, refuse):
        add_database(one)
        add_json(one)


def run_list(arguments: argparse.Namespace) -> int:
    """List what is held."""
    with opened_database(arguments, must_exist=True) as (database, _means):
        found = database.read(lambda s: _held(s, arguments.site)).result()
    found = sorted(found, key=lambda pair: pair[0].received_at)
    names = _names([row for row, _ in found])
    found = found[: max(1, arguments.most)]
    if arguments.json:
        say_json({"held": [_shape(*pair) for pair in found]})
    elif not found:
        say(["nothing is held"])
    else:
        rows = [
            (name, row.site[:SHORT_ID], row.kind, _moment(row.made_at), _why(receipt))
            for name, (row, receipt) in zip(names, found, strict=False)
        ]
        say(table(rows, ("id", "site", "what", "made (UTC)", "why")))
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Show one operation that is held."""
    from agentdesk.cli.shapes import masked

    with opened_database(arguments, must_exist=True) as (database, _means):
        row, receipt = _one(database.read(lambda s: _held(s, None)).result(), arguments.id)
    whole = {**_shape(row, receipt), "head": _read(row.head), "body": masked(_read(row.body or ""))}
    if arguments.json:
        say_json(whole)
    else:
        facts = [(name, str(value)) for name, value in _shape(row, receipt).items() if name != "reasons"]
        body = json.dumps(whole["body"], ensure_ascii=False, indent=2).split("\n")
        say([*pairs([*facts, ("why", _why(receipt))]), "", *body])
    return 0


def run_release(arguments: argparse.Namespace) -> int:
    """Let an operation stand, and what was held for it."""
    from agentdesk.centre.releasing import Because

    because = Because(_by(arguments), "released", arguments.words, allowed=True)
    with opened_database(arguments, must_exist=True) as (database, means):
        centre = _centre(database, means)
        row, _ = _one(database.read(lambda s: _held(s, None)).result(), arguments.id)
        if not row.id:
            raise CommandError(f"{_place(row)} can't be read here: refuse it, and its author enters it anew", REFUSED)
        work = partial(_release, means, centre.policies, row, because)
        done = _decided(lambda: database.write(work).result())
        centre.jobs.run_due()
    return _say(arguments, done)


def run_refuse(arguments: argparse.Namespace) -> int:
    """Refuse an operation for good."""
    from agentdesk.centre.releasing import Because, refuse
    from agentdesk.centre.waiting import place

    if not arguments.words.strip():
        raise CommandError("give the reason: the author reads it")
    because = Because(_by(arguments), "refused", arguments.words)
    with opened_database(arguments, must_exist=True) as (database, means):
        centre = _centre(database, means)
        row, _ = _one(database.read(lambda s: _held(s, None)).result(), arguments.id)
        name = place(row.lineage, row.seq)
        done = _decided(lambda: (database.write(lambda tx: refuse(tx, means, row.site, name, because)).result(),))
        centre.jobs.run_due()
    return _say(arguments, done)


def _release(means: Means, policies: Policies, row: Archived, because: Because, tx: Transaction) -> tuple[Receipt, ...]:
    from agentdesk.centre.releasing import release
    from agentdesk.centre.waiting import place

    return release(tx, means, policies, row.site, [place(row.lineage, row.seq)], because)


def _decided(deed: Callable[[], Sequence[Receipt]]) -> Sequence[Receipt]:
    """Decide; raises CommandError with the reason why that can't be."""
    from agentdesk.centre.waiting import Unreleasable
    from agentdesk.desk import i18n, wording

    try:
        return deed()
    except Unreleasable as problem:
        i18n.use("en")
        raise CommandError(f"{problem.operation}: {wording.say(problem.reason)}", REFUSED) from None


def _say(arguments: argparse.Namespace, receipts: Sequence[Receipt]) -> int:
    if arguments.json:
        shapes = [{"id": r.id, "verdict": r.verdict, "reasons": json.loads(r.reasons)} for r in receipts]
        say_json({"decided": shapes})
    else:
        say([f"{_name(r)}  {r.verdict}{'  ' + _why(r) if r.reasons != '[]' else ''}" for r in receipts])
    return 0


def _held(snapshot: Snapshot, site: str | None) -> list[tuple[Archived, Receipt]]:
    """Return all that is held, each with its receipt."""
    rows: list[Archived] = []
    after = (site or "", "", 0)
    while page := snapshot.held(site, PAGE, after):
        rows += page
        after = (page[-1].site, page[-1].lineage, page[-1].seq)
    receipts: dict[tuple[str, str, int], Receipt] = {}
    for name in {row.site for row in rows}:
        ids = {row.id for row in rows if row.site == name}
        receipts.update(((name, r.lineage, r.seq), r) for r in snapshot.receipts(name, ids))
    return [(row, receipts[row.site, row.lineage, row.seq]) for row in rows]


def _one(found: Sequence[tuple[Archived, Receipt]], wanted: str) -> tuple[Archived, Receipt]:
    """Return the one operation that is meant, by the beginning of its id or by its place; raises CommandError."""
    meant = {row.id: (row, receipt) for row, receipt in reversed(found) if wanted and row.id.startswith(wanted)}
    here = [pair for pair in found if _is_at(pair[0], wanted)]
    if len(meant) + len(here) == 1:
        return here[0] if here else next(iter(meant.values()))
    hint = "`agentdesk held list` shows those there are; give more characters where several begin so"
    raise CommandError(f"nothing that is held, or more than one, begins with {wanted!r}: {hint}")


def _is_at(row: Archived, wanted: str) -> bool:
    """Tell whether SITE:LINEAGE:NUMBER means an operation's place; beginnings of site and lineage are enough."""
    start, _, seq = wanted.rpartition(":")
    site, _, lineage = start.partition(":")
    return (
        bool(site and lineage) and row.site.startswith(site) and row.lineage.startswith(lineage) and seq == str(row.seq)
    )


def _names(rows: Sequence[Archived]) -> list[str]:
    """Return a name for each of all that are held: the beginning of its id, or its place if it has no id of its own.

    Whatever comes under an id after the first is another one, or the same once more.
    """
    taken: set[str] = set()
    names = []
    for row in rows:
        names.append(_place(row, SHORT_ID) if not row.id or row.id in taken else row.id[:SHORT_ID])
        taken.add(row.id)
    return names


def _name(receipt: Receipt) -> str:
    from agentdesk.centre.waiting import place

    own = receipt.id != place(receipt.lineage, receipt.seq)
    return receipt.id[:SHORT_ID] if own else _place(receipt, SHORT_ID)


def _place(row: Archived | Receipt, most: int | None = None) -> str:
    return f"{row.site}:{row.lineage[:most]}:{row.seq}"


def _shape(row: Archived, receipt: Receipt) -> dict[str, Any]:
    head = _read(row.head)
    return {
        "id": row.id,
        "place": _place(row),
        "site": row.site,
        "kind": row.kind,
        "actor": head.get("actor"),
        "role": head.get("role"),
        "scope": head.get("scope"),
        "document": head.get("document"),
        "amount": head.get("amount"),
        "made_at": row.made_at,
        "received_at": row.received_at,
        "in_force": receipt.change is not None,
        "reasons": json.loads(receipt.reasons),
    }


def _why(receipt: Receipt) -> str:
    """Return why an operation is held, in English words."""
    from agentdesk.desk import i18n, wording
    from agentdesk.domain.condition.conditions import Reason

    i18n.use("en")
    return wording.say_all(Reason(r["code"], r["values"]) for r in json.loads(receipt.reasons))


def _read(text: str) -> dict[str, Any]:
    """Return a JSON object, nothing of what can't be read as one."""
    try:
        found = json_of(text, DEEPEST)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def _by(arguments: argparse.Namespace) -> str:
    """Return who decides, for the author and the archive."""
    if arguments.by:
        return str(arguments.by)
    try:
        return f"operator:{getpass.getuser()}"
    except (OSError, KeyError):
        return "operator"


def _centre(database: Database, means: Means) -> Centre:
    from agentdesk.centre.service import Centre

    return Centre(database, means)
