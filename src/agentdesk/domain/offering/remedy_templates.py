"""A remedy in the form in which approvals are asked for and given: that of a template with the same code and money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.domain.offering.remedies import rule_of
from agentdesk.domain.policy import Offline, SixHaves, Template

if TYPE_CHECKING:
    from agentdesk.domain.policy import Catalogue, Remedy


def template_of(remedy: Remedy) -> Template:
    """Return what a superior approves when he approves a remedy; its six haves are those of its evidence."""
    said = remedy.evidence
    return Template(
        code=remedy.code,
        programme="remedy",
        group=remedy.category,
        source=remedy.source,
        name=remedy.name,
        note=remedy.note,
        verify=remedy.verify,
        applies=remedy.applies,
        limits=remedy.limits,
        department=remedy.department,
        offline=Offline("same"),
        ask=remedy.tell,
        tell=remedy.tell,
        six=SixHaves(said, said, said, said, said, said),
        money=rule_of(remedy),
        callers=remedy.callers,
        days=remedy.days,
        check=remedy.check,
    )


def giving_of(code: str, catalogue: Catalogue) -> Template | None:
    """Return what a code stands for that money can be given under: a template, or a remedy in its form."""
    remedy = catalogue.remedies.get(code)
    return catalogue.templates.get(code) or (template_of(remedy) if remedy else None)
