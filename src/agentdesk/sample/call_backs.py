"""Who gave up waiting in a sample region a moment ago, and is called back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agentdesk.domain.documents import Document
from agentdesk.domain.kinds.callback import DEPARTMENT
from agentdesk.domain.policy import Catalogue
from agentdesk.domain.work.callbacks import due_of
from agentdesk.sample import cast

MINUTE_MS = 60_000
_WAITED: tuple[tuple[int, int, int], ...] = ((cast.SUPREME, 6, 95), (cast.OWING, 14, 210))
"""Who gave up, how many minutes ago, and after how many seconds."""


def call_backs_of(customers: list[tuple[int, Document]], now_ms: int, catalogue: Catalogue) -> Iterator[Document]:
    """Yield the call-backs; `customers` are the cast by index."""
    known = dict(customers)
    for nth, (index, minutes, waited_s) in enumerate(_WAITED):
        customer = known.get(index)
        lines = customer.data["subscriptions"] if customer is not None else ()
        line = next((one for one in lines if one.get("kind") == "mobile" and one.get("number")), None)
        if customer is None or line is None:
            continue
        at = now_ms - minutes * MINUTE_MS
        tier = catalogue.tier_of(str(customer.data.get("card") or ""))
        due = due_of(at, tier, catalogue)
        data: dict[str, Any] = {
            "number": f"90000002{nth:04d}",
            "caller": line["number"],
            "customer": customer.id,
            "subscription": line["id"],
            "waited_s": waited_s,
            "queue": "10000",
            "ivr_path": None,
            "call": None,
            "tier": tier,
            "state": "open",
            "level": 0,
            "department": DEPARTMENT,
            "owner": None,
            "site": None,
            "due": due,
            "promised": due,
            "tries": [],
            "at": at,
            "moves": [{"at": at, "what": "opened", "by": "centre", "waited_s": waited_s}],
            "sample": True,
        }
        yield Document(customer.scope, f"cb-{customer.id}", "callback", 0, data)
