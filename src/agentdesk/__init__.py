"""A desk for customer service agents: promise first, then process, with or without a line to the centre."""

from __future__ import annotations

__version__ = "0.1.0"
