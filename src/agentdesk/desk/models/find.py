"""What was found, in groups: customers with their badge, work with its clock, articles; masked like everything."""

from __future__ import annotations

from collections.abc import Sequence

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models import times
from agentdesk.desk.models.card import badge, line_words, person
from agentdesk.desk.models.rows import Column, Row, ends, row, safe, table
from agentdesk.desk.models.rows import width as cells_of
from agentdesk.desk.models.sorts import name_of_sort, state_of, title_of
from agentdesk.desk.queries.finding import MOST, Finding, Findings
from agentdesk.domain.case import Customer
from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.guidance.articles import Article
from agentdesk.domain.guidance.knowledge import Flow
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.policy import Catalogue

HEADINGS = {
    "number": N_("phone or number"),
    "customers": N_("customers"),
    "open": N_("open work"),
    "closed": N_("closed"),
    "places": N_("outlets"),
    "articles": N_("knowledge"),
}
"""What stands beside the first line of each group."""

WIDE = 110
"""Cells from which a line has room for all that is known of what was found."""
SPACIOUS = 50
"""Cells of its last column from which both what it is and what was said in it stand there."""


def find_rows(found: Sequence[Finding], catalogue: Catalogue | None, at: int, width: int) -> list[Row]:
    """Return one line for each thing found, the group beside its first one."""
    beside = max((cells_of(row(_(HEADINGS[one.group]))) for one in found), default=0)
    wide = width >= WIDE
    columns = (
        Column(max(beside, cells_of(row(_("and more"))))),
        Column(18 if wide else 12),
        Column(26 if wide else 18),
        Column(0),
    )
    room = max(0, width - sum(column.cells for column in columns) - 6)
    groups = [one.group for one in found]
    lines = []
    for place, one in enumerate(found):
        kind, name, what = _cells(one, catalogue, at, room)
        heading = _(HEADINGS[one.group]) if one.group not in groups[:place] else ""
        if one.group not in groups[place + 1 :] and groups.count(one.group) == MOST[one.group]:
            heading = _("and more")  # typing on brings them
        lines.append(table(columns, (row((heading, "quiet")), kind, name, what), width))
    return lines


def left_row(findings: Findings) -> Row:
    """Return what is said while the index isn't whole."""
    words = _("the index is being made: {n} documents can't be found by their words yet").format(n=findings.left)
    return row((words, "quiet"))


def _cells(one: Finding, catalogue: Catalogue | None, at: int, room: int) -> tuple[Row, Row, Row]:
    if one.document is None:
        return _article(one.article)
    if one.document.type == "customer":
        return _customer(one, one.document, catalogue)
    if one.document.type == "outlet":
        data = one.document.data
        return row((_("outlet"), "quiet")), row((safe(data.get("name"), 24), "strong")), row(safe(data.get("address")))
    return _work(one, one.document, at, room)


def _customer(one: Finding, document: Document, catalogue: Catalogue | None) -> tuple[Row, Row, Row]:
    customer = Customer(document)
    tier = catalogue.tier_of(customer.card) if catalogue else "standard"
    line = customer.subscription(one.line) or (customer.subscriptions[0] if customer.subscriptions else None)
    relation = terms.term(terms.RELATIONS, one.relation) if one.relation else ""
    return (
        row((badge(tier, catalogue), f"tier-{tier}")),
        row((person(customer, False), "strong"), "  ", (relation, "quiet")),
        row((line_words(line, masked=True) if line else "", "quiet")),
    )


def _work(one: Finding, document: Document, at: int, room: int) -> tuple[Row, Row, Row]:
    number = spoken(safe(document.data.get("number"), 24)) if document.data.get("number") else ""
    kind = _("note") if document.type == "note" else name_of_sort(document)
    if document.type == "ticket":
        kind = terms.term(terms.TICKETS, document.data.get("kind"))
    if is_open(document):
        words, late = times.left(document.data.get("due"), at)
    else:
        words, late = "" if document.type == "note" else state_of(document), False
    title = "" if document.type == "note" else title_of(document)
    said = "" if one.said == title else safe(one.said, 80)
    clock = row((words, "late" if late else "quiet"))
    if room < SPACIOUS:
        # the words that were looked for are what tells one line from the next
        parts = ends(row(said or title), clock, room)
    else:
        parts = row(title, "  " if title else "", clock, "  " if words else "", (said, "quiet"))
    name = row((number, "strong")) if number else row((one.who, "strong"))
    who = row("  ", (one.who, "quiet")) if number and room >= SPACIOUS and one.who else row("")
    return row((kind, "quiet")), row(name, who), parts


def _article(article: Article | None) -> tuple[Row, Row, Row]:
    if article is None:
        return row(""), row(""), row("")
    kind = _("question flow") if isinstance(article, Flow) else _("script")
    name = article.name.say(i18n.language())
    what = "" if isinstance(article, Flow) else article.when.say(i18n.language())
    return row((kind, "quiet")), row((article.code, "strong")), row(name, "  ", (what, "quiet"))
