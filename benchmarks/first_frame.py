"""The first useful frame of the desk in a real terminal, against an empty Textual application's.

The clock starts with the process and stops when the frame has been written: for the desk the status line and open
work, with the keys live.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.measure import Figure
from benchmarks.terminal import Terminal

ROUNDS = 7


def measure(ours: Sequence[str], mark: str, bare: Sequence[str], bare_mark: str) -> list[Figure]:
    """Start both in turn; the aim is 1.3 x the empty application."""
    pairs = [(_frame(ours, mark), _frame(bare, bare_mark)) for _ in range(ROUNDS + 1)][1:]
    desk, empty = median(a for a, _ in pairs), median(b for _, b in pairs)
    ratio = median(a / b for a, b in pairs)
    return [Figure("first useful frame", desk * 1000, "ms", empty * 1000, ratio, "≤ 1.3 x")]


def _frame(command: Sequence[str], mark: str) -> float:
    with Terminal(command) as terminal:
        return terminal.until(mark, terminal.begun)
