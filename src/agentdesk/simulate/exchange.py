"""The network that effects services in a world, as an operator's would: some at once, some late, some never.

It is no part of the programs under test. It knows an order by its id and does it once, whoever asks how often, and
remembers all of it whatever becomes of the centre. What it does with an order hangs on the seed and the order's number
alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Literal

from agentdesk.centre.provisioning import Answer
from agentdesk.simulate.people import INSTANT_S
from agentdesk.simulate.timeline import START

if TYPE_CHECKING:
    from agentdesk.simulate.world import World

UNREACHABLE = 0.3
"""How often it can't be reached, as long as faults come."""


@dataclass(slots=True)
class Handed:
    """An order as the network has it: what it does with it, and when (virtual ms); `told`: it has said so."""

    fate: Literal["effected", "failed", "silent"]
    at: int
    told: bool = False


class Exchange:
    """The network of one world."""

    name = "exchange"

    def __init__(self, world: World) -> None:
        self._world = world
        self.handed: dict[str, Handed] = {}
        self._asked: Counter[str] = Counter()

    def ask(self, order: Mapping[str, Any]) -> Answer | None:
        """Take an order, or say what became of it. Raises OSError where it can't be reached."""
        world, id_ = self._world, str(order["id"])
        self._asked[id_] += 1
        luck = Random(f"{world.seed}/exchange/{order['number']}/{self._asked[id_]}")
        if luck.random() < UNREACHABLE and not world.faults.over:
            world.tally["network unreachable"] += 1
            raise OSError("no route to the exchange")
        handed = self.handed.get(id_)
        if handed is None:
            handed = self.handed[id_] = self._taken(str(order["number"]))
            world.tally[f"network: {handed.fate}"] += 1
        if handed.fate == "silent" or world.timeline.now < handed.at:
            return None
        if handed.told:
            world.tally["network asked again"] += 1
        handed.told = True
        if handed.fate == "failed":
            return Answer(False, "no such feature here")
        return Answer(True, f"order {order['number']} done", START + handed.at)

    def _taken(self, number: str) -> Handed:
        dice = Random(f"{self._world.seed}/exchange/{number}")
        late = INSTANT_S * 1_000 + dice.randrange(1_000, 30_000)
        soon = dice.randrange(200, 12_000)
        fate: Literal["effected", "failed", "silent"] = dice.choice(
            ("effected", "effected", "effected", "effected", "failed", "silent")
        )
        return Handed(fate, self._world.timeline.now + (late if dice.random() < 0.25 else soon))

    def has_news(self, id_: str) -> bool:
        """Tell whether there is more to hear about an order than that it runs, or it was never handed over."""
        handed = self.handed.get(id_)
        return handed is None or (handed.fate != "silent" and handed.at <= self._world.timeline.now)
