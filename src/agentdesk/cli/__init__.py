"""The commands."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from agentdesk import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="agentdesk", description="Promise first, then process.")
    parser.add_argument("--version", action="version", version=f"agentdesk {__version__}")
    parser.parse_args(argv)
    return 0
