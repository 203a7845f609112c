"""`agentdesk promise`: make an instant commitment to the customer who calls from a number."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from agentdesk.cli.agents import agent_of
from agentdesk.cli.callers import SeveralFit, add_caller, chosen_customer, facts_of, look_up, say_holders
from agentdesk.cli.errors import REFUSED, CommandError, one_line
from agentdesk.cli.options import add_data, add_json, add_language, opened_site, speak
from agentdesk.cli.output import pairs, say, say_json
from agentdesk.cli.syncing import look_at_line, settle
from agentdesk.cli.unlocking import add_unlocking

if TYPE_CHECKING:
    from agentdesk.cli.promising import Asked, Promised
    from agentdesk.desk.models.facts import Facts
    from agentdesk.domain.condition.conditions import Reason
    from agentdesk.domain.policy import Template
    from agentdesk.store.site import Site

LONGEST_NOTE = 4000


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `agentdesk promise`."""
    add_caller(parser)
    parser.add_argument("code", metavar="CODE", help="the commitment's code, as `agentdesk show` lists it")
    parser.add_argument("--amount", metavar="YUAN", help="the amount, such as 36.50 [what the case computes]")
    parser.add_argument("--note", default="", help="a note to keep with it; the reason of another amount")
    parser.add_argument("--agent", metavar="ID", help="who promises [the site's agent]")
    parser.add_argument("--ask", action="store_true", help="only print what would be promised and the words to ask")
    parser.add_argument("--spoken", action="store_true", help="mark the words as told to the customer")
    parser.add_argument(
        "--no-sync", dest="sync", action="store_false", help="use what is known here, and let others send it"
    )
    add_data(parser)
    add_unlocking(parser)
    add_json(parser)
    add_language(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Promise; refusals are told with their reasons, and change nothing."""
    from agentdesk.cli import promising
    from agentdesk.cli.config import read_config
    from agentdesk.domain.language.text import clean
    from agentdesk.store.committing import Refused

    language = speak(arguments)
    note = clean(arguments.note, LONGEST_NOTE, multiline=True)
    with opened_site(arguments) as site:
        hotline = read_config(site.files.folder).desk.hotline
        agent = agent_of(site, arguments.agent, required=True)
        if arguments.sync:
            look_at_line(site)
        lookup = look_up(site, arguments.number, language)
        try:
            document = chosen_customer(lookup, arguments.customer)
        except SeveralFit:
            say_holders(lookup, arguments.json)
            raise
        facts = facts_of(site, lookup, document, agent, arguments.line)
        template = _template(facts, arguments.code)
        amount = _amount(template, arguments.amount)
        try:
            asked = promising.ask(facts, template.code, hotline, amount)
            if arguments.ask:
                _say(site, facts, asked, None, arguments)
                return 0
            promised = promising.make(site, facts, agent, asked, hotline, note, arguments.spoken)
        except Refused as refused:
            return _refused(refused.reasons, facts, arguments.json)
        _say(site, facts, asked, promised, arguments)
    return 0


def _template(facts: Facts, code: str) -> Template:
    template = facts.catalogue.templates.get(code.upper()) or facts.catalogue.templates.get(code)
    if template is None:
        raise CommandError(f"no commitment has the code {code!r}: `agentdesk catalogue show` lists all of them")
    return template


def _amount(template: Template, text: str | None) -> int | None:
    from agentdesk.domain.finance.money import AmountError, parse_amount

    if text is None:
        return None
    if template.money is None:
        raise CommandError(f"{template.code} gives no money: leave --amount out")
    try:
        return parse_amount(text)
    except AmountError as error:
        raise CommandError(f"--amount {text!r}: {error}") from None


def _refused(reasons: tuple[Reason, ...], facts: Facts, as_json: bool) -> int:
    """Say why nothing was promised."""
    from agentdesk.cli.shapes import reason
    from agentdesk.cli.words import say_all
    from agentdesk.desk.i18n import _

    if as_json:
        say_json({"promised": False, "reasons": [reason(item) for item in reasons]})
    said = _("not promised: {reasons}").format(reasons=say_all(reasons, facts.catalogue))
    print(f"agentdesk promise: {one_line(said)}", file=sys.stderr)
    return REFUSED


def _say(site: Site, facts: Facts, asked: Asked, promised: Promised | None, arguments: argparse.Namespace) -> None:
    """Print the promise; where it is comes last, as the centre is asked only after it stands on the screen."""
    from agentdesk.desk import terms
    from agentdesk.desk.i18n import _

    if not arguments.json:
        say(_lines(facts, asked, promised))
    if promised is None:
        if arguments.json:
            say_json({"promised": False, **_shape(facts, asked)})
        return
    if arguments.sync:
        sys.stdout.flush()
        settle(site, promised.operation)
    entry = site.outbox.entry(promised.operation)
    assert entry is not None  # it was committed just now
    if arguments.json:
        from agentdesk.cli.commands.outbox import shape

        said = {"id": promised.document, "contact": promised.contact, "number": promised.number}
        more = {"tell": promised.tell.text, "spoken": arguments.spoken, "operation": shape(entry)}
        say_json({"promised": True, **said, **_shape(facts, asked), **more})
        return
    where = terms.term(terms.OUTBOX_STATES, entry.state)
    verdict = terms.term(terms.VERDICTS, entry.verdict.value) if entry.verdict else ""
    say(pairs([(_("where"), ", ".join(part for part in (where, verdict) if part))]))


def _shape(facts: Facts, asked: Asked) -> dict[str, Any]:
    from agentdesk.desk import i18n
    from agentdesk.domain.numbering.numbers import display

    template = asked.offer.template
    assert facts.customer is not None
    return {
        "code": template.code,
        "name": template.name.say(i18n.language()),
        "customer": facts.customer.document.id,
        "line": display(facts.line.number) if facts.line and facts.line.number else None,
        "amount": asked.amount,
        "proposed": asked.proposed,
        "due": asked.offer.due,
        "mode": asked.offer.mode,
        "department": template.department,
        "ask": asked.ask.text,
    }


def _lines(facts: Facts, asked: Asked, promised: Promised | None) -> list[str]:
    from agentdesk.desk import i18n, wording
    from agentdesk.desk.i18n import _
    from agentdesk.desk.models import times
    from agentdesk.desk.models.card import person
    from agentdesk.desk.models.work import department
    from agentdesk.domain.numbering.ids import spoken

    template = asked.offer.template
    assert facts.customer is not None
    due = asked.offer.due
    rows = [
        (_("customer"), f"{person(facts.customer, facts.verified)} ({facts.customer.document.id})"),
        (_("promise"), f"{template.code} {template.name.say(i18n.language())}"),
        (_("ask"), asked.ask.text),
        (_("amount"), wording.money(asked.amount) if asked.amount is not None else ""),
        (_("deadline"), f"{times.moment(due, facts.at)} ({times.left(due, facts.at)[0]})"),
        (_("department"), department(template.department, facts.catalogue)),
    ]
    if promised is not None:
        rows += [(_("promised"), spoken(promised.number)), (_("tell"), promised.tell.text)]
    return pairs(rows)
