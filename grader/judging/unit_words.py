"""Units in words and in a picture, whatever a unit stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


_WIDTH = 64  # units in a line
_MOST_BLOCKS = 12  # that are listed


def draw(units: int, free: FreeUnits, marked: Block, spelling: Spelling = Spelling(),
         right: Sequence[Block] = ()) -> str:
    """The units around those of an operation: `.` free, `#` allocated, `^` below the operation's own, `=` below those
    that would have been right. Where the first of these are elsewhere, their surroundings, too."""
    if not units:
        return ""
    windows = [_around(marked[0], units)]
    if right and not any(start in windows[0] for start, _ in right):
        windows = sorted([*windows, _around(right[0][0], units)], key=lambda window: window.start)
    lines = [line.rstrip() for window in windows for line in _strip(window, free, marked, spelling, right)]
    legend = ". free  # allocated  ^ this operation" + ("  = right" if right else "")
    lines.append(f"free blocks: {_blocks(windows, free, spelling)}    ({legend})")
    start, count = marked
    if count and not any(start in window and start + count <= window.stop for window in windows):
        beyond = f", beyond the last one, {spelling.one(units - 1)}" if start + count > units else ""
        lines.append(f"this operation: {spelling.run(start, count)}{beyond}")
    return "\n".join(lines)


def _around(start: int, units: int) -> range:
    first = min((start - _WIDTH // 4) // 16, -(-(units - _WIDTH) // 16)) * 16  # and so that the last units are in it
    return range(max(0, first), min(units, max(0, first) + _WIDTH))


def _strip(window: range, free: FreeUnits, marked: Block, spelling: Spelling, right: Sequence[Block]) -> Iterator[str]:
    """The lines of a window: a ruler, the units, the marks if there are any."""
    yield "".join(f"{spelling.one(unit):<16}" for unit in window[::16])
    yield "".join("." if free.overlaps(unit, unit + 1) else "#" for unit in window)
    marks = "".join("^" if marked[0] <= unit < marked[0] + marked[1] else
                    "=" if any(start <= unit < start + count for start, count in right) else " " for unit in window)
    if marks.strip():
        yield marks


def _blocks(windows: Sequence[range], free: FreeUnits, spelling: Spelling) -> str:
    """The free blocks in some windows, in words."""
    seen = sorted({(block, size) for window in windows for start, end in free.runs()
                   if start < window.stop and end > window.start for block, size in aligned_blocks(start, end)
                   if block < window.stop and block + size > window.start})
    shown = [spelling.block(*block) for block in seen[:_MOST_BLOCKS]]
    if not shown:
        return "none here" if free.starts else "none"
    return ", ".join(shown) + (" …" if len(seen) > _MOST_BLOCKS else "")
