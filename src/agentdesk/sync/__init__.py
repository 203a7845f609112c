"""Push, pull, live nudges and first sync: a core without I/O and a thin shell around it."""

from __future__ import annotations
