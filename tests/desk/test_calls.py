"""Calls stack: a second one, a transfer that fails, a line that breaks off; the dialog is kept, the clock is seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agentdesk.desk.calls import handing, turning
from agentdesk.desk.calls.ringing_back import ring_back
from agentdesk.desk.calls.wrapping import left_ms, more_time
from agentdesk.desk.models.calls import calls_rows, calls_view, handed_over
from agentdesk.desk.models.rows import text
from agentdesk.desk.session import Contact, Matter
from agentdesk.domain.documents import Document
from agentdesk.telephony.model import CallMoment
from agentdesk.telephony.source import Command, Order
from tests.desk.calling_floor import Floor

FIRST, SECOND = "18600000001", "18600000002"


@pytest.fixture
def floor() -> Iterator[Floor]:
    floor = Floor()
    yield floor
    floor.end()


def top(floor: Floor) -> Contact:
    assert floor.flow.contact is not None
    return floor.flow.contact


def spoken_to(floor: Floor, number: str = FIRST, call_id: str = "one") -> Contact:
    """Let somebody ring, answer him, and return the contact."""
    floor.run(floor.phone.ring(number, call_id=call_id))
    floor.run(floor.flow.answer())
    assert top(floor).spoken
    return top(floor)


def moments(floor: Floor, contact: Contact) -> list[tuple[str, object]]:
    """The moments that were written down of a contact, with the details' note or reason."""
    found = [d.body for d in floor.deeds.of("contact.moment") if d.document == contact.id]
    return [(body["moment"], body["details"].get("note")) for body in found]


def test_a_second_call_waits_in_a_line_and_taking_it_holds_the_first(floor: Floor) -> None:
    first = spoken_to(floor)
    first.summary = "half a sentence"
    floor.run(floor.phone.ring(SECOND, call_id="two"))
    assert top(floor) is first
    assert floor.flow.state == "talking"
    view = calls_view(floor.flow, first, "bj1024")
    assert view is not None
    assert SECOND[-4:] in text(calls_rows(view, floor.clock.wall, 80)[0])
    floor.run(turning.take_call(floor.flow))
    second = top(floor)
    assert (second.call_id, second.spoken, first.held, first.summary) == ("two", True, True, "half a sentence")
    floor.run(turning.turn_back(floor.flow))
    assert top(floor) is first
    assert (first.spoken, second.held) == (True, True)
    floor.run(floor.flow.wrap_up([], "done"))
    assert top(floor) is second
    assert second.held
    assert floor.flow.state == "hold"
    floor.run(turning.hold(floor.flow))
    assert second.spoken


def test_who_has_wrapped_up_isnt_asked_to_by_what_the_switch_says_then(floor: Floor) -> None:
    wrapped = spoken_to(floor)
    # the agent's part ends first, then the call; the second word of it comes when the wrap-up is written
    order = floor.flow.order

    async def twice(command: Command, contact: Contact | None = None, **more: object) -> bool:
        done = await order(command, contact, **more)
        if command is Command.HANGUP:
            wrapped.moments.pop("ended", None)
            wrapped.dropped_by = None
            await floor.phone.move("one", CallMoment.ENDED, reason="hangup")
        return done

    floor.flow.order = twice  # type: ignore[method-assign]
    floor.run(floor.flow.wrap_up([], "done"))
    assert floor.flow.contact is None
    assert floor.flow.message is None


def test_who_wraps_up_while_the_caller_rings_off_isnt_asked_to_afterwards(floor: Floor) -> None:
    spoken_to(floor)
    floor.run(floor.phone.end("one", "caller"))
    assert floor.flow.message is not None
    floor.run(floor.flow.wrap_up([], "done"))
    assert floor.flow.message is None


def test_work_that_was_found_by_hand_waits_while_a_call_is_taken(floor: Floor) -> None:
    floor.run(floor.flow.begin(Document("region/bj", "c-1", "customer", 1, {})))
    work = top(floor)
    floor.run(floor.phone.ring(FIRST, call_id="one"))
    assert top(floor) is work
    floor.run(turning.take_call(floor.flow))
    assert top(floor).spoken
    floor.run(floor.flow.wrap_up([], "done"))
    assert top(floor) is work


def test_who_is_picked_up_on_the_telephone_itself_comes_up(floor: Floor) -> None:
    first = spoken_to(floor)
    floor.run(floor.phone.ring(SECOND, call_id="two"))
    floor.run(floor.phone.do(Order(Command.ANSWER, "two")))
    assert top(floor).call_id == "two"
    assert first.held
    assert floor.flow.queue == []


def test_a_warm_transfer_that_nobody_takes_gives_the_caller_back(floor: Floor) -> None:
    contact = spoken_to(floor)
    floor.run(handing.hand_over(floor.flow, contact, "8900", True, "restarted twice"))
    assert floor.flow.state == "hold"
    floor.run(floor.phone.move("one", CallMoment.RETRIEVED, reason="noanswer"))
    assert contact.spoken
    assert floor.flow.message is not None
    assert "8900" in floor.flow.message.words
    assert moments(floor, contact) == [("held", None), ("transfer_started", "restarted twice"), ("retrieved", None)]


def test_who_takes_the_caller_back_himself_isnt_told_that_it_failed(floor: Floor) -> None:
    contact = spoken_to(floor)
    floor.run(handing.hand_over(floor.flow, contact, "8900", True, ""))
    floor.flow.message = None
    floor.run(handing.take_back(floor.flow, contact))
    assert contact.spoken
    assert floor.flow.message is None


def test_a_blind_transfer_that_comes_back_goes_on_in_the_same_contact(floor: Floor) -> None:
    contact = spoken_to(floor)
    floor.run(handing.hand_over(floor.flow, contact, "8900", False, "restarted twice"))
    assert floor.flow.state == "wrap_up"
    floor.run(floor.phone.move("one", CallMoment.RINGING))
    assert (floor.flow.state, contact.ringing) == ("reserved", True)
    floor.run(floor.flow.answer())
    assert top(floor) is contact
    assert (contact.spoken, contact.over_at) == (True, None)
    assert ("transferred", "restarted twice") in moments(floor, contact)
    assert len(floor.deeds.of("contact.opened")) == 1


def test_what_other_agents_do_in_a_call_that_was_handed_over_isnt_this_desks(floor: Floor) -> None:
    contact = spoken_to(floor)
    floor.run(handing.hand_over(floor.flow, contact, "8900", False, ""))
    floor.phone.agent = "8900"
    floor.run(floor.phone.move("one", CallMoment.RINGING))
    floor.run(floor.phone.move("one", CallMoment.ANSWERED))
    floor.run(floor.phone.move("one", CallMoment.HELD))
    assert (floor.flow.state, contact.ringing, contact.to_wrap) == ("wrap_up", False, True)


def test_a_call_that_broke_off_is_rung_back_in_one_step_and_the_dialog_goes_on(floor: Floor) -> None:
    contact = spoken_to(floor)
    contact.matters.append(Matter("drops", "fault.broadband.drops", "told", False))
    floor.run(floor.phone.end("one", "network out of order"))
    assert contact.dropped_by == "network out of order"
    floor.run(ring_back(floor.flow, contact))
    assert (contact.again, floor.flow.state) == ("back", "reserved")
    floor.run(floor.phone.move(contact.call_id, CallMoment.ANSWERED))
    assert top(floor) is contact
    assert (contact.spoken, contact.ended, len(contact.matters)) == (True, False, 1)
    assert [d.body["result"] for d in floor.deeds.of("contact.rung_back")] == ["reached"]


def test_who_isnt_reached_is_noted_and_may_be_rung_once_more(floor: Floor) -> None:
    contact = spoken_to(floor)
    floor.run(floor.phone.end("one", "network out of order"))
    for result in ("noanswer", "busy"):
        floor.run(ring_back(floor.flow, contact))
        floor.run(floor.phone.move(contact.call_id, CallMoment.ENDED, reason=result))
        assert (contact.again, contact.to_wrap) == ("", True)
    assert [d.body["result"] for d in floor.deeds.of("contact.rung_back")] == ["no_answer", "busy"]


def test_who_was_cut_off_and_rings_himself_is_in_the_same_dialog(floor: Floor) -> None:
    contact = spoken_to(floor)
    floor.run(floor.phone.end("one", "network out of order"))
    floor.run(floor.phone.ring(FIRST, call_id="again"))
    assert (top(floor) is contact, contact.ringing) == (True, True)
    floor.run(floor.flow.answer())
    assert contact.spoken
    assert len(floor.deeds.of("contact.opened")) <= 1


def test_a_hang_up_that_a_switch_calls_normal_is_no_broken_line(floor: Floor) -> None:
    contact = spoken_to(floor)
    floor.run(floor.phone.move("one", CallMoment.WRAP_UP, reason="caller"))
    floor.run(floor.phone.move("one", CallMoment.ENDED, reason="Normal Clearing"))
    assert contact.dropped_by == "caller"


def test_the_wrap_up_has_a_clock_that_goes_by_what_it_was_about(floor: Floor) -> None:
    contact = spoken_to(floor)
    floor.run(floor.phone.end("one", "caller"))
    assert left_ms(floor.flow, contact) == 20_000
    contact.matters.append(Matter("drops", "fault.broadband.drops", "told", False))
    assert left_ms(floor.flow, contact) == 45_000
    floor.run(more_time(floor.flow, contact, "a long note"))
    floor.run(more_time(floor.flow, contact, "calming down"))
    assert left_ms(floor.flow, contact) == 105_000
    assert floor.loop.run_until_complete(more_time(floor.flow, contact, "a long note"))
    assert left_ms(floor.flow, contact) == 105_000


def test_at_the_end_of_its_clock_the_next_call_may_come_and_the_contact_stays(floor: Floor) -> None:
    told: list[str] = []
    do = floor.phone.do

    async def noted(order: Order) -> None:
        told.append(f"{order.command.value} {order.reason or ''}".strip())
        await do(order)

    floor.phone.do = noted  # type: ignore[method-assign]
    contact = spoken_to(floor)
    floor.run(floor.phone.end("one", "caller"))
    assert (floor.flow.state, told[-1]) == ("wrap_up", "not_ready wrap-up")
    floor.clock.advance(21_000)
    assert floor.flow.tick()
    floor.run(floor.flow.settle())
    assert (floor.flow.state, told[-1], top(floor) is contact) == ("ready", "ready", True)
    states = [(d.body["state"], d.body["to"] - d.body["from"]) for d in floor.deeds.of("agent.interval")]
    assert states[-1] == ("wrap_up", 21_000)


def test_not_ready_that_is_said_in_a_call_holds_from_its_end_with_its_reason(floor: Floor) -> None:
    spoken_to(floor)
    floor.run(floor.flow.toggle_ready("meal"))
    assert floor.flow.state == "talking"
    floor.run(floor.flow.wrap_up([], "done"))
    assert (floor.flow.state, floor.flow.reason) == ("not_ready", "meal")
    floor.clock.advance(60_000)
    floor.run(floor.flow.toggle_ready())
    last = floor.deeds.of("agent.interval")[-1].body
    assert (last["state"], last["reason"], last["to"] - last["from"]) == ("not_ready", "meal", 60_000)


def test_what_a_colleague_passed_on_stands_with_the_call(floor: Floor) -> None:
    contact = spoken_to(floor)
    moved = {"what": "transfer_started", "details": {"transfer": "warm", "target": "8001", "note": "restarted twice"}}
    before = Document("region/bj", "k-9", "contact", 1, {"agent": "bj2002", "call": "one", "moves": [moved]})
    assert "restarted twice" in handed_over(contact, (before,), "bj1024")
    assert handed_over(contact, (before,), "bj2002") == ""
