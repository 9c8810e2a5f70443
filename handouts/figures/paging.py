"""The figures of lab 6: what the CPU reads."""

from __future__ import annotations

from handouts.figures.drawing import Drawing, figure

ADDRESS = 0x00C0A123
DIRECTORY, TABLE, OFFSET = ADDRESS >> 22, ADDRESS >> 12 & 1023, ADDRESS & 4095


@figure("paging-split", 118)
def split(d: Drawing) -> None:
    """An address, taken apart as the CPU does."""
    bits = f"{ADDRESS:032b}"
    kinds = ["hot"] * 10 + ["free"] * 10 + ["plain"] * 12
    for i, bit in enumerate(bits):
        d.box(20 + i * 20, 30, 20, 26, kinds[i], bit, "code-small")
    d.text(20, 20, f"{ADDRESS:#010x}", "code")
    d.span(20, 220, 64, f"directory index: {DIRECTORY}", "small blue")
    d.span(220, 420, 64, f"table index: {TABLE}", "small green")
    d.span(420, 660, 64, f"offset: {OFFSET:#x}")
    d.text(20, 110, "10 bits count to 1024: entries of a page directory, and of a page table. 12 bits count the 4096 bytes "
           "of a page.", "small muted")


@figure("paging-walk", 262)
def walk(d: Drawing) -> None:
    """From cr3 to a byte, in three steps."""
    d.box(8, 30, 84, 28, "quiet", "0x1db000", "code-small")
    d.text(50, 22, "cr3", "small bold", "middle")
    columns = [(150, "page directory", "at 0x1db000", {DIRECTORY: "0x1dc000", 0: "", 1023: ""}, "hot"),
               (340, "page table", "at 0x1dc000", {TABLE: "0x1e7000", 0: "", 1023: ""}, "free"),
               (530, "frame", "at 0x1e7000", {}, "plain")]
    for x, title, where, entries, kind in columns:
        d.text(x + 65, 14, title, "small bold", "middle")
        d.text(x + 65, 28, where, "code-small muted", "middle")
        d.box(x, 36, 130, 170, "plain")
        for index, target in sorted(entries.items()):
            y = {0: 36, 1023: 182}.get(index, 100)
            d.box(x, y, 130, 24, kind if target else "plain", target, "code-small")
            if target:
                d.text(x - 6, y + 16, str(index), "code-small muted", "end")
            else:
                d.text(x + 8, y + 16, str(index), "code-small muted")
    d.box(530, 118, 130, 24, "warn", f"byte {OFFSET:#x}", "code-small")
    d.arrow([(92, 44), (150, 44)])
    d.arrow([(280, 112), (308, 112), (308, 44), (338, 44)])
    d.arrow([(470, 112), (498, 112), (498, 44), (528, 44)])
    d.text(150, 230, f"entry {DIRECTORY}", "small blue")
    d.text(340, 230, f"entry {TABLE}", "small green")
    d.text(672, 230, f"0x1e7000 + {OFFSET:#x} = 0x1e7123", "code-small", "end")
    d.text(8, 254, "Every arrow is a physical address. The CPU knows no others here.", "small muted")


@figure("paging-entry", 132)
def entry(d: Drawing) -> None:
    """The 32 bits of an entry."""
    d.box(8, 30, 380, 34, "hot", "frame, or page table: its physical address, bits 31 to 12", "small")
    flags = [("", 60), ("D", 32), ("A", 32), ("", 44), ("U", 32), ("W", 32), ("P", 32)]
    x = 388
    names = {}
    for name, width in flags:
        d.box(x, 30, width, 34, "free" if name in ("U", "W", "P") else "quiet" if name else "plain", name, "small")
        names[name] = x + width / 2
        x += width
    for name, number in (("D", 6), ("A", 5), ("U", 2), ("W", 1), ("P", 0)):
        d.text(names[name], 22, str(number), "code-small muted", "middle")
    d.lines(8, 88, ["P present: the CPU looks at nothing else if it is 0", "W writable; U open to user programs (ring 3)"],
            "small", step=18)
    d.lines(388, 88, ["A, D: set by the CPU when the page was", "accessed, written to; not for you to judge by"], "small muted", step=18)
    d.text(8, 126, "A frame is a multiple of 4096: its lower 12 bits are 0, and so there is room for the flags.", "small muted")


@figure("paging-initial", 226)
def initial(d: Drawing) -> None:
    """What start.S leaves behind, and what create_init_pagedir makes of it."""
    d.text(8, 18, "initial_directory", "small bold")
    rows = [("0", "identity_table", "warn"), ("1 … 767", "", "plain"), ("768", "kernel_table", "hot"),
            ("769 … 1023", "", "plain")]
    for i, (index, target, kind) in enumerate(rows):
        y = 28 + i * 34
        d.box(84, y, 110, 30, kind, target, "small")
        d.text(78, y + 19, index, "code-small muted", "end")
    d.box(300, 14, 150, 44, "warn", "addresses 0 to 4 MiB\nare frames 0 to 4 MiB", "small")
    d.box(300, 90, 150, 44, "hot", "addresses from 0xc0000000\nare frames from 1 MiB", "tiny")
    d.arrow([(194, 43), (298, 38)])
    d.arrow([(194, 111), (298, 111)])
    d.box(540, 50, 130, 60, "free", "the kernel's image\nat 1 MiB", "small")
    d.arrow([(450, 36), (538, 64)])
    d.arrow([(450, 112), (538, 96)])
    d.text(8, 190, "The 1:1 mapping was needed for one moment: the instruction after paging is switched on still has a low address.",
           "small orange")
    d.text(8, 208, "Then the kernel jumps up, and the lower half has to be empty for user programs.", "small orange")


@figure("paging-shared", 236)
def shared(d: Drawing) -> None:
    """Three directories: user parts of their own, one set of kernel tables."""
    for i, name in enumerate(("kernel_pagedir", "directory A", "directory B")):
        x = 20 + i * 150
        d.text(x, 18, name, "small bold")
        d.box(x, 26, 120, 54, "plain", "user part" if i else "user part:\nempty", "small")
        d.box(x, 80, 120, 26, "free", "769", "code-small")
        d.box(x, 106, 120, 26, "hot", "1022: new", "code-small")
        if i:
            d.box(x + 10, 186, 100, 28, "plain", f"tables of {name[-1]}", "small")
            d.path([(x + 6, 60), (x - 8, 60), (x - 8, 200)], "line-dashed")
            d.arrow([(x - 8, 200), (x + 8, 200)])
    d.box(540, 80, 130, 28, "free", "a kernel table", "small")
    d.box(540, 150, 130, 28, "hot", "a new kernel table", "small")
    for i in range(3):
        x = 20 + i * 150 + 120
        d.path([(x, 93), (x + 30, 93)], "line")
    d.arrow([(450, 93), (538, 93)])
    for i in range(3):
        x = 80 + i * 150
        d.path([(x, 132), (x, 164)], "line-blue")
    d.arrow([(80, 164), (538, 164)], "line-blue")
    d.text(20, 232, "The new table has to be entered into every directory. One that is forgotten works until it is the active one.",
           "small orange")


@figure("paging-two", 214)
def two(d: Drawing) -> None:
    """The same tree twice: physical for the CPU, virtual for the kernel."""
    d.box(20, 30, 140, 40, "quiet", "the CPU", "bold")
    d.box(20, 140, 140, 40, "quiet", "the kernel", "bold")
    d.box(440, 84, 140, 44, "free", "a page table\n(one frame)", "small")
    d.box(220, 30, 150, 40, "hot", "directory entry:\nphysical 0x1dd000", "small")
    d.box(220, 140, 150, 40, "warn", "vpde:\nvirtual 0xffffb000", "small")
    d.arrow([(160, 50), (218, 50)])
    d.arrow([(160, 160), (218, 160)])
    d.arrow([(370, 50), (470, 82)], "line-blue")
    d.arrow([(370, 160), (470, 130)], "line-orange")
    d.text(440, 60, "reads it, at each walk", "small blue")
    d.text(440, 162, "reads and writes it, also while the", "small orange")
    d.text(440, 177, "directory is not the active one", "small orange")
    d.text(20, 208, "The kernel can't follow a physical address: every pointer that it uses is translated. So it keeps both.",
           "small muted")


@figure("paging-window", 196)
def window(d: Drawing) -> None:
    """The last entries of kernel_table show the kernel's other page tables."""
    d.text(20, 18, "kernel_table (directory entry 768)", "small bold")
    rows = [("0 …", "the image", "used"), ("767", "", "plain"), ("768", "", "plain"), ("769", "table of entry 769", "hot"),
            ("1023", "table of entry 1023", "free")]
    for i, (index, target, kind) in enumerate(rows):
        y = 28 + i * 32
        d.box(84, y, 190, 28, kind, target, "small")
        d.text(78, y + 18, index, "code-small muted", "end")
    d.text(292, 74, "from here on: the window", "small blue")
    d.path([(284, 92), (284, 186)], "line-blue")
    d.text(292, 142, "seen at 0xc0301000: kernel_base + 769 * 4096", "code-small")
    d.text(292, 174, "seen at 0xc03ff000: kernel_base + 1023 * 4096", "code-small")
    d.text(292, 104, "entry 768 + i shows the table of", "small muted")
    d.text(292, 118, "directory entry 768 + i, so none needs a table of its own", "small muted")


@figure("paging-tlb", 206)
def tlb(d: Drawing) -> None:
    """A translation that is remembered after it has changed."""
    steps = [("read 0x400000", "-> 0x1dc000", "-> 0x1dc000", "the CPU walks, and remembers", "free"),
             ("map_mem changes it", "-> 0x1de000", "-> 0x1dc000", "memory has changed, it has not", "warn"),
             ("read 0x400000", "-> 0x1de000", "-> 0x1dc000", "stale: the wrong frame is read", "warn"),
             ("flush_page", "-> 0x1de000", "(nothing)", "the next access walks again", "free")]
    for x, title in ((150, "page table, in memory"), (310, "TLB, in the CPU")):
        d.text(x, 18, title, "small bold")
    for i, (what, table, cached, why, kind) in enumerate(steps):
        y = 30 + i * 44
        d.text(8, y + 20, what, "code-small" if "_" in what or what[0] == "r" else "small")
        d.box(150, y, 140, 32, "plain", table, "small")
        d.box(310, y, 140, 32, kind, cached, "small")
        d.text(464, y + 20, why, "small orange" if kind == "warn" else "small")


@figure("paging-phases", 214)
def phases(d: Drawing) -> None:
    """A range over three page tables: first what can fail, then what can't."""
    d.text(8, 18, "map_mem: 2500 pages from 0x7f0000", "small bold")
    for i, (name, pages) in enumerate((("entry 1", 16), ("entry 2", 1024), ("entry 3", 1024), ("entry 4", 436))):
        x = 8 + i * 168
        d.box(x, 28, 160, 26, "quiet", f"{name}: {pages} pages", "small")
        d.box(x, 84, 160, 30, "free" if i == 0 else "hot", "there already" if i == 0 else "made now", "small")
        d.box(x, 160, 160, 30, "used", f"write {pages} entries", "small")
    d.text(8, 76, "1. page tables: this can fail, and then those made now go again", "small blue")
    d.text(8, 152, "2. entries: this can't fail any more", "small")
    d.text(8, 208, "16 + 1024 + 1024 + 436 = 2500. The first page table is there, so it must survive a failure.", "small muted")
