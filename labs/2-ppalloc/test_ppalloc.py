"""The graded tests of lab 2: what each plays, and what it judges. Points and ideas: lab.toml."""

from __future__ import annotations

from fractions import Fraction

from grader.memory_map import MemoryMap, Region
from grader.scenario import operations
from grader.workload import fixed, generated, plays

HEADER = "kernel/mm/allocation.h"


@plays(fixed("only-usable-pages"))
def test_only_usable_pages(outcome):
    outcome.keeps_the_contract()


@plays(fixed("addresses"))
def test_addresses(outcome):
    outcome.keeps_the_contract()


@plays(fixed("min-and-max"))
def test_min_and_max(outcome):
    outcome.keeps_the_contract()


@plays(fixed("refused"))
def test_refused(outcome):
    outcome.keeps_the_contract()


@plays(fixed("portions"))
def test_portions(outcome):
    outcome.keeps_the_contract()


@plays(fixed("double-free"))
def test_double_free(outcome):
    outcome.keeps_the_contract()


def many_regions(stream, index):
    """Runs come and go on a map of many regions: none of them matters any more."""
    del index
    lines = [f"region {i * 0x40000:#x} 0x20000 1" for i in range(40)] + ["init"]
    names = [f"r{i}" for i in range(40)]
    for name in names:
        count = stream.between(1, 20)
        lines.append(f"{name} = alloc {count} {count}")
    lines += [f"free {name}" for name in stream.shuffled(names)]
    return operations("\n".join(lines))


@plays(generated(many_regions, measure=True))
def test_thin(outcome):
    outcome.keeps_the_contract()
    cost = max(outcome.cost(0, verb) for verb in ("alloc", "free"))
    outcome.earns_by_steps(
        cost, {400: Fraction(1), 1000: Fraction(1, 2)},
        "takes hardly more time than the buddy allocator: instructions for an operation",
        "Like ppfree it takes the time that the buddy allocator takes, and hardly more.", HEADER)


@plays(fixed("holes"))
def test_holes(outcome):
    outcome.keeps_the_contract()


@plays(fixed("borders"))
def test_borders(outcome):
    outcome.keeps_the_contract()


@plays(fixed("reserved"))
def test_reserved(outcome):
    outcome.keeps_the_contract()


@plays(fixed("any-order"))
def test_any_order(outcome):
    outcome.keeps_the_contract()


@plays(fixed("above-4-gib"))
def test_above_4_gib(outcome):
    outcome.keeps_the_contract()


@plays(fixed("large-machine"))
def test_large_machine(outcome):
    outcome.keeps_the_contract()


def gigabytes(stream, index):
    """3.5 GiB in two regions, as firmware describes them, and what a kernel keeps of them."""
    del stream, index
    return operations("""
        region 0 0x9f000 1
        region 0x9f000 0x61000 2
        region 0x100000 0xdff00000 1
        region 0xe0000000 0x10000000 2
        reserve 0 0x100000
        reserve 0x100000 0x180000
        reserve 0x180000 0x1c0000
        init
        alloc 262144 262144""")


@plays(generated(gigabytes, measure=True, limit=1_500_000_000,
                 limited=("init",), shrinks=False))
def test_quick_start(outcome):
    outcome.keeps_the_contract()
    outcome.earns_by_steps(
        outcome.cost(0, "init") / 1e6, {600: Fraction(1), 1200: Fraction(1, 2)},
        "ppinit takes time O(pages): millions of instructions for 3.5 GiB",
        "Takes time O(pages * (regions + reserved ranges)) at most.", HEADER)


@plays(fixed("machine"))
def test_machine(outcome):
    outcome.keeps_the_contract()


@plays(fixed("overlapping"))
def test_overlapping(outcome):
    outcome.keeps_the_contract()


@plays(fixed("other-types-win"))
def test_other_types_win(outcome):
    outcome.keeps_the_contract()


class RandomMap:
    """A map in which anything may happen, below a few hundred pages."""

    def __init__(self, stream, pages):
        self.stream = stream
        self.bytes = pages * 4096
        self.map = MemoryMap([Region(0x1000 * stream.below(8), self.bytes // 2, 1)])
        for _ in range(stream.between(1, 7)):
            base, end = self.bytes_from_to()
            kind = stream.choice((1, 1, 1, 2, 3))
            self.map.regions.append(Region(base, end - base, kind))
        self.map.regions = stream.shuffled(self.map.regions)
        for _ in range(stream.below(4)):
            self.map.reserved.append(self.bytes_from_to(8))

    def border(self):
        """An address: at a page's border, beside it, or anywhere."""
        page = self.stream.below(self.bytes // 4096) * 4096
        return page + self.stream.choice((0, 0, 1, 4095, self.stream.below(4096)))

    def bytes_from_to(self, part=2):
        """Two addresses, rarely the same one, not further apart than that part of the map."""
        start = self.border()
        length = self.stream.choice((0, 1, *(self.border() // part for _ in range(6))))
        return start, start + length

    def operations(self):
        lines = [f"region {r.base:#x} {r.length:#x} {r.type}" for r in self.map.regions]
        lines += [f"reserve {start:#x} {end:#x}" for start, end in self.map.reserved]
        lines += ["init", *(f"alloc {n} {n}" for n in self.map.blocks()), "ask 1 1"]
        return operations("\n".join(lines))


def any_map(stream, index):
    """A random map, and all that can be had of it."""
    return RandomMap(stream, 32 << (index % 4)).operations()


@plays(generated(any_map, 16))
def test_any_map(outcome):
    outcome.keeps_the_contract()
