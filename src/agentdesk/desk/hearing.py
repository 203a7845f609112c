"""Hearing of approvals: how many wait for a superior, and what became of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentdesk.desk.i18n import _
from agentdesk.desk.models.rows import safe
from agentdesk.desk.models.sorts import title_of
from agentdesk.domain.documents import Document, Key

if TYPE_CHECKING:
    from agentdesk.store.site import Site


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of approvals: how many wait for an answer, how many this agent may use, and his own by state.

    Labels on numbers wait for a superior just as well, but for the one who asked.
    """

    waiting: int = 0
    given: int = 0
    mine: Mapping[Key, str] = field(default_factory=dict)


def look(site: Site, agent: str, before: Heard) -> tuple[Heard, tuple[Document, ...]]:
    """Return what is known now, and those of the agent's own that were answered since."""
    found = {d.key: d for d in site.view.open_of("approval")}
    news = []
    for key, state in before.mine.items():
        document = found.get(key) or (site.view.document(key.scope, key.id) if state == "open" else None)
        if document is not None and state == "open" and document.data.get("state") in ("given", "declined"):
            news.append(document)
    mine = {k: str(d.data.get("state")) for k, d in found.items() if d.data.get("asked_by") == agent}
    waiting = sum(1 for d in found.values() if d.data.get("state") == "open")
    labels = (d.data for d in site.view.open_of("label"))
    waiting += sum(1 for data in labels if data.get("state") == "asked" and data.get("asked_by") != agent)
    return Heard(waiting, sum(1 for state in mine.values() if state == "given"), mine), tuple(news)


def words(document: Document) -> tuple[str, str]:
    """Return what to say of an answer, and its tone."""
    name = title_of(document)
    if document.data.get("state") == "declined":
        why = safe(document.data.get("answer") or "", 80)
        return _("not approved: {name}; {why}").format(name=name, why=why), "warn"
    return _("approved: {name}; g promises it").format(name=name), "good"


def status_words(heard: Heard, superior: bool, asking: int = 0) -> str:
    """Return what the status line says of help and approvals; an empty text where there is nothing to do.

    `asking` counts colleagues who ask for help: they have a caller waiting.
    """
    if asking:
        return _("help {n}: G").format(n=asking)
    if heard.given:
        return _("approved {n}: g").format(n=heard.given)
    return _("to approve {n}: g").format(n=heard.waiting) if superior and heard.waiting else ""
