"""The one verdict that an operation gets at the centre and keeps.

`applied`; `merged` on newer fields of somebody else's; `flagged`: collides, honoured and marked; `held`: waits for
a person, an approval, an unknown document or a newer server; `refused`: kept, shown to its author with the reason.
"""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """The centre's answer to an operation."""

    APPLIED = "applied"
    MERGED = "merged"
    FLAGGED = "flagged"
    HELD = "held"
    REFUSED = "refused"


SETTLED = frozenset({Verdict.APPLIED, Verdict.MERGED, Verdict.FLAGGED})
"""Verdicts under which an operation's changes stand."""
