"""The figures of lab 2. Which pages are usable is worked out as the grader does."""

from __future__ import annotations

from grader.judging.memory_map import PAGE, MemoryMap, Region
from handouts.figures.drawing import Drawing, figure


@figure("ppalloc-machine", 190)
def machine(d: Drawing) -> None:
    """The physical addresses of a PC with 32 MiB, not to scale."""
    parts = [("0x0", 116, "free", "memory\n639 KiB"), ("0x9fc00", 24, "used", ""),
             ("0xa0000", 120, "none", "screen memory,\ndevices, nothing"),
             ("0xf0000", 56, "used", "BIOS"), ("0x100000", 232, "free", "memory\n31 MiB"),
             ("0x2000000", 116, "none", "nothing")]
    x = 8
    for address, width, kind, label in parts:
        d.box(x, 34, width, 46, kind, label, "small")
        d.path([(x, 26), (x, 34)])
        d.text(x + 2, 22 if address != "0xa0000" else 10, address, "code-small")
        x += width
    d.text(8, 104, "what the kernel keeps for itself:", "small muted")
    d.box(8, 114, 316, 30, "warn", "the first MiB, all of it", "small")
    d.box(324, 114, 66, 30, "warn", "image", "small")
    d.box(390, 114, 52, 30, "warn", "states", "small")
    d.text(8, 168, "what ppalloc hands out:", "small muted")
    d.box(442, 154, 114, 26, "hot", "frames", "small")


@figure("ppalloc-rounding", 206)
def rounding(d: Drawing) -> None:
    """Regions that begin and end within pages: what is available counts if it covers a page wholly."""
    left, page, first = 40, 100, 0x9c
    for i in range(7):
        d.path([(left + i * page, 30), (left + i * page, 176)], "line-dashed")
        if i < 6:
            d.text(left + i * page + page / 2, 22, f"page {first + i:#x}", "code-small", "middle")

    def at(address: int) -> float:
        return left + (address / PAGE - first) * page

    def bar(y: float, start: int, end: int, kind: str, label: str) -> None:
        d.box(at(start), y, at(end) - at(start), 28, kind, label, "small")

    bar(36, 0x9C000, 0x9FC00, "free", "available, up to 0x9fbff")
    bar(36, 0x9FC00, 0xA0000, "warn", "")
    bar(72, 0x9C800, 0x9D200, "warn", "reserved")
    d.text(at(0xA0100), 54, "another type: 1 KiB", "small orange")
    d.text(at(0x9D280), 90, "2560 bytes reserved", "small orange")
    memory = MemoryMap([Region(0x9C000, 0x3C00, 1), Region(0x9FC00, 0x400, 2)], [(0x9C800, 0x9D200)])
    usable = {page for run in memory.usable() for page in range(*run)}
    why = {0x9C: "touched", 0x9D: "touched", 0x9F: "not covered", 0xA0: "no memory", 0xA1: "no memory"}
    for i in range(6):
        number = first + i
        d.box(left + i * page + 4, 116, page - 8, 40, "hot" if number in usable else "used",
              "usable" if number in usable else f"not usable:\n{why[number]}", "small")
    d.text(left, 196, "Of what is available, only whole pages count. Of everything else, every page that it touches.",
           "small muted")


OVERLAPPING = MemoryMap(
    [Region(0x10000, 0x8000, 1), Region(0x14000, 0x8000, 1), Region(0x16000, 0x1000, 2)],
    [(0x1A000, 0x1B000)])


@figure("ppalloc-overlap", 214)
def overlap(d: Drawing) -> None:
    """Two available regions that overlap, a region of another type, a reserved range."""
    left, page = 150, 40
    rows = [("region 0, available", 0x10, 0x18, "free"), ("region 1, available", 0x14, 0x1C, "free"),
            ("region 2, type 2", 0x16, 0x17, "warn"), ("reserved", 0x1A, 0x1B, "warn")]
    for i in range(12):
        d.text(left + i * page + page / 2, 16, f"{0x10 + i:x}", "code-small muted", "middle")
    for row, (name, first, end, kind) in enumerate(rows):
        y = 26 + row * 32
        d.text(8, y + 16, name, "small")
        d.box(left + (first - 0x10) * page, y, (end - first) * page, 22, kind, "", "small")
    d.text(8, 182, "usable, each once", "small bold")
    usable = {page for run in OVERLAPPING.usable() for page in range(*run)}
    for i in range(12):
        free = 0x10 + i in usable
        d.box(left + i * page, 164, page, 26, "hot" if free else "used", f"{0x10 + i:x}" if free else "",
              "small")
    d.text(left, 208, "Pages 14, 15 and 17 lie in both regions: whoever frees region by region meets them twice.",
           "small orange")


@figure("ppalloc-units", 116)
def units(d: Drawing) -> None:
    """Unit i is the page at i * 4096, there and back."""
    d.text(8, 40, "buddy: units", "small")
    d.text(8, 94, "ppalloc: addresses", "small")
    for i in range(8):
        d.box(140 + i * 66, 22, 66, 28, "hot" if i in (3, 4) else "plain", str(i), "small")
        d.box(140 + i * 66, 76, 66, 28, "hot" if i in (3, 4) else "plain", f"{i * PAGE:#x}", "code-small")
    d.arrow([(140 + 3.5 * 66, 52), (140 + 3.5 * 66, 74)], "line-blue")
    d.arrow([(140 + 4.5 * 66, 74), (140 + 4.5 * 66, 52)], "line-blue")
    d.text(140 + 3.4 * 66, 68, "times 4096", "small blue", "end")
    d.text(140 + 4.6 * 66, 68, "divided by 4096", "small blue")
    d.text(140, 14, "buddy_alloc returns 2 units, the first is 3: ppalloc returns 2, and 0x3000", "small muted")
