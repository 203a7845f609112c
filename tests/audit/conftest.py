"""The databases that a centre is audited on."""

from __future__ import annotations

from tests.centre.conftest import url

__all__ = ["url"]
