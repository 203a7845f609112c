"""By which ways a caller can be verified, and which of them are left: what is spent isn't asked for any more."""

from __future__ import annotations

from collections.abc import Mapping

from agentdesk.desk.models.facts import Facts
from agentdesk.domain.kinds.identity import COUNTERS, STRONG, face_check


def methods_of(facts: Facts, channel: str) -> tuple[str, ...]:
    """Return the methods that a situation has, the likeliest first."""
    found: list[str] = []
    if facts.customer is not None and face_check(facts.customer.document.data, facts.at) is not None:
        found.append("face_check")
    if channel == "hall" or facts.role in COUNTERS:
        found.append("id_card")
    found += ["service_password", "certificate_tail"]
    if facts.online and facts.line is not None and facts.line.kind == "mobile" and facts.line.number:
        found.append("sms_code")
    return tuple(found)


def left(facts: Facts) -> tuple[str, ...]:
    """Return the methods that may still be tried in a contact: none once the day's misses are used up."""
    contact = facts.contact.data if facts.contact is not None else {}
    missed: Mapping[str, int] = contact.get("missed") or {}
    rules = facts.catalogue.rules
    today = facts.missed_today >= rules.verify_misses_day
    return tuple(
        method
        for method in methods_of(facts, str(contact.get("channel") or ""))
        if method in STRONG or (not today and missed.get(method, 0) < rules.verify_misses_call)
    )


def spent(facts: Facts) -> bool:
    """Tell whether nothing that a caller says can verify him any more."""
    return facts.customer is not None and not facts.verified and not left(facts)
