"""The vocabulary in which a template says whom it is for.

Each condition is a function of the case and its arguments; it returns None when it holds, or the reason code that
the screen words ("doesn't apply: the line was stopped for arrears"). The catalogue's check knows the arguments from
`VOCABULARY`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.domain.condition import line as line_conditions
from agentdesk.domain.condition import work as work_conditions
from agentdesk.domain.condition.line import STOP_REASONS
from agentdesk.domain.condition.words import Reason, Test, Word
from agentdesk.domain.condition.work import TICKET_KINDS
from agentdesk.domain.tiers import TIERS
from agentdesk.domain.times.zone import DAY_MS

if TYPE_CHECKING:
    from agentdesk.domain.case import Case
    from agentdesk.domain.policy import Catalogue, Condition

__all__ = [
    "LINE_KINDS",
    "METHODS",
    "PORTRAITS",
    "SEGMENTS",
    "STOP_REASONS",
    "TICKET_KINDS",
    "VAS_SOURCES",
    "VOCABULARY",
    "Reason",
    "Test",
    "Word",
    "fails",
]


def _line(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    kinds = args["kinds"]
    if case.line is not None and case.line.kind in kinds:
        return None
    return Reason.of("other_line", kinds=tuple(kinds), kind=case.line.kind if case.line else None)


def _has_line(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    kinds = args["kinds"]
    if any(line.kind in kinds for line in case.customer.subscriptions):
        return None
    return Reason.of("no_line", kinds=tuple(kinds))


def _stopped(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    if case.line is None or not case.line.stopped:
        return Reason.of("not_stopped")
    if case.line.stop_reason in args["reasons"]:
        return None
    return Reason.of("stop_reason", reason=case.line.stop_reason)


def _active(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    if case.line is None:
        return Reason.of("no_line", kinds=())
    if case.line.status == "closed":
        return Reason.of("line_closed")
    return Reason.of("stopped", reason=case.line.stop_reason) if case.line.stopped else None


def _months(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    months = args["at_least"]
    return None if case.months_in_network >= months else Reason.of("too_new", months=months)


def _no_flag(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    found = next((flag for flag in args["flags"] if flag in case.customer.flags), None)
    return Reason.of("customer_flag", flag=found) if found else None


def _credit_repaid(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    """Hold when no credit is out: neither what billing knows of, nor a promise or remedy not repaid (policy §2)."""
    from agentdesk.domain.finance.credit import outstanding  # it reaches this module through the amounts

    out = outstanding(case.work)
    if out is not None:
        return Reason.of("credit_open", number=out.data.get("number"))
    return None if case.account is None or case.account.credit_repaid else Reason.of("credit_open")


def _arrears(case: Case, catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    arrears = case.account.arrears if case.account else 0
    if arrears < args.get("at_least", 1):
        return Reason.of("no_arrears")
    limit = (args.get("at_most") or {}).get(case.tier(catalogue))
    return Reason.of("arrears_above", limit=limit) if limit is not None and arrears > limit else None


def _no_arrears(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    arrears = case.account.arrears if case.account else 0
    return Reason.of("in_arrears", arrears=arrears) if arrears else None


def _vas(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    sources = args.get("sources")
    services = case.line.vas if case.line else ()
    found = services if sources is None else [v for v in services if v.source in sources]
    return None if found else Reason.of("no_vas", sources=tuple(sources or ()))


def _overage(case: Case, _catalogue: Catalogue, _args: Mapping[str, Any]) -> Reason | None:
    return None if case.line and case.line.overage_charge > case.line.overage_rated else Reason.of("no_overage")


def _fault(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    since = case.line.fault_since if case.line else None
    if since is None:
        return Reason.of("no_fault")
    days = args.get("days_at_least", 0)
    return None if case.at - since >= days * DAY_MS else Reason.of("fault_too_new", days=days)


def _tier(case: Case, catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    return None if case.tier(catalogue) in args["tiers"] else Reason.of("other_tier", tiers=tuple(args["tiers"]))


def _segment(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    segments = args["segments"]
    return None if case.customer.segment in segments else Reason.of("other_segment", segments=tuple(segments))


def _contract_ends(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    days = args["within_days"]
    end = case.line.contract_end if case.line else None
    if end is not None and -90 * DAY_MS <= end - case.at <= days * DAY_MS:
        return None
    return Reason.of("contract_runs", days=days)


def _portrait(case: Case, catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    return None if case.portrait(catalogue).code in args["portraits"] else Reason.of("other_portrait")


def _lifecycle(case: Case, catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    return None if case.stage(catalogue).code in args["stages"] else Reason.of("other_lifecycle")


def _flag(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    return None if any(flag in case.customer.flags for flag in args["flags"]) else Reason.of("no_flag")


def _speed_below(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    """Hold when a valid test below the contracted rate lies in the customer's document for this line."""
    tests = case.customer.document.data.get("speed_tests") or ()
    share = args.get("below_percent", 100)
    line = case.line
    for test in tests:
        if line is None or test.get("subscription") != line.id or not test.get("valid"):
            continue
        if test["mbps"] * 100 < line.rate_mbps * share:
            return None
    return Reason.of("no_speed_test")


def _verification_method(case: Case, _catalogue: Catalogue, args: Mapping[str, Any]) -> Reason | None:
    """Hold when the caller was matched by one of these methods: some things a level alone doesn't say (policy §3)."""
    methods = args["methods"]
    return None if case.methods.intersection(methods) else Reason.of("other_method", methods=tuple(methods))


LINE_KINDS = frozenset({"mobile", "fixed", "broadband", "iptv", "convergent", "leased"})
VAS_SOURCES = frozenset({"owner", "unknown", "trial"})
SEGMENTS = frozenset({"personal", "family", "corporate"})
METHODS = frozenset({"own_number", "service_password", "certificate_tail", "sms_code", "id_card", "face_check"})
"""How somebody can be verified; `kinds.identity` knows what each is good for."""
PORTRAITS = frozenset({"data", "voice", "product", "network", "price", "service"})

VOCABULARY: Mapping[str, Word] = {
    "line": Word(_line, {"kinds": list}, choices={"kinds": LINE_KINDS}),
    "has_line": Word(_has_line, {"kinds": list}, choices={"kinds": LINE_KINDS}),
    "stopped": Word(_stopped, {"reasons": list}, choices={"reasons": STOP_REASONS}),
    "active": Word(_active, {}),
    "months_in_network": Word(_months, {"at_least": int}),
    "no_flag": Word(_no_flag, {"flags": list}),
    "flag": Word(_flag, {"flags": list}),
    "credit_repaid": Word(_credit_repaid, {}),
    "arrears": Word(_arrears, {"at_least": int, "at_most": dict}, optional=frozenset({"at_least", "at_most"})),
    "no_arrears": Word(_no_arrears, {}),
    "vas": Word(_vas, {"sources": list}, optional=frozenset({"sources"}), choices={"sources": VAS_SOURCES}),
    "overage": Word(_overage, {}),
    "fault": Word(_fault, {"days_at_least": int}, optional=frozenset({"days_at_least"})),
    "tier": Word(_tier, {"tiers": list}, choices={"tiers": frozenset(TIERS)}),
    "segment": Word(_segment, {"segments": list}, choices={"segments": SEGMENTS}),
    "contract_ends": Word(_contract_ends, {"within_days": int}),
    "portrait": Word(_portrait, {"portraits": list}, choices={"portraits": PORTRAITS}),
    "lifecycle": Word(_lifecycle, {"stages": list}),
    "speed_below": Word(_speed_below, {"below_percent": int}, optional=frozenset({"below_percent"})),
    "verification_method": Word(_verification_method, {"methods": list}, choices={"methods": METHODS}),
    **line_conditions.WORDS,
    **work_conditions.WORDS,
}


def fails(condition: Condition, case: Case, catalogue: Catalogue) -> Reason | None:
    """Return why a condition does not hold in a case, or None when it does; KeyError for an unknown name."""
    return VOCABULARY[condition.name].test(case, catalogue, condition.args)
