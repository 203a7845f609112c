"""Announcements (群障公告): where they are at home, whom they concern, and how those attached are told of the end.

An announcement lies in a small scope of its own, `notice/<region>`, which every site of the region pulls before
anything else: on the worst day of a region it is what an agent needs first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from agentdesk.domain.documents import Change, Document
from agentdesk.domain.times.zone import MINUTE_MS
from agentdesk.domain.work.notices import notice

NOTICE = "notice/"
"""What the names of the scopes of announcements begin with."""

REGION = "region/"

WHY = ("number", "segment", "area")
"""Why an announcement concerns somebody, the surest first."""


class Match(NamedTuple):
    """That an announcement concerns somebody: why, and which of his lines (its id; None for the number that rings)."""

    why: str
    line: str | None


def notice_scope(region_scope: str) -> str:
    """Return where the announcements of a region are at home: `notice/bj` for `region/bj`."""
    return NOTICE + region_scope.removeprefix(REGION)


def region_of(scope: str) -> str:
    """Return the region that a scope of announcements is about: `region/bj` for `notice/bj`."""
    return REGION + scope.removeprefix(NOTICE)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an announcement reaches, read once from its document and its lists, so that a ring costs a look."""

    announcement: Document
    numbers: frozenset[str]
    segments: tuple[str, ...]
    areas: tuple[str, ...]
    kinds: frozenset[str]

    def match(self, customer: Mapping[str, Any] | None, line: str | None, caller: str | None) -> Match | None:
        """Return why an announcement concerns a caller, if it does.

        `customer` is the data of his document, `line` the id of the line in question, which is looked at first;
        `caller` is E.164. A number of the list, or of a segment, is enough by itself; an area counts for lines of the
        kinds that are named, or for any.
        """
        lines = sorted((customer or {}).get("subscriptions") or (), key=lambda one: one.get("id") != line)
        for one in lines:
            number = one.get("number") or ""
            if number and number in self.numbers:
                return Match("number", one.get("id"))
        if caller is not None and caller in self.numbers:
            return Match("number", None)
        for one in lines:
            if self._counts(one) and self._in_segment(one.get("number") or ""):
                return Match("segment", one.get("id"))
        if caller is not None and not lines and not self.kinds and self._in_segment(caller):
            return Match("segment", None)
        for one in lines:
            if self._counts(one) and self._in_area(one, customer or {}):
                return Match("area", one.get("id"))
        return None

    def _counts(self, line: Mapping[str, Any]) -> bool:
        return not self.kinds or (line.get("kind") or "mobile") in self.kinds

    def _in_segment(self, number: str) -> bool:
        return bool(number) and number.startswith(self.segments) if self.segments else False

    def _in_area(self, line: Mapping[str, Any], customer: Mapping[str, Any]) -> bool:
        places = (line.get("area"), line.get("address"), customer.get("area"), customer.get("address"))
        said = [str(place) for place in places if place]
        return any(area in place for area in self.areas for place in said)


def reach_of(announcement: Document, lists: Iterable[Document] = ()) -> Reach:
    """Return whom an announcement reaches; `lists` are documents with more of its numbers."""
    data = announcement.data
    numbers = set(data.get("numbers") or ())
    for one in lists:
        if one.data.get("announcement") == announcement.id:
            numbers.update(one.data.get("numbers") or ())
    return Reach(
        announcement,
        frozenset(numbers),
        tuple(data.get("segments") or ()),
        tuple(data.get("areas") or ()),
        frozenset(data.get("kinds") or ()),
    )


def matching(
    reaches: Iterable[Reach], customer: Mapping[str, Any] | None, line: str | None, caller: str | None
) -> tuple[tuple[Document, Match], ...]:
    """Return the announcements that concern a caller, the surest first, then the newest."""
    found = [
        (reach.announcement, match) for reach in reaches if (match := reach.match(customer, line, caller)) is not None
    ]
    found.sort(key=lambda one: (WHY.index(one[1].why), -(one[0].data.get("at") or 0), one[0].id))
    return tuple(found)


def silent(affected: int, attached: int) -> int:
    """Return how many suffer and say nothing (seeds 003, the iceberg): those affected that didn't come."""
    return max(0, affected - attached)


def told(attachment: Document, announcement: Document, at: int, follow_up: int, operation: str) -> tuple[Change, ...]:
    """Return what changes when one who was attached is told that it is over; nothing if he was told already.

    A text goes to the number that he gave. Who was promised a call stays open until he was called, at the latest
    `follow_up` minutes later.
    """
    if attachment.data.get("state") != "open":
        return ()
    fields = over_fields(attachment.data, announcement, at, follow_up)
    moves = [*(attachment.data.get("moves") or ()), {"at": at, "what": "told", "by": "centre", "op": operation}]
    change = Change(attachment.scope, attachment.id, "attachment", {**fields, "moves": moves})
    return change, *over_notice(attachment.scope, attachment.id, attachment.data, announcement, at)


def over_fields(data: Mapping[str, Any], announcement: Document, at: int, follow_up: int) -> dict[str, Any]:
    """Return the fields of an attachment whose announcement is over."""
    fields: dict[str, Any] = {"told_at": at, "over_words": dict(announcement.data.get("over_words") or {})}
    if data.get("follow_up"):
        return fields | {"state": "to_follow_up", "due": at + follow_up * MINUTE_MS}
    return fields | {"state": "told", "due": None}


def over_notice(
    scope: str, attachment: str, data: Mapping[str, Any], announcement: Document, at: int
) -> Sequence[Change]:
    """Return the text to one who was attached, if he gave a number that can be written to."""
    to = data.get("to")
    words = (announcement.data.get("over_words") or {}).get("zh") or ""
    if not to or not words:
        return ()
    return (notice(scope, attachment, str(to), str(words), at, suffix="over", customer=data.get("customer")),)
