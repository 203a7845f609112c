"""What changed in a document while somebody wrote about it: shown beside the draft, which nobody touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk import terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models import times
from agentdesk.desk.models.rows import Row, row, safe
from agentdesk.desk.models.sorts import state_of
from agentdesk.desk.models.work import department
from agentdesk.domain.documents import Document

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

MOST = 4
"""Lines that stand beside a draft at most."""


def differences(
    before: Document, after: Document, catalogue: Catalogue | None, at: int
) -> tuple[tuple[str, str, str], ...]:
    """Return the fields that differ in words: name, as it was, as it is; then what was done meanwhile."""
    found: list[tuple[str, str, str]] = []
    old, new = before.data, after.data
    if old.get("state") != new.get("state"):
        found.append((_("state"), state_of(before), state_of(after)))
    if old.get("owner") != new.get("owner"):
        found.append((_("in whose hands"), safe(old.get("owner") or "-", 20), safe(new.get("owner") or "-", 20)))
    if old.get("department") != new.get("department"):
        found.append(
            (
                _("department"),
                department(old.get("department"), catalogue),
                department(new.get("department"), catalogue),
            )
        )
    if old.get("level") != new.get("level"):
        found.append((_("level"), str(old.get("level") or 0), str(new.get("level") or 0)))
    if old.get("due") != new.get("due"):
        found.append((_("deadline"), _moment(old.get("due"), at), _moment(new.get("due"), at)))
    if old.get("chases") != new.get("chases"):
        found.append((_("chases"), str(old.get("chases") or 0), str(new.get("chases") or 0)))
    known = len(old.get("moves") or ())
    for move in (new.get("moves") or ())[known:]:
        words = safe(move.get("text") or "", 60)
        found.append((terms.term(terms.MOVES, move.get("what")), safe(move.get("by") or "", 20), words))
    return tuple(found)


def change_rows(before: Document, after: Document, catalogue: Catalogue | None, at: int) -> list[Row]:
    """Return what changed meanwhile, as lines beside a draft."""
    found = differences(before, after, catalogue, at)
    if not found:
        return []
    lines = [row((_("changed meanwhile; your words are as they were:"), "warn"))]
    for name, was, now in found[:MOST]:
        lines.append(row(("  ± ", "warn"), name, "  ", (was, "quiet"), " → " if now else "", now))
    if len(found) > MOST:
        lines.append(row((_("and {n} more").format(n=len(found) - MOST), "quiet")))
    return lines


def _moment(at: object, now: int) -> str:
    return times.moment(at, now) if isinstance(at, int) else "-"
