"""The blocks of malloc's that live, and what the player fills them with."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from grader.evidence.snapshot import Snapshot
from grader.points import counted

_PAGE = 4096
NEAR = 32  # bytes at a block's ends that all bear its pattern (player.cpp)


def _pattern(tag: int, offset: int) -> int:
    """The byte that a block with that tag is filled with (player.cpp)."""
    return tag + offset * 29 + (offset >> 8) & 0xFF


@dataclass(frozen=True, order=True)
class Block:
    """What malloc or realloc returned: `size` bytes from `address` on, by operation `number`."""

    address: int
    size: int
    number: int
    tag: int = field(default=0, compare=False)  # what its pattern begins with; 0: it bears none

    @property
    def end(self) -> int:
        """The first address behind it; also one of no size has an address of its own."""
        return self.address + max(self.size, 1)

    def has_memory(self, seen: Snapshot) -> bool:
        """Whether there is some behind each of its bytes."""
        return not self.size or all(map(seen.page, range(self.address & -_PAGE, self.end, _PAGE)))

    def bears_its_pattern(self, seen: Snapshot) -> bool:
        """Whether its ends hold what it was filled with, if it was."""
        if not self.tag:
            return True
        near = min(NEAR, self.size)
        return all(seen.at(self.address + first, near) == bytes([_pattern(self.tag, first + i) for i in range(near)])
                   for first in (0, self.size - near))

    def __str__(self) -> str:
        return f"{counted(self.size, 'byte')} at {self.address:#x} (operation {self.number})"


class Blocks:
    """Blocks in the order of their addresses, and how many bytes they have together."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self.bytes = 0

    def __iter__(self) -> Iterator[Block]:
        return iter(self._blocks)

    def __len__(self) -> int:
        return len(self._blocks)

    def add(self, block: Block) -> None:
        insort(self._blocks, block)
        self.bytes += block.size

    def remove(self, block: Block) -> None:
        del self._blocks[bisect_left(self._blocks, block)]
        self.bytes -= block.size

    def at(self, address: int) -> Block | None:
        """The one that begins at an address."""
        i = bisect_left(self._blocks, address, key=_address)
        return self._blocks[i] if i < len(self._blocks) and self._blocks[i].address == address else None

    def overlapping(self, block: Block) -> Block | None:
        """One that has bytes of another, which is none of them."""
        i = bisect_right(self._blocks, block.address, key=_address)
        return next((other for other in self._blocks[max(0, i - 1):i + 1]
                     if block.address < other.end and other.address < block.end), None)

    def beside(self, address: int) -> str:
        """How an address lies to the nearest one; "" if none is within a page of it."""
        nearest = min(self._blocks, key=lambda block: _distance(address, block), default=None)
        if nearest is None or (far := _distance(address, nearest)) > _PAGE:
            return ""
        if not far:
            return f"within the {nearest}, whose memory is not mapped any more"
        return f"{counted(far, 'byte')} before the {nearest}" if address < nearest.address else (
            f"{counted(far, 'byte')} behind the last of the {nearest}")

    def picture(self, address: int) -> str:
        """Those around an address, one a line."""
        if not self._blocks:
            return ""
        i = bisect_right(self._blocks, address, key=_address)
        lines = [f"{'->' if block.address <= address < block.end else '  '} {block.address:#010x} "
                 f"to {block.end - 1:#010x}  {counted(block.size, 'byte')}, by operation {block.number}"
                 for block in self._blocks[max(0, i - 4):i + 3]]
        return "\n".join([*lines, f"live blocks: {len(self)}"])


_address = attrgetter("address")


def _distance(address: int, block: Block) -> int:
    """How many bytes an address lies before the first, or behind the last byte of a block."""
    return max(block.address - address, address - (block.end - 1), 0)
