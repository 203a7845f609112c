"""Words of clocks, texts to customers and call-backs."""

from __future__ import annotations

from agentdesk.desk.i18n import N_
from agentdesk.desk.terms import tickets as terms_tickets

CALL_BACK_STATES = {"open": N_("to be called"), "done": N_("done"), "unreached": N_("not reached")}

RESULTS = {
    "reached": N_("reached"),
    "no_answer": N_("no answer"),
    "busy": N_("busy"),
    "refused": N_("wants no call"),
    "closed": N_("closed without a call"),
}

NOTICE_STATES = {
    "queued": N_("queued"),
    "sent": N_("sent"),
    "failed": N_("not sent"),
}

RUNGS = {
    **terms_tickets.RUNGS,
    "due": N_("the department"),
    "also.owner": N_("the owner"),
    "also.due": N_("the department"),
}
"""Whom a clock tells."""

MOVES = {
    "warned": N_("warned: the time is nearly used"),
    "breached": N_("not kept in time"),
    "escalated": N_("escalated"),
    "also_warned": N_("warned: the interim deadline is near"),
    "also_missed": N_("interim deadline not kept"),
    "also_kept": N_("interim deadline kept"),
    "compensated": N_("compensated by itself"),
    "late": N_("late"),
    "tried": N_("call tried"),
    "rung_back": N_("rung back"),
    "queued": N_("queued"),
    "sent": N_("sent"),
    "failed": N_("not sent"),
}

KINDS = {
    "commitment.warned": N_("promise: owner warned"),
    "commitment.breached": N_("promise not kept in time"),
    "commitment.escalated": N_("promise escalated"),
    "commitment.also_warned": N_("promise: interim deadline near"),
    "commitment.also_missed": N_("promise: interim deadline not kept"),
    "commitment.also_kept": N_("promise: interim deadline kept"),
    "notice.queued": N_("text to the customer"),
    "notice.sent": N_("text sent"),
    "notice.failed": N_("text not sent"),
    "callback.opened": N_("call-back"),
    "callback.taken": N_("call-back taken on"),
    "callback.tried": N_("call-back tried"),
    "callback.done": N_("call-back closed"),
    "callback.handed_over": N_("call-back handed over"),
    "callback.late": N_("call-back late"),
    "contact.rung_back": N_("rung back after a drop"),
}
