"""Services by phone, flows, scripts and plans for tests: one for each thing that they can ask for. Invented."""

from __future__ import annotations

from typing import Any

from agentdesk.domain.finance.plans import GB, Mix, Plan, Portion
from agentdesk.domain.guidance.knowledge import Answer, Choice, Flow, FlowEnd, FlowStep, Input, Script, Service
from agentdesk.domain.language.phrases import Bilingual, Condition
from agentdesk.domain.times.calendar import Limit


def both(text: str) -> Bilingual:
    return Bilingual(f"{text} 中", text)


def service(code: str, **more: Any) -> Service:
    """Return a service that anybody may order at once, and what is said otherwise."""
    content: dict[str, Any] = {
        "family": "mobile",
        "group": "voice",
        "line": "mobile",
        "name": both(code),
        "note": both(f"about {code}"),
        "synonyms": (),
        "verify": 0,
        "callers": (),
        "applies": (),
        "fee": 0,
        "effective": "at_once",
        "limit": Limit(10),
        "needs": (),
        "class_code": "request.mobile.plan",
        "department": "service",
        "promise": "CALL",
        "offline": "later",
        "confirm": both("shall I order it for {line}, by {due}?"),
        "done": both("ordered, number {number}, by {due}; ring {hotline}"),
        "source": "sample",
    }
    return Service(code=code, **{**content, **more})


SWITCH = Input("switch", both("on or off"), "choice", (Choice("on", both("on")), Choice("off", both("off"))))
MOBILE = Condition("line", {"kinds": ["mobile"]})

SERVICES = {
    one.code: one
    for one in (
        # nothing on the customer's card changes with it, and it holds with the line down
        service("PING", offline="same"),
        # a feature, switched on and off by the same service
        service("SM12", needs=(SWITCH,), undo="SM12", verify=1, applies=(MOBILE,)),
        # one value-added service cancelled
        service("SM42", needs=(Input("service", both("which"), "text"),), verify=1, applies=(Condition("vas"),)),
        service("SM43", needs=(Input("keep", both("kept"), "text"),), verify=2, applies=(Condition("vas"),)),
        # suspended and resumed: each undoes the other
        service("SM01", verify=2, applies=(Condition("active"),), undo="SM02"),
        service("SM02", verify=2, applies=(Condition("stopped", {"reasons": ["suspended"]}),), undo="SM01"),
        # from the next month on, and never with the line down
        service(
            "SM51",
            effective="next_cycle",
            limit=Limit(120),
            offline="none",
            verify=2,
            needs=(Input("plan", both("which plan"), "text"),),
            undo="SM51",
        ),
        # everything that can be asked for
        service(
            "VISIT",
            effective="appointment",
            limit=Limit(240, "working", "office"),
            needs=(
                Input("day", both("day"), "date"),
                Input("when", both("hours"), "slot"),
                Input("ring", both("number"), "number"),
                Input("why", both("why"), "text"),
            ),
        ),
        service("WITHIN", effective="within", limit=Limit(240), callers=("owner",)),
    )
}


def step(step_id: str, *to: str) -> FlowStep:
    answers = tuple(Answer(key, both(f"answer {key}"), target) for key, target in enumerate(to, 1))
    return FlowStep(step_id, both(f"question {step_id}?"), answers, both("a hint"))


def flow(code: str, category: str, steps: tuple[FlowStep, ...], ends: tuple[FlowEnd, ...], **more: Any) -> Flow:
    return Flow(
        code=code,
        category=category,
        group="test",
        name=more.pop("name", both(f"flow {code}")),
        synonyms=more.pop("synonyms", ()),
        source="sample",
        start=steps[0].id,
        steps={one.id: one for one in steps},
        ends={one.id: one for one in ends},
    )


FLOWS = {
    one.code: one
    for one in (
        flow(
            "Q001",
            "signal",
            (step("s1", "s2", "e1"), step("s2", "e2", "e3", "s3"), step("s3", "e4", "e5")),
            (
                FlowEnd("e1", "solved", both("it works again")),
                FlowEnd("e2", "promise", both("promised by {due}"), promise="CALL"),
                FlowEnd("e3", "ticket", both("{department} by {due}"), class_code="fault.mobile", station="front"),
                FlowEnd("e4", "transfer", both("an expert goes on"), to="expert"),
                FlowEnd("e5", "told", both("ring {hotline}")),
            ),
            synonyms=("no bars",),
        ),
        flow(
            "Q002", "tariff", (step("s1", "e1"),), (FlowEnd("e1", "told", both("see the bill")),), synonyms=("money",)
        ),
    )
}

SCRIPTS = {
    "S01": Script(
        "S01",
        both("opening"),
        both("at the start"),
        "accept",
        "sample",
        (both("hello, I am {agent}"),),
        both("no haste"),
    ),
}

PLANS = {
    plan.code: plan
    for plan in (
        Plan("small", both("small"), 2000, 100, 5 * GB, 10, 500),
        Plan("large", both("large"), 10000, 1000, 50 * GB, 10, 300),
    )
}
MIX = Mix(
    both("mix"),
    {"v0": Portion("v0", 0, 0), "v1": Portion("v1", 300, 2500)},
    {"d1": Portion("d1", 5 * GB, 1800), "d2": Portion("d2", 20 * GB, 3900)},
    15,
    500,
)
