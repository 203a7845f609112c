"""When Python's collector of cycles looks: never while a command loads itself, seldom and shortly while a desk is used.

Loading makes a hundred thousand objects that all stay; looking among them again and again took a tenth of the time to
a desk's first frame, and a look among all of them in the middle of a ring was seventy milliseconds of a card's delay.
"""

from __future__ import annotations

import gc

SELDOM = (10_000, 20, 50)
"""Objects more than were freed, looks at the youngest, and looks at the older ones, until the collector looks."""


def load() -> None:
    """Let the collector wait until `loaded`, or until very much has been made."""
    gc.set_threshold(200_000, *SELDOM[1:])


def loaded() -> None:
    """Leave what is loaded now alone from here on, and look seldom among what comes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
