"""Who saw whom: what operations tell about it afterwards. No operation says what was seen, only whose and which fields.

Four ways, from the one that shows most: `revealed` (unmasked by hand, with a reason), `verified` (unmasked in a live
contact, from when the caller was verified until the contact ended), `contact` (the card was open in a contact,
masked), and `worked` (something was done for the customer, which needs his card or his work open, masked).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from agentdesk.domain.kinds.identity import METHOD_LEVELS
from agentdesk.domain.profile.disclosure import VERIFIED

How = Literal["revealed", "verified", "contact", "worked"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: about a customer or an agent (ids; empty: any), from an instant up to before another, ms UTC."""

    customer: str = ""
    agent: str = ""
    since: int = 0
    until: int = 2**53

    def fits(self, at: int) -> bool:
        return self.since <= at < self.until


class Made(NamedTuple):
    """One operation as it stands in an outbox or archive; `at` is when it was made, ms UTC."""

    site: str
    at: int
    head: str
    body: str | None


class Sight(NamedTuple):
    """Somebody saw something of a customer, or did something for him.

    `fields` are which of his data were shown unmasked, as far as that was written down; `seconds` for how long at most.
    """

    at: int
    agent: str
    role: str
    site: str
    how: How
    kind: str
    customer: str
    reason: str
    fields: tuple[str, ...]
    seconds: int | None
    operation: str


def sights(operations: Iterable[Made], asked: Asked, known: Collection[str] = ()) -> Iterator[Sight]:
    """Yield what operations tell, in their order; memory is needed for what is the customer's only.

    Operations of one site come in the order in which they were made; `known` are documents of the customer's. What was
    erased tells only that it was there.
    """
    about = dict.fromkeys(known, asked.customer)
    for made in operations:
        # what isn't his isn't even read
        if asked.customer and asked.customer not in (made.body or "") and _document(made.head) not in about:
            continue
        if asked.agent and asked.agent not in made.head:
            continue
        head, body = _object(made.head), _object(made.body or "")
        customer = _customer(head, body, about)
        document = str(head.get("document"))
        if not asked.customer or customer == asked.customer:
            about[document] = customer
        else:
            about.pop(document, None)  # a contact turned to somebody else
            continue
        if asked.agent and head.get("actor") != asked.agent:
            continue
        if asked.fits(made.at) and (customer or asked.agent):
            yield _sight(made, head, body, customer)


def _sight(made: Made, head: Mapping[str, Any], body: Mapping[str, Any], customer: str) -> Sight:
    kind = str(head.get("kind") or "")
    how: How = "worked"
    reason, seconds = "", None
    fields: tuple[str, ...] = ()
    if kind == "reveal.noted":
        how, reason = "revealed", str(body.get("reason") or "")
        shown = body.get("shown")
        fields = tuple(str(name) for name in shown) if isinstance(shown, list) else ()
        seconds = body.get("seconds") if isinstance(body.get("seconds"), int) else None
    elif kind == "identity.verified" and body.get("result") == "match":
        reason = str(body.get("method") or "")
        how = "verified" if METHOD_LEVELS.get(reason, 0) >= VERIFIED else "contact"
    elif kind.startswith("contact.") or kind.startswith("identity."):
        how = "contact"
    return Sight(
        *(made.at, str(head.get("actor") or ""), str(head.get("role") or ""), made.site, how, kind),
        *(customer, reason, fields, seconds, str(head.get("id") or "")),
    )


def _customer(head: Mapping[str, Any], body: Mapping[str, Any], about: Mapping[str, str]) -> str:
    found = body.get("customer")
    if isinstance(found, str) and found:
        return found
    return about.get(str(head.get("document")), "")


_DOCUMENT = re.compile(r'"document":"([^"\\]*)"')


def _document(head: str) -> str:
    """Return the document that a head names, without reading it whole."""
    found = _DOCUMENT.search(head)
    return found[1] if found else ""


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
