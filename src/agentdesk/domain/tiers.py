"""The customer tiers that service policy sees."""

from __future__ import annotations

from typing import Literal

Tier = Literal["standard", "vip", "diamond"]
TIERS: tuple[Tier, ...] = ("standard", "vip", "diamond")
