"""The inbox: what needs a person, in plain words, with the ways out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from agentdesk.desk import terms, wording
from agentdesk.desk.actions import hint_of
from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models import times
from agentdesk.desk.models.life import happened, steps
from agentdesk.desk.models.promise import LABEL, labelled
from agentdesk.desk.models.rows import EMPTY, Row, pad, row, safe, wrap
from agentdesk.desk.models.rows import width as cells
from agentdesk.store.amending import ways_out
from agentdesk.store.outbox import NEEDS_A_PERSON, Entry
from agentdesk.store.verdicts import Life

if TYPE_CHECKING:
    from agentdesk.desk.queries import OutboxFound
    from agentdesk.domain.policy import Catalogue

Pane = Literal["inbox", "waiting", "all"]

PANES: dict[Pane, str] = {"inbox": N_("needs you"), "waiting": N_("waiting"), "all": N_("all entries")}

FIELDS = {
    "note.added": "text",
    "ticket.noted": "text",
    "ticket.dispatched": "text",
    "ticket.returned": "reason",
    "ticket.replied": "text",
    "ticket.followed_up": "text",
    "ticket.reopened": "reason",
    "contact.wrapped_up": "summary",
    "commitment.voided": "reason",
    "commitment.withdrawn": "reason",
    "commitment.fulfilled": "proof",
}
"""The words of an operation that its author corrects on the screen."""


def entries_of(found: OutboxFound, pane: Pane) -> tuple[Entry, ...]:
    """Return the entries of one list."""
    if pane == "inbox":
        return found.inbox
    return found.waiting if pane == "waiting" else found.entries


def entry_keys(entry: Entry, waits: bool) -> list[Row]:
    """Return the keys of the ways out of an entry; `waits`: it is in the inbox."""
    ways = ways_out(entry)
    found = [hint_of(f"outbox.{way}") for way in ("retry", "amend", "withdraw") if way in ways]
    return [*found, hint_of("outbox.seen")] if waits else found


def life_rows(entry: Entry, life: Life, waits: bool, catalogue: Catalogue | None, at: int, width: int) -> list[Row]:
    """Return what happened to an operation, why, and its whole life."""
    number = safe((entry.body or {}).get("number") or "", 24)
    money = wording.money(entry.amount) if entry.amount else ""
    what = row((terms.term(terms.KINDS, entry.kind), "strong"), "  ", number, "  " if number else "", money)
    tone = "warn" if entry.verdict in NEEDS_A_PERSON else ""
    lines = [what, *wrap(happened(entry), width, tone)]
    for reason in entry.reasons:
        lines += [labelled(_("why") if reason is entry.reasons[0] else "", line)
                  for line in wrap(wording.say(reason, catalogue), width - LABEL)]  # fmt: skip
    lines.append(EMPTY)
    told = steps(entry, life, waits, at, lambda reasons: wording.say_all(reasons, catalogue))
    moments = [row((times.moment(step.at, at), "quiet")) if step.at is not None else EMPTY for step in told]
    left = max(map(cells, moments), default=0) + 2
    for step, moment in zip(told, moments, strict=True):
        for index, line in enumerate(wrap(step.text, width - left, step.tone)):
            lines.append(row(pad(moment if index == 0 else EMPTY, left), line))
    return lines
