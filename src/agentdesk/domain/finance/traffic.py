"""The calculator for disputed traffic (流量争议折算): what it cost outside the package, what it would have cost in one.

Both are worked out from five figures, typed or from the bill, which are kept with the promise, so that anybody can
work it out again: `FORMULA` names the sum that they go into. Money is minor units, traffic whole MB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from agentdesk.domain.finance.money import pro_rata

FORMULA = "traffic.1"
"""charged = mb x price / per_mb; rated = mb x pack_price / pack_mb; the difference is given back, never below 0."""

MOST_MB = 100_000_000
MOST_PRICE = 10_000_000


@dataclass(frozen=True, slots=True)
class Traffic:
    """The figures: `mb` used outside, charged `price` for each `per_mb`; a package has `pack_mb` for `pack_price`."""

    mb: int
    price: int
    per_mb: int
    pack_mb: int
    pack_price: int

    @staticmethod
    def read(inputs: Mapping[str, Any]) -> Traffic | None:
        """Return the figures among what an agent read, or None where they aren't there or make no sense."""
        values = inputs.get("values") if inputs.get("formula") == FORMULA else None
        if not isinstance(values, Mapping):
            return None
        names = ("mb", "price", "per_mb", "pack_mb", "pack_price")
        found = [values.get(name) for name in names]
        if not all(isinstance(value, int) and not isinstance(value, bool) for value in found):
            return None
        traffic = Traffic(**dict(zip(names, found, strict=True)))  # type: ignore[arg-type]
        return traffic if traffic.sensible else None

    @property
    def sensible(self) -> bool:
        """Tell whether the figures can be worked with."""
        return (
            0 <= self.mb <= MOST_MB
            and 0 <= self.price <= MOST_PRICE
            and 0 <= self.pack_price <= MOST_PRICE
            and 0 < self.per_mb <= MOST_MB
            and 0 < self.pack_mb <= MOST_MB
        )

    def inputs(self) -> dict[str, Any]:
        """Return the figures as they are kept with a promise."""
        return {"formula": FORMULA, "values": asdict(self)}


def charged(traffic: Traffic) -> int:
    """Return what the traffic cost outside the package, minor units."""
    return pro_rata(traffic.price, traffic.mb, traffic.per_mb)


def rated(traffic: Traffic) -> int:
    """Return what it would have cost at the package's rate, minor units."""
    return pro_rata(traffic.pack_price, traffic.mb, traffic.pack_mb)


def difference(traffic: Traffic) -> int:
    """Return what is given back: never below 0, never above what was charged."""
    return max(0, charged(traffic) - rated(traffic))
