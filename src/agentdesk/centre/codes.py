"""Codes by SMS (短信验证码): the centre makes them, sends them, and keeps only a seal.

The code itself stands in the text that is handed to the sender and nowhere else: not in a document, an operation or a
log. A desk compares what the caller says with the seal, and the centre does the same once more.
"""

from __future__ import annotations

from collections.abc import Callable

from agentdesk.centre.notices import NOBODY_MS, Sender
from agentdesk.centre.timing import Prepare
from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.identity import CODE_MS, seal_secret
from agentdesk.domain.operation import Draft
from agentdesk.domain.times.timers import Timer, draft_of

DIGITS = 6
TEXT = "您的验证码是 {code}，五分钟内有效，只告诉正在和您通话的客服。{code}: your code, good for five minutes."
"""What the customer reads; a sample, as all words to customers are."""

RETRY_MS = 15_000
"""How soon a code that the sender didn't take is tried again: the caller waits on the line."""


def codes(sender: Sender | None, now: Callable[[], int], random: Callable[[int], bytes]) -> Prepare:
    """Return what is done before a code counts as sent: it is made and handed over, and its seal is written down."""

    def prepare(document: Document, timer: Timer, tries: int) -> Draft | int:
        if sender is None or now() - timer.at > CODE_MS:
            return now() + NOBODY_MS
        code = f"{int.from_bytes(random(8), 'big') % 10**DIGITS:0{DIGITS}d}"
        line = {"key": f"{document.id} {tries}", "id": document.id, "to": document.data["to"], "try": tries}
        problem = sender.send({**line, "text": TEXT.format(code=code), "at": now()}, False)
        if problem is not None:
            return now() + RETRY_MS
        salt = random(8).hex()
        return draft_of(document, timer, seal=f"{salt}:{seal_secret(code, salt)}")

    return prepare
