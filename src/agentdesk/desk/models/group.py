"""What concerns many, in rows: announcements, management tickets, suggestions, labels, and other channels' work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import _, ngettext
from agentdesk.desk.models import times
from agentdesk.desk.models.rows import EMPTY, Row, ends, joined, labelled, row, safe, wrap
from agentdesk.desk.models.sorts import state_of, title_of
from agentdesk.desk.models.work import department, tail
from agentdesk.desk.terms import group as terms_group
from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.numbering.ids import spoken
from agentdesk.domain.numbering.numbers import display
from agentdesk.domain.profile.labels import rule_of
from agentdesk.domain.work.announcements import Match
from agentdesk.domain.work.management import SIX_HAVES, Suggestion, is_solved
from agentdesk.store.presence import Present

if TYPE_CHECKING:
    from agentdesk.desk.models.facts import Facts
    from agentdesk.domain.policy import Catalogue


def said(words: object) -> str:
    """Return a text that a document holds in both languages, in the one in use."""
    found = words if isinstance(words, dict) else {}
    return str(found.get("zh" if i18n.chinese() else "en") or "")


def banners(facts: Facts) -> list[tuple[str, str]]:
    """Return what stands on the card about a caller: code and words, the gravest first."""
    found: list[tuple[str, str]] = []
    if facts.label is not None:
        rule = rule_of(facts.label, facts.catalogue)
        name = rule.name.say(i18n.language()) if rule else safe(facts.label.data.get("sort"))
        until = times.moment(int(facts.label.data["until"]), facts.at)
        found.append(("label", _("{label}, until {moment}: N").format(label=name, moment=until)))
    attached = {d.data.get("announcement") for d in facts.work if d.type == "attachment" and is_open(d)}
    for announcement, match in facts.announced[:2]:
        why = terms.term(terms_group.WHY, match.why)
        title = title_of(announcement)
        if announcement.id in attached:
            found.append(("announced", _("attached to the announcement {title}").format(title=title)))
        else:
            words = _("common fault: {title} ({why}), press A").format(title=title, why=why)
            found.append(("announced", words))
    return found


def attach_rows(announcement: Document, match: Match, catalogue: Catalogue, at: int, width: int) -> list[Row]:
    """Return what stands in the dialog that attaches a caller: the words first, as they are to be said."""
    data = announcement.data
    due = data.get("due")
    lines = [
        joined(
            [
                row((title_of(announcement), "strong")),
                row((terms.term(terms_group.WHY, match.why), "quiet")),
                row((spoken(str(data.get("number") or "")), "quiet")),
            ]
        ),
        EMPTY,
        *wrap(_("Say: {words}").format(words=said(data.get("words"))), width, "say"),
        EMPTY,
    ]
    if due is not None:
        left = times.left(int(due), at)[0]
        lines.append(labelled(_("expected"), row((times.moment(int(due), at), "strong"), "   ", (left, "quiet"))))
    lines.append(labelled(_("department"), row(department(data.get("department"), catalogue))))
    if data.get("follow_up"):
        lines.append(row((_("they are called when it is over"), "quiet")))
    return lines


def announcement_row(document: Document, count: int | None, at: int, width: int) -> Row:
    """Return an announcement as a line of a list."""
    data = document.data
    running = is_open(document)
    words, late = times.left(data.get("due"), at) if running else (state_of(document), False)
    people = ngettext("{n} attached", "{n} attached", count).format(n=count) if count is not None else ""
    if not running and data.get("told_at"):
        people = _("{n} told, about {silent} said nothing").format(n=data.get("attached"), silent=data.get("silent"))
    left = row((title_of(document), "strong" if running else "quiet"), "  ", (people, "quiet"))
    return ends(left, row((words, "late" if late else "")), width)


def announcement_rows(document: Document, count: int, catalogue: Catalogue | None, at: int, width: int) -> list[Row]:
    """Return an announcement in full."""
    data = document.data
    reach = [*(data.get("areas") or ()), *(f"{one}*" for one in data.get("segments") or ())]
    listed = int(data.get("listed") or 0)
    if listed:
        reach.append(ngettext("{n} number", "{n} numbers", listed).format(n=listed))
    kinds = [terms.term(terms.LINES, kind) for kind in data.get("kinds") or ()]
    lines = [
        joined([row((title_of(document), "strong")), row((state_of(document), "quiet"))]),
        EMPTY,
        *wrap(_said_of(data), width, "say"),
        EMPTY,
        labelled(_("concerns"), row(safe(", ".join(str(one) for one in reach), 100))),
    ]
    if kinds:
        lines.append(labelled(_("lines"), row(_(", ").join(kinds))))
    if data.get("state") == "over":
        lines.append(labelled(_("over"), row(times.moment(int(data.get("over_at") or at), at))))
    elif data.get("due") is not None:
        lines.append(labelled(_("expected"), row(times.moment(int(data["due"]), at))))
    lines.append(labelled(_("department"), row(department(data.get("department"), catalogue))))
    affected = data.get("affected") if data.get("affected") is not None else listed or None
    people = ngettext("{n} attached", "{n} attached", count).format(n=count)
    if affected is not None:
        silent = max(0, int(affected) - count)
        people = _("{people}; of {affected} affected about {silent} said nothing").format(
            people=people, affected=affected, silent=silent
        )
    lines.append(labelled(_("customers"), row(people)))
    return lines


def _said_of(data: Mapping[str, Any]) -> str:
    """Return what is said of an announcement: while it runs, and once it is over."""
    words = data.get("over_words") if data.get("state") == "over" else None
    return _("Say: {words}").format(words=said(words or data.get("words")))


def management_row(document: Document, at: int, width: int) -> Row:
    """Return a management ticket as a line of a list."""
    data = document.data
    count = len(data.get("tickets") or ())
    words, late = times.left(data.get("due"), at)
    left = row(
        (title_of(document), "strong"),
        "  ",
        (tail(data.get("number")), "quiet"),
        "  ",
        (ngettext("{n} ticket", "{n} tickets", count).format(n=count), "quiet"),
        "  ",
        state_of(document),
    )
    return ends(left, row((words, "late" if late else "")), width)


def suggestion_row(one: Suggestion, catalogue: Catalogue | None, width: int) -> Row:
    """Return what may want a management ticket, as a line of a list."""
    from agentdesk.desk.models.classes import path_of

    n = len(one.tickets)
    what = path_of(one.cls, catalogue) if catalogue else one.cls
    words = ngettext("{n} ticket of one kind", "{n} tickets of one kind", n).format(n=n)
    return ends(row((words, "warn"), "  ", what or one.cls, "  ", (one.place, "quiet")), EMPTY, width)


def label_row(label: Document, catalogue: Catalogue | None, width: int) -> Row:
    """Return a label that waits for a superior."""
    rule = rule_of(label, catalogue) if catalogue else None
    name = rule.name.say(i18n.language()) if rule else safe(label.data.get("sort"))
    number = display(str(label.data.get("number") or ""))
    left = row((name, "strong"), "  ", number, "  ", (safe(label.data.get("reason"), 60), "quiet"))
    return ends(left, row((state_of(label), "warn")), width)


def six_rows(document: Document, catalogue: Catalogue | None, at: int, width: int) -> list[Row]:
    """Return a management ticket's six haves and measures."""
    data = document.data
    lines: list[Row] = []
    for name in SIX_HAVES:
        word = terms.term(terms_group.SIX_HAVES, name)
        if name == "measures":
            measures = data.get("measures") or ()
            done = sum(1 for one in measures if one.get("done_at"))
            lines.append(labelled(word, row(_("{done} of {n} done").format(done=done, n=len(measures)))))
            for place, one in enumerate(measures, 1):
                words, late = times.left(one.get("due"), at)
                if one.get("done_at"):
                    words, late = _("done"), False
                left = row(f"  {place}  ", safe(one.get("text"), 50), "  ", (safe(one.get("owner"), 20), "quiet"))
                lines.append(ends(left, row((words, "late" if late else "quiet")), width))
        elif name == "time_limit":
            words, late = times.left(data.get("due"), at)
            moment = times.moment(int(data["due"]), at) if data.get("due") else ""
            lines.append(labelled(word, row(moment, "   ", (words, "late" if late else "quiet"))))
        elif name == "owner":
            unit = department(data.get("department"), catalogue)
            lines.append(labelled(word, row(safe(data.get("responsible"), 30), "  ", (unit, "quiet"))))
        else:
            lines.append(labelled(word, row(safe(data.get(name), 90))))
    return lines


def child_row(ticket: Document, unreplied: Sequence[str], width: int) -> Row:
    """Return a ticket of a management ticket: whether it is solved, or what it waits for."""
    solved = is_solved(ticket)
    words = _("solved") if solved else state_of(ticket)
    if ticket.id in unreplied:
        words = _("without the common answer")
    tone = "good" if solved else "warn" if ticket.id in unreplied else ""
    left = row((tail(ticket.data.get("number")), "quiet"), "  ", title_of(ticket))
    return ends(left, row((words, tone)), width)


def handoff_row(document: Document, catalogue: Catalogue | None, at: int, width: int) -> Row:
    """Return what another channel left to be done."""
    data = document.data
    words, late = times.left(data.get("due"), at)
    channel = channel_name(str(data.get("channel") or ""), catalogue)
    to = display(str(data.get("to") or ""))
    home = safe(data.get("home") or "", 12)
    left = row((f"{channel} {home}".strip(), "strong"), "  ", title_of(document), "  ", (to, "quiet"))
    return ends(left, row((state_of(document), "quiet"), "  ", (words, "late" if late else "")), width)


def channel_name(channel: str, catalogue: Catalogue | None) -> str:
    """Return a channel's name."""
    if channel == "home":
        return _("away from home")
    rule = catalogue.rules.group.channels.get(channel) if catalogue else None
    return rule.name.say(i18n.language()) if rule else terms.term(terms.CHANNELS, channel)


def company_words(people: Sequence[Present]) -> str:
    """Return who else is in a document; empty where nobody is."""
    found = []
    for one in people[:3]:
        name = f"{safe(one.name, 16)} ({safe(one.site, 16)})" if one.site else safe(one.name, 16)
        found.append(_("{who} writes here").format(who=name) if one.writing else _("{who} is here").format(who=name))
    return _(", ").join(found)


def common_rows(ticket: Document, width: int) -> list[Row]:
    """Return what a ticket has from its management ticket: which one, and the common answer."""
    data = ticket.data
    if not data.get("management"):
        return []
    number = spoken(safe(data.get("management_number") or "", 24))
    lines = [labelled(_("managed"), row((safe(data.get("management_title"), 40), "strong"), "  ", (number, "quiet")))]
    if data.get("common_answer"):
        words = _("common answer: {words}").format(words=safe(data["common_answer"], 200))
        lines += wrap(words, width, "say", most=2)
    return lines


def announced_words(facts: Facts, kind: str) -> list[str]:
    """Return what to say before a caller gets a second fault ticket about what is announced already."""
    if kind != "fault":
        return []
    return [
        _("announced already: {title}; Esc, then A attaches the caller").format(title=title_of(announcement))
        for announcement, _match in facts.announced[:1]
    ]
