"""What a whole catalogue is made up of, and the commitments in it that nothing leads an agent to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from agentdesk.catalogue.entries import Entries
from agentdesk.catalogue.sources import Problem


def unreached(entries: Entries) -> Iterator[Problem]:
    """Yield a warning for each commitment that an agent comes to only by its code."""
    led = {end.promise for flow in entries.flows for end in flow.model.end}
    led |= {service.model.promise for service in entries.services}
    led |= {template.model.offline.instead for template in entries.templates}
    for template in entries.templates:
        if template.key not in led and not template.model.boosts:
            yield template.problem("no flow or service ends in it and no boost brings it up: link it, or remove it")


def made_up(entries: Entries) -> Mapping[str, int]:
    """Return how many entries of each kind there are, and the commitments by verification and by line-down class."""
    counts = Counter(
        {
            "templates": len(entries.templates),
            "remedies": len(entries.remedies),
            "services": len(entries.services),
            "flows": len(entries.flows),
            "scripts": len(entries.scripts),
        }
    )
    counts.update(f"verify {template.model.verify}" for template in entries.templates)
    counts.update(f"line down: {template.model.offline.mode}" for template in entries.templates)
    return {name: count for name, count in counts.items() if count}
