"""Recent work of sample customers, told as plots: which tickets, promises, contacts and notes there are.

A customer's plot is chosen with his traits (`traits.PLOT_SHARES`); its classes and templates are those of the sample
catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agentdesk.domain.case import Customer
from agentdesk.domain.documents import Document
from agentdesk.sample import money_plots, promise_plots, stations
from agentdesk.sample.dice import Dice
from agentdesk.sample.orders import ordered
from agentdesk.sample.pen import DAY_MS, HOUR_MS, MINUTE_MS, NOTES, Floor, Pen

Plot = Callable[[Pen], None]
_REPAIRS = ("fault.broadband.drops", "fault.broadband.down", "fault.broadband.slow", "fault.iptv.stutter")
_MOBILE_FAULTS = ("fault.mobile.no_signal", "fault.mobile.slow_data", "fault.mobile.call_drops")
_COMPLAINTS = (
    "complaint.vas.forced",
    "complaint.billing.overage",
    "complaint.billing.double_charge",
    "complaint.service.attitude",
)
_REQUESTS = ("request.install.move", "request.install.new")
_INQUIRIES = ("inquiry.tariff.bill", "inquiry.tariff.plan", "inquiry.channel.outlet")


def _fault(pen: Pen) -> tuple[str, str]:
    if pen.broadband is not None:
        return pen.dice.pick(_REPAIRS), pen.broadband.id
    return pen.dice.pick(_MOBILE_FAULTS), pen.main.id


def _taken(pen: Pen, at: int, symptom: str, until: str, line: str | None = None, chases: int = 0) -> Document:
    contact = pen.contact(symptom, at - 4 * MINUTE_MS, "ticket", False)
    return pen.ticket(symptom, at, until, line=line, chases=chases, contact=contact)


def _open_repair(pen: Pen) -> None:
    symptom, line = _fault(pen)
    _taken(pen, _since_fault(pen), symptom, pen.dice.pick(("dispatched", "accepted", "accepted")), line)


def _late_repair(pen: Pen) -> None:
    symptom, line = _fault(pen)
    _taken(pen, _since_fault(pen), symptom, "accepted", line, chases=pen.dice.between(1, 3))


def _since_fault(pen: Pen) -> int:
    since = next((s.fault_since for s in pen.customer.subscriptions if s.fault_since is not None), None)
    return since + 10 * MINUTE_MS if since is not None else pen.ago(60, 600)


def _repaired(pen: Pen) -> None:
    symptom, line = _fault(pen)
    _taken(pen, pen.ago(60 * 24 * 4, 60 * 24 * 80), symptom, "archived", line)


def _called(pen: Pen) -> None:
    for _ in range(pen.dice.between(1, 3)):
        pen.contact(pen.dice.pick(_INQUIRIES), pen.ago(60, 60 * 24 * 85), "solved", True)


def _inquired(pen: Pen) -> None:
    _taken(pen, pen.ago(60 * 24 * 6, 60 * 24 * 80), pen.dice.pick(_INQUIRIES), "archived")


def _noted(pen: Pen) -> None:
    pen.note(pen.ago(60, 60 * 24 * 80), pen.dice.pick(NOTES))


def _complaint(pen: Pen) -> None:
    _taken(pen, pen.ago(60, 60 * 30), pen.dice.pick(_COMPLAINTS), "accepted")


def _late_complaint(pen: Pen) -> None:
    _taken(pen, pen.ago(60 * 24 * 6, 60 * 24 * 10), pen.dice.pick(_COMPLAINTS), "accepted", chases=2)


def _answered_complaint(pen: Pen) -> None:
    _taken(pen, pen.ago(60 * 20, 60 * 40), pen.dice.pick(_COMPLAINTS), "replied")


def _past_complaint(pen: Pen) -> None:
    _taken(pen, pen.ago(60 * 24 * 12, 60 * 24 * 85), pen.dice.pick(_COMPLAINTS), "archived")


def _open_request(pen: Pen) -> None:
    _taken(pen, pen.ago(60, 60 * 20), pen.dice.pick(_REQUESTS), pen.dice.pick(("dispatched", "accepted")))


def _made(pen: Pen, at: int, code: str, state: str = "made", symptom: str = "inquiry.tariff.bill") -> None:
    contact = pen.contact(symptom, at - 3 * MINUTE_MS, "promised", state == "fulfilled")
    pen.promise(code, at, state, contact=contact)


def _promised(pen: Pen) -> None:
    _made(pen, pen.ago(2, 25), "U02")


def _broken_promise(pen: Pen) -> None:
    _made(pen, pen.ago(60 * 24 * 2, 60 * 24 * 4), "U02", "breached", "complaint.service.promise")


def _kept_promise(pen: Pen) -> None:
    _made(pen, pen.ago(60 * 24 * 2, 60 * 24 * 80), pen.dice.pick(("U02", "U08")), "fulfilled")


def _repeat(pen: Pen) -> None:
    """Rang about the same fault five days ago and three hours ago; it was mended, and is back."""
    symptom, line = "fault.broadband.drops", _at_home(pen)
    before = _taken(pen, pen.now - 5 * DAY_MS, symptom, "archived", line)
    pen.contact(symptom, pen.now - 2 * DAY_MS, "told", False)
    again = _taken(pen, pen.now - 3 * HOUR_MS, symptom, "dispatched", line)
    stations.repeats(pen, again, before)


def _mine(pen: Pen) -> None:
    """Let the work be that of the demo's own agent."""
    pen.agent = pen.floor.staff.with_role("agent")[0]


def _at_home(pen: Pen) -> str:
    return pen.broadband.id if pen.broadband else pen.main.id


def _paused_repair(pen: Pen) -> None:
    """The customer is away and wants the visit later: the policy's clock stands, the law's doesn't."""
    _mine(pen)
    ticket = _taken(pen, pen.now - 9 * HOUR_MS, "fault.iptv.stutter", "accepted", _at_home(pen))
    words = "客户出差，后天上午才有人在家"
    stations.paused(pen, ticket, "customer_later", pen.now - 5 * HOUR_MS, pen.now + 30 * HOUR_MS, words)


def _returned_request(pen: Pen) -> None:
    """The department sent it back: the address doesn't say which building."""
    _mine(pen)
    ticket = _taken(pen, pen.now - 7 * HOUR_MS, "request.install.new", "accepted")
    stations.returned(pen, ticket, pen.now - 25 * MINUTE_MS, "地址不全，请补楼号和单元")


def _unhappy(pen: Pen) -> None:
    """The answer to a complaint didn't satisfy: it is back, one level higher, on a shorter clock."""
    _mine(pen)
    ticket = _taken(pen, pen.now - 30 * HOUR_MS, "complaint.service.waiting", "replied")
    stations.reopened(pen, ticket, pen.now - 40 * MINUTE_MS, "客户说没有人真正联系过他")


def _appeal(pen: Pen) -> None:
    """An appeal that the regulator passed on."""
    ticket = _taken(pen, pen.now - 20 * HOUR_MS, "complaint.billing.rebate", "accepted")
    stations.appealed(pen, ticket)


def _with_expert(pen: Pen) -> None:
    """A class that passes the expert seat first, and lies there."""
    symptom = "fault.mobile.no_data"
    contact = pen.contact(symptom, pen.now - 30 * MINUTE_MS, "ticket", False)
    ticket = pen.ticket(symptom, pen.now - 26 * MINUTE_MS, "open", contact=contact)
    stations.at_expert(pen, ticket, pen.now - 20 * MINUTE_MS)


def _just_taken(pen: Pen) -> None:
    """A ticket that was taken a moment ago and lies at the front seat."""
    _mine(pen)
    contact = pen.contact("inquiry.tariff.plan", pen.now - 12 * MINUTE_MS, "ticket", False)
    pen.ticket("inquiry.tariff.plan", pen.now - 9 * MINUTE_MS, "open", contact=contact)


def _twice(pen: Pen) -> None:
    """Rang twice about the same: the second ticket was merged into the first."""
    _mine(pen)
    first = _taken(pen, pen.now - 10 * HOUR_MS, "complaint.service.attitude", "accepted")
    again = pen.contact("complaint.service.promise", pen.now - 3 * HOUR_MS, "ticket", False)
    second = pen.ticket("complaint.service.promise", pen.now - 3 * HOUR_MS + 4 * MINUTE_MS, "open", contact=again)
    stations.merged(pen, second, first, pen.now - 2 * HOUR_MS)


def _ordered(pen: Pen) -> None:
    """Ordered two services lately: one works, the other should and doesn't."""
    pen.agent = pen.floor.staff.with_role("agent")[0]  # shown at the desk that ordered it: the demo's own
    ordered(pen, "SM12", pen.now - 3 * DAY_MS, switch="on")
    ordered(pen, "SM49", pen.now - 6 * MINUTE_MS, "late", level="all_sales", good="无")


def _showcase(pen: Pen) -> None:
    """Give the first caller something of everything: clocks that run, one that is late, promises, and a history."""
    pen.agent = pen.floor.staff.with_role("agent")[0]  # the demo's own agent, so that some of it is his
    now, line = pen.now, pen.broadband.id if pen.broadband else pen.main.id
    call = pen.contact("fault.broadband.drops", now - 12 * HOUR_MS - 34 * MINUTE_MS, "ticket", False)
    late = now - 26 * MINUTE_MS
    pen.ticket(
        "fault.broadband.drops", now - 12 * HOUR_MS - 30 * MINUTE_MS, due=late, line=line, chases=1, contact=call
    )
    pen.ticket("request.install.move", now - 19 * HOUR_MS, "replied", due=now + 5 * HOUR_MS, line=line)
    again = pen.contact("complaint.service.promise", now - 2 * DAY_MS + 3 * HOUR_MS, "ticket", False)
    pen.ticket("complaint.service.promise", now - 2 * DAY_MS + 3 * HOUR_MS, due=now + 3 * HOUR_MS, contact=again)
    pen.promise("U02", now - 2 * DAY_MS - HOUR_MS, "breached")
    pen.promise("U02", now - 4 * MINUTE_MS, due=now + 6 * MINUTE_MS)
    pen.contact("inquiry.tariff.bill", now - 20 * DAY_MS, "solved", True)
    pen.contact("inquiry.tariff.plan", now - 47 * DAY_MS, "solved", True, "app")
    pen.note(now - 2 * DAY_MS + 4 * HOUR_MS, NOTES[0])


PLOTS: Mapping[str, Plot] = {
    "called": _called,
    "inquired": _inquired,
    "noted": _noted,
    "repair": _open_repair,
    "repair_late": _late_repair,
    "repaired": _repaired,
    "complaint": _complaint,
    "complaint_late": _late_complaint,
    "complaint_answered": _answered_complaint,
    "complained": _past_complaint,
    "request": _open_request,
    "promised": _promised,
    "promise_broken": _broken_promise,
    "promise_kept": _kept_promise,
    "repeat": _repeat,
    "showcase": _showcase,
    "ordered": _ordered,
    "paused": _paused_repair,
    "returned": _returned_request,
    "unhappy": _unhappy,
    "appeal": _appeal,
    "with_expert": _with_expert,
    "just_taken": _just_taken,
    "twice": _twice,
    "approval_waiting": promise_plots.approval_waiting,
    "approval_given": promise_plots.approval_given,
    "disputed": promise_plots.disputed,
    "credit_running": money_plots.credit_running,
    "check_open": money_plots.check_open,
    "compensated": money_plots.compensated,
}
"""What each plot writes."""


def work_of(floor: Floor, index: int, customer: Document, plot: str, dice: Dice) -> list[Document]:
    """Return the documents of a customer's plot, oldest first; raises KeyError for an unknown plot."""
    if not plot:
        return []
    pen = Pen(floor, index, Customer(customer), dice)
    PLOTS[plot](pen)
    return sorted(pen.documents, key=lambda document: int(document.data["at"]))
