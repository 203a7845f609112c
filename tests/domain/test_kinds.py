"""Every kind of operation: what a good body needs, and that no body whatever is worse than a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.condition.conditions import Reason
from agentdesk.domain.decide import (
    ORG,
    Decision,
    MalformedBody,
    Outcome,
    Refusal,
    Situation,
    UnknownKind,
    decide,
    kind_of,
    needs,
    replay,
    target,
)
from agentdesk.domain.documents import Document, Key
from agentdesk.domain.kinds import KINDS
from agentdesk.domain.needs import DocumentNeed
from tests.domain.test_operation import json_values
from tests.domain.world import AGENT, MINUTE, NOW, REGION, Centre, agent, contact, customer, operation, promise_body


def ticket(**data: Any) -> Document:
    content = {
        "number": "100010000018",
        "kind": "fault",
        "customer": "c1",
        "state": "open",
        "tier": "standard",
        "due": NOW + 60 * MINUTE,
        "first_responsible": AGENT,
        "moves": [],
        "at": NOW,
    }
    return Document(REGION, "doc", "ticket", 1, {**content, **data})


def made_promise(**data: Any) -> Document:
    content = {
        "number": "100010000018",
        "customer": "c1",
        "contact": "k1",
        "state": "made",
        "owner": AGENT,
        "department": "service",
        "closing": "proof",
        "due": NOW + 60 * MINUTE,
        "at": NOW,
        "moves": [],
    }
    return Document(REGION, "doc", "commitment", 1, {**content, **data})


def service_order(**data: Any) -> Document:
    content = {
        "number": "100010000018",
        "customer": "c1",
        "subscription": "c1-m",
        "service": "PING",
        "parameters": {},
        "state": "ordered",
        "undoes": "o9",
        "owner": AGENT,
        "department": "service",
        "due": NOW + 10 * MINUTE,
        "at": NOW,
        "moves": [],
    }
    return Document(REGION, "doc", "service_order", 1, {**content, **data})


def asked_approval(**data: Any) -> Document:
    content = {
        "number": "100010000026",
        "template": "RATE",
        "customer": "c1",
        "amount": 9000,
        "tier": "standard",
        "asked_by": "2001",
        "approver_role": "team_leader",
        "state": "open",
        "at": NOW,
        "due": NOW + 15 * MINUTE,
        "moves": [],
    }
    return Document(REGION, "doc", "approval", 1, {**content, **data})


@dataclass(frozen=True)
class Good:
    """A good body of a kind: what must be in it, what may be, and on which document."""

    required: Mapping[str, Any]
    optional: Mapping[str, Any] = field(default_factory=dict)
    on: Document | None = None
    scope: str = REGION

    @property
    def body(self) -> dict[str, Any]:
        return {**self.required, **self.optional}

    def centre(self) -> Centre:
        others = [agent(), customer(), contact("k1", level=2)]
        return Centre([*others, *([self.on] if self.on else [])])


NOTICE = "notice/bj"
SPOKEN_TO_MANY = {"attachment.attached", "handoff.away"}


def announcement() -> Document:
    content = {
        "number": "100010000026",
        "title": {"zh": "断纤", "en": "a cable is cut"},
        "words": {"zh": "正在抢修", "en": "it is being mended"},
        "areas": ["大望路"],
        "state": "open",
        "department": "network",
        "at": NOW,
    }
    return Document(NOTICE, "doc", "announcement", 1, content)


def attachment(**data: Any) -> Document:
    return Document(REGION, "doc", "attachment", 1, {"customer": "c1", "announcement": "a1", "at": NOW, **data})


def management(**data: Any) -> Document:
    measures = [{"id": "m1", "text": "splice", "owner": "network", "due": NOW}]
    content = {"number": "100010000034", "state": "open", "tickets": ["t1"], "measures": measures, "at": NOW}
    return Document(REGION, "doc", "management", 1, {**content, **data})


def label(**data: Any) -> Document:
    content = {"number": "+8613900001111", "sort": "nuisance", "state": "asked", "asked_by": AGENT, "at": NOW}
    return Document(REGION, "doc", "label", 1, {**content, **data})


def handoff() -> Document:
    content = {"number": "100010000042", "channel": "hotline", "state": "open", "due": NOW + 30 * MINUTE, "at": NOW}
    return Document(REGION, "doc", "handoff", 1, content)


def remedy(**data: Any) -> Document:
    content = {
        "number": "100010000059",
        "state": "given",
        "customer": "c1",
        "owner": AGENT,
        "booked": "network",
        "money": "cost",
        "amount": 500,
        "due": NOW + 60 * MINUTE,
        "at": NOW,
    }
    return Document(REGION, "doc", "remedy", 1, {**content, **data})


def call_back() -> Document:
    content = {"number": "100010000067", "caller": "+8618612345678", "state": "open", "due": NOW, "at": NOW}
    return Document(REGION, "doc", "callback", 1, content)


HERE = contact("doc", level=0)
HANDED_OVER = contact("doc", level=2, moves=[{"what": "transferred", "details": {"transfer": "warm"}}])
PROMISE = promise_body()
BOOKED = Document(REGION, "doc", "appointment", 1, {"state": "booked", "where": "home", "slot": NOW, "customer": "c1"})
VISIT = Document(REGION, "doc", "visit", 1, {"state": "open", "customer": "c1"})
SITE = "site/site-1"
OWN = Document(SITE, "doc", "verdict", 1, {"verdict": "held"})
SPAN = {"moments": {"answered": NOW}}

GOOD: Mapping[str, Good] = {
    "contact.opened": Good(
        {"call": "c-1", "channel": "phone"},
        {"caller": "+8618612345678", "caller_name": "王", "customer": "c1", "subscription": "c1-m", "queue": "q",
         "ivr_path": "1-2", "moments": {"offered": NOW, "ringing": NOW}},
    ),
    "contact.answered": Good({}, SPAN, HERE),
    "contact.turned": Good({}, {"customer": "c2", "subscription": "c2-m"}, HERE),
    "contact.moment": Good({"moment": "held", "at": NOW}, {"details": {"reason": "busy"}}, HERE),
    "contact.offers_shown": Good({"at": NOW}, {"offers": [{"code": "CALL", "rank": 1}]}, HERE),
    "contact.wrapped_up": Good(
        {}, {**SPAN, "matters": [{"class": "fault"}], "summary": "solved", "dropped_by": "caller"}, HERE
    ),
    "contact.guided": Good(
        {"flow": "Q001", "outcome": "solved", "from": NOW, "at": NOW + 1, "path": [["s1", 2]]}, {"end": "e1"}, HERE
    ),
    "service.ordered": Good(
        {"number": "100010000018", "service": "PING", "customer": "c1", "due": NOW + 10 * MINUTE, "line": "up"},
        {"subscription": "c1-m", "parameters": {}, "fee": 500, "contact": "k1", "contact_scope": REGION,
         "about": "news", "undoes": "o9", "confirm": {"text": "?"}, "done": {"text": "!"}, "confirmed_s": 5,
         "verification": {"level": 1}},
    ),
    "service.effected": Good({"at": NOW, "proof": "hlr"}, {"customer": "c1", "undoes": "o9"}, service_order()),
    "service.failed": Good({"reason": "no port"}, {}, service_order()),
    "service.cancelled": Good({"reason": "no more"}, {"promise": "p1"}, service_order()),
    "service.undone": Good({"reason": "a mistake"}, {}, service_order(state="effected")),
    "contact.matter_named": Good({"matter": "porting", "source": "agent"}, {}, HERE),
    "contact.leaving_told": Good({"reason": "price"}, {"words": "too dear", "ported": True}, HERE),
    "contact.carried": Good({"from": "doc"}, {"from_scope": REGION}, HANDED_OVER),
    "identity.code_asked": Good(
        {"customer": "c1", "subscription": "c1-m", "contact": "k1"}, {"customer_scope": REGION}
    ),
    "identity.verified": Good(
        {"method": "service_password", "result": "match", "caller_role": "owner", "customer": "c1"},
        {"seconds": 30, "handler": {"name": "李"}},
        HERE,
    ),
    "appointment.booked": Good(
        {"number": "100010000018", "customer": "c1", "where": "home", "slot": NOW + 600 * MINUTE, "place": "at home",
         "purpose": "repair"},
        {"subscription": "c1-m", "contact": "k1", "promise": "p1", "engineer": "li", "note": "n", "language": "en",
         "department": "network"},
    ),
    "appointment.moved": Good(
        {"where": "home", "slot": NOW + 900 * MINUTE, "place": "at home", "from_where": "home", "from_slot": NOW},
        {"reason": "not at home"}, BOOKED,
    ),
    "appointment.cancelled": Good({"where": "home", "slot": NOW, "reason": "no more"}, {}, BOOKED),
    "appointment.arrived": Good({}, {"promise": "p1"}, BOOKED),
    "appointment.served": Good({}, {"waited": 60_000, "promise": "p1"}, BOOKED),
    "visit.started": Good(
        {"number": "100010000018", "how": "queue"},
        {"queue": "A012", "waited": 5, "customer": "c1", "contact": "k1", "appointment": "a1"},
    ),
    "visit.receipted": Good({"receipt": "R-1"}, {"for": "balance"}, VISIT),
    "visit.closed": Good({"way": "print", "slip": "text"}, {"items": [{"number": "1"}], "to": "+8618612345678"}, VISIT),
    "agent.shift_ended": Good(
        {"agent": AGENT, "why": "end"}, {"items": [{"document": "t1", "to": "2001"}], "kept": ["t2"]}
    ),
    "reveal.noted": Good({"customer": "c1", "reason": "asked"}, {"about": "t1", "contact": "k1"}),
    "note.added": Good({"text": "calls back after five"}, {"customer": "c1", "about": "p1", "contact": "k1"}),
    "callback.taken": Good({}, {}, call_back()),
    "callback.tried": Good({"result": "no_answer"}, {"text": "rings"}, call_back()),
    "callback.done": Good({"reason": "called again"}, {}, call_back()),
    "contact.rung_back": Good({"result": "reached", "at": NOW}, {}, HERE),
    "operation.retried": Good({}, {}, OWN, SITE),
    "operation.withdrawn": Good({}, {"superseded_by": "op-2"}, OWN, SITE),
    "agent.interval": Good({"state": "talking", "from": NOW, "to": NOW + 1}, {"reason": "rest"}),
    "ticket.opened": Good(
        {"kind": "fault", "number": "100010000018", "customer": "c1", "title": "no signal"},
        {"symptom": "fault.rural", "origin": "appeal", "subscription": "c1-m", "contact": "k1", "words": "w",
         "wants": "quick", "person": {"name": "李"}, "due": NOW + 60 * MINUTE},
    ),
    "ticket.noted": Good(
        {"text": "still broken"}, {"stage": "visit", "engineer": "李工", "eta": NOW + MINUTE}, ticket()
    ),
    "ticket.dispatched": Good(
        {"station": "department", "department": "network"}, {"owner": "2001", "text": "please"}, ticket()
    ),
    "ticket.accepted": Good({}, {}, ticket(state="dispatched")),
    "ticket.returned": Good({"reason": "not ours"}, {}, ticket(state="dispatched")),
    "ticket.chased": Good({}, {"text": "again", "contact": "k1"}, ticket()),
    "ticket.replied": Good({"text": "mended", "minutes": 20}, {"cause": "cable"}, ticket()),
    "ticket.followed_up": Good(
        {"answer": "satisfied"}, {"score": 5, "how": "phone", "text": "good"}, ticket(state="replied")
    ),
    "ticket.archived": Good({}, {}, ticket(state="followed_up")),
    "ticket.reopened": Good({"reason": "it is back"}, {}, ticket(state="archived")),
    "ticket.reassigned": Good(
        {"station": "department", "department": "service", "reason": "theirs"},
        {"owner": "2001"},
        ticket(state="accepted"),
    ),
    "ticket.recalled": Good({"reason": "sent too soon"}, {}, ticket(state="dispatched")),
    "ticket.supplemented": Good(
        {"text": "rings at six"},
        {"place": "Chaoyang", "subscription": "c1-m", "wants": "quick", "person": {"name": "李"}, "contact": "k1",
         "engineer": {"name": "王"}},
        ticket(),
    ),
    "ticket.resumed": Good({}, {"text": "he is back"}, ticket(state="paused", paused={"from": NOW - 9, "until": NOW})),
    "ticket.judged": Good({"department": "network", "minutes": 30}, {"text": "their cable"}, ticket(state="replied")),
    "ticket.objected": Good(
        {"text": "a third party's"}, {}, ticket(liability={"department": "network", "state": "judged"})
    ),
    "commitment.made": Good(
        {name: PROMISE[name] for name in ("number", "customer", "template", "due", "line")},
        {"subscription": "c1-m", "contact": "k1", "contact_scope": REGION, "proposed": 0, "amount_reason": "r",
         "rank": 1, "ask": {"text": "?"}, "tell": {"text": "!"}, "asked_s": 3, "agreed_s": 5,
         "verification": {"level": 1}},
    ),
    "commitment.spoken": Good({}, {"contact": "k1", "contact_scope": REGION, "seconds": 90}, made_promise()),
    "commitment.voided": Good({"reason": "mis-key", "contact": "k1"}, {"contact_scope": REGION}, made_promise()),
    "commitment.dispatched": Good({"department": "network"}, {"owner": "2001", "text": "please"}, made_promise()),
    "commitment.accepted": Good({}, {"text": "on my way"}, made_promise(state="dispatched")),
    "commitment.noted": Good(
        {"text": "on the way"}, {"stage": "visit", "engineer": "李工", "eta": NOW + MINUTE}, made_promise()
    ),
    "commitment.also_kept": Good({}, {"text": "rung"}, made_promise(also_due=NOW + MINUTE)),
    "commitment.handed_over": Good({"to": "2001", "note": "end of my shift"}, {}, made_promise()),
    "commitment.chased": Good({}, {"text": "again", "contact": "k1"}, made_promise()),
    "approval.asked": Good(
        {"number": "100010000026", "template": "RATE", "customer": "c1", "amount": 9000, "reason": "he waited",
         "approver_role": "team_leader"},
        {"subscription": "c1-m", "contact": "k1", "contact_scope": REGION, "proposed": 8000, "commitment": "p1",
         "beyond": ["above_authority"]},
    ),
    "approval.declined": Good({"reason": "not due"}, {"commitment": "p1"}, asked_approval(asked_by=AGENT)),
    "dispute.opened": Good(
        {"number": "100010000034", "customer": "c1", "words": "you promised me"},
        {"subscription": "c1-m", "contact": "k1", "contact_scope": REGION, "day": "2026-09-01", "phone": "10010",
         "remembered": "小张", "contacts": ["k1"], "promises": ["p1"], "due": NOW + MINUTE},
    ),
    "commitment.withdrawn": Good({"reason": "no more"}, {"contact": "k1"}, made_promise()),
    "commitment.fulfilled": Good({"proof": "done at once"}, {"answer": "satisfied", "contact": "k1"}, made_promise()),
    "remedy.spoken": Good({}, {"seconds": 80}, remedy()),
    "remedy.done": Good({"proof": "posted"}, {}, remedy()),
    "remedy.voided": Good({"reason": "wrong key"}, {}, remedy()),
    "remedy.withdrawn": Good({"reason": "no more"}, {}, remedy()),
    "remedy.objected": Good({"department": "network", "reason": "it was the cable"}, {}, remedy()),
    "announcement.over": Good({"words": {"zh": "已修复", "en": "mended"}}, {"text": "cable"}, announcement(), NOTICE),
    "attachment.followed_up": Good({"answer": "satisfied"}, {"text": "works"}, attachment(state="to_follow_up")),
    "management.left": Good({"tickets": ["t1"]}, {"reason": "another cause"}, management()),
    "management.measured": Good({"done": "m1"}, {"text": "replaced"}, management()),
    "management.solved": Good(
        {"solution": "cable spliced"}, {"cause": "cable", "minutes": 90, "tickets": []}, management(tickets=[])
    ),
    "management.closed": Good({}, {"text": "good", "tickets": []}, management(state="solved", tickets=[], measures=[])),
    "management.reopened": Good({"ticket": "t1"}, {"reason": "not mended"}, management(state="closed")),
    "label.asked": Good(
        {"number": "+8613900001111", "sort": "nuisance", "reason": "rings to sing"}, {"contact": "k1"}
    ),
    "label.ended": Good({"reason": "a mistake"}, {}, label()),
    "contact.cut_short": Good({"reason": "threat", "said": True}, {"label": "l1", "text": "insults"}, HERE),
    "handoff.away": Good(
        {"number": "100010000018", "home": "广东", "service": "change the card", "to": "+8613900001111"},
        {"customer": "c1", "contact": "k1", "from": "counter", "words": "lost it"},
    ),
    "handoff.taken": Good({}, {}, handoff()),
    "handoff.passed": Good({"channel": "sms", "reason": "busy"}, {"text": "nobody there"}, handoff()),
    "handoff.done": Good({"text": "answered"}, {}, handoff()),
}  # fmt: skip

kinds = pytest.mark.parametrize("kind", sorted(GOOD))
FIELDS = [(kind, name) for kind, good in sorted(GOOD.items()) for name in good.body]
fields = pytest.mark.parametrize(("kind", "name"), FIELDS, ids=[f"{kind}-{name}" for kind, name in FIELDS])


def outcome(kind: str, body: Mapping[str, Any], good: Good | None = None) -> Outcome:
    """Return what becomes of a body, as site and centre find out."""
    centre = (good or GOOD[kind]).centre()
    op = operation(kind, body, scope=GOOD[kind].scope)
    try:
        return centre.outcome(op)
    except MalformedBody as error:
        return Refusal(Reason.of("malformed", detail=str(error)))


def malformed(found: Outcome) -> bool:
    return isinstance(found, Refusal) and found.reason.code == "malformed"


def test_every_kind_has_a_row_here() -> None:
    # a site, no agent, returns an allowance, and no document of its own: see test_allowance; and what the centre's
    # clock does is nobody else's: see test_timers
    timed = {name for name, kind in KINDS.items() if kind.timed}
    # a text is about another document, and named after it: see test_notices
    timed |= {"notice.queued"}
    # a site opens a call-back, no agent: see test_callbacks
    timed |= {"callback.opened"}
    # what a superior decides: see test_approval and test_dispute
    timed |= {"approval.given", "dispute.decided"}
    # what concerns many changes several documents, or takes a superior: see test_announcement, test_management and
    # test_label
    many = {"announcement.published", "announcement.changed", "announcement.listed", "attachment.attached"}
    many |= {"management.opened", "management.joined", "label.approved", "label.declined", "contact.handed"}
    # a class must be in the tree, a pause in the policy, and two tickets or another agent there: see tests of tickets
    many |= {f"ticket.{move}" for move in ("classified", "paused", "linked", "unlinked", "merged", "unmerged", "split")}
    many |= {f"{type_}.handed_over" for type_ in ("ticket", "callback", "appointment")} | {"ticket.promised"}
    # a remedy is given under a matter from a policy that has it, and what it costs is a superior's to move: see
    # test_remedies; a speed test writes several documents: see test_compensation
    many |= {"remedy.given", "check.closed", "line.tested"}
    many |= {f"{type_}.{move}" for type_ in ("remedy", "commitment") for move in ("rebooked", "judged")}
    many |= {"commitment.objected"}
    # only a verified caller tells what is missing: see test_supplying
    many |= {"customer.supplied"}
    assert set(GOOD) == set(KINDS) - {"allowance.returned"} - timed - many


@kinds
def test_a_good_body_is_decided(kind: str) -> None:
    good = GOOD[kind]
    for body in (good.body, good.required):
        found = outcome(kind, body)
        assert isinstance(found, Decision), found
        assert not found.flags
        assert found.held is None
        assert [c.id for c in found.changes if c.type != "slots"] == ["doc"]


@fields
def test_a_field_that_is_missing_is_malformed_or_not_needed(kind: str, name: str) -> None:
    good = GOOD[kind]
    found = outcome(kind, {key: value for key, value in good.body.items() if key != name})
    if name in good.required and (kind, name) != ("commitment.voided", "contact"):
        assert malformed(found) or name == "department"
    elif name in good.optional:
        assert isinstance(found, Decision)


WRONG: tuple[Any, ...] = (7, -1, 1.5, True, "7", "", [], [7], {}, {"x": []}, 2**53, -(2**60))


@fields
def test_a_field_of_another_type_is_malformed(kind: str, name: str) -> None:
    good = GOOD[kind].body[name]
    for wrong in WRONG:
        if type(wrong) is type(good) and wrong not in (2**53, -(2**60)):
            continue
        assert malformed(outcome(kind, {**GOOD[kind].body, name: wrong})), wrong


@settings(max_examples=300)
@given(st.sampled_from(FIELDS), json_values, st.sampled_from(FIELDS), json_values, st.booleans())
def test_no_body_is_worse_than_a_refusal(
    one: tuple[str, str], value: Any, other: tuple[str, str], another: Any, whole: bool
) -> None:
    kind, name = one
    body = {**(GOOD[kind].body if whole else {}), name: value, other[1]: another}
    assert isinstance(outcome(kind, body), Decision | Refusal)


@kinds
def test_a_kind_stays_off_documents_of_other_types(kind: str) -> None:
    if GOOD[kind].on is None:
        found = outcome(kind, GOOD[kind].body, Good({}, {}, customer("doc")))
        assert isinstance(found, Refusal)
        assert found.reason.code == "exists_already"
    else:
        other = replace(customer("doc"), scope=GOOD[kind].scope)
        assert malformed(outcome(kind, GOOD[kind].body, Good({}, {}, other)))


def test_the_kinds_about_operations_stay_with_their_own_site() -> None:
    for kind in (name for name, good in GOOD.items() if good.scope == SITE):
        assert malformed(Centre([agent()]).outcome(operation(kind, {}, scope="site/site-2")))
        assert isinstance(Centre([agent()]).outcome(operation(kind, {}, scope=SITE)), Decision)


@kinds
def test_what_isnt_known_is_waited_for(kind: str) -> None:
    if GOOD[kind].on is not None and GOOD[kind].scope == REGION:
        found = outcome(kind, GOOD[kind].body, Good({}))
        assert isinstance(found, Decision)
        assert not found.changes
        assert found.held is not None
        assert found.held.code == "unknown_document"


@kinds
def test_needs_name_the_author_and_the_document(kind: str) -> None:
    scope = GOOD[kind].scope
    op = operation(kind, GOOD[kind].body, scope=scope)
    asked = needs(op)
    assert DocumentNeed(ORG, AGENT) in asked
    assert DocumentNeed(scope, "doc") in asked
    assert target(op) == Key(scope, "doc")


@kinds
def test_a_newer_version_waits_for_a_newer_program(kind: str) -> None:
    op = operation(kind, GOOD[kind].body, version=KINDS[kind].version + 1)
    for question in (kind_of, needs):
        with pytest.raises(UnknownKind):
            question(op)


@kinds
def test_a_replay_gives_the_changes_without_marks(kind: str) -> None:
    good = GOOD[kind]
    centre = Centre([customer(), contact("k1", level=2), *([good.on] if good.on else [])])
    op = operation(kind, good.body, scope=good.scope)
    situation = Situation(centre.fold.answers(needs(op), NOW), centre.catalogue, NOW)
    decided, again = decide(op, situation), replay(op, situation)
    assert isinstance(decided, Decision)
    assert decided.held is not None  # nobody knows the author
    assert again is not None
    assert all("flags" not in change.fields and change.fields.get("state") != "held" for change in again)
    bad = operation(
        kind, {name: [] for name in good.body} | {"text": 1, "reason": 1, "station": 1, "answer": 1}, scope=good.scope
    )
    assert replay(bad, situation) is None or not good.required


def test_what_was_said_to_a_customer_is_spoken() -> None:
    spoken = {name for name, kind in KINDS.items() if kind.spoken}
    assert {"commitment.chased", "dispute.opened"} <= spoken
    spoken -= {"commitment.chased", "dispute.opened"}
    assert {"remedy.given", "remedy.spoken", "line.tested"} <= spoken
    spoken -= {"remedy.given", "remedy.spoken", "line.tested"}
    assert "service.ordered" in spoken
    spoken -= {"appointment.booked", "appointment.moved"}
    assert spoken - {"service.ordered"} == {
        "commitment.made",
        "commitment.spoken",
        "ticket.opened",
        "ticket.chased",
        *SPOKEN_TO_MANY,
    }
