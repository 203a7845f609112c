"""What agents sign in with: each row as the centre wrote it, as many as there have to be, and none put back."""

from __future__ import annotations

from collections.abc import Iterator

from agentdesk.centre.auditing.rows import rows_of, sealed_well
from agentdesk.centre.storage.contract import Snapshot
from agentdesk.centre.storage.seals import SEALED, Seals
from agentdesk.domain.audit.chain import Finding
from agentdesk.domain.decide import ORG

WHERE = "table credential"
_COLUMNS = SEALED["credential"].columns
_SAID = {"changed_at": "password_at", "pin_changed_at": "pin_at"}
"""Columns that an agent's own document says, too: a row of yesterday bears a right seal, and another time."""


def check_credentials(snapshot: Snapshot, seals: Seals, unsealed: bool) -> Iterator[Finding]:
    """Tell which rows were changed, put in, put back or taken away; `unsealed`: rows without a seal may be there."""
    agents = {agent.id: agent.data for agent in snapshot.of_type(ORG, "agent")}
    found = set()
    for row in rows_of(snapshot, "credential"):
        agent = row[0]
        found.add(agent)
        if not sealed_well(seals, "credential", row) and not (unsealed and row[-1] == ""):
            yield Finding(WHERE, agent, "seal")
        known = agents.get(agent)
        if known is None:
            yield Finding(WHERE, agent, "nobodys")
            continue
        for column, field in _SAID.items():
            if known.get(field) not in (None, row[_COLUMNS.index(column)]):
                yield Finding(WHERE, agent, "differs", column)
    for agent, known in sorted(agents.items()):
        if agent not in found and known.get("password_at") is not None and known.get("dismissed_at") is None:
            yield Finding(WHERE, agent, "missing")
