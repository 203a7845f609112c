"""The words for the reasons that the rules about services by phone give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.desk import i18n, terms
from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import safe
from agentdesk.desk.terms import services as terms_services

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

Values = Mapping[str, Any]


def _parameter(v: Values, c: Catalogue | None) -> str:
    service = c.services.get(str(v.get("service"))) if c else None
    need = next((n for n in service.needs if n.id == v.get("need")), None) if service else None
    words = need.name.say(i18n.language()) if need else safe(v.get("need"), 30)
    return _("not answered, or not as it can be: {need}").format(need=words)


def _ordered_already(v: Values, _c: Catalogue | None) -> str:
    number = safe(v.get("number") or "")
    if number:
        return _("ordered already, and not in effect yet (ends in {tail})").format(tail=number[-5:])
    return _("ordered already, and not in effect yet")


WORDS: Mapping[str, Callable[[Values, Catalogue | None], str]] = {
    "parameter": _parameter,
    "ordered_already": _ordered_already,
    "order_state": lambda v, c: _("the order is {state}: this can't be done any more").format(
        state=terms.term(terms_services.ORDER_STATES, v.get("state"))
    ),
    "unknown_service": lambda v, c: _("the catalogue here doesn't know {code}").format(code=safe(v.get("service"))),
}
