"""What a sample customer uses, asks and belongs to: facts from which the desk derives portrait, value and warnings.

Measures fit the portrait that the traits name: its own lies above the sample policy's threshold, all others below.
"""

from __future__ import annotations

from typing import Any

from agentdesk.domain.profile.portrait import MEASURES, SAMPLE_THRESHOLDS
from agentdesk.sample.dice import Dice
from agentdesk.sample.lines import DAY_MS, MINUTE_MS, Lines
from agentdesk.sample.traits import Traits

CLUBS = ("car", "health", "music", "game", "film", "handset")
MANAGED = frozenset({"diamond", "supreme"})
"""The cards whose holders have a manager of their own."""

_FACTS = tuple((code, fact, SAMPLE_THRESHOLDS[code]) for code, fact in MEASURES.items())


def habits_of(traits: Traits, lines: Lines, dice: Dice, now_ms: int) -> dict[str, Any]:
    """Return the fields of a customer's document that say what he uses and belongs to."""
    # two draws, cut into pieces: a world has a million customers
    shares, more = dice.below(1 << 32), dice.below(1 << 32)
    usage: dict[str, Any] = {}
    for place, (code, fact, threshold) in enumerate(_FACTS):
        piece = shares >> (5 * place) & 31
        percent = 105 + 4 * piece if code == traits.portrait else 20 + 2 * piece
        # rounded away from the threshold, so that small counts stay on their side of it
        usage[fact] = -(-threshold * percent // 100) if percent > 100 else threshold * percent // 100
    churning = "churn" in traits.story.flags
    usage["mb_last"] = usage["mb"] * (30 if churning else 80 + (more & 31)) // 100
    bill = lines.arpu + (traits.story.overage[0] if traits.story.overage else 0)
    swing = bill * (more >> 5 & 15) // 100
    usage["fees"] = [bill + swing, bill - swing, bill]
    found: dict[str, Any] = {"usage": usage}
    if more >> 27 & 31 == 7:
        found["face_checks"] = [{"at": now_ms - 2 * MINUTE_MS, "by": "app"}]
    if traits.card != "ordinary" and more >> 9 & 3 == 0:
        found["clubs"] = [CLUBS[(more >> 11) % len(CLUBS)]]
    if traits.card in MANAGED:
        found["manager"] = {"name": f"{'陈李周吴郑孙'[more >> 16 & 3]}经理", "number": "+861010010"}
    if not traits.story.credit_repaid or more >> 20 & 63 == 0:
        at = now_ms - (35 + (more >> 26)) * DAY_MS
        repaid = at + 5 * DAY_MS if traits.story.credit_repaid else None
        found["credits"] = [{"at": at, "amount": 10_000, "repaid_at": repaid}]
    return found
