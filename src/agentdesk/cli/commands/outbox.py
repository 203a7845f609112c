"""`agentdesk outbox`: what waits, what was answered, the whole life of an operation, and what to do about it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agentdesk.cli.errors import REFUSED, CommandError
from agentdesk.cli.options import add_data, add_json, add_language, opened_site, speak
from agentdesk.cli.output import pairs, say, say_json, table
from agentdesk.cli.unlocking import add_unlocking
from agentdesk.domain.language.forms import DEEPEST, json_of
from agentdesk.domain.language.text import clean

if TYPE_CHECKING:
    from agentdesk.cli.agents import Agent
    from agentdesk.store.committing import Committed
    from agentdesk.store.outbox import Entry
    from agentdesk.store.site import Site

SHORT_ID = 13
"""Characters of an id that a list shows: enough to tell a site's operations of one ms apart, as a rule."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk outbox`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="list operations, newest first")
    listing.add_argument("--waiting", action="store_true", help="only those that the centre has not answered")
    listing.add_argument("--inbox", action="store_true", help="only those that wait for a person, oldest first")
    listing.add_argument("--most", type=int, default=50, metavar="N", help="at most so many [50]")
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", help="show one operation with its content, masked")
    show.set_defaults(run=run_show)
    explain = actions.add_parser("explain", help="tell the whole life of one operation")
    explain.set_defaults(run=run_explain)
    again = actions.add_parser("retry", help="have the centre judge an operation again that it holds or refused")
    again.set_defaults(run=run_retry)
    correct = actions.add_parser("amend", help="put a corrected operation in the place of one that has no effect")
    correct.add_argument(
        "--set",
        action="append",
        required=True,
        metavar="FIELD=VALUE",
        help="a field of its content; empty: take it away",
    )
    correct.set_defaults(run=run_amend)
    away = actions.add_parser("withdraw", help="withdraw an operation that has no effect")
    away.set_defaults(run=run_withdraw)
    for one in (show, explain, again, correct, away):
        one.add_argument("id", metavar="ID", help="an operation's id, or the beginning of one")
    for one in (again, correct, away):
        one.add_argument("--agent", metavar="ID", help="who does it [the site's agent]")
    for one in (listing, show, explain, again, correct, away):
        add_data(one)
        add_unlocking(one)
        add_json(one)
        add_language(one)


def run_list(arguments: argparse.Namespace) -> int:
    """List operations with what became of them."""
    speak(arguments)
    with opened_site(arguments) as site:
        most = max(1, arguments.most)
        if arguments.inbox:
            entries = site.outbox.inbox(most)
        else:
            entries = site.outbox.entries(most, waiting_only=arguments.waiting)
        if arguments.json:
            shapes = [shape(entry) for entry in entries]
            say_json({"waiting": site.outbox.waiting(), "operations": shapes})
            return 0
        say(_listed(site, entries))
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Show one operation, its head as it is and its body masked."""
    from agentdesk.cli.shapes import masked

    speak(arguments)
    with opened_site(arguments) as site:
        entry = _entry(site, arguments.id)
    whole = {**shape(entry), "head": dict(entry.head or {}), "body": masked(dict(entry.body or {}))}
    if arguments.json:
        say_json(whole)
    else:
        say([*pairs(_facts(entry)), "", *_tree(whole["body"])])
    return 0


def run_explain(arguments: argparse.Namespace) -> int:
    """Tell the whole life of one operation: made, sent, answered, decided later, seen back, seen to."""
    from agentdesk.cli.shapes import masked
    from agentdesk.cli.words import say_all
    from agentdesk.desk.models import times
    from agentdesk.desk.models.life import happened, steps
    from agentdesk.store.amending import ways_out

    speak(arguments)
    with opened_site(arguments) as site:
        entry = _entry(site, arguments.id)
        waits = site.outbox.is_in_inbox(entry.id)
        now, life = site.now(), site.outbox.life(entry.id)
    told = steps(entry, life, waits, now, say_all)
    if arguments.json:
        shapes = [{"step": s.step, "at": s.at, "text": s.text, **masked(s.more)} for s in told]
        ways = list(ways_out(entry))
        say_json({**shape(entry), "waits_for_a_person": waits, "ways_out": ways, "steps": shapes})
        return 0
    moments = [f"{times.moment(s.at, now)}  " if s.at is not None else "" for s in told]
    lines = [f"{moment}{s.text}" for moment, s in zip(moments, told, strict=True)]
    say([*pairs(_facts(entry)), "", happened(entry), "", *lines])
    return 0


def run_retry(arguments: argparse.Namespace) -> int:
    """Ask the centre to judge an operation again."""
    from agentdesk.store.amending import retry

    return _do(arguments, lambda site, id_, agent: retry(site, id_, agent.id, agent.role))


def run_withdraw(arguments: argparse.Namespace) -> int:
    """Withdraw an operation."""
    from agentdesk.store.amending import withdraw

    return _do(arguments, lambda site, id_, agent: withdraw(site, id_, agent.id, agent.role))


def run_amend(arguments: argparse.Namespace) -> int:
    """Put a corrected operation in the place of another."""
    from agentdesk.store.amending import amend

    changes = dict(map(_change, arguments.set))
    return _do(arguments, lambda site, id_, agent: amend(site, id_, changes, agent.id, agent.role))


def _change(text: str) -> tuple[str, Any]:
    """Return a field and its value: JSON where it can be read as such, else the text itself; nothing takes it away."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise CommandError(f"--set {text!r} names no value: write it as FIELD=VALUE")
    try:
        return name, json_of(value, DEEPEST) if value else None
    except ValueError:
        return name, value


def _do(arguments: argparse.Namespace, deed: Callable[[Site, str, Agent], Committed]) -> int:
    """Do something about an operation, and say where that leaves it."""
    from agentdesk.cli.agents import agent_of
    from agentdesk.cli.words import say_all
    from agentdesk.desk.i18n import _
    from agentdesk.store.committing import Refused

    speak(arguments)
    with opened_site(arguments) as site:
        agent = agent_of(site, arguments.agent, required=True)
        entry = _entry(site, arguments.id)
        try:
            made = deed(site, entry.id, agent).operation
        except Refused as refused:
            raise CommandError(say_all(refused.reasons), REFUSED) from None
    if arguments.json:
        say_json({"operation": entry.id, "made": made.id, "kind": made.kind})
    else:
        words = _(
            "done here ({id}); the centre's answer comes with the next sync, see `agentdesk outbox explain {short}`"
        )
        say([words.format(id=made.id, short=entry.id[:SHORT_ID])])
    return 0


def shape(entry: Entry) -> dict[str, Any]:
    """Return an operation with what became of it, as JSON."""
    from agentdesk.cli.shapes import reason

    return {
        "id": entry.id,
        "kind": entry.kind,
        "at": entry.at,
        "actor": entry.actor,
        "scope": entry.scope,
        "document": entry.document,
        "customer": entry.customer,
        "amount": entry.amount,
        "lineage": entry.lineage,
        "seq": entry.seq,
        "state": entry.state,
        "verdict": entry.verdict.value if entry.verdict else None,
        "reasons": [reason(item) for item in entry.reasons],
        "answered_at": entry.answered_at,
        "tries": entry.tries,
        "last_sent_at": entry.last_sent_at,
        "problem": entry.problem,
    }


def _entry(site: Site, wanted: str) -> Entry:
    entry = site.outbox.entry(clean(wanted, 64).replace("%", "").replace("_", "")) if wanted else None
    if entry is None:
        hint = "`agentdesk outbox list` shows those there are; give more characters where several begin so"
        raise CommandError(f"no single operation begins with {wanted!r}: {hint}")
    return entry


def _listed(site: Site, entries: tuple[Entry, ...]) -> list[str]:
    from agentdesk.desk import terms, wording
    from agentdesk.desk.i18n import _
    from agentdesk.desk.models import times

    now = site.now()
    if not entries:
        return [_("nothing in the outbox")]
    rows = [
        (
            e.id[:SHORT_ID],
            times.ago(e.at, now),
            terms.term(terms.KINDS, e.kind),
            e.actor,
            wording.money(e.amount) if e.amount else "",
            terms.term(terms.OUTBOX_STATES, e.state),
            terms.term(terms.VERDICTS, e.verdict.value) if e.verdict else "",
        )
        for e in entries
    ]
    heads = (_("id"), _("made"), _("what"), _("who"), _("amount"), _("where"), _("verdict"))
    return [_("waiting: {n}").format(n=site.outbox.waiting()), "", *table(rows, heads)]


def _facts(entry: Entry) -> list[tuple[str, str]]:
    from agentdesk.desk import terms, wording
    from agentdesk.desk.i18n import _

    return [
        (_("id"), entry.id),
        (_("what"), f"{terms.term(terms.KINDS, entry.kind)} ({entry.kind})"),
        (_("who"), f"{entry.actor}, {terms.term(terms.ROLES, (entry.head or {}).get('role'))}"),
        (_("customer"), entry.customer or ""),
        (_("amount"), wording.money(entry.amount) if entry.amount else ""),
        (_("where"), terms.term(terms.OUTBOX_STATES, entry.state)),
    ]


def _tree(value: Any, indent: str = "") -> list[str]:
    """Return a JSON object as indented lines."""
    lines: list[str] = []
    for key, item in value.items():
        if isinstance(item, dict):
            lines += [f"{indent}{key}:", *_tree(item, indent + "  ")] if item else []
        elif isinstance(item, list) and any(isinstance(part, dict) for part in item):
            for part in item:
                lines += [f"{indent}{key}:", *_tree(part if isinstance(part, dict) else {"": part}, indent + "  ")]
        elif item not in (None, "", []):
            shown = ", ".join(map(str, item)) if isinstance(item, list) else str(item)
            lines.append(f"{indent}{key}: {shown}".replace("\n", " "))
    return lines
