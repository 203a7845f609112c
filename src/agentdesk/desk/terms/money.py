"""The words for what remedies, checks and credit hold as codes."""

from __future__ import annotations

from agentdesk.desk.i18n import N_

REMEDY_STATES = {
    "given": N_("given, to be carried out"),
    "done": N_("carried out"),
    "voided": N_("voided"),
    "withdrawn": N_("withdrawn by the customer"),
}
CHECK_STATES = {"open": N_("being looked into"), "closed": N_("looked into")}
PURPOSES = {"verification": N_("check"), "collection": N_("collect"), "kept_in_time": N_("kept in time, learnt late")}
RESULTS = {
    "confirmed": N_("our fault"),
    "unfounded": N_("nothing was wrong: the customer keeps it, he is marked"),
    "provider": N_("a provider's fault"),
    "repaid": N_("repaid"),
    "moot": N_("not needed any more"),
}
CREDITS = {"running": N_("credit runs"), "collecting": N_("credit overdue"), "repaid": N_("credit repaid")}
OBJECTIONS = {"open": N_("the unit objects"), "upheld": N_("objection upheld"), "dismissed": N_("objection dismissed")}
CATEGORIES = {
    "apology": N_("apology and care"),
    "compensation": N_("refund and compensation"),
    "gift": N_("gifts and rights"),
    "priority": N_("priority and visits"),
    "correction": N_("correction and protection"),
}
METHODS = {"wired": N_("by cable"), "engineer": N_("by the engineer's meter"), "wireless": N_("over the air")}
MOVES = {
    "given": N_("given"),
    "done": N_("carried out"),
    "compensated": N_("compensated by itself"),
    "rebooked": N_("cost moved to"),
    "objected": N_("objection by"),
    "checked": N_("looked into"),
    "expired": N_("credit expired"),
    "learnt_late": N_("the promise was kept in time, learnt late"),
    "tested": N_("speed tested"),
}
KINDS = {
    "remedy.given": N_("remedy"),
    "remedy.spoken": N_("remedy told"),
    "remedy.done": N_("remedy carried out"),
    "remedy.voided": N_("remedy voided"),
    "remedy.withdrawn": N_("remedy withdrawn"),
    "remedy.rebooked": N_("cost moved"),
    "remedy.objected": N_("objection to a cost"),
    "remedy.judged": N_("objection decided"),
    "remedy.expired": N_("credit expired"),
    "commitment.rebooked": N_("cost moved"),
    "commitment.objected": N_("objection to a cost"),
    "commitment.judged": N_("objection decided"),
    "commitment.expired": N_("credit expired"),
    "check.closed": N_("check closed"),
    "line.tested": N_("speed test"),
}
