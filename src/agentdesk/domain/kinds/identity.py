"""Identity verified (身份核验): method and result are recorded, the secret never (DOMAIN rule 11).

The customer's document carries seals: salted hashes of what he may be asked. The agent types what the caller says;
the desk says match or no match. A seal keeps a secret off the screen and out of the log; it can't keep a six-digit
password from someone who holds the file and tries them all, so the files themselves are to be protected.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from agentdesk.domain.case import Customer, Subscription
from agentdesk.domain.comparing import same_secret
from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import Body, Decision, Kind, Outcome, Refusal, Situation
from agentdesk.domain.documents import Change, Document
from agentdesk.domain.kinds._common import change, exists, logged, on_existing
from agentdesk.domain.kinds._timed import on_timer, timed_needs
from agentdesk.domain.needs import DocumentNeed, Need
from agentdesk.domain.operation import Operation
from agentdesk.domain.profile.idcard import read_card
from agentdesk.domain.times.timers import Timer
from agentdesk.domain.times.zone import zone

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

METHOD_LEVELS: Mapping[str, int] = {
    "own_number": 1,
    "service_password": 2,
    "certificate_tail": 2,
    "sms_code": 2,
    "id_card": 3,
    "face_check": 3,
}
"""What each method is good for (policy §3). `own_number` needs no question: the number that rings is the line."""

AT_COUNTER = frozenset({"id_card"})
STRONG = frozenset({"id_card", "face_check"})
"""The methods that are left once a customer was missed too often in a day: nothing that is said counts any more."""

FIELDS = frozenset(
    {"method", "result", "caller_role", "customer", "customer_scope", "seconds", "handler", "code", "answer"}
)
"""All that a body may hold: what the caller said has no place in it, not even by a mistake of a desk.

`answer` is the seal of a code that came by SMS, never the code; `code` is the document that says what it was.
"""

CODE_MS = 5 * 60_000
"""How long a code that was sent by SMS counts."""

FACE_MS = 10 * 60_000
"""How long a face check in the app counts after it was made."""

DAY_ZONE = "Asia/Shanghai"
COUNTERS = frozenset({"clerk", "hall_manager"})

CALLER_ROLES = ("owner", "user", "agent", "handler", "other")


def seal_secret(secret: str, salt: str) -> str:
    """Return the seal of a secret that a customer may be asked for: case and white space don't count."""
    said = "".join(secret.split()).upper()
    return hmac.new(salt.encode(), said.encode(), sha256).hexdigest()


def matches(customer: Mapping[str, Any], method: str, said: str) -> bool | None:
    """Tell whether what the caller says matches the customer's seal; None when there is no seal to compare with."""
    seal = (customer.get("seals") or {}).get(method)
    if not seal:
        return None
    salt, _, digest = seal.partition(":")
    return same_secret(seal_secret(said, salt), digest)


def card_matches(customer: Mapping[str, Any], typed: str) -> bool | None:
    """Tell whether a certificate that a reader typed is the customer's; None when there is nothing to compare with.

    The customer's document has the first four digits and a seal of the last four characters: both must fit.
    """
    card = read_card(typed)
    known = str(customer.get("certificate") or "")
    if card is None or (known[:4].isdigit() and not card.number.startswith(known[:4])):
        return False
    return matches(customer, "certificate_tail", card.tail)


def level_of(contact: Document | None, customer_id: str | None) -> int:
    """Return the verification level of a contact for a customer: it belongs to (contact, customer)."""
    if contact is None or customer_id is None:
        return 0
    verification = contact.data.get("verification") or {}
    return verification.get("level", 0) if verification.get("customer") == customer_id else 0


def standing_level(contact: Document | None, customer: Customer, line: Subscription | None) -> int:
    """Return the level that a promise can count on: what was verified, and 1 for a call from the line in question."""
    if contact is None:
        return 0
    caller = contact.data.get("caller")
    own = 1 if line is not None and caller is not None and caller == line.number else 0
    return max(own, level_of(contact, customer.document.id))


def methods_of(contact: Document | None, customer: Customer, line: Subscription | None) -> frozenset[str]:
    """Return the methods by which a caller was matched in a contact, as this customer; none while nobody was."""
    if contact is None:
        return frozenset()
    data, who = contact.data, customer.document.id
    found = {
        m.get("method") for m in data.get("moves") or () if m.get("what") == "verified" and m.get("customer") == who
    }
    verification = data.get("verification") or {}
    if verification.get("customer") == who:
        found.add(verification.get("method"))
    if line is not None and data.get("caller") is not None and data["caller"] == line.number:
        found.add("own_number")
    return frozenset(found & METHOD_LEVELS.keys())


def caller_role_of(contact: Document | None) -> str:
    """Return the caller's role as it was told at the verification; the owner's until somebody says otherwise."""
    verification = (contact.data.get("verification") if contact else None) or {}
    role: str = verification.get("caller_role") or "owner"
    return role


def misses_id(customer: str) -> str:
    """Return the id of the document that counts a customer's misses of a day, wherever they happen."""
    return f"{customer}.misses"


def misses_today(count: Document | None, at: int) -> int:
    """Return how often somebody was missed today (a day of China's time) by what is known here."""
    if count is None or count.data.get("day") != zone(DAY_ZONE).day(at).toordinal():
        return 0
    return int(count.data.get("misses") or 0)


def face_check(customer: Mapping[str, Any], at: int) -> int | None:
    """Return when the customer passed the face check in the app, ms UTC, if that still counts at an instant."""
    passed = (check.get("at") for check in customer.get("face_checks") or () if check.get("passed", True))
    return max((done for done in passed if isinstance(done, int) and -FACE_MS <= done - at <= 0), default=None)


def _customer_scope(operation: Operation, body: Body) -> str:
    return body.maybe_text("customer_scope") or operation.scope


def _needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    scope, customer = _customer_scope(operation, body), body.text("customer")
    asked: tuple[Need, ...] = (
        DocumentNeed(operation.scope, operation.document),
        DocumentNeed(scope, customer),
        DocumentNeed(scope, misses_id(customer)),
    )
    code = body.maybe_text("code")
    return (*asked, DocumentNeed(operation.scope, code)) if code else asked


def _unfit(operation: Operation, body: Body, situation: Situation, contact: Document) -> Reason | None:
    """Return why a match by a method can't count, whoever says so."""
    method = body.text("method")
    if method in AT_COUNTER and contact.data.get("channel") != "hall" and operation.role not in COUNTERS:
        return Reason.of("counter_method")
    if method == "face_check":
        customer = situation.answers.document(_customer_scope(operation, body), body.text("customer"))
        if customer is None or face_check(customer.data, situation.at) is None:
            return Reason.of("no_face_check")
    if method == "sms_code":
        return _code_unfit(operation, body, situation)
    if body.text("caller_role") == "agent" and not {"name", "certificate"} <= body.mapping("handler").keys():
        return Reason.of("agent_unnamed")
    return None


def _code_unfit(operation: Operation, body: Body, situation: Situation) -> Reason | None:
    """A code counts once, for the contact and customer it was asked for, and not for long."""
    if situation.online is False:
        return Reason.of("code_needs_line")
    code = situation.answers.document(operation.scope, body.maybe_text("code") or "")
    if code is None or code.type != "code" or code.data.get("seal") is None:
        return Reason.of("no_code")
    data = code.data
    whose = (data.get("contact"), data.get("customer")) == (operation.document, body.text("customer"))
    late = situation.at - int(data.get("sent_at") or 0) > CODE_MS
    if not whose or late or data.get("used"):
        return Reason.of("code_expired")
    _salt, _, digest = str(data["seal"]).partition(":")
    return None if same_secret(body.maybe_text("answer") or "", digest) else Reason.of("code_wrong")


def _checked(operation: Operation, body: Body, situation: Situation, contact: Document) -> Outcome:
    if not operation.data.keys() <= FIELDS:
        return Refusal(Reason.of("malformed", detail="a verification holds nothing else"))
    method, result, role = body.text("method"), body.text("result"), body.text("caller_role")
    customer = body.text("customer")
    if method not in METHOD_LEVELS or result not in ("match", "miss") or role not in CALLER_ROLES:
        return Refusal(Reason.of("malformed", detail="unknown method, result or caller's role"))
    if customer != contact.data.get("customer"):
        return Refusal(Reason.of("other_customer", customer=customer))
    moves = logged(
        contact,
        operation,
        situation.at,
        "verified" if result == "match" else "verification_missed",
        method=method,
        customer=customer,
        seconds=body.maybe_number("seconds"),
        handler=dict(body.mapping("handler")) or None,
    )
    scope = _customer_scope(operation, body)
    count = situation.answers.document(scope, misses_id(customer))
    today = misses_today(count, situation.at)
    if result == "miss":
        misses = (contact.data.get("misses") or 0) + 1
        by_method = {**(contact.data.get("missed") or {})}
        by_method[method] = by_method.get(method, 0) + 1
        counted = Change(
            scope,
            misses_id(customer),
            "misses",
            {"of": customer, "day": zone(DAY_ZONE).day(situation.at).toordinal(), "misses": today + 1},
        )
        return Decision((change(operation, "contact", misses=misses, missed=by_method, moves=moves), counted))
    # what an older desk wrote was checked by its own rules
    unfit = _unfit(operation, body, situation, contact) if operation.version > 1 else None
    if unfit is not None:
        return Refusal(unfit)
    flags: list[Reason] = []
    if method not in STRONG:
        rules = situation.catalogue.rules
        if today >= rules.verify_misses_day:
            flags.append(Reason.of("counter_only", misses=today))
        elif ((contact.data.get("missed") or {}).get(method) or 0) >= rules.verify_misses_call:
            flags.append(Reason.of("method_missed", method=method))
    level = max(METHOD_LEVELS[method], level_of(contact, customer))
    verification = {
        "customer": customer,
        "level": level,
        "method": method,
        "caller_role": role,
        "at": situation.at,
    }
    handler = dict(body.mapping("handler"))
    if handler:
        verification["handler"] = handler
    changes = [change(operation, "contact", verification=verification, moves=moves)]
    code = body.maybe_text("code")
    if code:
        changes.append(Change(operation.scope, code, "code", {"used": True}))
    return Decision(tuple(changes), flags=tuple(flags))


def _code_asked(operation: Operation, body: Body, situation: Situation) -> Outcome:
    """Ask the centre to send a code to the line in question: it makes one, and only a seal of it comes back."""
    refused = exists(operation, situation)
    if refused:
        return refused
    if situation.online is False:
        return Refusal(Reason.of("code_needs_line"))
    document = situation.answers.document(body.maybe_text("customer_scope") or operation.scope, body.text("customer"))
    line = Customer(document).subscription(body.text("subscription")) if document is not None else None
    if line is None or line.kind != "mobile" or not line.number:
        return Refusal(Reason.of("code_no_mobile"))
    made = change(
        operation,
        "code",
        of=body.text("customer"),
        customer=body.text("customer"),
        subscription=line.id,
        to=line.number,
        contact=body.text("contact"),
        state="asked",
        at=situation.at,
    )
    return Decision((made,))


def _code_needs(operation: Operation, body: Body) -> tuple[Need, ...]:
    scope = body.maybe_text("customer_scope") or operation.scope
    return (DocumentNeed(operation.scope, operation.document), DocumentNeed(scope, body.text("customer")))


def code_timer(document: Document, _catalogue: Catalogue) -> Timer | None:
    """Return when a code that was asked for is made and sent: at once."""
    if document.data.get("state") != "asked":
        return None
    return Timer(int(document.data.get("at") or 0), "identity.code_sent", "send")


def _code_sent(operation: Operation, body: Body, situation: Situation, _code: Document) -> Outcome:
    """Keep the seal of the code that the centre made and sent; nobody has the code itself."""
    return Decision((change(operation, "code", state="sent", seal=body.text("seal"), sent_at=situation.at),))


KINDS = (
    Kind("identity.verified", 2, _needs, on_existing("contact", _checked)),
    Kind("identity.code_asked", 1, _code_needs, _code_asked),
    Kind("identity.code_sent", 1, timed_needs, on_timer("code", _code_sent), timed=True),
)
