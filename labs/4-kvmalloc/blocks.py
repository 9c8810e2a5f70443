"""kvmalloc's blocks: what one is, and how many are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.evidence.records import Record
from grader.points import counted

PAGE = 4096


@dataclass(frozen=True)
class Block:
    """What one kvmalloc returned: `pages` pages from `address` on, by operation `number`."""

    address: int
    pages: int
    number: int

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.address + self.pages * PAGE

    def __str__(self) -> str:
        count = "1 page" if self.pages == 1 else f"{self.pages} pages"
        return f"{count} at {self.address:#x} (operation {self.number})"


def draw(blocks: Iterable[Block], record: Record, frames: int | None, height: int = 12) -> str:
    """The blocks in the order of their addresses; of many, those around the operation's."""
    blocks = sorted(blocks, key=lambda block: block.address)
    address = record.arguments[0] if record.verb != "alloc" and record.arguments else 0
    address = record.results.get("address", address)
    below = sum(block.address <= address for block in blocks)
    first = max(0, min(below - height // 2, len(blocks) - height))
    lines = [f"{'->' if block.address <= address < block.end else '  '} {block.address:#010x} to "
             f"{block.end - 1:#010x}  {counted(block.pages, 'page')}, by operation {block.number}"
             for block in blocks[first:first + height]]
    more = len(blocks) - len(lines)
    lines.append(f"live blocks: {len(blocks)}" + (f", {more} of them not shown" if more else ""))
    if frames is not None:
        lines.append(f"free frames: {frames}")
    return "\n".join(lines)
