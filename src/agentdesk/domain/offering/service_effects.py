"""What a service does to the customer's document once it is effected, by its code: for the sample network.

An operator's own systems tell the truth by an import; this table makes the desk show at once what was done meanwhile.
Pure: the customer's document and the order in, the fields that change out. A service that isn't here changes nothing
that the desk shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agentdesk.domain.documents import Data

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue

Line = Mapping[str, Any]


class Order:
    """What an effect may know: the order's parameters, when it took effect (ms UTC), and the catalogue."""

    def __init__(self, parameters: Mapping[str, Any], at: int, catalogue: Catalogue | None) -> None:
        self.parameters = parameters
        self.at = at
        self.catalogue = catalogue

    def text(self, name: str) -> str:
        value = self.parameters.get(name)
        return value if isinstance(value, str) else ""


OFF = frozenset({"", "off", "close", "lift"})
"""The choices that switch a feature off."""

Effect = Callable[[Line, Order], Mapping[str, Any]]
"""Returns the fields of the line that change; a value of None is one that the line has no more."""


def effects(service: str, customer: Data, subscription: str | None, order: Order) -> Mapping[str, Any]:
    """Return the fields of a customer's document that an effected service changes; empty where it changes none."""
    effect = EFFECTS.get(service)
    lines = customer.get("subscriptions") or ()
    if effect is None or not any(line.get("id") == subscription for line in lines):
        return {}
    changed = [_with(line, effect(line, order)) if line.get("id") == subscription else line for line in lines]
    return {"subscriptions": changed} if changed != list(lines) else {}


def _with(line: Line, fields: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**line, **fields}
    return {name: value for name, value in merged.items() if value is not None or name not in fields}


def _stop(reason: str) -> Effect:
    def effect(line: Line, order: Order) -> Mapping[str, Any]:
        if line.get("status") == "stopped":
            return {}
        return {"status": "stopped", "stop_reason": reason, "stopped_at": order.at}

    return effect


def _lift(reason: str) -> Effect:
    def effect(line: Line, _order: Order) -> Mapping[str, Any]:
        if line.get("status") != "stopped" or line.get("stop_reason") != reason:
            return {}
        return {"status": "active", "stop_reason": None, "stopped_at": None}

    return effect


def _drop_one(line: Line, order: Order) -> Mapping[str, Any]:
    wanted = order.text("service")
    return {"vas": [v for v in line.get("vas") or () if wanted not in (v.get("code"), v.get("name"))]}


def _drop_all(line: Line, order: Order) -> Mapping[str, Any]:
    kept = order.text("keep")
    return {"vas": [v for v in line.get("vas") or () if v.get("name") and v["name"] in kept]}


def _ring(line: Line, order: Order) -> Mapping[str, Any]:
    others = [v for v in line.get("vas") or () if v.get("code") != "video_ring"]
    ring = {"code": "video_ring", "name": "视频彩铃", "fee": 600, "source": "owner", "ordered_at": order.at}
    return {"vas": [*others, {**ring, "how": "phone"}]}


def _no_ring(line: Line, _order: Order) -> Mapping[str, Any]:
    return {"vas": [v for v in line.get("vas") or () if v.get("code") != "video_ring"]}


def _feature(name: str, parameter: str = "") -> Effect:
    """Switch a feature: by the choice that was made, or on; `off` takes it away."""

    def effect(line: Line, order: Order) -> Mapping[str, Any]:
        value = order.text(parameter) if parameter else "on"
        others = {key: known for key, known in (line.get("features") or {}).items() if key != name}
        return {"features": others if value in OFF else {**others, name: value}}

    return effect


def _without(*names: str) -> Effect:
    def effect(line: Line, _order: Order) -> Mapping[str, Any]:
        return {"features": {k: v for k, v in (line.get("features") or {}).items() if k not in names}}

    return effect


def _plan(line: Line, order: Order) -> Mapping[str, Any]:
    """Change the plan: the fee follows where the plan is one of the catalogue's."""
    wanted = order.text("plan")
    plans = order.catalogue.plans if order.catalogue else {}
    plan = plans.get(wanted) or next((p for p in plans.values() if wanted in (p.name.zh, p.name.en)), None)
    if plan is None:
        return {"plan": wanted} if wanted else {}
    return {"plan": plan.name.zh, "fee": plan.fee}


def _mix(line: Line, order: Order) -> Mapping[str, Any]:
    """Build the plan freely: the fee is the sum of its portions."""
    mix = order.catalogue.mix if order.catalogue else None
    voice, data = (mix.voice.get(order.text("voice")), mix.data.get(order.text("data"))) if mix else (None, None)
    if mix is None or voice is None or data is None:
        return {}
    return {"plan": mix.name.zh, "fee": voice.fee + data.fee}


def _rate(line: Line, order: Order) -> Mapping[str, Any]:
    wanted = order.text("rate").lstrip("m")
    return {"rate_mbps": int(wanted), "plan": f"宽带 {wanted}M"} if wanted.isdigit() else {}


_FORWARDS = ("forward_all", "forward_busy", "forward_no_answer", "forward_unreachable")

EFFECTS: Mapping[str, Effect] = {
    # stops and starts
    "SM01": _stop("suspended"),
    "SM02": _lift("suspended"),
    "SM03": _stop("lost"),
    "SM04": _lift("lost"),
    "SM05": _lift("arrears"),
    "SF07": _stop("suspended"),
    "SF08": _lift("suspended"),
    "SF28": _stop("suspended"),
    "SF29": _lift("suspended"),
    # value-added services
    "SM42": _drop_one,
    "SM43": _drop_all,
    "SM47": _ring,
    "SM48": _no_ring,
    "SM44": _feature("sp_blocked", "scope"),
    # features of a mobile line
    "SM12": _feature("caller_id", "switch"),
    "SM13": _feature("forward_all", "to"),
    "SM14": _feature("forward_busy", "to"),
    "SM15": _feature("forward_no_answer", "to"),
    "SM16": _feature("forward_unreachable", "to"),
    "SM17": _without(*_FORWARDS),
    "SM18": _feature("call_waiting", "switch"),
    "SM19": _feature("three_way"),
    "SM20": _feature("missed_calls"),
    "SM22": _feature("international", "switch"),
    "SM23": _feature("volte"),
    "SM24": _feature("data", "switch"),
    "SM31": _feature("nr", "switch"),
    "SM33": _feature("roaming_voice"),
    "SM34": _feature("roaming_data"),
    "SM40": _without("roaming_voice", "roaming_data"),
    "SM49": _feature("nuisance_filter", "level"),
    # plans and rates
    "SM51": _plan,
    "SM52": _mix,
    "SF04": _rate,
    "SF05": _rate,
    # features of a fixed line
    "SF30": _feature("caller_id", "switch"),
    "SF31": _feature("forward_all", "to"),
    "SF32": _feature("forward_busy", "to"),
    "SF33": _feature("forward_no_answer", "to"),
    "SF34": _feature("call_waiting", "switch"),
    "SF35": _feature("three_way", "switch"),
    "SF38": _feature("do_not_disturb", "switch"),
}
"""What each service changes on the line that it was ordered for."""
