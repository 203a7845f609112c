"""The range rule of sample numbers: which there are, and where each is at home (归属地).

Every sample mobile number is +86 172 R SSSSSSS. The prefix 172 is set aside for things, not for people, so no
person's number can come up; the format is valid and look-ups accept it. R is the region (`Place.digit`) in which
the number is at home. SSSSSSS below 9,250,000 belongs to customers who live there; from there on, each region
has 75,000 for customers of other regions who kept the number (异地).

Every sample fixed number is the city's area code and eight digits that begin with 13 to 19, where no subscriber's
number begins.
"""

from __future__ import annotations

from agentdesk.sample.places import BY_DIGIT, PLACES, Place

MOBILE_PREFIX = "+86172"

BLOCK = 20
"""Customers come in blocks of this many: families and companies lie in one block, which fixes who shares what."""

LARGEST = 5_000_000
"""The largest world: its numbers fill the range."""

MOBILE_SLOTS = (6, 3, 1, 1, 3, 1, 1, 1, 1, 1, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1)
"""How many mobile numbers are set aside for each position of a block."""

FIXED_POSITIONS = (0, 1, 4, 6, 7, 8, 9)
"""The positions of a block that can have a fixed line: the company, two heads of families, four others."""

_LOCAL = 9_250_000
_AWAY = 75_000
_NEVER = _AWAY - 1
_FIXED = 7_000_000
_STRIDE = 5_716_813
"""Spreads neighbours over the range; it shares no factor with the ranges, so no number comes up twice."""

_PER_BLOCK = sum(MOBILE_SLOTS)
_FIRST_SLOT = tuple(sum(MOBILE_SLOTS[:position]) for position in range(BLOCK))
_FIXED_SLOT = {position: slot for slot, position in enumerate(FIXED_POSITIONS)}


class Numbers:
    """The numbers of one region under one seed; `block` and `position` say whose, `nth` which of his."""

    __slots__ = ("_fixed_prefix", "_others", "_place", "_prefix", "_shift")

    def __init__(self, seed: int, place: Place) -> None:
        self._place = place
        self._prefix = f"{MOBILE_PREFIX}{place.digit}"
        self._fixed_prefix = f"+86{place.area}1"
        self._others = tuple(other for other in BY_DIGIT if other is not place)
        self._shift = seed * 1_000_003 + 3_141_593

    def mobile(self, block: int, position: int, nth: int = 0) -> str:
        """Return a mobile number at home in the region, E.164; ValueError beyond what is set aside."""
        if nth >= MOBILE_SLOTS[position]:
            raise ValueError(f"position {position} has {MOBILE_SLOTS[position]} mobile numbers")
        slot = block * _PER_BLOCK + _FIRST_SLOT[position] + nth
        return f"{self._prefix}{(slot * _STRIDE + self._shift) % _LOCAL:07d}"

    def away(self, block: int) -> tuple[str, Place]:
        """Return the one number of a block that is at home elsewhere, E.164, and its home."""
        home = self._others[block % len(self._others)]
        index = (block // len(self._others) * _STRIDE + self._shift) % _NEVER
        return f"{MOBILE_PREFIX}{home.digit}{self._away(index):07d}", home

    def stranger(self) -> str:
        """Return a valid mobile number that no customer of any region has, E.164."""
        return f"{self._prefix}{self._away(_NEVER):07d}"

    def fixed(self, block: int, position: int) -> str:
        """Return a fixed number of the region, E.164; ValueError for a position that can't have one."""
        slot = _FIXED_SLOT.get(position)
        if slot is None:
            raise ValueError(f"position {position} has no fixed line")
        index = (block * len(FIXED_POSITIONS) + slot) * _STRIDE + self._shift
        return f"{self._fixed_prefix}{3_000_000 + index % _FIXED}"

    def _away(self, index: int) -> int:
        return _LOCAL + self._place.digit * _AWAY + index


def home_of(number: str) -> Place | None:
    """Return where a sample number (E.164) is at home; None for a number that isn't one of the sample's."""
    if number.startswith(MOBILE_PREFIX):
        rest = number.removeprefix(MOBILE_PREFIX)
        return BY_DIGIT[int(rest[0])] if len(rest) == 8 and rest.isdigit() else None
    return next(
        (place for place in PLACES.values() if number.startswith(f"+86{place.area}1") and _is_local(number, place)),
        None,
    )


def _is_local(number: str, place: Place) -> bool:
    local = number.removeprefix(f"+86{place.area}")
    return len(local) == 8 and local.isdigit() and "13" <= local[:2] <= "19"
