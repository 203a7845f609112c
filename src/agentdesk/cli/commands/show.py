"""`agentdesk show`: a caller's card, as it stands on the screen while he rings."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from agentdesk.cli import revealing
from agentdesk.cli.agents import agent_of
from agentdesk.cli.callers import (
    SeveralFit,
    add_caller,
    chosen_customer,
    customer_shape,
    facts_of,
    look_up,
    say_holders,
)
from agentdesk.cli.options import add_data, add_json, add_language, opened_site, speak
from agentdesk.cli.output import pairs, say, say_json, table
from agentdesk.cli.unlocking import add_unlocking
from agentdesk.domain.profile.looking import REASONS

if TYPE_CHECKING:
    from agentdesk.desk.models.facts import Facts, Lookup
    from agentdesk.desk.models.offers import Board
    from agentdesk.desk.models.timeline import Past
    from agentdesk.domain.documents import Document
    from agentdesk.store.site import Site

OLD_MS = 5 * 60_000
"""From what age on it is said how old the site's knowledge is."""

EARLIER = 8
"""How many earlier contacts the text shows; JSON has all that the screen has."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk show`."""
    add_caller(parser)
    parser.add_argument("--agent", metavar="ID", help="with whose authority offers are shown [the site's agent]")
    why = f"show his data unmasked, which is recorded; why: {', '.join(REASONS)}"
    parser.add_argument("--reveal", choices=REASONS, metavar="REASON", help=why)
    add_data(parser)
    add_unlocking(parser)
    add_json(parser)
    add_language(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show the card of a number, or the ticket or promise of that number."""
    from agentdesk.desk import glyphs
    from agentdesk.domain.numbering.ids import check, plain_digits

    language = speak(arguments)
    glyphs.use(ambiguous_wide=True)
    with opened_site(arguments) as site:
        site.files.refresh()
        found = site.view.referred(plain_digits(arguments.number)) if check(arguments.number) else ()
        if found:
            _say_work(site, found, arguments.json)
            return 0
        agent = agent_of(site, arguments.agent, required=arguments.reveal is not None)
        lookup = look_up(site, arguments.number, language)
        try:
            document = chosen_customer(lookup, arguments.customer)
        except SeveralFit:
            say_holders(lookup, arguments.json)
            raise
        noted = revealing.reveal(site, document, agent, arguments.reveal) if arguments.reveal else ""
        facts = facts_of(site, lookup, document, agent, arguments.line)
        as_of = site.line.state().last_contact
    if arguments.json:
        more = {"revealed": revealing.shape(document, noted)} if noted else {}
        say_json({**shape(facts, lookup), "as_of": as_of, **more})
    else:
        say([*lines(facts, lookup), *_age(facts, as_of), *(revealing.lines(document) if noted else ())])
    return 0


def shape(facts: Facts, lookup: Lookup) -> dict[str, Any]:
    """Return a card with offers, open work and earlier contacts as JSON, masked."""
    from agentdesk.cli.callers import held
    from agentdesk.cli.shapes import reason, work
    from agentdesk.desk import i18n
    from agentdesk.desk.models.card import card
    from agentdesk.desk.models.offers import ranked
    from agentdesk.desk.models.timeline import timeline
    from agentdesk.domain.documents import index_of

    view = card(facts, lookup)
    assert facts.customer is not None  # only a chosen customer has a card
    return {
        "at": facts.at,
        "online": facts.online,
        "catalogue": facts.catalogue.version,
        "number": view.number,
        "home": view.home,
        "holders": [held(item) for item in lookup.holders],
        "customer": {**customer_shape(facts.customer.document), "tier": facts.tier, "traits": list(view.traits)},
        "line": _line(facts),
        "lines": [_subscription(s) for s in facts.customer.subscriptions],
        "verification": facts.level,
        "warnings": [{"code": w.code, "text": w.words, "late": w.late} for w in view.warnings],
        "offers": [
            {
                "code": line.code,
                "name": line.offer.template.name.say(i18n.language()),
                "status": line.offer.status,
                "amount": line.offer.amount,
                "ceiling": line.offer.ceiling,
                "due": line.offer.due,
                "mode": line.offer.mode,
                "reasons": [reason(item) for item in line.offer.reasons],
                "approver": line.offer.approver,
            }
            for line in ranked(facts).lines
        ],
        "work": [work(document) for document in facts.work if index_of(document).open],
        "timeline": [
            {"at": past.at, "what": past.what, "text": past.words, "outcome": past.outcome} for past in timeline(facts)
        ],
    }


def lines(facts: Facts, lookup: Lookup) -> list[str]:
    """Return a card with offers, open work and earlier contacts as text, one section after the other."""
    from agentdesk.desk.i18n import _
    from agentdesk.desk.models.offers import ranked
    from agentdesk.desk.models.timeline import timeline

    result = _card(facts, lookup)
    result += ["", _("on offer"), *(table(_offers(ranked(facts), facts)) or [_("nothing")])]
    result += ["", _("open work"), *(table(_work(facts)) or [_("nothing")])]
    return [*result, "", _("earlier"), *(table(_earlier(timeline(facts)[:EARLIER], facts)) or [_("nothing")])]


def _card(facts: Facts, lookup: Lookup) -> list[str]:
    from agentdesk.desk.i18n import _
    from agentdesk.desk.models.card import card, line_words

    view, customer = card(facts, lookup), facts.customer
    assert customer is not None  # only a chosen customer has a card
    others = [
        line_words(line, True) for line in customer.subscriptions if facts.line is None or line.id != facts.line.id
    ]
    rows = [
        (_("customer"), f"{view.badge.strip()}  {view.name}  ({customer.document.id})"),
        (_("phone number"), f"{view.number} {view.home}".strip()),
        (_("verification"), view.verification),
        (_("profile"), _(", ").join(view.traits)),
        (_("about"), line_words(facts.line, True) if facts.line else ""),
        (_("other lines"), _(", ").join(others)),
        *((_("warning"), warning.words) for warning in view.warnings),
    ]
    return pairs(rows)


def _age(facts: Facts, as_of: int | None) -> list[str]:
    """Return how old all this is, where it isn't of this moment."""
    from agentdesk.desk.i18n import _
    from agentdesk.desk.models import times

    if as_of is not None and facts.online and facts.at - as_of < OLD_MS:
        return []
    if as_of is None:
        return ["", _("the centre was never reached from here")]
    return ["", _("the centre was last reached {ago}").format(ago=times.ago(as_of, facts.at))]


def _earlier(pasts: tuple[Past, ...], facts: Facts) -> list[tuple[str, ...]]:
    from agentdesk.desk.models import times

    return [(times.ago(past.at, facts.at), past.what, past.words, past.outcome) for past in pasts]


def _offers(board: Board, facts: Facts) -> list[tuple[str, ...]]:
    from agentdesk.cli.words import remark
    from agentdesk.desk import i18n, wording
    from agentdesk.desk.models.offers import when

    return [
        (
            line.code,
            line.offer.template.name.say(i18n.language()),
            wording.money(line.offer.amount) if line.offer.amount else "",
            when(line.offer, facts) if line.offer.status != "inapplicable" else "",
            remark(line.offer, facts),
        )
        for line in board.lines
    ]


def _work(facts: Facts) -> list[tuple[str, ...]]:
    from agentdesk.desk.models import times
    from agentdesk.desk.models.work import open_lines, place_words

    return [
        (
            str(line.document.data.get("number") or ""),
            line.title,
            line.where,
            times.left(line.due, facts.at)[0],
            place_words(line, True)[0],
        )
        for line in open_lines(facts.work, facts.places, facts.catalogue, facts.agent, most=50)
    ]


def _line(facts: Facts) -> dict[str, Any] | None:
    return _subscription(facts.line) if facts.line else None


def _subscription(line: Any) -> dict[str, Any]:
    from agentdesk.domain.language.text import clean
    from agentdesk.domain.numbering.numbers import display

    return {
        "id": line.id,
        "number": display(line.number) if line.number else "",
        "kind": line.kind,
        "status": line.status,
        "stop_reason": line.stop_reason,
        "plan": clean(line.plan, 40),
        "fee": line.fee,
        "contract_end": line.contract_end,
    }


def _say_work(site: Site, documents: tuple[Document, ...], as_json: bool) -> None:
    from agentdesk.cli.shapes import words, work
    from agentdesk.desk import terms
    from agentdesk.desk.i18n import _
    from agentdesk.desk.models import times
    from agentdesk.desk.models.sorts import state_of, title_of
    from agentdesk.desk.models.work import department, where_of

    if as_json:
        shapes = []
        for document in documents:
            moves = [
                {key: words(value) if isinstance(value, str) else value for key, value in move.items()}
                for move in document.data.get("moves") or ()
            ]
            waiting = site.view.waiting_for(document.scope, document.id)
            shapes.append(
                {**work(document), "customer": document.data.get("customer"), "moves": moves, "waiting": waiting}
            )
        say_json({"work": shapes})
        return
    now, catalogue = site.now(), site.catalogue()
    for document in documents:
        data = document.data
        facts = [
            (_("number"), str(data.get("number"))),
            (_("what"), title_of(document)),
            (_("state"), state_of(document)),
            (_("where"), where_of(document, catalogue, "")),
            (_("department"), department(data.get("department"), catalogue)),
            (_("time"), times.left(data.get("due"), now)[0]),
            (_("customer"), str(data.get("customer") or "")),
        ]
        history = [
            (
                times.moment(move["at"], now),
                terms.term(terms.MOVES, move.get("what")),
                str(move.get("by") or ""),
                words(move.get("text"), 120),
            )
            for move in data.get("moves") or ()
        ]
        say([*pairs(facts), "", *table(history)])
