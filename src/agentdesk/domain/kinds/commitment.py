"""Commitments (即时承诺): see the package `commitments`."""

from __future__ import annotations

from agentdesk.domain.kinds.commitments import KINDS

__all__ = ["KINDS"]
