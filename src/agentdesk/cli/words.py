"""Reasons in the words of the desk, but for those that tell to press a key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agentdesk.desk import terms, wording
from agentdesk.desk.i18n import _

if TYPE_CHECKING:
    from agentdesk.desk.models.facts import Facts
    from agentdesk.domain.condition.conditions import Reason
    from agentdesk.domain.offering.offers import Offer
    from agentdesk.domain.policy import Catalogue

TYPE_AGAIN = "type_again"
"""The amount is above the quick limit and wasn't given (DOMAIN rule 4)."""


def say(reason: Reason, catalogue: Catalogue | None = None) -> str:
    """Return a reason in the language in use, one line."""
    if reason.code == "verify":
        level = reason.values.get("level")
        return _("needs verification level {level}: on the desk it is the key v").format(level=level)
    if reason.code == "other_line":
        kinds = _(", ").join(terms.term(terms.LINES, kind) for kind in reason.values.get("kinds") or ())
        return _("for {kinds} only: name another line with --line").format(kinds=kinds)
    if reason.code == "no_line" and not reason.values.get("kinds"):
        return _("no line is chosen: name one with --line")
    if reason.code == TYPE_AGAIN:
        amount = reason.values.get("amount")
        return _("above the quick limit: give the amount again with --amount {amount}").format(amount=amount)
    return wording.say(reason, catalogue)


def say_all(reasons: Iterable[Reason], catalogue: Catalogue | None = None) -> str:
    """Return several reasons in one line."""
    return _("; ").join(say(reason, catalogue) for reason in reasons)


def remark(offer: Offer, facts: Facts) -> str:
    """Return what is to be said about an offer."""
    from agentdesk.desk.models.offers import remark as shown

    if offer.status in ("available", "approve"):
        return shown(offer, facts)[0]
    return say_all(offer.reasons[:2], facts.catalogue)
