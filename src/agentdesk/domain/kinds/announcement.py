"""Announcements (群障公告): published once for all who suffer, changed as more is known, and over.

One wording for everybody is the point: what an agent is to say stands in both languages, and nobody makes up his own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, MalformedBody, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import change, exists, logged, on_existing, own_document
from agentdesk.domain.kinds._people import not_allowed
from agentdesk.domain.operation import Operation
from agentdesk.domain.work.announcements import NOTICE

MOST_NUMBERS = 5_000
"""Numbers of one operation: a longer list comes in several (`announcement.listed`)."""

MOST_WORDS = 2_000


def _both(body: Body, name: str) -> dict[str, str]:
    """Return a text in both languages; raises MalformedBody where one is missing."""
    found = Body(body.mapping(name))
    words = {language: found.text(language).strip() for language in ("zh", "en")}
    if not all(words.values()) or any(len(text) > MOST_WORDS for text in words.values()):
        raise MalformedBody(f"{name} is said in both languages, in at most {MOST_WORDS} characters")
    return words


def _texts(body: Body, name: str, most: int = 200) -> list[str]:
    found = body.items(name)
    if len(found) > most or not all(isinstance(one, str) and one for one in found):
        raise MalformedBody(f"{name} is a list of at most {most} texts")
    return list(found)


def _reach(body: Body) -> dict[str, Any]:
    return {
        "areas": _texts(body, "areas"),
        "numbers": _texts(body, "numbers", MOST_NUMBERS),
        "segments": _texts(body, "segments"),
        "kinds": _texts(body, "kinds"),
    }


def _published(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation) or not_allowed(
        operation, situation.catalogue.rules.group.publishes, situation
    )
    if refused:
        return refused
    if not operation.scope.startswith(NOTICE):
        return Refusal(Reason.of("malformed", detail=f"an announcement isn't at home in {operation.scope}"))
    department = body.text("department")
    if department not in situation.catalogue.departments:
        return Refusal(Reason.of("unknown_department", department=department))
    reach = _reach(body)
    affected = body.maybe_number("affected")
    if affected is not None and affected < 0:
        return Refusal(Reason.of("malformed", detail="affected can't be negative"))
    if not (reach["areas"] or reach["numbers"] or reach["segments"]):
        return Refusal(Reason.of("concerns_nobody"))
    fields: dict[str, Any] = {
        "number": body.text("number"),
        "title": _both(body, "title"),
        "words": _both(body, "words"),
        **reach,
        "listed": len(reach["numbers"]),
        "class": body.maybe_text("class"),
        "department": department,
        "due": body.maybe_number("expected"),
        "affected": affected,
        "follow_up": body.maybe_flag("follow_up"),
        "state": "open",
        "owner": operation.actor,
        "at": situation.at,
        "moves": logged(None, operation, situation.at, "published"),
    }
    return Decision((change(operation, "announcement", (f"department/{department}",), **fields),))


def _ended(document: Document) -> Refusal | None:
    if document.data.get("state") == "open":
        return None
    return Refusal(Reason.of("announcement_over", number=document.data.get("number")))


def _changed(operation: Operation, body: Body, situation: Situation, announcement: Document) -> Outcome:
    """Change what is given; what isn't stays."""
    refused = _ended(announcement) or not_allowed(operation, situation.catalogue.rules.group.publishes, situation)
    if refused:
        return refused
    fields: dict[str, Any] = {}
    for name in ("title", "words"):
        if body.data.get(name) is not None:
            fields[name] = _both(body, name)
    for name in ("areas", "segments", "kinds"):
        if body.data.get(name) is not None:
            fields[name] = _texts(body, name)
    if body.data.get("expected") is not None:
        fields["due"] = body.number("expected")
    if body.data.get("affected") is not None:
        fields["affected"] = max(0, body.number("affected"))
    if not fields:
        return Refusal(Reason.of("malformed", detail="nothing is changed"))
    after = {**announcement.data, **fields}
    if not (after.get("areas") or after.get("segments") or after.get("listed")):
        return Refusal(Reason.of("concerns_nobody"))
    moves = logged(
        announcement, operation, situation.at, "changed", fields=sorted(fields), text=body.maybe_text("text")
    )
    return Decision((change(operation, "announcement", _told(announcement), **fields, moves=moves),))


def _listed(operation: Operation, body: Body, situation: Situation) -> Outcome:
    """Add a part of a long list of numbers, as a document of its own beside the announcement."""
    refused = exists(operation, situation) or not_allowed(
        operation, situation.catalogue.rules.group.publishes, situation
    )
    if refused:
        return refused
    numbers = _texts(body, "numbers", MOST_NUMBERS)
    if not numbers:
        return Refusal(Reason.of("malformed", detail="numbers are missing"))
    fields: dict[str, Any] = {"announcement": body.text("announcement"), "numbers": numbers, "at": situation.at}
    return Decision((change(operation, "announcement_list", **fields),))


def _over(operation: Operation, body: Body, situation: Situation, announcement: Document) -> Outcome:
    """End it; the centre then tells everybody who was attached, piece by piece (`centre/telling.py`)."""
    refused = _ended(announcement) or not_allowed(operation, situation.catalogue.rules.group.publishes, situation)
    if refused:
        return refused
    fields: dict[str, Any] = {"state": "over", "over_at": situation.at, "over_words": _both(body, "words")}
    moves = logged(announcement, operation, situation.at, "over", text=body.maybe_text("text"))
    return Decision((change(operation, "announcement", _told(announcement), **fields, moves=moves),))


def _told(announcement: Document) -> tuple[str, ...]:
    department: Mapping[str, Any] = announcement.data
    unit = department.get("department")
    return (f"department/{unit}",) if unit else ()


KINDS = (
    Kind("announcement.published", 1, own_document, _published),
    Kind("announcement.changed", 1, own_document, on_existing("announcement", _changed)),
    Kind("announcement.listed", 1, own_document, _listed),
    Kind("announcement.over", 1, own_document, on_existing("announcement", _over)),
)
