"""What conditions are made of: a reason for what does not hold, and a named test with its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentdesk.domain.case import Case
    from agentdesk.domain.policy import Catalogue


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not offered, flagged, held or refused: a code and the values its words need."""

    code: str
    values: Mapping[str, Any]

    @staticmethod
    def of(code: str, **values: Any) -> Reason:
        return Reason(code, values)


Test = Callable[["Case", "Catalogue", Mapping[str, Any]], "Reason | None"]


@dataclass(frozen=True, slots=True)
class Word:
    """A condition's test and the names of its arguments, each with the type it must have.

    An argument may be left out if it is in `optional`; a list's items are among its `choices`, where there are any.
    One that `orders` only looks at what the desk alone knows (this call, earlier ones): it moves an offer up or down,
    and decides nothing, because the centre could not decide the same.
    """

    test: Test
    arguments: Mapping[str, type]
    optional: frozenset[str] = frozenset()
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    orders: bool = False
