"""Remedies (服务补救): given under a promise, a ticket or a dispute, carried out, and booked to who caused it."""

from __future__ import annotations

from agentdesk.domain.kinds.remedies import accounting, ending, giving

KINDS = (*giving.KINDS, *ending.KINDS, *accounting.KINDS)
