"""The six steps (受理 倾听 确认 建议 达成 跟进): where the call is, from what was done, and what to ask next.

The screen suggests the question; it never asserts what only the caller can know.
"""

from __future__ import annotations

from enum import IntEnum

from agentdesk.desk.i18n import N_, _
from agentdesk.desk.models.facts import Facts
from agentdesk.desk.models.rows import Row, cut, joined, row
from agentdesk.desk.models.warnings import warnings


class Step(IntEnum):
    """The steps of a contact, in order."""

    RECEIVE = 0
    LISTEN = 1
    CONFIRM = 2
    PROPOSE = 3
    AGREE = 4
    FOLLOW_UP = 5


NAMES = {
    Step.RECEIVE: N_("receive"),
    Step.LISTEN: N_("listen"),
    Step.CONFIRM: N_("confirm"),
    Step.PROPOSE: N_("propose"),
    Step.AGREE: N_("agree"),
    Step.FOLLOW_UP: N_("follow up"),
}

_BY_STEP = {
    Step.RECEIVE: N_("Say: good day, what can I do for you?"),
    Step.LISTEN: N_("Ask: what happened, and since when?"),
    Step.CONFIRM: N_("Ask: have I understood you rightly, is this what you want?"),
    Step.PROPOSE: N_("Ask before you promise: would this help you?"),
    Step.AGREE: N_("Tell the time, the number, and what happens otherwise."),
    Step.FOLLOW_UP: N_("Ask: is there anything else? Then wrap up."),
}

# the most pressing first
_BY_WARNING = {
    "stopped": N_("Ask: was the payment forgotten, or is something wrong with the bill?"),
    "arrears": N_("Ask: was the payment forgotten, or is something wrong with the bill?"),
    "broken_promise": N_("Say sorry for the promise that wasn't kept, then ask what is still open."),
    "repeat": N_("Ask: is it still about the last matter?"),
    "contract_ending": N_("Ask: are you content with your plan?"),
    "contract_ended": N_("Ask: are you content with your plan?"),
    "no_bill": N_("Ask: is it about your first bill?"),
}


def script(step: Step, facts: Facts) -> str:
    """Return the question that is suggested now."""
    if step is Step.LISTEN and facts.customer is not None:
        known = {warning.code for warning in warnings(facts)}
        for code, words in _BY_WARNING.items():
            if code in known:
                return _(words)
    return _(_BY_STEP[step])


def rail_row(step: Step, width: int) -> Row:
    """Return the six steps in one line, the present one marked."""
    parts = []
    for each in Step:
        name = _(NAMES[each])
        if each is step:
            parts.append(row((f"[{name}]", "accent")))
        else:
            parts.append(row((f" {name} ", "quiet" if each > step else "")))
    return cut(joined(parts, " "), width)
