"""Seeded numbers: a draw depends on the seed, its purpose and the index alone, never on what was drawn before.

So customer 4,711 is the same whether he is made alone or after 4,711 others, in a small world or a large one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from struct import Struct
from typing import TypeVar

T = TypeVar("T")

_WORDS = Struct("<16I").unpack


class Dice:
    """A stream of draws for one index; made by `Source.at`."""

    __slots__ = ("_base", "_words")

    def __init__(self, base: bytes, words: list[int]) -> None:
        self._base = base
        self._words = words

    def below(self, bound: int) -> int:
        """Return a whole number from 0 to `bound` - 1; `bound` is at most 2 ** 32."""
        words = self._words
        return (words.pop() if words else self._more()) * bound >> 32

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def chance(self, per_myriad: int) -> bool:
        """Return True for `per_myriad` draws out of 10,000."""
        words = self._words
        return ((words.pop() if words else self._more()) * 10_000 >> 32) < per_myriad

    def pick(self, items: Sequence[T]) -> T:
        """Return one of some items, each as likely as the others."""
        words = self._words
        return items[(words.pop() if words else self._more()) * len(items) >> 32]

    def _more(self) -> int:
        self._base = blake2b(self._base).digest()
        self._words.extend(_WORDS(self._base))
        return self._words.pop()


class Source:
    """The dice of one purpose of one seed."""

    __slots__ = ("_hash",)

    def __init__(self, seed: int, purpose: str) -> None:
        self._hash = blake2b(f"{seed}/{purpose}/".encode())

    def at(self, index: int) -> Dice:
        """Return the dice for an index: always the same draws."""
        state = self._hash.copy()
        state.update(index.to_bytes(8, "little"))
        base = state.digest()
        return Dice(base, list(_WORDS(base)))


def weighted(weights: Mapping[T, int]) -> tuple[T, ...]:
    """Return a table in which each item stands as often as its weight says, for `Dice.pick`."""
    return tuple(item for item, weight in weights.items() for _ in range(weight))
