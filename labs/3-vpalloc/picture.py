"""What a run of lab 3 looks like: the blocks of each allocator of addresses, and who holds others."""

from __future__ import annotations

from grader.evidence.records import Record
from grader.judging.memory_map import PAGE
from grader.judging.units import UnitAllocator
from grader.page.unit_picture import Event, UnitPicture, got


class Picture(UnitPicture):
    """A panel for each allocator that is known."""

    def allocators(self) -> dict[str, tuple[str, UnitAllocator]]:
        return {str(number): (_title(number, space), space)
                for number, space in sorted(self.oracle.spaces.items())}

    def event(self, record: Record) -> Event | None:
        if record.verb in ("alloc", "ask"):
            number = record.arguments[0]
            space = self.oracle.spaces.get(number)
            return got(str(number), record, space.unit) if space else None
        if record.verb == "free" and record.arguments[2]:
            number, address, count = record.arguments
            number = self.oracle.owner(number, address)
            if space := self.oracle.spaces.get(number):
                return Event(str(number), space.unit(address), space.unit(address) + count,
                             got=False)
        return None

    def request(self, record: Record) -> tuple[str, int, int] | None:
        if record.verb not in ("alloc", "ask"):
            return None
        number, low, high = record.arguments
        return str(number), low, high


def _title(number: int, space: UnitAllocator) -> str:
    first, end = space.start, space.start + space.units * PAGE
    whose = f"Allocator {number}" if number else "The kernel's addresses"
    return f"{whose}: {first:#x} to {end - 1:#x}"
