"""Credit that isn't repaid in its time: it expires by itself, and is collected (临时授信到期催缴).

The centre's clock does it. Until it is repaid the customer gets no other credit, wherever he asks; repaying is an
import's or the budget command's (`centre.budgets.repay`), and ends the collection with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.domain.case import Customer
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.finance.credit import COLLECTING, CREDIT_TYPES, RUNNING
from agentdesk.domain.kinds._common import change, logged
from agentdesk.domain.kinds._timed import on_timer, timed_needs
from agentdesk.domain.kinds.checks import COLLECTION, check_on
from agentdesk.domain.operation import Operation
from agentdesk.domain.times.timers import Timer, done, first_open
from agentdesk.domain.work.notices import mobile_of, worded

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

RUNG = "credit_until"
"""The one step of this clock."""


def timer(document: Document, _catalogue: Catalogue) -> Timer | None:
    """Return when the credit of a promise or remedy expires; None where none runs."""
    data = document.data
    if data.get("credit") != RUNNING or data.get("credit_until") is None:
        return None
    return first_open(document, (Timer(data["credit_until"], f"{document.type}.expired", RUNG),))


def _expired(operation: Operation, body: Body, situation: Situation, document: Document) -> Outcome:
    """Begin to collect credit whose time is over: a task for the department, and no other credit meanwhile."""
    data = document.data
    moves = logged(document, operation, situation.at, "expired", due_at=body.number("at"))
    unit = data.get("department")
    expired = change(
        operation,
        document.type,
        (f"department/{unit}",) if unit else (),
        credit=COLLECTING,
        expired_at=situation.at,
        rungs=done(document, body.text("rung"), situation.at),
        moves=moves,
    )
    task = check_on(operation, document.id, document.type, data, situation, COLLECTION)
    return Decision((expired, task, *_notice(operation, body, situation, document)))


def _notice(operation: Operation, body: Body, situation: Situation, document: Document) -> tuple[Change, ...]:
    """Return the text that reminds the customer; none for who has no mobile."""
    found = situation.answers.document(operation.scope, body.maybe_text("customer") or "")
    if found is None or found.type != "customer":
        return ()
    data, customer = document.data, Customer(found)
    to = mobile_of(customer, customer.subscription(data.get("subscription")))
    if to is None:
        return ()
    number, amount = str(data.get("number") or ""), data.get("amount") or 0
    blanks = {"number": number, "amount": f"{amount // 100}.{amount % 100:02d}"}
    more = {"customer": found.id, "number": number}
    text = worded(
        situation.catalogue, "credit_expired", document.scope, document.id, to, situation.at,
        suffix="expired", blanks=blanks, **more,
    )  # fmt: skip
    return () if text is None else (text,)


KINDS = tuple(
    Kind(f"{type_}.expired", 1, timed_needs, on_timer(type_, _expired), timed=True) for type_ in sorted(CREDIT_TYPES)
)
