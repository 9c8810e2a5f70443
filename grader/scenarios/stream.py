"""Random numbers that stay the same for ever: no library's update may change a grade."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1


class Stream:
    """A stream of random numbers, fully determined by its labels.

    splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), begun with
    the SHA-256 of the labels.
    """

    def __init__(self, *labels: object) -> None:
        text = "\0".join(str(label) for label in labels)
        self._state = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")

    def word(self) -> int:
        """The next number, from 0 to 2^64 - 1."""
        self._state = self._state + 0x9E3779B97F4A7C15 & _MASK
        z = self._state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & _MASK
        return z ^ z >> 31

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        return self.word() * limit >> 64

    def between(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return low + self.below(high - low + 1)

    def chance(self, numerator: int, denominator: int) -> bool:
        """True in `numerator` of `denominator` cases."""
        return self.below(denominator) < numerator

    def choice(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in a random order."""
        rest = list(items)
        for i in range(len(rest) - 1, 0, -1):
            j = self.below(i + 1)
            rest[i], rest[j] = rest[j], rest[i]
        return rest
