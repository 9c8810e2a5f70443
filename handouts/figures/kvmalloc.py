"""The figures of lab 4."""

from __future__ import annotations

from handouts.figures.drawing import Drawing, figure


@figure("kvmalloc-three", 196)
def three(d: Drawing) -> None:
    """Three pages side by side, over frames that lie apart."""
    left, page = 176, 83
    d.text(8, 46, "addresses, from vpalloc", "small")
    for i, name in enumerate(("0xffffa000", "0xffffb000", "0xffffc000")):
        d.box(left + (1 + i) * page, 28, page, 28, "hot", name, "code-small")
    d.box(left, 28, page, 28, "plain")
    d.box(left + 4 * page, 28, page, 28, "plain")
    d.text(8, 102, "mapping, by map_mem", "small")
    d.text(8, 162, "frames, from ppalloc", "small")
    frames = ("0x1000000", "", "0x1002000", "", "0x1004000", "")
    for i, name in enumerate(frames):
        d.box(left + i * page, 144, page, 28, "free" if name else "used", name, "code-small")
    for i in range(3):
        d.arrow([(left + (1.5 + i) * page, 58), (left + (0.5 + 2 * i) * page, 142)], "line-blue")
    d.text(left, 20, "consecutive: the caller sees one block of 12 KiB", "small muted")
    d.text(left, 190, "wherever there are some: the grey ones belong to somebody else", "small muted")


@figure("kvmalloc-undo", 232)
def undo(d: Drawing) -> None:
    """What has been obtained at each point of a kvmalloc of five pages that fails half-way."""
    steps = [("vpalloc: 5 pages", ["5 addresses"]),
             ("ppalloc: 2 frames", ["5 addresses", "2 frames"]),
             ("map_mem: 2 pages", ["5 addresses", "2 frames, mapped"]),
             ("ppalloc: 2 frames", ["5 addresses", "2 frames, mapped", "2 frames"]),
             ("map_mem fails", ["5 addresses", "2 frames, mapped", "2 frames"])]
    kinds = {"5 addresses": "hot", "2 frames, mapped": "free", "2 frames": "warn"}
    for i, (call, held) in enumerate(steps):
        x = 8 + i * 134
        d.box(x, 8, 124, 28, "quiet", call, "small")
        for j, what in enumerate(held):
            d.box(x, 118 - j * 30, 124, 26, kinds[what], what, "small")
        if i:
            d.arrow([(x - 10, 22), (x - 1, 22)])
    d.text(8, 168, "What is held, from bottom to top. After the failure it has to go back from top to bottom:", "small")
    for i, what in enumerate(("free the 2 frames that are\nnot mapped", "unmap the 2 pages, free\ntheir frames",
                              "free the 5 addresses", "return null")):
        d.box(8 + i * 168, 182, 156, 40, ("warn", "free", "hot", "plain")[i], what, "small")
        if i:
            d.arrow([(8 + i * 168 - 12, 202), (8 + i * 168 - 1, 202)])


@figure("kvmalloc-free", 142)
def giving_back(d: Drawing) -> None:
    """kvfree is told an address and a number; the frames stand in the page tables alone."""
    d.box(8, 44, 150, 46, "hot", "kvfree(0xffffa000, 3)", "small")
    d.box(236, 20, 170, 94, "plain")
    d.text(321, 14, "page table", "small muted", "middle")
    for i, (page, frame) in enumerate((("0xffffa000", "0x1000000"), ("0xffffb000", "0x1002000"),
                                       ("0xffffc000", "0x1004000"))):
        d.text(244, 42 + i * 30, f"{page} -> {frame}", "code-small")
    d.arrow([(158, 67), (234, 67)])
    d.text(164, 60, "translate", "small blue")
    d.box(486, 44, 186, 46, "free", "ppfree: three frames", "small")
    d.arrow([(406, 67), (484, 67)])
    d.text(8, 134, "Only the page tables know which frames these are. Once the pages are unmapped, nobody does.",
           "small orange")


@figure("kvmalloc-count", 130)
def count(d: Drawing) -> None:
    """Four frames go, three come back."""
    states = [("7719", "before", []), ("7715", "a = alloc 3", ["3 pages", "1 page table"]),
              ("7718", "free a 3", ["1 page table"])]
    for i, (free, what, held) in enumerate(states):
        x = 8 + i * 232
        d.text(x, 18, what, "code-small")
        d.box(x, 28, 130, 30, "free", f"{free} frames free", "small")
        for j, name in enumerate(held):
            d.box(x, 64 + j * 28, 130, 24, "hot" if "pages" in name else "warn", name, "small")
        if i < 2:
            d.arrow([(x + 140, 43), (x + 222, 43)])
    d.lines(400, 108, ["the kernel's page tables are for ever"], "small muted")
