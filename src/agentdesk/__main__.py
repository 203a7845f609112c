"""`python -m agentdesk` is the same program as `agentdesk`."""

from __future__ import annotations

import sys

from agentdesk.cli import main

if __name__ == "__main__":
    sys.exit(main())
