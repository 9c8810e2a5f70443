"""What the player writes to pages, and should read there (player.cpp)."""

from __future__ import annotations

from collections.abc import Iterable

_WORD = 0xFFFFFFFF


def _pattern(value: int, i: int) -> int:
    """The first word of a block's i-th page; the last one is its complement."""
    return (value + i) * 0x9E3779B1 & _WORD


class Contents:
    """What pages hold, by their addresses."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}  # page address -> its first word

    def stamp(self, page: int, value: int, i: int) -> None:
        """The page was written to, as the i-th of a block."""
        self._first[page] = _pattern(value, i)

    def forget(self, page: int) -> None:
        """It is nobody's any more."""
        self._first.pop(page, None)

    def words(self, page: int) -> tuple[int, int] | None:
        """Its first word and its last; None if nothing was written to it."""
        first = self._first.get(page)
        return None if first is None else (first, first ^ _WORD)

    def sum(self, pages: Iterable[int]) -> int | None:
        """What `sum` says of these pages; None if one of them was not written to."""
        total = 0
        for page in pages:
            words = self.words(page)
            if words is None:
                return None
            for word in words:
                total = total * 31 + word & _WORD
        return total

    def elsewhere(self, word: int, address: int) -> str:
        """Which other page begins with this word, in words."""
        for page, first in self._first.items():
            if page != address and first == word:
                return f", which was written to the page at {page:#x}"
        return ""
