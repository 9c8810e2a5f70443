"""The figures of lab 3."""

from __future__ import annotations

from handouts.figures.drawing import Drawing, figure


@figure("vpalloc-space", 176)
def space(d: Drawing) -> None:
    """The address space: user addresses, the kernel's image, the range of the kernel's allocator."""
    parts = [("0x00000000", 18, "warn", ""), ("", 150, "plain", ""), ("0x00400000", 130, "hot", "a range\nof a user space"),
             ("", 130, "plain", ""), ("0xc0000000", 84, "used", "image,\nstates"),
             ("", 134, "free", "the kernel's range"), ("", 18, "warn", "")]
    x = 8
    for address, width, kind, label in parts:
        d.box(x, 46, width, 46, kind, label, "small")
        if address:
            d.path([(x, 36), (x, 46)])
            d.text(x + 2, 32, address, "code-small")
        x += width
    d.text(672, 32, "4 GiB", "code-small", "end")
    d.span(8, 436, 108, "user addresses: [0, kernel_base); every program has its own")
    d.span(436, 672, 108, "kernel addresses: the same for all", "small")
    d.text(8, 152, "page 0 is never handed out:", "small orange")
    d.text(8, 167, "null has to stay invalid", "small orange")
    d.text(672, 152, "the last page is not in the kernel's range:", "small orange", "end")
    d.text(672, 167, "no range of it ends where addresses begin again", "small orange", "end")
    d.arrow([(17, 138), (17, 94)], "line-orange")
    d.arrow([(663, 138), (663, 94)], "line-orange")


@figure("vpalloc-two", 196)
def two(d: Drawing) -> None:
    """Two user spaces hand out the same addresses; behind them lie different frames, or none."""
    for i, name in enumerate(("space A", "space B")):
        y = 30 + i * 62
        d.text(8, y + 18, name, "bold")
        d.box(90, y, 250, 28, "plain")
        d.box(150, y, 76, 28, "hot", "0x400000", "code-small")
        d.box(370, y, 110, 28, "free", "kernel", "small")
    d.text(90, 20, "user addresses", "small muted")
    d.text(370, 20, "kernel addresses", "small muted")
    d.path([(425, 58), (425, 92)], "line-dashed")
    d.text(432, 80, "the same", "tiny muted")
    d.box(560, 30, 90, 26, "quiet", "frame 0x1dc000", "tiny")
    d.box(560, 92, 90, 26, "quiet", "frame 0x1e7000", "tiny")
    d.path([(188, 58), (188, 70), (530, 70), (530, 43)], "line-dashed")
    d.arrow([(530, 43), (558, 43)])
    d.path([(188, 120), (188, 132), (530, 132), (530, 105)], "line-dashed")
    d.arrow([(530, 105), (558, 105)])
    d.text(8, 162, "vpalloc hands out the blue boxes: addresses that nobody else in this space uses. Which frame,",
           "small")
    d.text(8, 178, "if any, is behind one, is decided later and elsewhere (labs 4 and 6).", "small")


@figure("vpalloc-range", 158)
def in_range(d: Drawing) -> None:
    """Units of a range that begins at 0x400000; and an address before it."""
    left, page = 176, 82
    for i in range(6):
        d.box(left + i * page, 30, page, 28, "plain", f"{0x400000 + i * 4096:#x}", "code-small")
        d.text(left + i * page + page / 2, 22, f"unit {i}", "small muted", "middle")
    d.box(left - page - 8, 30, page, 28, "warn", "0x3ff000", "code-small")
    d.text(8, 84, "0x402000 - 0x400000 = 0x2000", "code-small")
    d.text(250, 84, "divided by 4096: unit 2", "small blue")
    d.text(8, 106, "0x3ff000 - 0x400000 = 0xfffff000", "code-small")
    d.text(250, 106, "divided by 4096: unit 1,048,575. There is none, and buddy_free says so.", "small orange")
    d.text(8, 132, "A range of 2^20 units would have one, though. And what with 0x3ff800, or a start near 4 GiB?", "small")
    d.text(8, 148, "Subtracting first and asking afterwards is how such mistakes are made.", "small muted")


@figure("vpalloc-memory", 118)
def memory(d: Drawing) -> None:
    """What vpcreate needs memory for, and where its owner's pointer points."""
    d.text(8, 44, "from kvmalloc", "small muted")
    d.box(110, 26, 96, 32, "hot", "vpallocator", "small")
    d.box(206, 26, 330, 32, "free", "state: buddy_state_size(n_pages) bytes", "small")
    d.box(536, 26, 112, 32, "none", "unused", "small")
    for x in range(110, 649, 179):
        d.path([(x, 62), (x, 70)])
    d.text(110, 86, "page borders: kvmalloc counts in pages, buddy_state_size in bytes", "small muted")
    d.text(110, 106, "The state has to be aligned to 16, wherever you put it.", "small")
