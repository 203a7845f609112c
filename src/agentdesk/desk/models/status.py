"""The status line: the agent and his state on the left, the line to the centre and the clock on the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.desk import terms
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.rows import EMPTY, Row, ends, joined, row, safe
from agentdesk.desk.models.rows import width as cells

if TYPE_CHECKING:
    from agentdesk.desk.calls.flow import CallFlow
    from agentdesk.desk.session import Contact
    from agentdesk.store.line import Fetching, LineState


@dataclass(frozen=True, slots=True)
class StatusView:
    """What the status line says at an instant; `since` is when the agent's state began, ms of the wall clock."""

    name: str
    number: str
    role: str
    state: str
    since: int
    queue: int
    line: LineState | None
    waiting: int
    inbox: int
    trouble: str
    now: int
    at: int
    approvals: str = ""
    reason: str = ""
    left: int | None = None
    """What is left of the wrap-up, ms."""
    then: str = ""
    """What the agent is when the contact is over, where he said so."""


def fetching_words(fetching: Fetching | None) -> str:
    """Return how far the first sync is: `fetching bj 45 %, 12.3 MB/s, 1 min left`; nothing while there is none."""
    if fetching is None:
        return ""
    region = safe(fetching.scope.rpartition("/")[2], 16)
    if fetching.phase == "checking":
        return _("checking {region}").format(region=region)
    share = f"{fetching.done * 100 // max(1, fetching.total)} %"
    if fetching.phase == "unpacking":
        return _("unpacking {region} {share}").format(region=region, share=share)
    words = _("fetching {region} {share}").format(region=region, share=share)
    if fetching.left_ms is None:
        return words
    rate = f"{fetching.rate / 1e6:.1f} MB/s" if fetching.rate >= 100_000 else f"{fetching.rate / 1e3:.0f} kB/s"
    left = _("{span} left").format(span=times.span(fetching.left_ms))
    return ", ".join((words, rate, left))


def line_words(line: LineState | None, waiting: int, at: int) -> tuple[str, str]:
    """Return how the line is, in words, and the tone: `live`, `syncing n`, `offline 2 min, 3 waiting`.

    Without a stream, what others do is only looked for now and then: that is `online`.
    """
    if line is None:
        return _("starting"), "quiet"
    if not line.online:
        since = max(0, at - line.since) if line.since else 0
        what = _("offline {span}").format(span=times.span(since)) if line.since else _("offline")
        return ngettext("{line}, {n} waiting", "{line}, {n} waiting", waiting).format(line=what, n=waiting), "warn"
    if line.fetching is not None:
        words = fetching_words(line.fetching)
        if waiting:
            words = ngettext("{line}, {n} waiting", "{line}, {n} waiting", waiting).format(line=words, n=waiting)
        return words, "accent"
    if waiting:
        return ngettext("syncing {n}", "syncing {n}", waiting).format(n=waiting), "accent"
    return (_("live") if line.state == "live" else _("online")), "good"


def left_row(left: int | None) -> Row:
    """Return what is left of a wrap-up, or how long it is over; nothing where no clock runs."""
    if left is None:
        return EMPTY
    if left <= 0:
        return row((_("{clock} over").format(clock=times.stopwatch(-left)), "late"))
    # a second that has begun is still there
    return row((_("{clock} left").format(clock=times.stopwatch(left + 999)), "accent"))


def doing_row(view: StatusView) -> Row:
    """Return what the agent does, why, and since when; a wrap-up says what is left of it."""
    state = terms.term(terms.AGENT_STATES, view.state)
    why = f" {_(view.reason)}" if view.reason and view.state == "not_ready" else ""
    tone = "accent" if view.state != "ready" else ""
    then = row((_("then not ready"), "warn")) if view.then == "not_ready" else EMPTY
    if view.state == "wrap_up" and view.left is not None:
        return joined([row((f"{state}{why}", tone)), left_row(view.left), then], " ")
    return joined([row((f"{state}{why} {times.stopwatch(view.now - view.since)}", tone)), then], " ")


def status_row(view: StatusView, width: int) -> Row:
    """Return the status line; the agent's state, who else rings, the line and the clock are never cut.

    Where there is too little room, what can be done without goes first: the role, nothing waiting, the number, the
    name, what was approved.
    """
    doing = doing_row(view)
    ring = row((ngettext("{n} more rings", "{n} more ring", view.queue).format(n=view.queue), "next"))
    words, tone = line_words(view.line, view.waiting, view.at)
    idle = view.line is not None and view.line.online and not view.waiting and view.line.fetching is None
    left = {
        "name": row((safe(view.name, 20), "strong")),
        "number": row(safe(view.number, 12)),
        "role": row((terms.term(terms.ROLES, view.role), "quiet")),
        "state": row(" ", doing),
        "ring": row(" ", ring) if view.queue else EMPTY,
    }
    right = {
        "trouble": row((safe(view.trouble, 40), "warn")) if view.trouble else EMPTY,
        "approvals": row((view.approvals, "accent")) if view.approvals else EMPTY,
        "inbox": row((ngettext("{n} needs you", "{n} need you", view.inbox).format(n=view.inbox), "warn"))
        if view.inbox
        else EMPTY,
        "line": row((words, tone)),
        "waiting": row((_("waiting {n}").format(n=0), "quiet")) if idle else EMPTY,
        "clock": row((times.clock(view.at), "quiet")),
    }
    for gone in ("", "role", "waiting", "number", "name", "approvals"):
        left.pop(gone, None)
        right.pop(gone, None)
        start, end = row(" ", joined(left.values(), " ")), row(joined(right.values()), " ")
        if cells(start) + 2 + cells(end) <= width:
            break
    return ends(start, end, width)


def wrap_up_clock(flow: CallFlow, contact: Contact) -> Row:
    """Return the clock of a contact's wrap-up; nothing while the call goes on."""
    from agentdesk.desk.calls.wrapping import left_ms

    return left_row(left_ms(flow, contact))
