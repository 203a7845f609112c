"""Receipts by SMS (短信回执): what was promised or taken up, as a text that goes with it."""

from __future__ import annotations

from agentdesk.domain.decide import Body, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation
from agentdesk.domain.work.notices import about_document, is_mobile

SMS = "sms"
"""What the first receipt of a thing is called behind its id."""


def receipt_need(operation: Operation, body: Body) -> tuple[Need, ...]:
    """Need the receipt that may be there already, where the body wants one (`notify`: to, language)."""
    return (DocumentNeed(operation.scope, f"{operation.document}.{SMS}"),) if body.mapping("notify") else ()


def receipt(operation: Operation, body: Body, situation: Situation, document: Document) -> tuple[Change, ...]:
    """Return the receipt of a document as it now stands; nothing where none is wanted, possible, or not yet there."""
    wanted = Body(body.mapping("notify"))
    to = wanted.maybe_text("to")
    if to is None or not is_mobile(to):
        return ()
    if situation.answers.document(operation.scope, f"{operation.document}.{SMS}") is not None:
        return ()
    language = wanted.maybe_text("language") or "zh"
    queued = about_document(situation.catalogue, document, to, situation.at, SMS, language)
    return (queued,) if queued is not None else ()
