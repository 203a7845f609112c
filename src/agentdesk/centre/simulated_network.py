"""A simulated network for the demo: it effects immediate services within seconds, refuses some, and forgets others.

Nothing of it is real, and its proofs say so. What it does with a service follows from the service's code, so that the
same thing is seen each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agentdesk.centre.clock import SystemClock
from agentdesk.centre.provisioning import Answer

SOON_MS = 4_000
"""How long an immediate service takes here."""

LATER_MS = 60_000
"""How long one takes that works within its limit: an operator's network takes hours."""

SILENT = frozenset({"SM20", "SM39", "SM49", "SF22", "SF38"})
"""Services that it never answers about: they are flagged as late."""

FAILS: Mapping[str, str] = {
    "SM23": "the phone is on no list of VoLTE models",
    "SM31": "the SIM card is too old for 5G",
    "SF36": "the exchange has no room for short numbers",
}
"""Services that it can't do, with the reason that it gives."""


class SimulatedNetwork:
    """Answers from the order alone and the clock."""

    name = "simulated network"

    def __init__(self, now: Callable[[], int] | None = None) -> None:
        self._now = now or SystemClock().wall_ms

    def ask(self, order: Mapping[str, Any]) -> Answer | None:
        """Return what the order's service does here; appointments and changes of the next month are a department's."""
        code, effective, at = str(order.get("service")), order.get("effective"), int(order.get("at") or 0)
        takes = {"at_once": SOON_MS, "within": LATER_MS}.get(str(effective))
        now = self._now()
        if takes is None or code in SILENT or now < at + takes:
            return None
        if code in FAILS:
            return Answer(False, FAILS[code])
        return Answer(True, f"order {order.get('number')} done", now)
