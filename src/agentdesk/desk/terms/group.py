"""Words for what concerns many customers: announcements, management tickets, labels, and other channels."""

from __future__ import annotations

from agentdesk.desk.i18n import N_

ANNOUNCEMENT_STATES = {"open": N_("running"), "over": N_("over")}
ATTACHMENT_STATES = {
    "open": N_("attached"),
    "told": N_("told of the end"),
    "to_follow_up": N_("to be called"),
    "followed_up": N_("called"),
}
MANAGEMENT_STATES = {
    "open": N_("being worked on"),
    "solved": N_("solved"),
    "closed": N_("closed"),
    "reopened": N_("opened again"),
}
LABEL_STATES = {
    "asked": N_("to be approved"),
    "approved": N_("in force"),
    "declined": N_("declined"),
    "ended": N_("ended"),
    "expired": N_("expired"),
}
HANDOFF_STATES = {"open": N_("waiting"), "taken": N_("taken"), "done": N_("done")}

WHY = {"number": N_("on its list"), "segment": N_("number segment"), "area": N_("area")}
HAND_REASONS = {
    "busy": N_("this channel is busy"),
    "failed": N_("it failed here"),
    "asked": N_("the customer wants it"),
}
SIX_HAVES = {
    "target": N_("target"),
    "measures": N_("measures"),
    "owner": N_("in charge"),
    "time_limit": N_("time limit"),
    "supervision": N_("supervision"),
    "assessment": N_("assessment"),
}

MOVES = {
    "published": N_("published"),
    "changed": N_("changed"),
    "over": N_("over"),
    "attached": N_("attached"),
    "told": N_("told of the end"),
    "joined": N_("joined"),
    "left": N_("left"),
    "measured": N_("measure"),
    "solved": N_("solved"),
    "answered": N_("common answer"),
    "closed": N_("closed"),
    "asked": N_("asked for"),
    "approved": N_("approved"),
    "declined": N_("declined"),
    "ended": N_("ended"),
    "expired": N_("expired"),
    "handed": N_("handed to another channel"),
    "passed": N_("passed on"),
    "taken": N_("taken"),
    "done": N_("done"),
    "cut_short": N_("call ended by the agent"),
}

KINDS = {
    "announcement.published": N_("announcement published"),
    "announcement.changed": N_("announcement changed"),
    "announcement.listed": N_("numbers added to an announcement"),
    "announcement.over": N_("announcement over"),
    "attachment.attached": N_("attached to an announcement"),
    "attachment.followed_up": N_("follow-up after an announcement"),
    "management.opened": N_("management ticket opened"),
    "management.joined": N_("tickets joined"),
    "management.left": N_("tickets let go"),
    "management.measured": N_("measure"),
    "management.solved": N_("management ticket solved"),
    "management.closed": N_("management ticket closed"),
    "management.reopened": N_("management ticket opened again"),
    "label.asked": N_("label asked for"),
    "label.approved": N_("label approved"),
    "label.declined": N_("label declined"),
    "label.ended": N_("label ended"),
    "label.expired": N_("label expired"),
    "contact.handed": N_("contact handed to another channel"),
    "contact.cut_short": N_("call ended by the agent"),
    "handoff.away": N_("business away from home"),
    "handoff.taken": N_("taken from another channel"),
    "handoff.passed": N_("passed on to another channel"),
    "handoff.done": N_("done for another channel"),
}
"""The kinds of operation, by their names."""
