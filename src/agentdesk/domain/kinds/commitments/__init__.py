"""Commitments (即时承诺): a promise as an object with its own clock, owner, department and money."""

from __future__ import annotations

from agentdesk.domain.kinds.commitments import ending, making, speaking

KINDS = (*making.KINDS, *speaking.KINDS, *ending.KINDS)
