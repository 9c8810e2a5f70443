"""Units in words and in a picture, whatever a unit stands for."""

from __future__ import annotations

from dataclasses import dataclass

from grader.judging.free_units import Block, FreeUnits, aligned_blocks


@dataclass(frozen=True)
class Spelling:
    """How units are called: by their numbers, or, if each covers `size` addresses, by those."""

    noun: str = "unit"
    origin: int = 0
    size: int = 1

    def one(self, unit: int) -> str:
        """A unit: `5`, or `0x5000`."""
        return str(unit) if self.size == 1 else f"{self.origin + unit * self.size:#x}"

    def block(self, start: int, count: int) -> str:
        """A run: `4-7`, or `0x4000-0x7fff`."""
        if self.size == 1:
            return f"{start}-{start + count - 1}" if count > 1 else str(start)
        first = self.origin + start * self.size
        return f"{first:#x}-{first + count * self.size - 1:#x}"

    def run(self, start: int, count: int) -> str:
        """A run in a sentence: `units 4 to 7`, `unit 4`, or `0x4000-0x7fff`."""
        if self.size > 1:
            return self.block(start, count)
        return f"{self.noun}s {start} to {start + count - 1}" if count > 1 else self.unit(start)

    def many(self, count: int) -> str:
        """A number of units: `1 page`, `3 pages`."""
        return f"{count} {self.noun}" if count == 1 else f"{count} {self.noun}s"

    def unit(self, unit: int) -> str:
        """A unit with its noun: `page 0x5000`."""
        return f"{self.noun} {self.one(unit)}"


def draw(units: int, free: FreeUnits, marked: Block, spelling: Spelling = Spelling(),
         width: int = 64) -> str:
    """The units around the marked ones: `.` free, `#` allocated, `^` below the marked ones."""
    start, count = marked
    first = max(0, min(start - width // 4, units - width)) // 16 * 16
    last = min(units, first + width)
    cells = "".join("." if free.overlaps(u, u + 1) else "#" for u in range(first, last))
    ruler = "".join(f"{spelling.one(u):<16}" for u in range(first, last, 16))
    marks = "".join("^" if start <= u < start + count else " " for u in range(first, last))
    shown = [spelling.block(block, size) for s, e in free.runs() if s < last and e > first
             for block, size in aligned_blocks(s, e) if block < last and block + size > first]
    blocks = ", ".join(shown[:12]) + (" …" if len(shown) > 12 else "")
    if not blocks:
        blocks = "none here" if free.starts else "none"
    lines = [ruler, cells, marks] if marks.strip() else [ruler, cells]
    legend = f"free blocks: {blocks}    (. free  # allocated  ^ this operation)"
    return "\n".join(line.rstrip() for line in [*lines, legend])
