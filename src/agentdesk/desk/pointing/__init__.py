"""Pointing at a line: by a letter beside it, by the mouse, and copying the number that stands in it."""

from __future__ import annotations
