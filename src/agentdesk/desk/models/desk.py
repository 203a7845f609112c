"""The desk with a contact on it: which block of lines stands where, at any size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.desk import terms
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models.card import badge, line_words, person
from agentdesk.desk.models.facts import Facts, Lookup
from agentdesk.desk.models.idle import block_head
from agentdesk.desk.models.offers import Board, heading, offer_rows
from agentdesk.desk.models.rows import EMPTY, Column, Row, hint, joined, row, table
from agentdesk.desk.models.rows import width as cells
from agentdesk.desk.models.timeline import Past, timeline_rows
from agentdesk.desk.models.work import LETTERS, WorkLine, work_rows
from agentdesk.domain.case import Customer
from agentdesk.domain.policy import Catalogue

if TYPE_CHECKING:
    from agentdesk.desk.models.aside import Aside


SOME = 8
"""Earlier contacts that stand before what to say and to ask."""


@dataclass(frozen=True, slots=True)
class ContactView:
    """What stands below the card while a contact is open."""

    facts: Facts
    lookup: Lookup
    board: Board
    work: tuple[WorkLine, ...]
    past: tuple[Past, ...]
    own: frozenset[str]
    at: int
    ringing: bool
    aside: Aside | None = None


def main_rows(view: ContactView, width: int, height: int, wide: bool, pane: str) -> list[Row]:
    """Return the block at the left, or the only one: whom to choose, what may be promised, open work."""
    if view.facts.customer is None:
        return nobody_rows(view, width)[:height]
    if wide:
        return _offers(view, width, height)
    if pane == "work":
        return _work(view, width, height, turns=True)
    if pane == "past":
        return _past(view, width, height)
    if pane == "offers" or not view.work:
        return _offers(view, width, height)
    offers, work = len(view.board.lines), len(view.work)
    room = height - 3
    work_room = min(work, max(room - offers, min(work, 4)))
    offers_room = max(2, room - work_room)
    return [
        *_offers(view, width, min(offers, offers_room) + 1),
        EMPTY,
        *_work(view, width, work_room + 1),
    ][:height]


def side_rows(view: ContactView, width: int, height: int) -> list[Row]:
    """Return the block at the right: open work, what happened before, and at its foot what to say and to ask."""
    foot: list[Row] = []
    if view.aside is not None:
        from agentdesk.desk.models.aside import aside_rows

        room = height - 2 * len(view.work) - min(len(view.past), SOME) - 4
        foot = aside_rows(view.aside, width, room)
    high = height - len(foot) - 1 if foot else height
    work = _work(view, width, min(high, 2 * len(view.work) + 1 if view.work else 2), turns=True)
    rest = high - len(work) - 1
    lines = [*work, EMPTY, *_past(view, width, rest)] if rest > 2 else work
    return [*lines[:high], *[EMPTY] * (height - len(foot) - len(lines[:high])), *foot] if foot else lines


def nobody_rows(view: ContactView, width: int) -> list[Row]:
    """Return what stands where the offers would, while it isn't known who calls."""
    customers = view.lookup.customers
    if customers:
        head = ngettext(
            "{n} customer can be reached under this number: ask, and choose",
            "{n} customers can be reached under this number: ask, and choose",
            len(customers),
        ).format(n=len(customers))
        return [row((head, "strong")), EMPTY, *holder_rows(view.lookup, view.facts.catalogue, width)]
    lines = [
        row((_("nobody here has this number"), "strong")),
        EMPTY,
        row((_("The caller can be helped all the same:"), "quiet")),
        joined([row(" "), hint("/", _("find him by name, number, ticket or promise"))]),
        joined([row(" "), hint("n", _("write down what he wants; it stays with this contact"))]),
        joined([row(" "), hint("w", _("wrap up"))]),
    ]
    return lines


def holder_rows(lookup: Lookup, catalogue: Catalogue | None, width: int) -> list[Row]:
    """Return all who can be reached under a number, each with a digit; who owns the line stands first."""
    found = []
    for index, document in enumerate(lookup.customers[:9]):
        customer = Customer(document)
        tier = catalogue.tier_of(customer.card) if catalogue else "standard"
        holder = next(h.holder for h in lookup.holders if h.customer.key == document.key)
        line = customer.subscription(holder.subscription)
        about = line_words(line, masked=True) if line else terms.term(terms.SEGMENTS, customer.segment)
        found.append(
            (
                row((str(index + 1), "key")),
                row((badge(tier, catalogue), f"tier-{tier}")),
                row((person(customer, False), "strong")),
                row(terms.term(terms.RELATIONS, holder.relation)),
                row((about, "quiet")),
            )
        )
    columns = [Column(max(cells(parts[n]) for parts in found)) for n in range(4)] if found else []
    return [table((*columns, Column(0)), parts, width) for parts in found]


def _offers(view: ContactView, width: int, height: int) -> list[Row]:
    if not view.board.lines:
        return [row((_("nothing can be promised by template here"), "quiet"))]
    most = height - 1
    return [heading(view.board, view.facts, width, most), *offer_rows(view.board, view.facts, width, most)]


def _work(view: ContactView, width: int, height: int, turns: bool = False) -> list[Row]:
    """Return what is open; `turns` where `m` moves the letters on to what has none."""
    keys = joined([hint("a-f", _("open")), hint("u", _("chase"))]) if view.work else EMPTY
    if turns and len(view.work) > len(LETTERS):
        keys = joined([keys, hint("m", _("the next ones"))])
    lines = [block_head(_("open work"), len(view.work), keys)]
    lines += work_rows(view.work, view.at, width, max(1, height - 1), view.own)
    if not view.work:
        lines.append(row("  ", (_("nothing is open"), "quiet")))
    return lines[: max(2, height)]


def _past(view: ContactView, width: int, height: int) -> list[Row]:
    lines = [block_head(_("earlier contacts"), len(view.past), EMPTY)]
    if not view.past:
        lines.append(row("  ", (_("none"), "quiet")))
    return [*lines, *timeline_rows(view.past, view.at, width, height - 1)]
