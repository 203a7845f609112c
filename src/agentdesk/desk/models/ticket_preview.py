"""What two tickets become when they are merged, before it is done."""

from __future__ import annotations

from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.promise import labelled
from agentdesk.desk.models.rows import EMPTY, Row, row, safe, wrap
from agentdesk.desk.models.sorts import title_of
from agentdesk.domain.documents import Document
from agentdesk.domain.numbering.ids import spoken


def merged_rows(ticket: Document, other: Document, drafts: int, at: int, width: int) -> list[Row]:
    """Return the lines of a preview: which one rests, which goes on, and with what."""
    rests, goes = ticket.data, other.data
    chases = int(rests.get("chases") or 0) + int(goes.get("chases") or 0)
    level = max(int(rests.get("level") or 0), int(goes.get("level") or 0))
    dues = [one["due"] for one in (rests, goes) if one.get("due") is not None]
    lines = [
        row((_("merge"), "strong")),
        EMPTY,
        labelled(_("rests"), row(title_of(ticket), "  ", (spoken(safe(rests.get("number"), 24)), "quiet"))),
        labelled(_("goes on"), row((title_of(other), "strong"), "  ", spoken(safe(goes.get("number"), 24)))),
    ]
    if dues:
        due = min(dues)
        earlier = _("the earlier one of both") if len(set(dues)) > 1 else ""
        lines.append(labelled(_("deadline"), row(times.moment(due, at), "   ", (earlier, "quiet"))))
    counted = ngettext("chased {n} time", "chased {n} times", chases).format(n=chases)
    lines.append(labelled("", row(counted, "  ", _("level {n}").format(n=level))))
    if drafts:
        moved = ngettext("{n} draft goes with it", "{n} drafts go with it", drafts).format(n=drafts)
        lines.append(labelled("", row((moved, "quiet"))))
    lines.append(EMPTY)
    rule = _("Both keep all that was done on them; m on the one that rests takes it out again.")
    return [*lines, *wrap(rule, width, "quiet")]
