"""The figures of the first handout."""

from __future__ import annotations

from handouts.figures.drawing import Drawing, figure


@figure("start-layers", 262)
def layers(d: Drawing) -> None:
    """The six labs, and which calls which."""
    d.box(250, 8, 180, 40, "hot", "5  malloc, realloc, free\nblocks of bytes", "small")
    d.box(250, 78, 180, 40, "hot", "4  kvmalloc\nwhole pages for the kernel", "small")
    d.box(8, 148, 186, 40, "hot", "2  ppalloc\nwhich frames are free", "small")
    d.box(247, 148, 186, 40, "hot", "3  vpalloc\nwhich addresses are free", "small")
    d.box(486, 148, 186, 40, "hot", "6  paging\nwhich address is which frame", "small")
    d.box(8, 218, 425, 36, "hot", "1  buddy: runs of units, whatever a unit is", "small")
    d.box(486, 218, 186, 36, "quiet", "the CPU: cr3, page tables, TLB", "small")
    d.arrow([(340, 48), (340, 76)])
    d.arrow([(280, 118), (120, 146)])
    d.arrow([(340, 118), (340, 146)])
    d.arrow([(400, 118), (560, 146)])
    d.arrow([(101, 188), (101, 216)])
    d.arrow([(340, 188), (340, 216)])
    d.arrow([(579, 188), (579, 216)])
    d.path([(600, 146), (600, 98), (440, 98)], "line-dashed")
    d.arrow([(440, 98), (432, 98)])
    d.text(606, 122, "memory for", "tiny muted")
    d.text(606, 134, "page tables", "tiny muted")


@figure("start-grading", 190)
def grading(d: Drawing) -> None:
    """The way from a student's file to a report."""
    d.box(8, 20, 112, 44, "hot", "your buddy.cpp", "small")
    d.box(8, 84, 112, 44, "quiet", "the kit, and the\nreference for\nthe other labs", "tiny")
    d.box(164, 44, 92, 56, "plain", "one kernel\nimage", "small")
    d.box(300, 44, 92, 56, "plain", "an emulated\nPC", "small")
    d.box(436, 44, 92, 56, "plain", "records", "small")
    d.box(572, 44, 100, 56, "free", "oracle:\nwas that right?", "small")
    d.box(300, 138, 92, 44, "quiet", "a scenario:\noperations", "small")
    d.arrow([(120, 42), (162, 64)])
    d.arrow([(120, 106), (162, 82)])
    for x in (256, 392, 528):
        d.arrow([(x, 72), (x + 42, 72)])
    d.arrow([(346, 138), (346, 102)])
    d.text(404, 152, "alloc 3 3", "code-small")
    d.text(436, 120, "alloc 3 3 -> count=3 start=0", "code-small")
    d.text(300, 36, "inside the machine", "tiny muted")
    d.text(572, 36, "outside, in Python", "tiny muted")


@figure("start-sizes", 90)
def sizes(d: Drawing) -> None:
    """An address in hexadecimal, digit by digit."""
    digits = "c0123abc"
    for i, digit in enumerate(digits):
        d.box(112 + i * 57, 26, 57, 32, "hot" if i < 5 else "plain", digit, "code")
        bits = format(int(digit, 16), "04b")
        d.text(112 + i * 57 + 28, 18, bits, "code-small muted", "middle")
    d.text(102, 47, "0x", "code", "end")
    d.span(112, 112 + 5 * 57, 66, "which page: 20 bits, so 1,048,576 pages", "small blue")
    d.span(112 + 5 * 57, 112 + 8 * 57, 66, "which byte of it: 12 bits", "small")
