"""What a run of lab 2 looks like: the memory map, the free blocks of frames, and who holds others."""

from __future__ import annotations

from grader.evidence.records import Record
from grader.judging.memory_map import FOUR_GIB, PAGE, MemoryMap
from grader.judging.units import UnitAllocator
from grader.page.picture import Panel, Panels
from grader.page.unit_picture import Event, UnitPicture, got

MAP, TITLE = "frames", "Physical memory: its map, and the free blocks of frames"


class Picture(UnitPicture):
    """One physical allocator, and the map that it was made from."""

    def allocators(self) -> dict[str, tuple[str, UnitAllocator]]:
        frames = self.oracle.frames
        return {MAP: (TITLE, frames)} if frames else {}

    def panels(self) -> Panels:
        """Before there is an allocator, the map by itself."""
        memory = self._map()
        panels = super().panels()
        if not panels and memory.pages:
            panels[MAP] = Panel("units", TITLE, {"units": memory.pages, "noun": "page",
                                                 "origin": 0, "size": PAGE})
        for panel in panels.values():
            panel.items.update(drawn(memory))
        return panels

    def _map(self) -> MemoryMap:
        machine = self.oracle.machine
        return machine.map() if machine.known and not self.oracle.map.regions else self.oracle.map

    def event(self, record: Record) -> Event | None:
        if record.verb in ("alloc", "ask"):
            return got(MAP, record, lambda address: address // PAGE)
        if record.verb == "free" and record.arguments[1]:
            page, count = record.arguments[0] // PAGE, record.arguments[1]
            return Event(MAP, page, page + count, got=False)
        return None

    def request(self, record: Record) -> tuple[str, int, int] | None:
        return (MAP, *record.arguments) if record.verb in ("alloc", "ask") else None


def drawn(memory: MemoryMap) -> dict[str, list]:
    """The map's regions and reserved ranges as items, in pages; those above 4 GiB left out."""
    parts = [(r.base, r.end, "available" if r.available else f"type {r.type}")
             for r in memory.regions if r.base < r.end]
    parts += [(first, end, "reserved") for first, end in memory.reserved if first < end]
    return {f"r{i}": [first / PAGE, min(end, FOUR_GIB) / PAGE, words]
            for i, (first, end, words) in enumerate(parts) if first < FOUR_GIB}
