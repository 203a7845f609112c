"""Why somebody looks at personal data that nobody shows him by itself (DOMAIN rule 9)."""

from __future__ import annotations

REASONS = ("asked", "ring_back", "compare", "engineer", "superior")
"""The caller asks for it, to ring back, to compare, for an engineer, for a superior."""
