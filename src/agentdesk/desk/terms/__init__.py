"""The field's words for what documents hold as codes: one table for each vocabulary, translated when shown."""

from __future__ import annotations

from collections.abc import Mapping

from agentdesk.desk.i18n import N_, _, pgettext
from agentdesk.desk.terms import clocks as terms_clocks
from agentdesk.desk.terms import group as terms_group
from agentdesk.desk.terms import money as terms_money
from agentdesk.desk.terms import services as terms_services
from agentdesk.desk.terms import tickets as terms_tickets
from agentdesk.desk.terms.promises import KINDS as PROMISE_KINDS
from agentdesk.desk.terms.promises import MOVES as PROMISE_MOVES
from agentdesk.desk.terms.promises import STATES as PROMISE_ENDS

SEGMENTS = {"personal": N_("personal"), "family": N_("family"), "corporate": N_("corporate")}
PORTRAITS = {
    "data": N_("data user"),
    "voice": N_("voice user"),
    "product": N_("product user"),
    "network": N_("network-minded"),
    "price": N_("price-minded"),
    "service": N_("service-minded"),
}
LIFECYCLES = {
    "joining": N_("new in the network"),
    "steady": N_("steady"),
    "requesting": N_("wants something"),
    "resolving": N_("being resolved"),
}
VALUES = {"high": N_("high value"), "medium": N_("medium value"), "low": N_("low value")}
CARDS = {
    "ordinary": N_("ordinary card"),
    "silver": N_("silver card"),
    "gold": N_("gold card"),
    "diamond": N_("diamond card"),
    "supreme": N_("supreme card"),
}
TIERS = {"standard": N_("ordinary"), "vip": N_("VIP"), "diamond": N_("diamond")}
LINES = {
    "mobile": N_("mobile"),
    "fixed": N_("fixed line"),
    "broadband": N_("broadband"),
    "iptv": N_("IPTV"),
    "convergent": N_("bundle"),
    "leased": N_("leased line"),
}
STOPS = {
    "arrears": N_("stopped for arrears"),
    "lost": N_("stopped as lost"),
    "suspended": N_("suspended by the customer"),
    "real_name": N_("stopped: registration"),
    "fraud": N_("stopped: suspected fraud"),
    "court": N_("stopped by court order"),
    "credit_control": N_("stopped: sudden high use"),
}
RELATIONS = {
    "owner": N_("owner of the line"),
    "user": N_("user"),
    "family": N_("family member"),
    "handler": N_("company's handler"),
    "company": N_("company"),
    "friend": N_("friend"),
}
CALLERS = {
    "owner": N_("owner"),
    "user": N_("user of the line"),
    "agent": N_("acts for the owner"),
    "handler": N_("company's handler"),
    "other": N_("somebody else"),
}
METHODS = {
    "own_number": N_("own number calling"),
    "service_password": N_("service password"),
    "certificate_tail": N_("certificate, last digits"),
    "sms_code": N_("code by SMS"),
    "id_card": N_("ID card at the counter"),
    "face_check": N_("face check in the app"),
}
LEVELS = {0: N_("not verified"), 1: N_("own number"), 2: N_("verified"), 3: N_("ID card seen")}
ROLES = {
    "agent": N_("agent"),
    "clerk": N_("counter clerk"),
    "expert": N_("expert seat"),
    "team_leader": N_("team leader"),
    "duty_manager": N_("duty manager"),
    "hall_manager": N_("hall manager"),
    "centre_manager": N_("centre manager"),
    "department_handler": N_("department handler"),
    "follow_up_caller": N_("follow-up caller"),
    "inspector": N_("inspector"),
    "editor": N_("knowledge editor"),
    "admin": N_("administrator"),
}
TICKETS = {
    "fault": N_("fault"),
    "complaint": N_("complaint"),
    "request": N_("request"),
    "inquiry": N_("inquiry"),
    "feedback": N_("feedback"),
}
TICKET_STATES = {
    **terms_tickets.STATES,
    "open": N_("to be dispatched"),
    "dispatched": N_("dispatched"),
    "accepted": N_("being worked on"),
    "returned": N_("returned"),
    "replied": N_("replied, to be followed up"),
    "followed_up": N_("followed up"),
    "archived": N_("archived"),
    "reopened": N_("reopened"),
}
PROMISE_STATES = {
    "made": N_("promised"),
    "dispatched": N_("with the department"),
    "breached": N_("broken"),
    "held": N_("held"),
    "fulfilled": N_("kept"),
    "voided": N_("voided"),
    **PROMISE_ENDS,
    "withdrawn": N_("withdrawn by the customer"),
}
STATIONS = {
    "front": N_("front seat"),
    "expert": N_("expert seat"),
    "department": N_("department"),
    "leader": N_("team leader"),
    "follow_up": N_("follow-up call"),
}
MOVES = {
    **terms_clocks.MOVES,
    **terms_group.MOVES,
    **terms_money.MOVES,
    **terms_services.MOVES,
    **terms_tickets.MOVES,
    "opened": N_("opened"),
    "noted": N_("note"),
    "dispatched": N_("dispatched to"),
    "accepted": N_("accepted"),
    "returned": N_("returned"),
    "chased": N_("chased"),
    "replied": N_("replied"),
    "followed_up": N_("followed up"),
    "archived": N_("archived"),
    "reopened": N_("reopened"),
    "made": N_("promised"),
    "spoken": N_("told to the customer"),
    "voided": N_("voided as a mis-key"),
    "withdrawn": N_("withdrawn by the customer"),
    "fulfilled": N_("kept"),
    **PROMISE_MOVES,
}
ANSWERS = {"satisfied": N_("satisfied"), "unsatisfied": N_("not satisfied"), "unreached": N_("not reached")}
OUTCOMES = {
    "promised": N_("promised"),
    "ordered": N_("service ordered"),
    "solved": N_("done at once"),
    "ticket": N_("ticket opened"),
    "chased": N_("ticket chased"),
    "dispute": N_("disputed promise"),
    "told": N_("told, nothing to do"),
    "transferred": N_("transferred"),
    "attached": N_("attached to an announcement"),
    "handed": N_("handed on"),
    "booked": N_("booked"),
    "cut_short": N_("call ended, with its words"),
    "none": N_("no result"),
}
AGENT_STATES = {
    "offline": N_("signed off"),
    "ready": N_("ready"),
    "reserved": N_("ringing"),
    "talking": N_("talking"),
    "hold": N_("on hold"),
    "wrap_up": N_("wrapping up"),
    "not_ready": N_("not ready"),
    "unknown": N_("unknown"),
}
CHANNELS = {
    "phone": N_("call"),
    "desk": N_("at the desk"),
    "hall": N_("at the counter"),
    "app": N_("mobile app"),
    "web": N_("website"),
    "sms": N_("text message"),
    "chat": N_("chat"),
}
VERDICTS = {
    "applied": N_("in force"),
    "merged": N_("in force, merged"),
    "flagged": N_("honoured, marked"),
    "held": N_("held: a person decides"),
    "refused": N_("refused"),
}
OUTBOX_STATES = {
    "here": N_("here"),
    "sent": N_("sent"),
    "answered": N_("answered"),
    "centre": N_("at the centre"),
}
KINDS = {
    **terms_tickets.KINDS,
    **terms_clocks.KINDS,
    **terms_group.KINDS,
    **terms_money.KINDS,
    "contact.opened": N_("contact opened"),
    "contact.answered": N_("call answered"),
    "contact.turned": N_("turned to a customer"),
    "contact.moment": N_("moment of a call"),
    "contact.offers_shown": N_("offers shown"),
    "contact.wrapped_up": N_("wrap-up"),
    "identity.verified": N_("verification"),
    "identity.code_asked": N_("code by SMS asked for"),
    "identity.code_sent": N_("code by SMS sent"),
    "appointment.booked": N_("appointment booked"),
    "appointment.moved": N_("appointment moved"),
    "appointment.cancelled": N_("appointment cancelled"),
    "appointment.arrived": N_("customer has arrived"),
    "appointment.served": N_("customer was served"),
    "appointment.handed_over": N_("appointment handed over"),
    "appointment.reminded": N_("reminder of an appointment"),
    "appointment.missed": N_("appointment missed"),
    "visit.started": N_("visit begun"),
    "visit.receipted": N_("number of a receipt"),
    "visit.closed": N_("visit closed"),
    "agent.shift_ended": N_("end of a shift"),
    "contact.matter_named": N_("what a contact is about"),
    "contact.leaving_told": N_("why somebody leaves"),
    "contact.carried": N_("level taken over from a transfer"),
    "note.added": N_("note"),
    "reveal.noted": N_("personal data shown"),
    "customer.supplied": N_("told by the customer"),
    "ticket.opened": N_("ticket opened"),
    "ticket.noted": N_("note on a ticket"),
    "ticket.dispatched": N_("ticket dispatched"),
    "ticket.accepted": N_("ticket accepted"),
    "ticket.returned": N_("ticket returned"),
    "ticket.chased": N_("ticket chased"),
    "ticket.replied": N_("reply to a ticket"),
    "ticket.followed_up": N_("follow-up call"),
    "ticket.archived": N_("ticket archived"),
    "ticket.reopened": N_("ticket reopened"),
    "commitment.made": N_("promise"),
    "commitment.spoken": N_("promise told"),
    "commitment.voided": N_("promise voided"),
    "commitment.withdrawn": N_("promise withdrawn"),
    "commitment.fulfilled": N_("promise kept"),
    **PROMISE_KINDS,
    "agent.interval": N_("agent's state"),
    "contact.guided": N_("question flow walked"),
    "service.ordered": N_("service ordered"),
    "service.effected": N_("service in effect"),
    "service.failed": N_("service can't be done"),
    "service.cancelled": N_("order cancelled"),
    "service.undone": N_("service taken back"),
    "service.overdue": N_("service late"),
    "operation.retried": N_("try again"),
    "operation.withdrawn": N_("withdrawal of an entry"),
    "allowance.returned": N_("allowance returned"),
}
FLAGS = {
    "churn": N_("may leave"),
    "arrears_list": N_("on the arrears list"),
    "fraud": N_("suspected fraud"),
    "long_stop": N_("long stop in the last year"),
}


def term(table: Mapping[str, str], code: object) -> str:
    """Return the word for a code; a code that this program doesn't know stands for itself."""
    known = table.get(str(code)) if code is not None else None
    return _(known) if known else str(code or "")


def salutation(gender: object) -> str:
    """Return how a person is addressed: Mr, Ms, or nothing where that isn't known."""
    if gender == "male":
        return pgettext("salutation", "Mr")
    return pgettext("salutation", "Ms") if gender == "female" else ""


def level(number: int) -> str:
    """Return the word for a level of verification."""
    return _(LEVELS.get(number, LEVELS[0]))
