"""Widgets: they get what they show by method and send what was meant out as a message; no SQL, no policy."""

from __future__ import annotations
