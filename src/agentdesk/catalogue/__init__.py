"""The policy data: load it, check it, and give it a version."""

from __future__ import annotations
