"""Siblings of the scenarios in scenarios/: `some_name` makes those of some-name.scenario.

Those about requests are lab 1's, in pages. The others are maps with one trap each; what there is to
be had of them tells `MemoryMap`.
"""

from __future__ import annotations

from grader.judging.memory_map import FOUR_GIB, PAGE, MemoryMap, Region
from grader.scenarios import siblings
from grader.scenarios.siblings import exactly, in_pages, script

# The end of a region is taken as a whole, or left as a whole. Somebody may miss a page that stands
# alone, or page 0, and loses the points for that in the tests whose files have one: always the same.
TAIL = 3 * PAGE


def one_block(stream):
    """A map of one region, all of whose pages are one block. Its base is more than its length."""
    def setup(pages):
        base = stream.between(2, 5) * pages * PAGE
        return [f"region {base:#x} {pages * PAGE:#x} 1", "init"]
    return setup


def addresses(stream, index):
    """Blocks that fill the map exactly."""
    return in_pages(siblings.exact_counts(stream, index), one_block(stream))


def min_and_max(stream, index):
    """A block and its rest; the largest block; requests for nothing and for everything."""
    idea = (siblings.rest_of_block, siblings.largest_block, siblings.strange_requests)[index]
    return in_pages(idea(stream, index), one_block(stream))


def refused(stream, index):
    """Full, asked again; then one block comes back."""
    return in_pages(siblings.exhaustion(stream, index), one_block(stream))


def portions(stream, index):
    """A run comes back in portions, then two as one."""
    return in_pages(siblings.partial_frees(stream, index), one_block(stream))


def double_free(stream, index):
    """What touches a free page panics."""
    return in_pages(siblings.double_free(stream, index), one_block(stream))


def whole_map(memory_map):
    """ppinit with that map; then all there is to be had of it, and nothing more."""
    return script((f"region {r.base:#x} {r.length:#x} {r.type}" for r in memory_map.regions),
                  (f"reserve {start:#x} {end:#x}" for start, end in memory_map.reserved), "init",
                  [exactly(size) for size in memory_map.blocks()], "ask 1 1")


def pieces(stream, count, gap=1):
    """`count` available regions of whole pages, in order, at least `gap` pages apart.

    The first begins behind page 0, but before as many bytes as it has.
    """
    found, page = [], stream.between(1, TAIL // PAGE)
    for _ in range(count):
        length = stream.between(TAIL // PAGE, 40)
        found.append(Region(page * PAGE, length * PAGE, 1))
        page += length + stream.between(gap, 30)
    return found


def within(stream, region, pages, least=1):
    """From `least` bytes to so many pages, anywhere from a page before a region's start to its end.
    What ends in the region's tail is made longer."""
    start = max(0, region.base + stream.below(region.length) - PAGE)
    end = start + stream.between(least, pages * PAGE)
    return start, region.end if region.end - TAIL <= end < region.end else end


def only_usable_pages(stream, index):
    """One region, or two with a hole between them."""
    return whole_map(MemoryMap(pieces(stream, 1 + index % 2)))


def holes(stream, index):
    """Regions in order; something else lies in some of the holes."""
    found = pieces(stream, 3 + index)
    others = [Region(a.end, b.base - a.end, stream.between(2, 5)) for a, b in zip(found, found[1:])
              if stream.chance(1, 2)]
    return whole_map(MemoryMap(sorted(found + others, key=lambda region: region.base)))


def borders(stream, index):
    """Regions begin and end within pages; each is followed by something else, or by nothing."""
    regions = []
    for region in pieces(stream, 2 + index, gap=2):
        base, end = (region.base + stream.below(PAGE), region.end + stream.below(PAGE))
        regions.append(Region(base, end - base, 1))
        if stream.chance(1, 2):
            regions.append(Region(end, stream.between(1, PAGE), 2))
    return whole_map(MemoryMap(regions))


def reserved(stream, index):
    """Reserved ranges begin and end anywhere, and may overlap; one reserves nothing, nor does the first, of zeros, which
    ends no list."""
    regions = [Region(stream.between(100, 190) * PAGE, stream.between(30, 90) * PAGE, 1)]
    ranges = [within(stream, regions[0], 1 + 9 * (i % 2)) for i in range(2 + index)]
    empty = regions[0].base + stream.below(regions[0].length - TAIL)
    return whole_map(MemoryMap(regions, [(0, 0), *stream.shuffled([*ranges, (empty, empty)])]))


def any_order(stream, index):
    """Regions of whole pages in any order; empty ones in their second pages touch nothing. An
    available one of these comes first."""
    found = pieces(stream, 3 + index)
    first, *empty = [Region(stream.choice(found).base + PAGE + stream.between(1, PAGE - 1), 0, kind)
                     for kind in (1, 0, stream.between(2, 5))]
    others = [Region(region.end, PAGE, 2) for region in found if stream.chance(1, 3)]
    return whole_map(MemoryMap([first, *stream.shuffled(found + empty + others)]))


def above_4_gib(stream, index):
    """What lies above 4 GiB, of whatever type, does not matter below."""
    found = pieces(stream, 1 + index)
    places = [FOUR_GIB * stream.between(1, 90), *(1 << bits for bits in (44, stream.between(33, 62), 63))]
    above = [Region(place + found[0].base + stream.below(9) * PAGE, stream.between(1, 1 << 20) * PAGE, kind)
             for place in places for kind in (1, 2)]
    return whole_map(MemoryMap(stream.shuffled(found + above)))


def overlapping(stream, index):
    """Available regions over, in and beside each other; there is a whole page in each."""
    first = Region(stream.between(2, 20) * PAGE, stream.between(20, 60) * PAGE, 1)
    ranges = [within(stream, first, 20, least=2 * PAGE) for _ in range(2 + index)]
    beside = Region(first.end, stream.between(PAGE, 5 * PAGE), 1)
    regions = [first, beside, *(Region(a, b - a, 1) for a, b in ranges)]
    return whole_map(MemoryMap(stream.shuffled(regions)))


def other_types_win(stream, index):
    """Regions of other types touch an available one; a page that they touch is not usable."""
    first = Region(stream.between(1, 20) * PAGE, stream.between(20, 60) * PAGE, 1)
    ranges = [within(stream, first, 1 + 8 * (i % 2)) for i in range(2 + index)]
    others = [Region(a, b - a, stream.choice((0, 2, 3, 20))) for a, b in ranges]
    return whole_map(MemoryMap(stream.shuffled([first, *others])))
