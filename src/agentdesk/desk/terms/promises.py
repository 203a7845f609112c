"""Words for approvals, disputed promises, and the moves of a promise."""

from __future__ import annotations

from agentdesk.desk.i18n import N_

APPROVAL_STATES = {
    "open": N_("to be answered"),
    "given": N_("approved"),
    "used": N_("approved and used"),
    "declined": N_("not approved"),
    "lapsed": N_("lapsed"),
}
DISPUTE_STATES = {
    "open": N_("being looked into"),
    "honoured": N_("honoured"),
    "dismissed": N_("not found"),
}
STATES = {"declined": N_("not approved")}
"""States of a promise that only an approval brings."""

MOVES = {
    "asked": N_("approval asked for"),
    "given": N_("approved"),
    "approved": N_("approved"),
    "used": N_("used for a promise"),
    "declined": N_("not approved"),
    "lapsed": N_("lapsed"),
    "progress": N_("how far it is"),
    "handed_over": N_("handed over to"),
    "ticket": N_("ticket for the work"),
    "honoured": N_("honoured"),
    "dismissed": N_("not found"),
    "warned": N_("warned: the time is nearly used"),
    "escalated": N_("told to the next superior"),
}
KINDS = {
    "commitment.dispatched": N_("promise dispatched"),
    "commitment.accepted": N_("promise accepted"),
    "commitment.noted": N_("progress of a promise"),
    "commitment.handed_over": N_("promise handed over"),
    "commitment.chased": N_("promise chased"),
    "approval.asked": N_("approval asked for"),
    "approval.given": N_("approval given"),
    "approval.declined": N_("approval declined"),
    "approval.lapsed": N_("approval lapsed"),
    "dispute.opened": N_("disputed promise"),
    "dispute.decided": N_("dispute decided"),
    "dispute.escalated": N_("dispute told to a superior"),
}
