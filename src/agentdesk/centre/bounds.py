"""How much of everything one caller may have of a serving process: the policy of the door, in one place.

What a site needs at its busiest fits many times over: these numbers end what only a fault or an attack does. Each
process counts for itself, so that several of them together let as many times more through.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many a minute that come back."""

    burst: int
    a_minute: int


SITE = Rate(1_500, 3_000)
"""Requests of one site: it pushes and pulls one after the other, some ten times a second at most."""

AGENT = Rate(100_000, 1_200)
"""Operations of one agent at one site: people make some in a minute, and a queue of days comes at once."""

ADDRESS = Rate(300, 600)
"""Requests of one address without a site's token: somebody who looks whether the centre is up, or who guesses."""

ENROL = Rate(10, 10)
"""Wrong codes from one address."""

ENROL_ALL = Rate(100, 100)
"""Wrong codes in all: a code has 60 random bits, and nobody comes near one at this pace."""

SIGN_IN = Rate(60, 60)
"""Sign-ins at one site: a shift that begins, all of it."""

SIGN_IN_ALL = Rate(600, 600)
"""Sign-ins in all: each costs as much work as a guess shall cost."""

NAMES = 20_000
"""How many callers are counted apart, of each sort; those beyond share one account among them."""

AT_ONCE = 24
"""Requests of one site, or of one address without a token, that are worked on at once; streams count."""

CONNECTIONS = 12_000
"""Connections of one process, if the system lets it open as many files and a third more."""

PER_ADDRESS = 256
"""Connections from one address: all sites behind one router, with some three each. This machine isn't counted."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the server waits for a caller, seconds.

    `head`: for all of a request's head. `idle`: between two requests. `linger`: for the rest of a body that nobody
    needs any more, and for a last answer to be read. `stall`: in which at least `least` bytes of an answer have to be
    taken.
    """

    head: float = 10.0
    idle: float = 75.0
    linger: float = 10.0
    stall: float = 30.0
    least: int = 16_384
