"""Commitments (即时承诺): a promise as an object with its own clock, owner, department and money."""

from __future__ import annotations

from agentdesk.domain.kinds.commitments import ending, handing, making, speaking

KINDS = (*making.KINDS, *speaking.KINDS, *handing.KINDS, *ending.KINDS)
