"""Where calls come from: a switch, an HTTP hook, a command, or the demo."""

from __future__ import annotations
