"""What must hold in every world: each sentence beside the function that looks whether it does.

A function yields what is wrong. `met` names the faults (by the beginning of what the tally calls them) without which
it would hold of itself: one that never met any of them is not counted as held.
"""

from __future__ import annotations

from agentdesk.simulate.invariants import answer, authority, centre, clocks, growth, orders, outside, quiet, site, whole
from agentdesk.simulate.invariants.base import INVARIANTS, Invariant, Look, Violation, broken, exercised, look
from agentdesk.simulate.invariants.growth import let_go
from agentdesk.simulate.invariants.quiet import is_drained
from agentdesk.simulate.invariants.site import fallen_over, pulled_meanwhile, taken_twice

__all__ = [
    "INVARIANTS",
    "Invariant",
    "Look",
    "Violation",
    "answer",
    "authority",
    "broken",
    "centre",
    "clocks",
    "exercised",
    "fallen_over",
    "growth",
    "is_drained",
    "let_go",
    "look",
    "orders",
    "outside",
    "pulled_meanwhile",
    "quiet",
    "site",
    "taken_twice",
    "whole",
]
