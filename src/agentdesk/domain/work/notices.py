"""Notices (短信): texts to customers, queued as changes of other decisions and sent by the centre.

What they say is the policy's: bilingual, with blanks. They go to a mobile number; who has none gets none, and the desk
says so. In the quiet hours only what is urgent is sent, the rest waits for the morning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import Change, Document
from agentdesk.domain.language.phrases import Bilingual
from agentdesk.domain.times.calendar import QuietHours
from agentdesk.domain.times.timers import Timer
from agentdesk.domain.times.zone import MINUTE_MS, zone

if TYPE_CHECKING:
    from agentdesk.domain.case import Customer, Subscription
    from agentdesk.domain.policy import Catalogue

BLANKS: Mapping[str, frozenset[str]] = {
    "promise": frozenset({"number", "promise", "words", "due"}),
    "ticket": frozenset({"number", "title", "due"}),
    "compensation": frozenset({"number", "promise", "amount", "due"}),
    "credit_expired": frozenset({"number", "amount"}),
    "call_back": frozenset({"number", "due"}),
    "call_back_morning": frozenset({"number", "due"}),
    "call_back_unreached": frozenset({"number"}),
    "appointment": frozenset({"number", "place", "due"}),
    "appointment_reminder": frozenset({"number", "place", "due"}),
}
"""The texts that the program sends, by code, with the blanks that each may have."""

BACK_OFF_MINUTES = (1, 5, 30, 120, 360)
"""How long after each failed try the next one comes; after the last one it is given up."""

SENT, FAILED = "notice.sent", "notice.failed"
MOST_TEXT = 500
"""Characters of a notice: seven parts of an SMS in Chinese."""

_PLACE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A text to customers by its code; `urgent`: it is sent at night, too."""

    code: str
    text: Bilingual
    urgent: bool = False


def notice(scope: str, about: str, to: str, text: str, at: int, *, suffix: str = "sms", **more: Any) -> Change:
    """Return the change that queues a text about a document; its id derives from the document's.

    `to` is a number (E.164); `more` are fields such as `customer`, `code`, `urgent`.
    """
    fields = {"about": about, "to": to, "text": text[:MOST_TEXT], "state": "queued", "tries": 0, "at": at, **more}
    return Change(scope, f"{about}.{suffix}", "notice", fields)


def worded(
    catalogue: Catalogue, code: str, scope: str, about: str, to: str, at: int, *, suffix: str = "sms",
    language: str = "zh", blanks: Mapping[str, str], **more: Any,
) -> Change | None:  # fmt: skip
    """Return the change that queues one of the policy's texts with its blanks filled; None if it has no such text."""
    found = catalogue.notices.get(code)
    if found is None:
        return None
    text = found.text.say(language)
    for name in BLANKS.get(code, frozenset()):
        text = text.replace(f"{{{name}}}", blanks.get(name, ""))
    urgent = {"urgent": True} if found.urgent else {}
    return notice(scope, about, to, text, at, suffix=suffix, code=code, language=language, **urgent, **more)


def about_document(
    catalogue: Catalogue, document: Document, to: str, at: int, suffix: str, language: str
) -> Change | None:
    """Return the receipt (回执) of a promise or a ticket by SMS: its number, the words and until when."""
    data = document.data
    number = str(data.get("number") or "")
    due = said_time(data["due"], language) if data.get("due") else ""
    if document.type == "commitment":
        name = str(data.get(f"name_{'zh' if language.startswith('zh') else 'en'}") or data.get("template") or "")
        words = str((data.get("tell") or {}).get("text") or "")
        code, blanks = "promise", {"number": number, "promise": name, "words": words, "due": due}
    elif document.type == "ticket":
        code, blanks = "ticket", {"number": number, "title": str(data.get("title") or ""), "due": due}
    else:
        return None
    more = {"customer": data.get("customer"), "number": number}
    return worded(
        catalogue, code, document.scope, document.id, to, at, suffix=suffix, language=language, blanks=blanks, **more
    )


def timer(document: Document, catalogue: Catalogue) -> Timer | None:
    """Return when a queued text is sent: at once, after a failed try later, and not in the quiet hours."""
    data = document.data
    if data.get("state") != "queued":
        return None
    at = data.get("next") or data.get("at") or 0
    if not data.get("urgent"):
        at = quiet_hours(catalogue).next_allowed(at)
    return Timer(at, SENT, f"try{(data.get('tries') or 0) + 1}")


def next_try(tries: int, at: int) -> int | None:
    """Return when a text is tried again of which so many tries failed; None: it is given up."""
    return at + BACK_OFF_MINUTES[tries - 1] * MINUTE_MS if tries <= len(BACK_OFF_MINUTES) else None


def quiet_hours(catalogue: Catalogue) -> QuietHours:
    """Return the hours in which customers are left alone (policy §5)."""
    start, end = catalogue.rules.quiet_hours
    return QuietHours(start, end, _PLACE)


def mobile_of(customer: Customer, line: Subscription | None = None) -> str | None:
    """Return the number that a customer can be written to: the line in question, another of his, a contact person's."""
    lines = [line] if line is not None else []
    for one in (*lines, *customer.subscriptions):
        if is_mobile(one.number):
            return one.number
    return next((person.number for person in customer.people if is_mobile(person.number)), None)


def is_mobile(number: str | None) -> bool:
    """Tell whether a number (E.164) is one of the mainland's mobile numbers."""
    return number is not None and len(number) == 14 and number.startswith("+861") and number[3:].isdecimal()


def said_time(at: int, language: str) -> str:
    """Return an instant as a text says it: `9月22日 11:00`."""
    place = zone(_PLACE)
    day, minute = place.day(at), place.minute(at)
    clock = f"{minute // 60:02d}:{minute % 60:02d}"
    return f"{day.month}月{day.day}日 {clock}" if language.startswith("zh") else f"{day.isoformat()} {clock}"
