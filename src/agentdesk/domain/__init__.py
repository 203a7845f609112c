"""The rules: documents, operations, authority, clocks and money, as pure functions that import nothing of ours."""

from __future__ import annotations
