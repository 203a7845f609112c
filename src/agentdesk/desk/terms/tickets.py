"""The field's words for tickets: states, moves, relations, clocks, rungs."""

from __future__ import annotations

from agentdesk.desk.i18n import N_

STATES = {
    "paused": N_("paused"),
    "merged": N_("merged into another"),
}
MOVES = {
    "reassigned": N_("reassigned to"),
    "recalled": N_("taken back"),
    "handed_over": N_("handed over to"),
    "promised": N_("works for a promise too"),
    "supplemented": N_("added by the customer"),
    "classified": N_("classified"),
    "paused": N_("paused"),
    "resumed": N_("went on"),
    "linked": N_("linked with"),
    "linked_here": N_("linked with"),
    "unlinked": N_("link taken away"),
    "unlinked_here": N_("link taken away"),
    "merged": N_("merged into"),
    "merged_here": N_("took in"),
    "unmerged": N_("taken out of"),
    "unmerged_here": N_("gave back"),
    "split": N_("split off"),
    "judged": N_("responsibility judged"),
    "objected": N_("objected"),
    "warned": N_("the owner was warned"),
    "escalated": N_("overdue, told to"),
}
LINKS = {
    "repeat": N_("repeats"),
    "repeated": N_("came again as"),
    "related": N_("belongs with"),
    "cause": N_("caused by"),
    "caused": N_("is the cause of"),
    "split_from": N_("split from"),
    "split_into": N_("a part went to"),
}
LIABILITIES = {
    "judged": N_("judged"),
    "objected": N_("objected to"),
    "final": N_("judged for good"),
}
CLOCKS = {
    "fault": N_("fault"),
    "complaint": N_("complaint"),
    "request": N_("request"),
    "inquiry": N_("inquiry"),
    "feedback": N_("feedback"),
    "fault.rural": N_("fault outside towns"),
    "complaint.escalated": N_("escalated complaint"),
    "appeal": N_("appeal to the regulator"),
}
STATION_CLOCKS = {
    "front": N_("front seat"),
    "expert": N_("expert seat"),
    "department_accept": N_("department accepts"),
    "department_reply": N_("department replies"),
    "resend": N_("front seat sends it again"),
    "follow_up": N_("follow-up call"),
}
RUNGS = {
    "owner": N_("the owner"),
    "team_leader": N_("team leader"),
    "department_manager": N_("department manager"),
    "branch_leader": N_("branch leader"),
    "city_management": N_("city management"),
}
"""Whom an overdue ticket is told to: the rungs of the sample policy."""
KINDS = {
    "ticket.reassigned": N_("ticket reassigned"),
    "ticket.recalled": N_("ticket taken back"),
    "ticket.promised": N_("ticket works for a promise"),
    "ticket.handed_over": N_("ticket handed over"),
    "ticket.supplemented": N_("more about a ticket"),
    "ticket.classified": N_("ticket classified"),
    "ticket.paused": N_("ticket paused"),
    "ticket.resumed": N_("ticket goes on"),
    "ticket.linked": N_("tickets linked"),
    "ticket.unlinked": N_("link taken away"),
    "ticket.merged": N_("tickets merged"),
    "ticket.unmerged": N_("ticket taken out again"),
    "ticket.split": N_("ticket split"),
    "ticket.judged": N_("responsibility judged"),
    "ticket.objected": N_("objection to a judgement"),
    "ticket.warned": N_("owner of a ticket warned"),
    "ticket.escalated": N_("overdue ticket climbed"),
    "ticket.pause_over": N_("pause of a ticket over"),
}
