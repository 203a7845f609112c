"""Files of a site that are no databases: made their owner's alone, whatever the umask."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any


def open_private(path: Path, mode: str, **options: Any) -> IO[Any]:
    """Open a file as `open` does; one that is made by that can be read by nobody else."""
    return open(path, mode, opener=_private, **options)


def write_private(path: Path, text: str) -> None:
    """Write a text into a file that nobody else can read."""
    with open_private(path, "w", encoding="utf-8") as file:
        file.write(text)


def _private(path: str, flags: int) -> int:
    # a link that somebody planted under the name of a file of ours is never written through
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
