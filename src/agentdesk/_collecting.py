"""When Python's collector of cycles looks: not while a command loads itself, and seldom among what only comes and goes.

What a program loads all stays. Looking among it again and again took about 80 of the first 1200 ms of a desk, and one
look among all of it in the middle of a ring kept the caller's card for 65 ms.
"""

from __future__ import annotations

import gc

Often = tuple[int, int, int]
"""Objects more than were freed, looks at the youngest, and looks at the older ones, until the collector looks."""

SELDOM: Often = (10_000, 20, 50)
"""For a desk: what it frees is little at a time, and no look at it may be felt."""

PER_BATCH: Often = (200_000, 20, 50)
"""For what makes some hundred thousand objects at a time and lets go of all of them, as a centre does with a batch of
500 operations: to look among them while they are needed took a tenth of the batch.
"""


def load() -> None:
    """Let the collector wait until what is loaded is left alone, or until very much has been made."""
    gc.set_threshold(*PER_BATCH)


def leave_alone() -> None:
    """Never look again among what there is now; how often the collector looks stays as it is."""
    gc.collect()
    gc.freeze()


def loaded() -> None:
    """Leave a desk that is loaded alone from here on, and look seldom among what comes."""
    leave_alone()
    gc.set_threshold(*SELDOM)


def in_batches() -> None:
    """Leave what is loaded alone, and look after whole batches instead of within them."""
    leave_alone()
    gc.set_threshold(*PER_BATCH)
