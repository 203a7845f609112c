"""Labels on numbers (来电标签): whether one is in force, and what it means for the caller who rings.

A label never closes the line: it says what to expect, which words to use, and what the caller gets all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agentdesk.domain.documents import Document

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue
    from agentdesk.domain.rules import LabelRule

SORTS = ("threat", "nuisance", "silent")
"""What a number can be labelled as, the gravest first."""


def in_force(label: Document, at: int) -> bool:
    """Tell whether a label counts at an instant: approved by a superior, not ended, not over."""
    until = label.data.get("until")
    return label.type == "label" and label.data.get("state") == "approved" and until is not None and at < until


def label_of(labels: Iterable[Document], at: int) -> Document | None:
    """Return the gravest label in force of those on a number."""
    found = [one for one in labels if in_force(one, at) and one.data.get("sort") in SORTS]
    return min(found, key=lambda one: (SORTS.index(one.data["sort"]), one.id), default=None)


def rule_of(label: Document, catalogue: Catalogue) -> LabelRule | None:
    """Return what the policy says about a label's sort."""
    return catalogue.rules.group.labels.get(str(label.data.get("sort")))
