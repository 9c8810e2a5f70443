"""A block of malloc's, and what the player fills it with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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

    def bears_its_pattern(self, seen: Snapshot) -> bool:
        """Whether its ends hold what it was filled with."""
        near = min(NEAR, self.size)
        return all(seen.at(self.address + first, near) == bytes([_pattern(self.tag, first + i) for i in range(near)])
                   for first in (0, self.size - near))

    def __str__(self) -> str:
        return f"{counted(self.size, 'byte')} at {self.address:#x} (operation {self.number})"


def beside(address: int, blocks: Sequence[Block]) -> str:
    """How an address lies to the nearest of some blocks; "" if none is within a page of it."""
    nearest = min(blocks, key=lambda block: _distance(address, block), default=None)
    if nearest is None or (far := _distance(address, nearest)) > _PAGE:
        return ""
    if not far:
        return f"within the {nearest}, whose memory is not mapped any more"
    return f"{counted(far, 'byte')} before the {nearest}" if address < nearest.address else (
        f"{counted(far, 'byte')} behind the last of the {nearest}")


def _distance(address: int, block: Block) -> int:
    """How many bytes an address lies before the first, or behind the last byte of a block."""
    return max(block.address - address, address - (block.end - 1), 0)
