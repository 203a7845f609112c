"""What stands at the door of the desk: signing in, the lock, why somebody isn't in; nothing secret is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agentdesk.desk.i18n import N_, _, ngettext
from agentdesk.desk.models.rows import EMPTY, Row, cut, ends, row, safe
from agentdesk.trust.passwords import BadPassword

if TYPE_CHECKING:
    from agentdesk.desk.settings import SampleAgent
    from agentdesk.sync.entering import NotIn

Stage = Literal["number", "password", "new", "again", "pin", "working"]
"""What is asked for now; `working`: it is being looked at."""

ASKED: dict[Stage, str] = {
    "number": N_("staff number"),
    "password": N_("password"),
    "new": N_("new password"),
    "again": N_("new password, once more"),
    "pin": N_("PIN"),
    "working": N_("looking"),
}
WHY = {
    "expired": N_("the time for which you may sign in without the line is over: sign in when the line is back"),
    "clock": N_("this machine's clock is behind: set it right, or sign in when the line is back"),
    "unknown": N_("this number can't open the desk: a colleague who can signs in first, then you take over from him"),
    "first": N_("the first time here needs the line, and the centre doesn't answer: try again when it is back"),
    "gone": N_("your way in here was closed, by dismissal or by a new password: sign in when the line is back"),
    "line": N_("the centre doesn't answer: try again in a moment"),
    "must_change": N_("this password was given to you: choose one of your own now"),
}
BAD = {
    "common": N_("this is one of the first that anybody tries: choose another"),
    "name": N_("a password isn't one's own name or number: choose another"),
    "digits": N_("a PIN is made of digits"),
    "unreadable": N_("it has characters that nobody can type again: choose others"),
    "same": N_("this is the old one: choose another"),
}


def pause(ms: int) -> str:
    """Return how long somebody has to wait, in words."""
    seconds = max(-(-ms // 1000), 1)
    return (
        _("{n} s").format(n=seconds)
        if seconds < 120
        else ngettext("{n} min", "{n} min", -(-seconds // 60)).format(n=-(-seconds // 60))
    )


def reason(no: NotIn) -> str:
    """Return why somebody isn't in, and what he does now."""
    match no.why:
        case "wrong" if no.left is not None:
            words = ngettext("wrong password: {n} try left before a lock", "wrong password: {n} tries left", no.left)
            return _("{what}; the next one in {wait}").format(what=words.format(n=no.left), wait=pause(no.wait_ms))
        case "wrong":
            words = _("staff number and password don't fit, or it was tried too often")
            return _("{what}; the next try in {wait}").format(what=words, wait=pause(no.wait_ms))
        case "soon":
            return _("that was too soon after a wrong try: wait {wait}").format(wait=pause(no.wait_ms))
        case "locked":
            return _("wrong too often: locked for {wait}; an administrator can end it").format(wait=pause(no.wait_ms))
        case "bad" | "not_his" | "vault":
            return safe(no.words, 200)
        case _:
            return _(WHY[no.why])


def bad_password(bad: BadPassword) -> str:
    """Return why a new password or PIN can't be one."""
    if bad.code == "short":
        return _("too short: at least {n} characters").format(n=bad.limit)
    if bad.code == "long":
        return _("too long: at most {n} characters").format(n=bad.limit)
    return _(BAD[bad.code])


@dataclass(frozen=True, slots=True)
class LockView:
    """What the lock shows: who sits here, what rings behind it, and nothing of any customer."""

    name: str
    number: str
    since: str
    ringing: bool = False
    talking: bool = False
    behind: int = 0
    other: bool = False
    dismissed: bool = False
    staff: Sequence[SampleAgent] = ()


def sign_in_rows(number: str, stage: Stage) -> list[Row]:
    """Return the lines above the field of the sign-in."""
    lines = [row(("AgentDesk", "accent"), "   ", (_("sign in"), "strong")), EMPTY]
    return [*lines, *asked_rows(number, stage)]


def lock_rows(view: LockView, number: str, stage: Stage, width: int) -> list[Row]:
    """Return the lines above the field of the lock."""
    head = ends(row((_("locked"), "strong"), "   ", (view.since, "quiet")), row(("AgentDesk", "accent")), width)
    who = f"{safe(view.name, 20)} {safe(view.number, 16)}"
    lines = [head, EMPTY]
    if view.dismissed:
        lines.append(row((_("{who}: signed out by the centre; sign in again").format(who=who), "late")))
    else:
        lines.append(row(who, "   ", (_("drafts, contacts and calls stay as they are"), "quiet")))
    if view.ringing:
        lines.append(row((_("a call rings: unlock to answer it"), "late")))
    elif view.talking:
        lines.append(row((_("the call goes on"), "warn")))
    if view.behind:
        words = ngettext("{n} more call rings", "{n} more calls ring", view.behind).format(n=view.behind)
        lines.append(row((words, "late")))
    lines.append(EMPTY)
    if view.other:
        lines.append(row((_("somebody else takes over; what {who} has open stays his").format(who=who), "strong")))
        lines += asked_rows(number, stage)
    else:
        lines.append(row((_(ASKED[stage]), "strong")))
    return [cut(line, width) for line in lines]


def asked_rows(number: str, stage: Stage) -> list[Row]:
    """Return who signs in, and what is asked for."""
    known = [row((_("staff number"), "quiet"), "   ", safe(number, 24))] if stage != "number" else []
    return [*known, row((_(ASKED[stage]), "strong"))]


def sample_rows(staff: Sequence[SampleAgent], width: int) -> list[Row]:
    """Return what a demo's staff signs in with: invented, like all that it has."""
    from agentdesk.desk import terms

    if not staff:
        return []
    lines = [EMPTY, row((_("demo: invented staff"), "quiet"))]
    for one in staff:
        who = f"{safe(one.id, 12)}  {safe(one.name, 12)}  {terms.term(terms.ROLES, one.role)}"
        pin = row("   PIN ", (one.pin, "accent")) if one.pin else EMPTY
        lines.append(cut(row((who, "quiet"), "   ", (one.password, "accent"), pin), width))
    return lines
