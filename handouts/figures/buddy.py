"""The figures of lab 1. Which blocks are free is worked out, by the model that the grader judges with."""

from __future__ import annotations

from grader.judging.free_units import FreeUnits, aligned_blocks
from handouts.figures.drawing import Drawing, figure

LEFT = 108  # where unit 0 begins
UNIT = 35  # the width of one, 16 in a row


def _block(d: Drawing, y: float, start: int, size: int, kind: str, label: str = "") -> None:
    """A block of units in a row."""
    names = str(start) if size == 1 else f"{start}-{start + size - 1}"
    d.box(LEFT + start * UNIT, y, size * UNIT, 24, kind, label or names, "small")


def _units(d: Drawing, y: float, free: FreeUnits, units: int = 16) -> None:
    """All units: the free ones in the blocks they make up, the others one by one."""
    for unit in range(units):
        if not free.overlaps(unit, unit + 1):
            _block(d, y, unit, 1, "used", " ")
    for size, starts in free.blocks.items():
        for start in starts:
            _block(d, y, start, size, "free")


def _free(*runs: tuple[int, int]) -> FreeUnits:
    """Free units, given as runs [start, end)."""
    free = FreeUnits()
    for start, end in runs:
        free.add(start, end)
    return free


@figure("buddy-orders", 214)
def orders(d: Drawing) -> None:
    """All blocks there are of 16 units, order by order."""
    marked = {(1, 4): "hot", (1, 6): "hot", (1, 10): "warn", (1, 12): "warn"}
    for order in range(4, -1, -1):
        y = 12 + (4 - order) * 34
        d.text(8, y + 16, f"order {order}", "small muted")
        for start in range(0, 16, 1 << order):
            _block(d, y, start, 1 << order, marked.get((order, start), "plain"))
    d.span(LEFT + 4 * UNIT, LEFT + 8 * UNIT, 192, "buddies: together they are the block 4-7", "small blue")
    d.span(LEFT + 10 * UNIT, LEFT + 14 * UNIT, 192, "neighbours, but no buddies", "small orange")


@figure("buddy-split-join", 272)
def split_and_join(d: Drawing) -> None:
    """Three units are taken out of 16 and come back."""
    states = [("free 0 16", _free((0, 16)), "everything is free: one block of order 4"),
              ("a = alloc 3 3", _free((3, 16)), "3 units of the block 0-15; the rest is 3, 4-7 and 8-15"),
              ("free a+1 2", _free((1, 16)),
               "units 1 and 2 come back: 2 joins 3; 1 has no free buddy"),
              ("free a 1", _free((0, 16)),
               "0 joins 1, 0-1 joins 2-3, 0-3 joins 4-7, 0-7 joins 8-15")]
    for i, (operation, free, story) in enumerate(states):
        y = 24 + i * 64
        d.text(8, y + 16, operation, "code-small")
        _units(d, y, free)
        d.text(LEFT, y - 7, story, "small muted")


@figure("buddy-xor", 150)
def xor(d: Drawing) -> None:
    """The number of a buddy differs in one bit."""
    for i, (name, unit) in enumerate((("block 12-13", 12), ("its buddy", 14))):
        y = 34 + i * 40
        d.text(80, y + 17, name, "", "end")
        bits = [("hot" if place == 1 else "plain", str(unit >> place & 1))
                for place in range(4, -1, -1)]
        d.row(100, y, bits, 34, 26, "code")
        d.text(288, y + 17, f"= unit {unit}", "code")
    for place in range(5):
        d.text(100 + (4 - place) * 34 + 17, 24, str(1 << place), "small muted", "middle")
    d.text(400, 50, "order 1: the block has 2 units,", "small")
    d.text(400, 66, "and begins at a multiple of 2.", "small")
    d.text(400, 90, "Flipping the bit worth 2 leads to its buddy,", "small blue")
    d.text(400, 106, "clearing it to the block they make up.", "small blue")
    for x, equation in ((100, "12 xor 2 = 14"), (220, "14 xor 2 = 12"), (340, "14 and not 2 = 12")):
        d.text(x, 138, equation, "code-small muted")


@figure("buddy-any-range", 148)
def any_range(d: Drawing) -> None:
    """A range is a short list of aligned blocks."""
    start, end = 3, 13
    d.text(8, 48, "free 3 10", "code-small")
    d.box(LEFT + start * UNIT, 32, (end - start) * UNIT, 24, "hot", "units 3 to 12", "small")
    for unit in range(17):
        d.path([(LEFT + unit * UNIT, 62), (LEFT + unit * UNIT, 66)])
        if unit % 4 == 0 and unit < 16:
            d.text(LEFT + unit * UNIT + UNIT / 2, 22, str(unit), "small muted", "middle")
    for block, size in aligned_blocks(start, end):
        _block(d, 72, block, size, "free")
    d.text(8, 88, "as blocks", "small muted")
    for unit, why in ((3, "3 is odd:\n1 unit"), (5.5, "4 is a multiple\nof 4: 4 units"),
                      (9.5, "8 would do for 8,\nbut 5 are left: 4"), (12, "1 is\nleft")):
        d.lines(LEFT + unit * UNIT + UNIT / 2, 114, why.split("\n"), "small", "middle", 14)


@figure("buddy-cover", 176)
def cover(d: Drawing) -> None:
    """Whether a unit is free can't be read off the blocks of its own size."""
    d.text(LEFT, 18, "Is unit 5 free? No block that begins at 5 is: it lies in the middle of a larger one.",
           "small")
    d.text(8, 44, "order 4", "small muted")
    _block(d, 28, 0, 16, "free", "0-15 is free")
    d.text(8, 76, "order 0", "small muted")
    d.box(LEFT + 5 * UNIT, 60, UNIT, 24, "warn", "5", "small")
    d.arrow([(LEFT + 5.5 * UNIT, 98), (LEFT + 5.5 * UNIT, 86)], "line-orange")
    d.text(LEFT + 5.5 * UNIT + 14, 100, "free 5 1: a double free", "small orange")
    d.text(LEFT, 130, "Is any of the units 4 to 12 free? The blocks may be smaller than the range, too.",
           "small")
    free = _free((12, 13))
    for unit in range(16):
        kind = "free" if free.overlaps(unit, unit + 1) else "hot" if 4 <= unit < 12 else "used"
        _block(d, 142, unit, 1, kind, str(unit))
    d.text(8, 158, "free 4 9", "code-small")


@figure("buddy-designs", 218)
def designs(d: Drawing) -> None:
    """Three ways to keep the same free blocks: 3, 4-7 and 8-15."""
    d.text(8, 18, "lists", "bold")
    for i, (order, blocks) in enumerate(((3, "8"), (2, "4"), (1, ""), (0, "3"))):
        y = 30 + i * 30
        d.box(8, y, 64, 22, "quiet", f"order {order}", "small")
        if blocks:
            d.arrow([(72, y + 11), (104, y + 11)])
            d.box(104, y, 40, 22, "free", blocks, "small")
    d.text(224, 18, "bitmaps", "bold")
    free = {3: {1}, 2: {1}, 1: set(), 0: {3}}
    for i, order in enumerate((3, 2, 1, 0)):
        cells = 16 >> order
        width = 224 / cells
        d.row(224, 30 + i * 30, [("free" if b in free[order] else "plain",
                                  "1" if b in free[order] else "0") for b in range(cells)],
              width, 22, "tiny")
    d.text(482, 18, "a tree", "bold")
    _tree(d)
    d.lines(8, 182, ["find: at once", "is the buddy free? must be", "known elsewhere"],
            "small muted", step=14)
    d.lines(224, 182, ["is the buddy free? one bit", "find: look for a 1, quickly"],
            "small muted", step=14)
    d.lines(482, 182, ["each node knows the largest", "free block below it: one way", "down, one way up"],
            "small muted", step=14)


def _tree(d: Drawing) -> None:
    """Every block that is not free as a whole has its two halves below it."""
    nodes = [(590, 26, "0-15", "plain"), (548, 56, "0-7", "plain"), (632, 56, "8-15", "free"),
             (520, 86, "0-3", "plain"), (576, 86, "4-7", "free"), (494, 116, "0-1", "used"),
             (546, 116, "2-3", "plain"), (520, 144, "2", "used"), (572, 144, "3", "free")]
    for parent, child in ((0, 1), (0, 2), (1, 3), (1, 4), (3, 5), (3, 6), (6, 7), (6, 8)):
        (x0, y0, *_), (x1, y1, *_) = nodes[parent], nodes[child]
        d.path([(x0, y0 + 10), (x1, y1 + 4)])
    for x, y, name, kind in nodes:
        d.box(x - 21, y, 42, 18, kind, name, "tiny")
