"""Reasons of clocks, texts to customers and call-backs, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agentdesk.desk import terms
from agentdesk.desk.i18n import _
from agentdesk.desk.terms.clocks import CALL_BACK_STATES
from agentdesk.domain.policy import Catalogue

Values = Mapping[str, Any]

WORDS: Mapping[str, Callable[[Values, Catalogue | None], str]] = {
    "no_mobile": lambda v, c: _("this is no mobile number: no text can be sent to it"),
    "callback_state": lambda v, c: _("this call-back is {state}: nothing more is to be done").format(
        state=terms.term(CALL_BACK_STATES, v.get("state"))
    ),
}
