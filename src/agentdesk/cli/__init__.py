"""The commands. Each is a module of its own, imported only when it is run."""

from __future__ import annotations

from agentdesk.cli.program import main

__all__ = ["main"]
