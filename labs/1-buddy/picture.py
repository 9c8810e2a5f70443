"""What a run of lab 1 looks like: the free blocks, level by level, and who holds the other units."""

from __future__ import annotations

from grader.evidence.records import Record
from grader.judging.units import UnitAllocator
from grader.page.unit_picture import Event, UnitPicture, got


class Picture(UnitPicture):
    """One allocator."""

    def allocators(self) -> dict[str, tuple[str, UnitAllocator]]:
        units = self.oracle.units
        return {"units": ("The buddy's blocks, level by level", units)} if units.units else {}

    def event(self, record: Record) -> Event | None:
        if record.verb == "alloc":
            return got("units", record, lambda unit: unit)
        if record.verb == "free":
            start, count = record.arguments
            return Event("units", start, start + count, got=False) if count else None
        if record.verb == "comb":
            first, step, count = record.arguments
            return Event("units", first, first + step * count, got=False)
        return None

    def request(self, record: Record) -> tuple[str, int, int] | None:
        return ("units", *record.arguments) if record.verb == "alloc" else None
