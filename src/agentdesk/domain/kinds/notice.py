"""Notices (短信): queued anew by an agent as a receipt (回执), sent or failed at the centre."""

from __future__ import annotations

from typing import Any

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds._common import change, exists, logged, own_document
from agentdesk.domain.kinds._timed import on_timer
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation
from agentdesk.domain.work.notices import FAILED, SENT, about_document, is_mobile, next_try


def _queued_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    return (
        DocumentNeed(operation.scope, operation.document),
        DocumentNeed(operation.scope, body.text("about")),
    )


def _queued(operation: Operation, body: Body, situation: Situation) -> Outcome:
    """Queue the receipt of a promise or a ticket once more; the document's id is the thing's with a suffix."""
    refused = exists(operation, situation)
    if refused:
        return refused
    about, to = body.text("about"), body.text("to")
    language = body.maybe_text("language") or "zh"
    suffix = operation.document.removeprefix(f"{about}.")
    if not is_mobile(to):
        return Refusal(Reason.of("no_mobile", to=to))
    document = situation.answers.document(operation.scope, about)
    if document is None:
        return Decision((), held=Reason.of("unknown_document", document=about))
    queued = about_document(situation.catalogue, document, to, situation.at, suffix, language)
    if queued is None or queued.id != operation.document:
        return Refusal(Reason.of("malformed", detail=f"no text about a {document.type}"))
    fields = {**queued.fields, "owner": operation.actor, "site": operation.site}
    moves = logged(None, operation, situation.at, "queued")
    return Decision((change(operation, "notice", **fields, moves=moves),))


def _sent(operation: Operation, body: Body, situation: Situation, document: Document) -> Outcome:
    by = body.maybe_text("by")
    fields: dict[str, Any] = {
        "state": "sent",
        "sent_at": situation.at,
        "sent_by": by,
        "tries": (document.data.get("tries") or 0) + 1,
        "next": None,
        "moves": logged(document, operation, situation.at, "sent", rung=body.text("rung"), text=by),
    }
    return Decision((change(operation, "notice", **fields),))


def _failed(operation: Operation, body: Body, situation: Situation, document: Document) -> Outcome:
    """Note a try that failed: it is tried again later and later, and given up at last."""
    problem = body.text("problem")
    tries = (document.data.get("tries") or 0) + 1
    following = next_try(tries, situation.at)
    fields: dict[str, Any] = {
        "state": "queued" if following is not None else "failed",
        "tries": tries,
        "next": following,
        "problem": problem,
        "moves": logged(document, operation, situation.at, "failed", rung=body.text("rung"), text=problem),
    }
    return Decision((change(operation, "notice", **fields),))


KINDS = (
    Kind("notice.queued", 1, _queued_needs, _queued),
    Kind(SENT, 1, own_document, on_timer("notice", _sent), timed=True),
    Kind(FAILED, 1, own_document, on_timer("notice", _failed, SENT), timed=True),
)
