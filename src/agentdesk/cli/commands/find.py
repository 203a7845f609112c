"""`agentdesk find`: customers by number or name, tickets, promises and other work by their number or words in them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from agentdesk.cli.callers import from_stdin
from agentdesk.cli.errors import CommandError
from agentdesk.cli.options import add_data, add_json, add_language, opened_site, speak
from agentdesk.cli.output import say, say_json, table
from agentdesk.cli.unlocking import add_unlocking
from agentdesk.domain.language.text import clean

if TYPE_CHECKING:
    from agentdesk.domain.documents import Document
    from agentdesk.store.site import Site

MOST = 20
LONGEST = 200
"""Characters that are looked for."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk find`."""
    parser.add_argument(
        "words", metavar="WORDS", nargs="+", help="a number, a name or its pinyin, words in work, an id; - reads stdin"
    )
    add_data(parser)
    add_unlocking(parser)
    add_json(parser)
    add_language(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look for the words, and print all that fits."""
    language = speak(arguments)
    words = clean(from_stdin(" ".join(arguments.words)), LONGEST)
    with opened_site(arguments) as site:
        customers, work = search(site, words, language)
        if arguments.json:
            from agentdesk.cli.shapes import work as shape

            say_json({"words": words, "customers": customers, "work": [shape(document) for document in work]})
        elif customers or work:
            say(_lines(site, customers, work))
    if not customers and not work:
        raise CommandError(f"nothing fits {words!r}: give a number, a name or its pinyin, or words in a ticket")
    return 0


def search(site: Site, words: str, language: str) -> tuple[list[dict[str, Any]], list[Document]]:
    """Return the customers (as JSON, masked) and the tickets and promises that fit."""
    from agentdesk.cli.callers import customer_shape, held
    from agentdesk.desk.queries import look_up
    from agentdesk.domain.numbering.ids import check, plain_digits

    site.files.refresh()
    work = list(site.view.referred(plain_digits(words))) if check(words) else []
    lookup = look_up(site, words, language)
    customers = [held(item) for item in lookup.holders]
    if lookup.number is None and not work:
        named = (site.view.document(site.identity.region, words.strip()), *site.search.named(words, MOST))
        if site.search.left():
            named += site.view.named(words.strip(), MOST)  # the index isn't whole yet
        work = list(site.search.worded(words, MOST))
        found = {document.key: document for document in named if document is not None and document.type == "customer"}
        customers = [customer_shape(document) for document in found.values()]
    return customers, work


def _lines(site: Site, customers: list[dict[str, Any]], work: list[Document]) -> list[str]:
    from agentdesk.desk import terms
    from agentdesk.desk.i18n import _
    from agentdesk.desk.models import times
    from agentdesk.desk.models.sorts import state_of, title_of

    lines: list[str] = []
    if customers:
        rows = [
            (
                c["id"],
                c["name"],
                terms.term(terms.RELATIONS, c["relation"]) if c.get("relation") else "",
                terms.term(terms.SEGMENTS, c["segment"]),
                terms.term(terms.CARDS, c["card"]),
            )
            for c in customers
        ]
        lines += table(rows, (_("customer"), _("name"), _("relation"), _("segment"), _("card")))
    now = site.now()
    rows = [
        (
            str(d.data.get("number") or ""),
            title_of(d),
            state_of(d),
            times.left(d.data.get("due"), now)[0],
            str(d.data.get("customer") or ""),
        )
        for d in work
    ]
    return [*lines, *table(rows, (_("number"), _("what"), _("state"), _("time"), _("customer")) if rows else ())]
