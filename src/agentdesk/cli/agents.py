"""Who acts on the command line, and who sits at a desk: an agent whom the site knows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.cli.errors import CommandError

if TYPE_CHECKING:
    from agentdesk.store.site import Site

AGENT_VARIABLE = "AGENTDESK_AGENT"


@dataclass(frozen=True, slots=True)
class Agent:
    """Who acts: the id of his document in the org scope, and the role he is seen in."""

    id: str
    role: str
    name: str


def agent_of(site: Site, given: str | None, *, required: bool) -> Agent:
    """Return who acts: as given, as in AGENTDESK_AGENT, or as the site's settings say.

    Where nobody is named and nobody is required, an agent of the lowest authority is taken for looking.
    """
    from agentdesk.cli.config import read_config

    chosen = given or os.environ.get(AGENT_VARIABLE) or read_config(site.files.folder).desk.agent
    if not chosen:
        if required:
            raise CommandError("say who does it: --agent ID, or set agent under [desk] in site.toml")
        return Agent("", "agent", "")
    document = site.view.document("org", chosen)
    if document is None or document.type != "agent":
        raise CommandError(f"agent {chosen!r} is not known here: check the id, or run `agentdesk site sync` first")
    if document.data.get("dismissed_at") is not None:
        raise CommandError(f"agent {chosen!r} no longer works here: give another with --agent")
    from agentdesk.domain.language.text import clean

    return Agent(chosen, str(document.data.get("role") or "agent"), clean(str(document.data.get("name") or ""), 40))
