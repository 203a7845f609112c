"""What of a customer may stand on no screen but the card of his own verified call (DOMAIN rule 9)."""

from __future__ import annotations

import re

from agentdesk.qa.cast import documents
from tests.desk.driving import Hand, screen_text
from tests.desk.world import LI, WANG

RUNG = {"RingBackDialog": WANG, "ResultDialog": LI}
"""Screens from which somebody is rung back by hand, once that was taken on: his number, and nothing else of him."""

CUSTOMERS = {one.id: one for one in documents() if one.type == "customer"}


def personal(customer: str) -> set[str]:
    """Return a customer's whole names and numbers, those of his people, and his address and certificate."""
    data = CUSTOMERS[customer].data
    people = list(data.get("people") or ())
    numbers = {str(one.get("number") or "") for one in [*people, *(data.get("subscriptions") or ())]}
    names = {str(one.get("name") or "") for one in [data, *people]}
    kept = {str(data.get("address") or ""), str(data.get("certificate") or "").rstrip("*")}
    whole = {flat(one.removeprefix("+86")) for one in {*names, *numbers, *kept}}
    return {one for one in whole if len(one) >= 2 and not (one.isdigit() and len(one) < 7)}


def flat(text: str) -> str:
    """Return a text without what numbers are grouped with."""
    return re.sub(r"[\s\-·]", "", text)


def unmasked(pilot: Hand, screen: str, verified: bool) -> list[str]:
    """Return what stands unmasked on a screen that should not: anything but of Wang, if he is verified or revealed."""
    shown = flat(screen_text(pilot))
    own = {"c-wang"} if verified or screen == "RevealDialog" else set()
    rung = flat(RUNG.get(screen, "")).removeprefix("+86")
    hidden = {one for customer in set(CUSTOMERS) - own for one in personal(customer)}
    return sorted(one for one in hidden - {rung} if one in shown)
