"""The graded tests of lab 2: what each plays, and what it judges. Points and ideas: lab.toml."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from grader.grading import thin
from grader.grading.outcome import Measured
from grader.judging.memory_map import MemoryMap, Region
from grader.scenarios import lab_files, workload
from grader.scenarios.scenario import operations
from grader.scenarios.workload import fixed, plays

HEADER = "kernel/mm/allocation.h"
LONG = 1_000_000_000  # instructions: what ppinit may take where its time is not what a test is about,
SHORT = LONG // 25  # and where a map of some MiB is there to find out soon that it never comes back

boundaries = lab_files.module(Path(__file__).parent, "boundaries")


def generated(make, count=1, limit=LONG, **options):
    """Scenarios in which ppinit may take the time that its contract allows, page by page."""
    return workload.generated(make, count, limit=limit, limited=("init",), **options)


def siblings(name, count):
    """The same for siblings."""
    return workload.siblings(name, count, limit=LONG, limited=("init",))


@plays(fixed("only-usable-pages"), siblings("only-usable-pages", 3))
def test_only_usable_pages(outcome):
    outcome.keeps_the_contract()


@plays(fixed("addresses"), siblings("addresses", 3))
def test_addresses(outcome):
    outcome.keeps_the_contract()


@plays(fixed("min-and-max"), siblings("min-and-max", 3),
       generated(boundaries.requests))
def test_min_and_max(outcome):
    outcome.keeps_the_contract()


@plays(fixed("refused"), siblings("refused", 3))
def test_refused(outcome):
    outcome.keeps_the_contract()


@plays(fixed("portions"), siblings("portions", 3))
def test_portions(outcome):
    outcome.keeps_the_contract()


@plays(fixed("double-free"), siblings("double-free", 2),
       generated(boundaries.wrong_frees),
       workload.generated(boundaries.long_frees, limit=LONG, limited=("init", "free")))
def test_double_free(outcome):
    outcome.keeps_the_contract()


def few_and_many(stream, index):
    """Runs come and go on a map of 40 regions while 8 other pages of it are allocated, or 400. Then the map has 800
    regions that are no memory, too.

    The runs are the same, so that the figures can be compared. Half of them are allocated before
    those pages, half after: in any list, some of what is freed has all of them before it. At last some come back again.
    """
    pages = (8, 400)[index]
    others = [f"region {0xF0000000 + i * 0x2000:#x} 0x1000 2" for i in range(2 * pages * index)]
    first = stream.between(2, 5) * 0x20000
    runs = [f"{i} = alloc {1 + 5 * i % 7} {1 + 5 * i % 7}" for i in range(20)]
    return operations("\n".join([
        *(f"region {first + i * 0x40000:#x} 0x20000 1" for i in range(40)), *others, "init",
        *(f"r{run}" for run in runs[:10]), *["alloc 1 1"] * pages, *(f"r{run}" for run in runs[10:]),
        *(f"free r{i}" for i in stream.shuffled(list(range(20)))),
        *(f"free r{i}" for i in stream.shuffled(list(range(4)))), f"free {first + 40 * 0x40000:#x} 1"]))


@plays(generated(few_and_many, 2, (SHORT, LONG), measure=True), generated(boundaries.long_runs, 2, measure=True))
def test_thin(outcome):
    outcome.keeps_the_contract()
    runs = {"alloc": 10, "free": 20}  # the last ones, which are the same with few and with many
    outcome.earns_by_steps(
        Measured("cost",
                 "takes hardly more time than the buddy allocator: instructions for an operation",
                 max(outcome.cost(i, verb, some) for i in (0, 1)
                     for verb, last in runs.items() for some in (0, last)), {400: Fraction(1), 1000: Fraction(1, 2)}),
        Measured("growth",
                 "takes no more time with many pages: times as many instructions beside 400 "
                 "other pages, and with 800 entries more in the map, as beside 8",
                 max(outcome.growth(verb, last) for verb, last in runs.items()),
                 {2: Fraction(1), 4: Fraction(1, 2)}),
        *thin.long_runs(outcome, boundaries.RUN),
        *thin.refused_frees(outcome, 4, "800 entries more in the map"),
        sentence="Like ppfree it takes the time that the buddy allocator takes, and hardly more, "
                 "however many pages are allocated.",
        header=HEADER)


@plays(fixed("holes"), siblings("holes", 3))
def test_holes(outcome):
    outcome.keeps_the_contract()


@plays(fixed("borders"), siblings("borders", 3))
def test_borders(outcome):
    outcome.keeps_the_contract()


@plays(fixed("reserved"), siblings("reserved", 3), generated(boundaries.given_back, 3))
def test_reserved(outcome):
    outcome.keeps_the_contract()


@plays(fixed("any-order"), siblings("any-order", 3), generated(boundaries.many, len(boundaries.COUNTS)),
       generated(boundaries.crowded, len(boundaries.CROWDS)), generated(boundaries.related),
       generated(boundaries.chains, len(boundaries.LINKS)))
def test_any_order(outcome):
    outcome.keeps_the_contract()


@plays(fixed("above-4-gib"), siblings("above-4-gib", 3), generated(boundaries.everything), generated(boundaries.top, 4))
def test_above_4_gib(outcome):
    outcome.keeps_the_contract()


@plays(fixed("large-machine"))
def test_large_machine(outcome):
    outcome.keeps_the_contract()


def gigabytes(stream, index):
    """56 MiB, and 3.5 GiB, in two regions, as firmware describes them, and what a kernel keeps of them."""
    end = (0x3800000, 0xe0000000)[index]
    image_end = 0x100000 + stream.between(60, 900) * 4096
    return operations(f"""
        region 0 0x9f000 1
        region 0x9f000 0x61000 2
        region 0x100000 {end - 0x100000:#x} 1
        region {end:#x} 0x10000000 2
        reserve 0 0x100000
        reserve 0x100000 {image_end:#x}
        reserve {image_end:#x} {image_end + 0x40000:#x}
        init
        alloc {(4096, 262144)[index]} {(4096, 262144)[index]}""")


@plays(generated(gigabytes, 2, measure=True, limit=(SHORT, 1_700_000_000), shrinks=False),
       generated(boundaries.entries, 2, limit=LONG, measure=True))
def test_quick_start(outcome):
    outcome.keeps_the_contract()
    outcome.earns_by_steps(
        Measured("cost",
                 "ppinit takes time O(pages): millions of instructions for 3.5 GiB",
                 outcome.cost(1, "init") / 1e6, {800: Fraction(1), 1600: Fraction(1, 2)}),
        Measured("cost of many entries",
                 "ppinit takes time O(pages * (regions + reserved ranges)) at most: instructions for each "
                 "page and entry, with 100 of these", outcome.cost(2, "init") / (100 * 64 * 256),
                 {100: Fraction(1), 200: Fraction(1, 2)}),
        sentence="Takes time O(pages * (regions + reserved ranges)) at most.", header=HEADER)


@plays(fixed("machine"))
def test_machine(outcome):
    outcome.keeps_the_contract()


@plays(fixed("overlapping"), siblings("overlapping", 3))
def test_overlapping(outcome):
    outcome.keeps_the_contract()


@plays(fixed("other-types-win"), siblings("other-types-win", 3))
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


def all_of(memory):
    """All that can be had of a map."""
    lines = [f"region {r.base:#x} {r.length:#x} {r.type}" for r in memory.regions]
    lines += [f"reserve {start:#x} {end:#x}" for start, end in memory.reserved]
    lines += ["init", *(f"alloc {n} {n}" for n in memory.blocks()), "ask 1 1"]
    return operations("\n".join(lines))


def any_map(stream, index):
    """A random map."""
    return all_of(RandomMap(stream, 32 << (index % 4)).map)


def every_trap(stream, index):
    """What a random map has now and then, each in a place of its own.

    Page 0, alone; a page of which two regions have a part each; a reserved range that ends where a
    page begins; an empty region and an empty range, within pages.
    """
    del index
    middle, beyond = 4096 * stream.between(2, 30), 4096 * stream.between(50, 90)
    reserved, *places = (middle + 4096 * page for page in stream.shuffled(range(7))[:3])
    empty_region, empty_range = (place + stream.between(1, 4095) for place in places)
    cut = stream.between(4097, 8191)
    regions = [Region(0, 4096, 1), Region(middle, 8 * 4096, 1), Region(empty_region, 0, 2),
               Region(beyond, cut, 1), Region(beyond + cut, 3 * 4096 - cut, 1)]
    ranges = [(reserved + stream.below(4096), reserved + 4096), (empty_range, empty_range)]
    return all_of(MemoryMap(stream.shuffled(regions), ranges))


@plays(workload.generated(any_map, 15), generated(every_trap), generated(boundaries.maps, boundaries.MAPS))
def test_any_map(outcome):
    outcome.keeps_the_contract()
