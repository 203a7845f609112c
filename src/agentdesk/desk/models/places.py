"""Where a document stands on its way to the centre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentdesk.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Place:
    """Operations of a document on their way to the centre, and a verdict on it that needs a person."""

    waiting: int = 0
    verdict: Verdict | None = None
