"""The people of the sample floor: agents, experts, leaders and those who answer for the departments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentdesk.domain.decide import ORG
from agentdesk.domain.documents import Document
from agentdesk.sample.dice import Source
from agentdesk.sample.places import Place
from agentdesk.sample.pools import Gender, pools_of

SITE = "sample"
"""The site that sample documents name."""

TEAM = 12
"""Sample agents in a team; each team has an expert and a leader beside them."""

_FIRST_NUMBER = 1001
_SINGLE = (
    "duty_manager",
    "hall_manager",
    "clerk",
    "clerk",
    "follow_up_caller",
    "follow_up_caller",
    "inspector",
    "editor",
    "admin",
)
_CUSTOMERS_PER_TEAM = 12_000
_MOST_TEAMS = 60


class Staff:
    """The agents of a region's sample world, in a fixed order: teams, single roles, a handler for each department.

    The first one is the agent who is signed in for the demo. Numbers (工号) are the region's code and four digits.
    """

    def __init__(self, seed: int, place: Place, size: int, departments: Sequence[str]) -> None:
        self._place = place
        self._pools = pools_of(seed)
        self._names = Source(seed, f"{place.code}/agents")
        self._rows: list[tuple[str, str | None, int | None]] = []
        for team in range(1, min(_MOST_TEAMS, 1 + size // _CUSTOMERS_PER_TEAM) + 1):
            self._rows += [("agent", None, team)] * TEAM
            self._rows += [("expert", None, team), ("team_leader", None, team)]
        self._rows += [(role, None, None) for role in _SINGLE]
        self._rows += [("department_handler", department, None) for department in departments]
        self._by_role: dict[str, list[str]] = {}
        for nth, (role, _, _) in enumerate(self._rows):
            self._by_role.setdefault(role, []).append(self._id(nth))
        self._handlers: Mapping[str, str] = {
            department: self._id(nth) for nth, (_, department, _) in enumerate(self._rows) if department is not None
        }

    def with_role(self, role: str) -> Sequence[str]:
        """Return the ids of those who have a role, in order."""
        return self._by_role.get(role, ())

    def handler(self, department: str) -> str | None:
        """Return the id of the one who answers for a department."""
        return self._handlers.get(department)

    def documents(self) -> Iterator[Document]:
        """Yield a document for each, in the scope of the organisation."""
        for nth, (role, department, team) in enumerate(self._rows):
            dice = self._names.at(nth)
            genders: tuple[Gender, Gender] = ("female", "male")
            gender = dice.pick(genders)
            data: dict[str, Any] = {
                "name": dice.pick(self._pools.surnames) + dice.pick(self._pools.given[gender]),
                "role": role,
                "region": self._place.scope,
                "sample": True,
            }
            if department is not None:
                data["department"] = department
            if team is not None:
                data["team"] = team
            yield Document(ORG, self._id(nth), "agent", 0, data)

    def _id(self, nth: int) -> str:
        return f"{self._place.code}{_FIRST_NUMBER + nth}"
