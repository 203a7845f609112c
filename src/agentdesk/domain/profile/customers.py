"""What the policy says about customers: rights in building blocks, portraits, warnings, reasons of calls.

Everything here is the operator's data (`data/catalogue/rights.toml`, `customers.toml`); the rules that read it are in
`rights`, `portrait`, `warnings` and `offers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agentdesk.domain.language.phrases import Bilingual, Condition
from agentdesk.domain.tiers import Tier

Layer = Literal["standard", "tier", "feature", "tenure"]
LAYERS: tuple[Layer, ...] = ("standard", "tier", "feature", "tenure")
"""What services are stacked of (标准 + 等级 + 特色, seeds 003), and what grows with the years (seeds 004)."""


@dataclass(frozen=True, slots=True)
class Club:
    """A feature club (特色俱乐部) that a customer may belong to: seeds 003."""

    id: str
    name: Bilingual
    note: Bilingual


@dataclass(frozen=True, slots=True)
class Right:
    """Something that a customer is entitled to, and the layer it comes from.

    `tiers` bind a right of the tier layer, `club` one of the feature layer, `months` in the network one of the
    tenure layer. `needs` must hold for it to be usable now; `offer` is the commitment by which it is used.
    """

    id: str
    layer: Layer
    name: Bilingual
    note: Bilingual
    tiers: tuple[Tier, ...] = ()
    club: str | None = None
    months: int = 0
    needs: tuple[Condition, ...] = ()
    offer: str | None = None


@dataclass(frozen=True, slots=True)
class WarningRule:
    """An early warning (预警): `domain.warnings` knows the codes; `figure` is its days, percent or count.

    `card`: it stands on the caller's card, else only in the full picture. `retention`: what it links to are offers
    to stay, which keep silent while a complaint is open. `offers` are the commitments that answer it, best first.
    """

    code: str
    name: Bilingual
    figure: int = 0
    card: bool = True
    retention: bool = False
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallReason:
    """Why somebody calls: found by class, by the path through the voice menu, or chosen by the agent.

    `first` come before everything else, `offers` before what nothing speaks for. `silent`: no offer to stay is made
    by the desk itself (a complaint, porting out).
    """

    id: str
    name: Bilingual
    classes: tuple[str, ...] = ()
    ivr: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Leaving:
    """Why a customer leaves or thinks of it: recorded as he says it; `words` answer it without holding him."""

    id: str
    name: Bilingual
    words: Bilingual


@dataclass(frozen=True, slots=True)
class CustomerPolicy:
    """All that the policy says about customers.

    `portraits` are the thresholds of the six (see `portrait.MEASURES`), `values` the monthly bill in minor units from
    which a customer is of high and of medium value. `retention` are the commitments that are offers to stay.
    """

    clubs: Mapping[str, Club] = field(default_factory=dict)
    rights: Mapping[str, Right] = field(default_factory=dict)
    warnings: Mapping[str, WarningRule] = field(default_factory=dict)
    reasons: Mapping[str, CallReason] = field(default_factory=dict)
    leaving: Mapping[str, Leaving] = field(default_factory=dict)
    portraits: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, int] = field(default_factory=dict)
    joining_days: int = 90
    resolving_days: int = 30
    retention: tuple[str, ...] = ()

    def reason_of(self, matter: str) -> CallReason | None:
        """Return the reason that a matter belongs to: its own id, or the longest class it begins with."""
        if not matter:
            return None
        if (known := self.reasons.get(matter)) is not None:
            return known
        best: tuple[int, CallReason] | None = None
        for reason in self.reasons.values():
            for code in reason.classes:
                if (matter == code or matter.startswith(f"{code}.")) and (best is None or len(code) > best[0]):
                    best = len(code), reason
        return best[1] if best else None

    def reason_by_ivr(self, path: str) -> CallReason | None:
        """Return the reason that the path through the voice menu says."""
        said = path.lower()
        for reason in self.reasons.values():
            if any(word.lower() in said for word in reason.ivr):
                return reason
        return None
