"""The graded tests of lab 6: what each plays, and what it judges. Points and ideas: lab.toml."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from grader.grading.outcome import Measured
from grader.scenarios import lab_files
from grader.scenarios.scenario import operations
from grader.scenarios.workload import fixed, generated, plays

HEADER = "kernel/mm/paging.h"
cases = lab_files.module(Path(__file__).parent, "cases")
scarce = lab_files.module(Path(__file__).parent, "scarce")
LONG = {"limit": 60_000_000}  # as an operation with many pages, or many directories, may take


@plays(fixed("first-directory"))
def test_first_directory(outcome):
    outcome.keeps_the_contract()


@plays(fixed("kernel-mappings"))
def test_kernel_mappings(outcome):
    outcome.keeps_the_contract()


@plays(fixed("translation"))
def test_translation(outcome):
    outcome.keeps_the_contract()


@plays(fixed("shared-kernel-tables"), generated(cases.crowd, **LONG), generated(cases.borders, 3))
def test_shared_kernel_tables(outcome):
    outcome.keeps_the_contract()


@plays(fixed("null-directory"))
def test_null_directory(outcome):
    outcome.keeps_the_contract()


@plays(fixed("long-ranges"), generated(cases.holes, 2, **LONG), generated(cases.emptied, 2))
def test_long_ranges(outcome):
    outcome.keeps_the_contract()


@plays(fixed("boundary"), generated(cases.refused))
def test_boundary(outcome):
    outcome.keeps_the_contract()


@plays(fixed("user-mappings"))
def test_user_mappings(outcome):
    outcome.keeps_the_contract()


@plays(fixed("rights"), generated(cases.kernel_rights))
def test_rights(outcome):
    outcome.keeps_the_contract()


@plays(fixed("switching"))
def test_switching(outcome):
    outcome.keeps_the_contract()


@plays(fixed("destroying"), generated(cases.corners))
def test_destroying(outcome):
    outcome.keeps_the_contract()


@plays(fixed("mapping-anew"), generated(cases.changes, 2, **LONG), generated(cases.all_memory, 2, **LONG),
       generated(cases.flushed, 2, **LONG), generated(cases.wider))
def test_mapping_anew(outcome):
    outcome.keeps_the_contract()


def scarce_map(stream, index):
    """A range over three page tables with 0, 1, 2 … frames left; a page of it is mapped before.

    Then junk is written to what is free: nothing must lead there.
    """
    del stream
    junk = "junk 4096" if index == 1 else ""
    return operations(f"""
        boot
        d = create
        f = frame
        map d f 0x40100000 1 7
        map d f 0x400000 1 7
        switch d
        read 0x400000 0
        frames
        leave {index} 1
        map d 0x100000 0x7f0000 1100 7
        unleave
        frames
        {junk}
        inspect
        map d 0x100000 0x7f0000 1100 7
        inspect""".replace("0x40100000", "0x3fc00000"))


def scarce_kernel_map(stream, index):
    """The same for kernel addresses; page tables made there may stay, in every directory, translations may not."""
    del stream
    return operations(f"""
        boot
        d = create
        k = area 4096
        map 0 0x100000 k 1 3
        frames
        leave {index} 1
        map 0 0x100000 k 3100 1
        audit
        map 0 0 k+0x1000 3000 0
        unleave
        frames
        inspect""")


def scarce_create(stream, index):
    """A page directory with 0, 1, 2 … frames left, or as few kernel addresses."""
    del stream
    what = ("leave", "leave_pages")[index % 2]
    return operations(f"""
        boot
        frames
        {what} {index // 2} 1
        d = create
        un{what}
        frames
        e = create
        destroy e
        destroy d
        frames
        inspect""")


@plays(generated(scarce_map, 7), generated(scarce_kernel_map, 5), generated(scarce_create, 10),
       generated(scarce.scarce, **LONG))
def test_out_of_memory(outcome):
    outcome.keeps_the_contract()


SPOTS = [0x400000, 0x401000, 0x7ff000, 0x800000, 0x10000000, 0x3fbff000]
FRAMES = [f"f{i}" for i in range(6)]


class History:
    """Directories come and go; pages are mapped, touched, mapped anew, unmapped: the operations so far, as lines."""

    def __init__(self, stream):
        self.stream = stream
        self.lines = ["boot", "frames", "k = area 3072"]
        for name in FRAMES:
            self.lines += [f"{name} = pair", f"poke {name} {stream.below(1 << 31)}",
                           f"poke {name}+0x1000 {stream.below(1 << 31)}"]
        self.alive = []
        self.made = 0
        self.active = "1"

    def step(self):
        """One more, by the dice."""
        dice = self.stream.below(12)
        if dice == 0 and len(self.alive) < 5:
            self._create()
        elif dice == 1 and len(self.alive) > 1:
            self._destroy()
        elif dice <= 3 and self.alive:
            self.active = self.stream.choice(self.alive)
            self.lines.append(f"switch {self.active}")
        elif dice <= 7 and self.alive:
            self._map()
        elif dice == 8:
            spot = f"k+{self.stream.choice((0, 0x1000, 0x400000, 0x7ff000)):#x}"
            self.lines += [f"read {spot} 0", f"map 0 {self.stream.choice(FRAMES)} {spot} 1 3", f"read {spot} 0"]
        else:
            self._touch()

    def _create(self):
        self.made += 1
        self.alive.append(f"d{self.made}")
        self.lines.append(f"d{self.made} = create")

    def _destroy(self):
        victim = self.stream.choice([name for name in self.alive if name != self.active])
        self.alive.remove(victim)
        self.lines.append(f"destroy {victim}")

    def _map(self):
        flags, pages = self.stream.choice((0, 1, 3, 5, 7, 7)), self.stream.between(1, 2)
        spot = self.stream.choice(SPOTS)
        touch = f"read {spot + (pages - 1) * 4096:#x} 0"  # before and after: is the TLB right?
        self.lines += [touch, f"map {self.stream.choice(self.alive)} {self.stream.choice(FRAMES)} {spot:#x} {pages} "
                              f"{flags}", touch]

    def _touch(self):
        spot, ring = self.stream.choice(SPOTS), self.stream.choice((0, 3))
        self.lines.append(f"read {spot:#x} {ring}" if self.stream.chance(1, 2)
                          else f"write {spot:#x} {ring} {self.stream.below(1 << 31)}")


def any_history(stream, index):
    """In the middle a page table of the kernel is made for certain, in a frame that is not clean."""
    history = History(stream)
    for step in range(50 + 10 * index):
        if step == 25:
            history.lines += ["junk 16", f"map 0 {stream.choice(FRAMES)} k+0xbff000 1 3"]
        history.step()
    return operations("\n".join([*history.lines, "inspect", "switch 1", *(f"destroy {name}" for name in history.alive),
                                 "frames", "inspect"]))


@plays(generated(any_history, 6), generated(cases.small_world))
def test_any_history(outcome):
    outcome.keeps_the_contract()


def ranges(stream, index):
    """16 pages mapped, mapped anew and unmapped, then 1024; then one, alone and beside many directories that came
    later.

    The page tables are there already.
    """
    del stream
    pages, others = ((16, 0), (1024, 0), (1, 0), (1, 100))[index]
    return operations("\n".join([
        "boot", "k = area 1024", "d = create", *["e = create"] * others,
        "map 0 0x100000 k 1024 3", "map d 0x100000 0x400000 1024 7",
        *(f"map {where} {pages} {flags}" for where, flags in (
            ("d 0x200000 0x400000", 5), ("d 0x300000 0x400000", 7), ("d 0 0x400000", 0),
            ("0 0x200000 k", 1), ("0 0x300000 k", 3), ("0 0 k", 0)))]))


@plays(generated(ranges, 4, measure=True, limit=60_000_000))
def test_cost_per_page(outcome):
    outcome.keeps_the_contract()
    few, many = (outcome.cost(i, "map", last=6) / pages for i, pages in enumerate((16, 1024)))
    kernel = [outcome.cost(i, "map", last=3) for i in (2, 3)]  # of the six the last three are the kernel's
    user = [2 * outcome.cost(i, "map", last=6) - of_kernel for i, of_kernel in zip((2, 3), kernel)]
    outcome.earns_by_steps(
        Measured("cost",
                 "a page costs little: instructions for each of 1024 pages", many,
                 {100: Fraction(1), 400: Fraction(1, 2)}),
        Measured("growth",
                 "a page costs no more among many: times as many instructions for each of 1024 pages "
                 "as for each of 16", many / few, {2: Fraction(1), 4: Fraction(1, 2)}),
        Measured("growth with directories",
                 "a page costs no more with many directories: times as many "
                 "instructions with 102 as with 2", max(kernel[1] / kernel[0], user[1] / user[0]),
                 {2: Fraction(1)}),
        sentence="Takes time O(n_pages), page tables that have to be made aside, however many page "
                 "directories there are.",
        header=HEADER)
