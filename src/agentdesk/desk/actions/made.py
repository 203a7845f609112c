"""What comes of actions: the kinds of operation that each one leads to, by its id.

Who may do none of them hears that before anything opens (`answers/roles.py`). What only shows something, and lists that
say of each line why it isn't possible (offers, remedies, services), stand here not.
"""

from __future__ import annotations

from collections.abc import Mapping

_DESK = {
    "verify": "identity.verified",
    "matter": "contact.matter_named",
    "note": "note.added",
    "reveal": "reveal.noted",
    "nuisance": "label.asked label.ended contact.cut_short",
    "dispute": "dispute.opened",
    "ticket": "ticket.opened",
    "chase": "ticket.chased commitment.chased",
    "speed_test": "line.tested",
    "wrap_up": "contact.wrapped_up",
}

_TICKET = {
    "ticket.accept": "ticket.accepted",
    "ticket.dispatch": "ticket.dispatched",
    "ticket.answered": "ticket.archived",
    "ticket.reply": "ticket.replied",
    "ticket.follow_up": "ticket.followed_up",
    "ticket.archive": "ticket.archived",
    "ticket.chase": "ticket.chased",
    "ticket.supplement": "ticket.supplemented",
    "ticket.note": "ticket.noted",
    "ticket.return": "ticket.returned",
    "ticket.reassign": "ticket.reassigned",
    "ticket.recall": "ticket.recalled",
    "ticket.pause": "ticket.paused ticket.resumed",
    "ticket.classify": "ticket.classified",
    "ticket.hand_over": "ticket.handed_over",
    "ticket.link": "ticket.linked ticket.unlinked",
    "ticket.merge": "ticket.merged ticket.unmerged",
    "ticket.split": "ticket.split",
    "ticket.reopen": "ticket.reopened",
    "ticket.judge": "ticket.judged",
    "ticket.object": "ticket.objected",
    "flow.ticket": "ticket.opened",
    "worklist.chase": "ticket.chased commitment.chased",
}

_PROMISE = {
    "promise.tell": "commitment.spoken",
    "promise.chase": "commitment.chased",
    "promise.dispatch": "commitment.dispatched",
    "promise.accept": "commitment.accepted",
    "promise.note": "commitment.noted",
    "promise.interim": "commitment.also_kept",
    "promise.hand_over": "commitment.handed_over",
    "promise.keep": "commitment.fulfilled",
    "promise.withdraw": "commitment.withdrawn",
    "promise.rebook": "commitment.rebooked",
    "promise.object": "commitment.objected",
    "promise.judge": "commitment.judged",
    "document.tell": "commitment.spoken",
    "document.keep": "commitment.fulfilled",
    "document.withdraw": "commitment.withdrawn",
    "promising.approval": "approval.asked",
    "giving.approval": "approval.asked",
}

_REMEDY_AND_ORDER = {
    "remedy.close": "check.closed",
    "remedy.tell": "remedy.spoken",
    "remedy.done": "remedy.done",
    "remedy.withdraw": "remedy.withdrawn",
    "remedy.rebook": "remedy.rebooked",
    "remedy.object": "remedy.objected",
    "remedy.judge": "remedy.judged",
    "order.promise": "commitment.made",
    "order.effected": "service.effected",
    "order.failed": "service.failed",
    "order.cancel": "service.cancelled",
    "order.undo": "service.ordered",
}

_HALL = {
    "hall.call_next": "visit.started",
    "hall.book": "appointment.booked",
    "hall.slip": "visit.closed",
    "hall.slip_sms": "visit.closed",
    "hall.receipt": "visit.receipted",
    "appointment.came": "appointment.arrived",
    "appointment.serve": "appointment.served",
    "appointment.move_it": "appointment.moved",
    "appointment.cancel": "appointment.cancelled",
}

_MANY = {
    "group.new": "announcement.published",
    "group.manage": "management.opened",
    "announcement.change": "announcement.changed",
    "announcement.over": "announcement.over",
    "management.join": "management.joined",
    "management.let_go": "management.left",
    "management.measure": "management.measured",
    "management.measured": "management.measured",
    "management.solve": "management.solved",
    "management.close": "management.closed",
}

_MORE = {
    "customer.leaving": "contact.leaving_told",
    "customer.supply": "customer.supplied",
    "bills.verify": "identity.verified",
    "flow.verify": "identity.verified",
    "call_backs.go": "callback.taken",
    "call_backs.drop": "callback.done",
    "call_backs.hand_over": "callback.handed_over",
    "channels.go": "handoff.taken handoff.done",
    "channels.pass_on": "handoff.passed",
    "receipts.go": "notice.queued",
}

MADE: Mapping[str, tuple[str, ...]] = {
    action: tuple(kinds.split())
    for part in (_DESK, _TICKET, _PROMISE, _REMEDY_AND_ORDER, _HALL, _MANY, _MORE)
    for action, kinds in part.items()
}
"""Kinds of operation by the id of the action that leads to them; one of several will do."""
