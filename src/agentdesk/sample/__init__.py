"""The generator of the sample world: the same seed makes the same customers.

    world = World(seed=1, size=10_000, region="region/bj", now_ms=…)

Everybody in it is invented, and every number lies in a range that no person has (`numbers`).
"""

from __future__ import annotations

from agentdesk.sample.callers import Caller
from agentdesk.sample.population import Secrets
from agentdesk.sample.spreadsheet import as_csv
from agentdesk.sample.world import World

__all__ = ["Caller", "Secrets", "World", "as_csv"]
