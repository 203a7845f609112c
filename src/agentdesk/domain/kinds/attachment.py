"""Attachments: a customer who rang about what is announced already; it is his own work, and he is told of the end.

The words were said to him, so nothing here is refused at the centre: one who was attached twice, or after the end, is
flagged, and who came after the end is told at once.
"""

from __future__ import annotations

from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document, is_open
from agentdesk.domain.kinds._common import ANSWERS, change, exists, logged, on_existing, own_document
from agentdesk.domain.needs import DocumentNeed, Need, WorkNeed
from agentdesk.domain.operation import Operation
from agentdesk.domain.work.announcements import over_fields, over_notice


def _attached_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    customer = body.text("customer")
    return (
        DocumentNeed(operation.scope, operation.document),
        DocumentNeed(operation.scope, customer),
        DocumentNeed(body.text("announcement_scope"), body.text("announcement")),
        WorkNeed(operation.scope, customer),
    )


def _attached(operation: Operation, body: Body, situation: Situation) -> Outcome:
    refused = exists(operation, situation)
    if refused:
        return refused
    answers, customer = situation.answers, body.text("customer")
    announcement = answers.document(body.text("announcement_scope"), body.text("announcement"))
    held = None
    if answers.document(operation.scope, customer) is None:
        held = Reason.of("unknown_customer", customer=customer)
    elif announcement is None or announcement.type != "announcement":
        held = Reason.of("unknown_document", document=body.text("announcement"))
    known = announcement.data if announcement is not None and held is None else {}
    title = known.get("title") or {}
    flags: list[Reason] = []
    for other in answers.work(operation.scope, customer):
        if (
            other.type == "attachment"
            and is_open(other)
            and other.data.get("announcement") == operation.data.get("announcement")
        ):
            flags.append(Reason.of("attached_already", number=known.get("number")))
            break
    fields: dict[str, Any] = {
        "customer": customer,
        "subscription": body.maybe_text("subscription"),
        "announcement": body.text("announcement"),
        "announcement_scope": body.text("announcement_scope"),
        "number": known.get("number"),
        "title": title.get("zh"),
        "name_zh": title.get("zh"),
        "name_en": title.get("en"),
        "class": known.get("class"),
        "contact": body.maybe_text("contact"),
        "why": body.maybe_text("why"),
        "words": body.text("words"),
        "to": body.maybe_text("to"),
        "follow_up": body.maybe_flag("follow_up"),
        "department": known.get("department"),
        "owner": operation.actor,
        "state": "open",
        "due": known.get("due"),
        "at": situation.at,
        "moves": logged(None, operation, situation.at, "attached", seconds=body.maybe_number("seconds")),
    }
    more: tuple[Any, ...] = ()
    if announcement is not None and known.get("state") == "over":
        # it ended while the site couldn't know: he hears of it now
        flags.append(Reason.of("announcement_over", number=known.get("number")))
        follow_up = situation.catalogue.rules.group.follow_up
        fields |= over_fields(fields, announcement, situation.at, follow_up)
        more = tuple(over_notice(operation.scope, operation.document, fields, announcement, situation.at))
    changes = (change(operation, "attachment", **fields), *more)
    return Decision(changes, flags=tuple(flags), held=held)


def _followed_up(operation: Operation, body: Body, situation: Situation, attachment: Document) -> Outcome:
    """Follow up after the end: who wasn't reached stays, up to the policy's tries; the last answer ends it."""
    if attachment.data.get("state") != "to_follow_up":
        return Refusal(Reason.of("attachment_state", state=attachment.data.get("state")))
    answer = body.text("answer")
    if answer not in ANSWERS:
        return Refusal(Reason.of("malformed", detail=f"unknown answer {answer}"))
    tries = (attachment.data.get("tries") or 0) + 1
    moves = logged(attachment, operation, situation.at, "followed_up", answer=answer, text=body.maybe_text("text"))
    fields: dict[str, Any] = {"tries": tries, "moves": moves}
    if answer != "unreached" or tries >= situation.catalogue.rules.follow_up_tries:
        satisfaction = {"answer": answer, "asked_by": operation.actor, "at": situation.at}
        fields |= {"state": "followed_up", "satisfaction": satisfaction, "closed_at": situation.at}
    return Decision((change(operation, "attachment", **fields),))


KINDS = (
    Kind("attachment.attached", 1, _attached_needs, _attached, spoken=True),
    Kind("attachment.followed_up", 1, own_document, on_existing("attachment", _followed_up)),
)
