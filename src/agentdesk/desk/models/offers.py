"""Offers on the screen: frozen once painted, their keys bound to the offer and never to its rank.

A list is ranked when a caller is first shown. Whatever changes later (verification, the line, the clock) changes a
row where it stands and marks it; nothing moves under the finger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agentdesk.desk import i18n, wording
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.approvals import approved
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import EMPTY, Column, Row, ends, row, table
from agentdesk.desk.models.rows import width as cells_of
from agentdesk.domain.offers import Offer, assess, offers, time_limit

KEYS = "123456789"

NARROW = 70
"""Cells below which a block has two lines for an offer, where it is high enough."""


@dataclass(frozen=True, slots=True)
class OfferLine:
    """One offer with its key; `rank` is where it stood when it was ranked, `changed` since it was painted."""

    key: str
    rank: int
    offer: Offer
    changed: bool = False

    @property
    def code(self) -> str:
        return self.offer.template.code


@dataclass(frozen=True, slots=True)
class Board:
    """The offers of one caller, frozen; `customer` and `line` are whom they were ranked for."""

    customer: str
    line: str | None
    lines: tuple[OfferLine, ...]

    def at(self, key: str) -> OfferLine | None:
        """Return the offer of a key."""
        return next((line for line in self.lines if line.key == key), None)

    def of(self, code: str) -> OfferLine | None:
        """Return the offer of a template."""
        return next((line for line in self.lines if line.code == code), None)


def ranked(facts: Facts) -> Board:
    """Return the offers of a caller, best first, each with its key."""
    case = facts.case
    if case is None:
        return Board("", None, ())
    found = offers(case, facts.catalogue, len(KEYS))
    lines = tuple(OfferLine(KEYS[index], index + 1, approved(offer, facts)) for index, offer in enumerate(found))
    return Board(case.customer.document.id, case.line.id if case.line else None, lines)


def refreshed(board: Board, facts: Facts) -> Board:
    """Return the same board as things are now: same rows, same keys, changes marked.

    Another customer or line is another board.
    """
    case = facts.case
    if case is None or board.customer != case.customer.document.id:
        return ranked(facts)
    if board.line != (case.line.id if case.line else None) or not board.lines:
        return ranked(facts)
    lines = []
    for line in board.lines:
        template = facts.catalogue.templates.get(line.code, line.offer.template)
        now = approved(assess(template, case, facts.catalogue), facts)
        differs = (now.status, now.amount, now.mode) != (line.offer.status, line.offer.amount, line.offer.mode)
        changed = line.changed or differs
        # where it stood and why was said when it was ranked
        now = replace(now, score=line.offer.score, because=line.offer.because)
        lines.append(replace(line, offer=now, changed=changed))
    return replace(board, lines=tuple(lines))


def settled(board: Board) -> Board:
    """Return a board whose marks have been seen."""
    return replace(board, lines=tuple(replace(line, changed=False) for line in board.lines))


def shown(board: Board) -> list[Mapping[str, object]]:
    """Return what is recorded of a painted list: code, rank, status, reason codes, amount in minor units."""
    return [
        {
            "code": line.code,
            "rank": line.rank,
            "status": line.offer.status,
            "reasons": [reason.code for reason in line.offer.reasons],
            "amount": line.offer.amount,
            **({"because": line.offer.because.code} if line.offer.because else {}),
        }
        for line in board.lines
    ]


def when(offer: Offer, facts: Facts) -> str:
    """Return by when an offer would be kept: a short time as a length, a longer one as the moment."""
    limit = time_limit(offer.template, facts.tier, facts.online)
    if limit.unit == "natural" and limit.amount <= 24 * 60:
        return times.span(limit.amount * times.MINUTE_MS) if limit.amount else _("at once")
    return times.moment(offer.due, facts.at)


def remark(offer: Offer, facts: Facts) -> tuple[str, str]:
    """Return what is to be said about an offer, and in which tone."""
    if offer.status == "available":
        if offer.mode == "later":
            return _("offline: {moment}").format(moment=times.moment(offer.due, facts.at)), "strong"
        if offer.because is not None and offer.because.code == "lead_matter":
            return why_offered(offer, facts), "quiet"
        return offer.template.note.say(i18n.language()), "quiet"
    words = wording.say_all(offer.reasons[:2], facts.catalogue)
    if offer.status == "approve" and offer.approver:
        role = facts.catalogue.roles.get(offer.approver)
        name = role.name.say(i18n.language()) if role else offer.approver
        words = _("beyond your authority: {role} approves").format(role=name)
    return words, "strong" if offer.status == "verify" else "quiet"


def why_offered(offer: Offer, facts: Facts) -> str:
    """Return why an offer stands on the list at all; nothing where only its own weight speaks for it."""
    return wording.say(offer.because, facts.catalogue) if offer.because else ""


def offer_rows(board: Board, facts: Facts, width: int, most: int) -> list[Row]:
    """Return the lines of the offers, at most so many; what doesn't fit is counted in the last line.

    Where the block is narrow and high, each offer has a second line for what is to be said about it.
    """
    if width < NARROW and most >= 2 * len(board.lines):
        return [line for offer in board.lines for line in _two_lines(offer, facts, width)]
    lines = board.lines
    hidden = len(lines) - most
    if hidden > 0:
        lines = lines[: most - 1]
    columns = _columns(board, width)
    result = [_offer_row(line, facts, columns, width) for line in lines]
    if hidden > 0:
        result.append(row("    ", (_("{n} more").format(n=hidden + 1), "quiet"), "  ", ("m", "key")))
    return result


def _offer_row(line: OfferLine, facts: Facts, columns: tuple[Column, ...], width: int) -> Row:
    offer = line.offer
    applies = offer.status != "inapplicable"
    ready = offer.status == "available"
    words, tone = remark(offer, facts)
    cells = (
        row((line.key, "key" if applies else "quiet"), ("*" if line.changed else " ", "mark")),
        row((offer.template.name.say(i18n.language()), "strong" if ready else "" if applies else "quiet")),
        row((wording.money(offer.amount), "strong" if ready else "")) if offer.amount and applies else EMPTY,
        row((when(offer, facts) if applies else "-", "" if ready else "quiet")),
        row((words, tone)),
    )
    return table(columns, cells, width)


def _two_lines(line: OfferLine, facts: Facts, width: int) -> tuple[Row, Row]:
    offer = line.offer
    applies, ready = offer.status != "inapplicable", offer.status == "available"
    words, tone = remark(offer, facts)
    first = (
        row((line.key, "key" if applies else "quiet"), ("*" if line.changed else " ", "mark")),
        row((offer.template.name.say(i18n.language()), "strong" if ready else "" if applies else "quiet")),
        row((wording.money(offer.amount), "strong" if ready else "")) if offer.amount and applies else EMPTY,
        row((when(offer, facts) if applies else "-", "" if ready else "quiet")),
    )
    columns = (Column(2), Column(0), Column(9, True), Column(14, True))
    second = row("    ", (words, tone if applies else "quiet"))
    why = row((why_offered(offer, facts), "quiet"))
    fits = cells_of(second) + 2 + cells_of(why) <= width
    return table(columns, first, width), ends(second, why, width) if why and fits else second


def heading(board: Board, width: int, double: bool = False) -> Row:
    """Return the line above the offers."""
    ready = sum(1 for line in board.lines if line.offer.status == "available")
    if double:
        head = row("    ", (_("can be promised {n}").format(n=ready), "strong"))
        return ends(head, row((_("time limit"), "quiet")), width)
    cells = (
        EMPTY,
        row((_("can be promised {n}").format(n=ready), "strong")),
        EMPTY,
        row((_("time limit"), "quiet")),
        row((_("remark"), "quiet")),
    )
    return table(_columns(board, width), cells, width)


def _columns(board: Board, width: int) -> tuple[Column, ...]:
    """Return the columns; names get as much as the longest needs, where there is room."""
    names = [cells_of(row(line.offer.template.name.say(i18n.language()))) for line in board.lines]
    amounts = [cells_of(row(wording.money(line.offer.amount))) for line in board.lines if line.offer.amount]
    limit = 14
    amount = max(amounts, default=0)
    longest = max(names, default=16)
    room = width - 2 - 2 - amount - 2 - limit - 2 - 2 - 20
    return (Column(2), Column(max(12, min(longest, room))), Column(max(1, amount), True), Column(limit), Column(0))
