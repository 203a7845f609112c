"""Who is meant by a number on the command line: the same rules as on the screen, all holders listed, none guessed."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentdesk.cli.errors import SEVERAL, CommandError
from agentdesk.cli.output import say, say_json, table

if TYPE_CHECKING:
    from agentdesk.cli.agents import Agent
    from agentdesk.desk.models.facts import Facts, Held, Lookup
    from agentdesk.domain.documents import Document
    from agentdesk.store.site import Site


class SeveralFit(CommandError):
    """More than one customer can be meant; `holders` are all of them."""

    def __init__(self, message: str, lookup: Lookup) -> None:
        super().__init__(message, SEVERAL)
        self.lookup = lookup


def add_caller(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say whom a command is about."""
    parser.add_argument(
        "number",
        metavar="NUMBER",
        help="the number that calls, in any usual form; - reads it from stdin: others see what a command is given",
    )
    parser.add_argument("--customer", metavar="ID", help="which customer, where a number leads to several")
    parser.add_argument("--line", metavar="NUMBER", help="the line in question, where it is not the one that calls")


def from_stdin(word: str) -> str:
    """Return a word of the command line, or what stands on stdin for `-`: whoever lists processes sees no number."""
    if word != "-":
        return word
    import sys

    return sys.stdin.readline().strip()


def look_up(site: Site, raw: str, language: str) -> Lookup:
    """Return all who can be reached under a number; raises CommandError for what is none, or nobody's."""
    from agentdesk.desk.queries import look_up as look
    from agentdesk.domain.numbering.numbers import NumberProblem, display, normalise

    raw = from_stdin(raw)
    read = normalise(raw)
    if isinstance(read, NumberProblem):
        raise CommandError(f"{read.text!r}: {read.advice}")
    lookup = look(site, raw, language)
    if not lookup.holders:
        shown = display(read.e164)
        raise CommandError(f"nobody is known under {shown}: check the digits, or try `agentdesk find` with a name")
    return lookup


def chosen_customer(lookup: Lookup, wanted: str | None) -> Document:
    """Return the customer that is meant: the only one, or the one that was named; raises SeveralFit."""
    if wanted is not None:
        for document in lookup.customers:
            if document.id == wanted:
                return document
        raise SeveralFit(f"{wanted!r} does not hold this number: choose one of those listed with --customer", lookup)
    if len(lookup.customers) > 1:
        count = len(lookup.customers)
        raise SeveralFit(f"{count} customers are reached under this number: say which with --customer ID", lookup)
    return lookup.customers[0]


def facts_of(site: Site, lookup: Lookup, document: Document, agent: Agent, line: str | None) -> Facts:
    """Return what is known of a caller from his own number, as it stands on the card while he rings."""
    from agentdesk.desk.queries import Target, facts
    from agentdesk.domain.documents import Document

    subscription = _line(document, line)
    target = Target(
        scope=document.scope,
        customer=document.id,
        line=subscription,
        caller=lookup.number,
        holders=len(lookup.customers),
        home=lookup.home,
    )
    found = facts(site, target, agent.id, agent.role)
    ringing = {"caller": lookup.number, "customer": document.id}
    return replace(found, contact=Document(document.scope, "", "contact", 0, ringing))


def _line(document: Document, wanted: str | None) -> str | None:
    """Return the id of the customer's line of a number."""
    if wanted is None:
        return None
    from agentdesk.domain.case import Customer
    from agentdesk.domain.numbering.numbers import NumberProblem, display, normalise

    read = normalise(wanted)
    if isinstance(read, NumberProblem):
        raise CommandError(f"{read.text!r}: {read.advice}")
    subscription = Customer(document).line_of(read.e164)
    if subscription is None:
        raise CommandError(f"{display(read.e164)} is no line of this customer: `agentdesk show` lists his lines")
    return subscription.id


def held(item: Held) -> dict[str, Any]:
    """Return one who is reached under a number, as JSON, masked."""
    return {**customer_shape(item.customer), "relation": item.holder.relation, "rank": item.holder.rank}


def customer_shape(document: Document) -> dict[str, Any]:
    """Return a customer in short, masked."""
    from agentdesk.cli.shapes import name

    data = document.data
    return {
        "id": document.id,
        "scope": document.scope,
        "name": name(str(data.get("name") or "")),
        "segment": data.get("segment"),
        "card": data.get("card"),
    }


def say_holders(lookup: Lookup, as_json: bool) -> None:
    """Print all who are reached under a number."""
    from agentdesk.desk import terms
    from agentdesk.desk.i18n import _
    from agentdesk.desk.models.rows import safe
    from agentdesk.domain.numbering.numbers import display

    number = display(lookup.number or "")
    if as_json:
        say_json({"number": number, "home": lookup.home, "holders": [held(item) for item in lookup.holders]})
        return
    rows = [
        (
            item.customer.id,
            customer_shape(item.customer)["name"],
            safe(terms.term(terms.RELATIONS, item.holder.relation)),
            terms.term(terms.SEGMENTS, item.customer.data.get("segment")),
            terms.term(terms.CARDS, item.customer.data.get("card")),
        )
        for item in lookup.holders
    ]
    say(table(rows, (_("customer"), _("name"), _("relation"), _("segment"), _("card"))))
