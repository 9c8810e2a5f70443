"""The figures of lab 5."""

from __future__ import annotations

from handouts.figures.drawing import Drawing, figure


@figure("malloc-fragmentation", 178)
def fragmentation(d: Drawing) -> None:
    """Two ways to waste memory."""
    d.text(8, 18, "inside of blocks", "bold")
    x = 8
    for size, waste, name in ((150, 70, "100 of 128 bytes"), (150, 20, "120 of 128"), (150, 100, "72 of 128")):
        d.box(x, 28, size, 28, "used", name, "small")
        d.box(x + size, 28, waste * 0.65, 28, "warn", "", "small")
        x += size + waste * 0.65
    d.text(8, 76, "Sizes are rounded up, headers are added: nobody else can use the orange parts.", "small muted")
    d.text(8, 112, "between blocks", "bold")
    x = 8
    for width, kind in ((90, "used"), (46, "free"), (70, "used"), (60, "free"), (120, "used"), (40, "free"),
                        (80, "used"), (50, "free"), (90, "used")):
        d.box(x, 122, width, 28, kind)
        x += width
    d.text(8, 170, "196 units are free, but no two of the green parts lie side by side: a request for 100 fails.",
           "small muted")


@figure("malloc-tags", 206)
def tags(d: Drawing) -> None:
    """Blocks with headers, and how a freed one finds its neighbours."""
    parts = [(64, "hot", "size\nused"), (110, "used", "block"), (64, "hot", "size\nfree"), (130, "free", "next, previous …"),
             (64, "hot", "size\nused"), (150, "used", "block"), (64, "hot", "size\nused")]
    x = 12
    borders = []
    for width, kind, label in parts:
        d.box(x, 30, width, 36, kind, label, "tiny" if kind == "hot" else "small")
        borders.append(x)
        x += width
    d.arrow([(borders[4] + 32, 84), (borders[4] + 32, 68)], "line-orange")
    d.text(borders[4] + 38, 98, "this one is freed", "small orange")
    d.arrow([(borders[4] + 32, 28), (borders[4] + 32, 14), (borders[6] + 32, 14), (borders[6] + 32, 28)],
            "line-blue")
    d.text(borders[5] + 20, 10, "my size further on: the next block", "tiny blue")
    d.arrow([(borders[4] + 4, 28), (borders[4] + 4, 20), (borders[2] + 32, 20), (borders[2] + 32, 28)], "line-blue")
    d.text(borders[2] + 40, 14, "and the one before me?", "tiny blue")
    d.box(12, 120, 160, 32, "quiet", "the block before", "small")
    d.box(172, 120, 64, 32, "hot", "header", "small")
    d.box(236, 120, 200, 32, "used", "what the caller gets", "small")
    d.path([(236, 112), (236, 160)], "line-orange")
    d.text(242, 172, "a multiple of 16", "small orange")
    d.text(12, 196, "If every pointer is a multiple of 16, so is the length of every block, header included.", "small muted")


@figure("malloc-classes", 200)
def classes(d: Drawing) -> None:
    """Pages of equal blocks; the free ones are linked through themselves."""
    d.text(8, 18, "size classes", "small bold")
    for i, size in enumerate((32, 48, 64)):
        d.box(8, 28 + i * 50, 84, 30, "quiet", f"{size} bytes", "small")
    for i, (count, used) in enumerate(((10, (0, 1, 2, 4, 7)), (7, (0, 1, 2, 3, 4, 5, 6)), (5, (1,)))):
        width = 400 / count
        y = 28 + i * 50
        for j in range(count):
            d.box(130 + j * width, y, width, 30, "used" if j in used else "free")
        free = [j for j in range(count) if j not in used]
        if free:
            d.arrow([(92, y + 15), (112, y + 15), (112, y - 6), (130 + (free[0] + .5) * width, y - 6),
                     (130 + (free[0] + .5) * width, y + 8)], "line-blue")
        for a, b in zip(free, free[1:]):
            d.arrow([(130 + (a + .5) * width, y + 15), (130 + (b + .5) * width - 4, y + 15)], "line-blue")
        d.text(540, y + 20, f"{len(used)} of {count} in use" + ("" if free else ": full"), "small muted")
    d.text(130, 192, "A page has blocks of one size. So the page knows the size, and the blocks need no headers.",
           "small muted")


@figure("malloc-pages", 150)
def pages(d: Drawing) -> None:
    """When pages can go back, and when they should not."""
    rows = [("4 KiB, one block lives", ((0, 50, "free"), (50, 60, "used"), (110, 140, "free")), "stays: the block is in it"),
            ("4 KiB, all free", ((0, 250, "free"),), "can go back to kvmalloc, as it came"),
            ("one block, again and again", ((0, 250, "none"),), "and if it is wanted at once again?")]
    for i, (name, parts, what) in enumerate(rows):
        y = 8 + i * 46
        d.text(8, y + 19, name, "small")
        for start, width, kind in parts:
            d.box(180 + start, y, width, 30, kind)
        d.text(442, y + 19, what, "small blue" if i == 1 else "small orange" if i == 2 else "small muted")


@figure("malloc-realloc", 180)
def realloc(d: Drawing) -> None:
    """Three ways for a block to get another size."""
    for i, (name, parts) in enumerate((
            ("smaller: it can stay", ((0, 90, "hot", "kept"), (90, 70, "free", "given back"))),
            ("larger, room behind it", ((0, 160, "hot", "kept"), (160, 90, "free", "new"), (250, 60, "used", ""))),
            ("larger, no room", ((0, 160, "warn", "copied, then freed"), (160, 60, "used", ""),
                                 (260, 160, "hot", "the copy"), (420, 80, "free", "new"))))):
        y = 10 + i * 50
        d.text(8, y + 19, name, "small")
        for start, width, kind, label in parts:
            d.box(170 + start, y, width, 30, kind, label, "small")
    d.arrow([(250, 142), (250, 156), (510, 156), (510, 142)], "line-blue")
    d.text(280, 172, "first get the new one, then give up the old one", "tiny blue")
