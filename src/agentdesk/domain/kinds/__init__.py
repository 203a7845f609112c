"""The kinds of operation: each with its body, what it needs, and what it decides.

To add one: write its two rules in the module of its document, add a `Kind` to that module's `KINDS`, and give it a
row in the tests. A kind that changes the meaning of its body gets a higher version and reads the older ones.
"""

from __future__ import annotations

from agentdesk.domain.decide import Kind
from agentdesk.domain.kinds import (
    agent,
    allowance,
    announcement,
    appointment,
    approval,
    attachment,
    callback,
    channel,
    checks,
    commitments,
    contact,
    credits,
    dispute,
    guiding,
    identity,
    label,
    line_test,
    management,
    note,
    notice,
    operation,
    promise_also,
    promise_clocks,
    remedies,
    reveal,
    service,
    situating,
    supplying,
    tickets,
    visit,
)

_MODULES = (
    contact,
    callback,
    guiding,
    identity,
    note,
    notice,
    reveal,
    tickets,
    commitments,
    approval,
    dispute,
    promise_clocks,
    promise_also,
    remedies,
    checks,
    credits,
    line_test,
    service,
    situating,
    supplying,
    appointment,
    visit,
    announcement,
    attachment,
    management,
    label,
    channel,
    agent,
    operation,
    allowance,
)

KINDS: dict[str, Kind] = {kind.name: kind for module in _MODULES for kind in module.KINDS}
