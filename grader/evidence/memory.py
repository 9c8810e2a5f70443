"""Bytes of memory around a place, as the kernel wrote them down: what was there, and what should have been.

In a record (docs/records.md): `memory=0x1000ffe8,15150000,1515----`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_ROW = 8
_UNKNOWN = "--"
_IN_A_TEXT = re.compile(r" memory=(0x[0-9a-f]+,\S*)")  # no result of a lab's that has this name has a comma
_MOST = 64  # bytes that are taken from a record

Byte = int | None  # None: it could not be read, or may be anything


@dataclass(frozen=True)
class Memory:
    """Of the bytes from `begin` on, those `seen` and, if anything is known of that, those `expected`."""

    begin: int
    seen: Sequence[Byte]
    expected: Sequence[Byte] = ()

    def __post_init__(self) -> None:
        if len(self.seen) > _MOST or len(self.expected) not in (0, len(self.seen)):
            raise ValueError("no such memory is written down by the player")

    def at(self, address: int, size: int) -> list[Byte]:
        """Bytes seen; fewer where it does not reach so far."""
        first = address - self.begin
        return list(self.seen[first:first + size]) if first >= 0 else []


def taken_from(text: str) -> tuple[str, Memory | None]:
    """A record's text without the memory in it, and that. Raises ValueError."""
    found = _IN_A_TEXT.search(text)
    return (text[:found.start()] + text[found.end():], parse(found[1])) if found else (text, None)


def parse(text: str) -> Memory:
    """What a record says, behind `memory=`. Raises ValueError."""
    begin, seen, *expected = text.split(",")
    if len(expected) > 1:
        raise ValueError("too many commas")
    return Memory(int(begin, 16), _bytes(seen), *(map(_bytes, expected)))


def _bytes(text: str) -> list[Byte]:
    if len(text) % 2:
        raise ValueError("half a byte")
    pairs = [text[i:i + 2] for i in range(0, min(len(text), 2 * _MOST + 2), 2)]
    return [None if pair == _UNKNOWN else int(pair, 16) for pair in pairs]


def spelled(values: Sequence[Byte]) -> str:
    """Bytes for people."""
    return " ".join(_UNKNOWN if byte is None else f"{byte:02x}" for byte in values)


def dump(memory: Memory | None) -> str:
    """A line for each row, what should be there beside what is, and a mark where they differ; "" if nothing was
    seen."""
    if memory is None or all(byte is None for byte in memory.seen):
        return ""
    return "\n".join(_lines(memory))


def _lines(memory: Memory) -> Iterator[str]:
    width = 3 * _ROW - 1
    columns = ("should be", "is") if memory.expected else ("is",)
    yield f"{'address':<12}{'  '.join(f'{title:<{width}}' for title in columns)}".rstrip()
    for i in range(0, len(memory.seen), _ROW):
        seen, expected = memory.seen[i:i + _ROW], memory.expected[i:i + _ROW]
        wrong = any(found is not None and byte not in (None, found) for byte, found in zip(expected, seen, strict=False))
        shown = "  ".join(f"{spelled(part):<{width}}" for part in (expected, seen) if part)
        yield f"{memory.begin + i:#010x}  {shown}{'  <-' if wrong else ''}".rstrip()
