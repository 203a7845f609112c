"""`agentdesk outbox`: what waits, what was answered, and the whole life of an operation."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from agentdesk.cli.errors import CommandError
from agentdesk.cli.options import add_data, add_json, add_language, opened_site, speak
from agentdesk.cli.output import pairs, say, say_json, table

if TYPE_CHECKING:
    from agentdesk.store.outbox import Entry
    from agentdesk.store.site import Site

SHORT_ID = 13
"""Characters of an id that a list shows: enough to tell a site's operations of one ms apart, as a rule."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk outbox`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="list operations, newest first")
    listing.add_argument("--waiting", action="store_true", help="only those that the centre has not answered")
    listing.add_argument("--most", type=int, default=50, metavar="N", help="at most so many [50]")
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", help="show one operation with its content, masked")
    show.set_defaults(run=run_show)
    explain = actions.add_parser("explain", help="tell the whole life of one operation")
    explain.set_defaults(run=run_explain)
    for one in (show, explain):
        one.add_argument("id", metavar="ID", help="an operation's id, or the beginning of one")
    for one in (listing, show, explain):
        add_data(one)
        add_json(one)
        add_language(one)


def run_list(arguments: argparse.Namespace) -> int:
    """List operations with what became of them."""
    speak(arguments)
    with opened_site(arguments) as site:
        entries = site.outbox.entries(max(1, arguments.most), waiting_only=arguments.waiting)
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
    """Tell the whole life of one operation: made, sent, answered, seen back."""
    speak(arguments)
    with opened_site(arguments) as site:
        entry = _entry(site, arguments.id)
        waits = any(other.id == entry.id for other in site.outbox.inbox(10_000))
        now = site.now()
    if arguments.json:
        say_json({**shape(entry), "waits_for_a_person": waits, "steps": [step for step, _ in _life(entry, waits, now)]})
        return 0
    say([*pairs(_facts(entry)), "", *(line for _, line in _life(entry, waits, now))])
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
    entry = site.outbox.entry(wanted.replace("%", "").replace("_", "")) if wanted else None
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


def _life(entry: Entry, waits: bool, now: int) -> list[tuple[dict[str, Any], str]]:
    """Return the steps of an operation's life in order, each as JSON and in words."""
    from agentdesk.desk import terms, wording
    from agentdesk.desk.i18n import _, ngettext
    from agentdesk.desk.models import times

    head = entry.head or {}
    steps: list[tuple[dict[str, Any], str]] = []

    def add(step: str, at: int | None, text: str, **more: Any) -> None:
        moment = f"{times.moment(at, now)}  " if at is not None else ""
        steps.append(({"step": step, "at": at, "text": text, **more}, f"{moment}{text}"))

    role = terms.term(terms.ROLES, head.get("role"))
    made = _("made by {actor} ({role}) at site {site}, number {seq} of its chain, and put on disk here")
    add("made", entry.at, made.format(actor=entry.actor, role=role, site=head.get("site", ""), seq=entry.seq))
    if entry.tries:
        tried = ngettext("sending failed {n} time", "sending failed {n} times", entry.tries).format(n=entry.tries)
        if entry.problem:
            tried = _("{tried}; the last time: {problem}").format(tried=tried, problem=entry.problem)
        add("tried", entry.last_sent_at, tried, tries=entry.tries)
    if entry.verdict is None:
        add("waiting", None, _("not sent yet: it goes by itself as soon as the line is up"))
    if entry.verdict is not None:
        text = _("the centre says: {verdict}").format(verdict=terms.term(terms.VERDICTS, entry.verdict.value))
        if entry.reasons:
            text = _("{text}: {reasons}").format(text=text, reasons=wording.say_all(entry.reasons))
        add("answered", entry.answered_at, text, verdict=entry.verdict.value)
        if entry.state == "answered":
            add("expected", None, _("its change is not seen back here yet: it comes with the next sync"))
        else:
            add("seen", None, _("its change is part of what the centre tells everybody"))
    if waits:
        add("inbox", None, _("it waits for a person: see the outbox on the desk"))
    return steps


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
