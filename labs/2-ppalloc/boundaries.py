"""Lab 2 by construction: the contract's numbers as data, and scenarios in which any two come together.

What a map makes usable tells `MemoryMap`; what requests and frees get is the oracle's to judge.
"""

from __future__ import annotations

from functools import cache

from grader.judging.memory_map import FOUR_GIB, PAGE, MemoryMap, Region
from grader.scenarios.pairs import around, pairs, powers
from grader.scenarios.siblings import HIGHEST, script
from grader.scenarios.stream import Stream

from .siblings import whole_map

ALL = 1 << 20  # the pages below 4 GiB
MAPS = 18
SLOT = 8  # pages for each entry: an available region of 4, and a hole
END = 1 << 64

# Of a region: where in a page it begins, its bytes, its type, and where it lies.
OFFSETS = (0, 1, 2048, PAGE - 1)
LENGTHS = (0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE - 1, FOUR_GIB, END - PAGE, END - 1)
TYPES = (1, 0, 2, 3, 5, 6, 0x101, 0x80000001, 0xFFFFFFFF)
PLACES = ("inside", "border", "above", "top")
PAGES_A_CALL = (0, 1, 2, 16, 17, ALL - 1, ALL, ALL + 1, 1 << 31, (1 << 31) + 1, HIGHEST)
COUNTS = ((33, 17), (66, 65), (124, 124))  # regions, reserved ranges
MOST = 1024  # of either, in one map
KINDS = ("available", "another type", "reserved")
CROWDS = (("available",), ("another type", "reserved"))  # as many of each as there may be
DEPTHS = (128, 256)  # entries at one page: what eight bits can't count
COUNTED = sorted({*around(*powers(5, 9), 100, 300, 1000, MOST, highest=MOST)})  # which of them matter
APART = 3 * (len(COUNTED) + len(DEPTHS))  # pages for those that are alone, and those of many
CHAIN = MOST - len(COUNTED) - sum(DEPTHS)  # all others, side by side
# Of two entries, by pages: the same start, the same end, one in the other, the same, one behind the other, overlapping.
RELATIONS = (((0, 1), (0, 3)), ((2, 3), (0, 3)), ((1, 2), (0, 3)), ((0, 2), (0, 2)), ((0, 1), (1, 3)), ((0, 2), (1, 3)))
THOUSAND = 1000  # regions, reserved ranges, and pages
RUN = 256  # pages of a run, or 64 times as many
LINKS = (3, 6, 20, 70)  # ranges of which each begins in the one before it
LINK = (2, 300, 2, 40)  # pages of one


@cache
def _regions():
    """Cases with any two values together, those last that leave nothing usable behind them."""
    cases = pairs(Stream("regions"), offset=OFFSETS, length=LENGTHS, kind=TYPES, place=PLACES)
    return [sorted(cases[i::MAPS], key=_covers_all) for i in range(MAPS)]


@cache
def _ranges():
    return pairs(Stream("ranges"), offset=OFFSETS, length=LENGTHS[:6], place=PLACES[:2])


def _covers_all(case):
    return case["length"] >= FOUR_GIB and case["place"] in ("inside", "border")


def maps(stream, index):
    """Regions and reserved ranges, each beside an available region of its own."""
    slots = [SLOT * (i + stream.between(1, 3)) for i in range(0, 40, 4)]
    memory = MemoryMap([Region(page * PAGE, 4 * PAGE, 1) for page in slots])
    for case in _ranges()[index::MAPS]:
        start = slots.pop(0) * PAGE + PAGE * (1 if case["place"] == "inside" else 3) + case["offset"]
        memory.reserved.append((start, start + case["length"]))
    memory.regions += [_region(stream, case, slots.pop(0)) for case in _regions()[index]]
    memory.regions = stream.shuffled(memory.regions)
    return whole_map(memory)


def _region(stream, case, page):
    place = {"inside": page + 1, "border": page + 3, "top": END // PAGE - 2,
             "above": (FOUR_GIB // PAGE << stream.below(32)) + page + 1}[case["place"]]
    length = case["length"]
    if case["kind"] == 1 and _covers_all(case):
        length = 2 * PAGE + case["offset"]  # or there would be a million pages
    return Region(place * PAGE + case["offset"], length, case["kind"])


def top(stream, index):
    """The last pages below 4 GiB: something lies in them, up to the last byte or beyond."""
    last = FOUR_GIB - stream.between(3, 9) * PAGE
    some = stream.between(1, PAGE - 1)
    memory = MemoryMap([Region(16 * PAGE, (20 + stream.below(9)) * PAGE, 1),
                        Region(END - PAGE + 1 + some // 2, 9 * PAGE, 1)])  # rounded up in 64 bits it begins at 0
    if index == 0:
        memory.regions.append(Region(FOUR_GIB // 8, FOUR_GIB // 16, 1))  # of which most is reserved
        memory.reserved.append((FOUR_GIB // 8 + some, FOUR_GIB // 8 + FOUR_GIB // 32 + some))
        memory.regions.append(Region(last - 64 * PAGE, 128 * PAGE, 1))
        memory.reserved += [(last + some, HIGHEST), (last - 9 * PAGE, last - 9 * PAGE + some)]
    elif index == 1:
        memory.regions += [Region(last - 64 * PAGE, FOUR_GIB - PAGE - (last - 64 * PAGE), 1),
                           Region(last + some, END - last - some, 2),
                           Region(FOUR_GIB - some, PAGE + some, 1)]  # rounded up in 32 bits it begins at 0
        memory.reserved.append((HIGHEST - PAGE - some, HIGHEST - PAGE + 1))
    elif index == 2:
        high = FOUR_GIB * PAGE + stream.between(1, 60) * PAGE  # as a number of pages a few, in 32 bits
        memory.regions += [Region(last - 64 * PAGE, high - (last - 64 * PAGE), 1), Region(FOUR_GIB - some, some, 2)]
    else:
        memory.regions += [Region(64 * PAGE + some, END - 1, 1), Region(FOUR_GIB - some, END - 1, 2),
                           Region(65 * PAGE, last - 65 * PAGE, 3)]
        memory.reserved.append((FOUR_GIB - 2 * PAGE, FOUR_GIB - 2 * PAGE + 1))
    return (*whole_map(memory), *_last_pages(stream, last))


def everything(stream, index):
    """All pages below 4 GiB are usable: nearly all of them, then all, are one run."""
    del index
    less = ALL - stream.between(1, 9)
    last = less - stream.between(1, 99)
    return script(f"region 0 {FOUR_GIB << stream.below(9):#x} 1", "init", f"alloc {ALL + 1} {HIGHEST}",
                  f"a = alloc {less} {less}",
                  [f"ask 1 {ALL}"] * (ALL - less).bit_count(), "ask 1 1", f"free {last * PAGE:#x} 1", "free a", "ask 1 1",
                  "ask 1 1", "free a", f"free {less * PAGE:#x} {ALL - less}",
                  f"ask {ALL // 2 + 1} {ALL}", "ask 1 1")


def _last_pages(stream, last):
    """Those up to 4 GiB come back, whatever they were: in portions, at once, and never twice."""
    pages = (FOUR_GIB - last) // PAGE
    cut = stream.between(1, pages - 1)
    return script(f"free {last:#x} {cut}", f"free {last + cut * PAGE:#x} {pages - cut}", f"free {last:#x} {pages}",
                  f"free {last + cut * PAGE:#x} {pages - cut}", [f"ask 1 {pages}"] * pages)


def many(stream, index):
    """Many regions, some of other types, and many reserved ranges; each of them matters."""
    regions, ranges = COUNTS[index]
    memory = MemoryMap()
    for i in stream.shuffled(range(regions)):
        memory.regions.append(Region(6 * i * PAGE + PAGE, stream.between(3, 5) * PAGE, 1))
    for i in stream.shuffled(range(min(regions, ranges))):
        start, other = ((6 * i + page) * PAGE + stream.below(PAGE) for page in (2, 3))
        memory.reserved.append((start, start + 1))
        memory.regions.append(Region(other, 1, 2))
    memory.regions = stream.shuffled(memory.regions)
    return whole_map(memory)


def crowded(stream, index):
    """As many regions or reserved ranges as there is room for; some say the same as many others, and most are a chain:
    they lie side by side, as they are told. Each that has a place of its own comes behind as many others as a table
    might have had room for."""
    kinds = CROWDS[index]
    first = stream.between(1, 2)
    chain = first + APART * len(kinds)
    memory = MemoryMap()
    for i, kind in enumerate(kinds):
        spans = _crowd(stream, first + APART * i, chain + CHAIN * i)
        if kind == "reserved":
            memory.reserved += spans
        else:
            memory.regions += [Region(start, end - start, 1 if kind == "available" else 2) for start, end in spans]
    if "available" not in kinds:
        memory.regions[0] = Region(0, (chain + CHAIN * len(kinds)) * PAGE, 1)
    return whole_map(memory)


def _crowd(stream, first, chain):
    """Spans of a page each: at pages three apart from `first` on, so that they have odd and even numbers, those of
    which there is one, and those of many; and the chain. The first of them is one of many."""
    places = iter(stream.shuffled(range(first, first + APART, 3)))
    own = {i: next(places) for i in COUNTED}
    shared = [page for depth, page in zip(DEPTHS, places) for _ in range(depth)]
    rest = iter([*shared, *range(chain, chain + CHAIN)])
    pages = [own.get(i) or next(rest) for i in range(1, MOST + 1)]
    return [(page * PAGE, page * PAGE + PAGE) for page in pages]


def related(stream, index):
    """Two entries side by side in the list, of one kind, in every relation to each other, and in either order."""
    del index
    cases = stream.shuffled([(kind, pair[::turn]) for kind in KINDS for pair in RELATIONS for turn in (1, -1)])
    memory, regions = MemoryMap(), []
    for slot, (kind, pair) in enumerate(cases, 1):
        at = SLOT * slot * PAGE
        spans = [(at + start * PAGE, at + end * PAGE) for start, end in pair]
        if kind == "reserved":
            memory.reserved += spans
        else:
            regions += [Region(start, end - start, 1 if kind == "available" else 2) for start, end in spans]
        if kind != "available":
            memory.regions.append(Region(at, (SLOT - 1) * PAGE, 1))
    memory.regions += regions
    return whole_map(memory)


def chains(stream, index):
    """Regions of another type, reserved ranges, and available regions, of which each goes on where one that is
    told later ends, or in it: who passes one stands in another, which he may have looked at before. A small region
    lies in a much larger one that is told later."""
    links = LINKS[index]
    first = stream.between(2, 40)
    ends = [(first + LINK[index] * i) * PAGE for i in range(links + 1)]
    over = [stream.choice((0, 0, 1, PAGE)) for _ in range(links)]
    taken = [(start, end + more) for start, end, more in zip(ends, ends[1:], over)]
    memory = MemoryMap([Region(0, ends[-1] + 9 * PAGE, 1)], taken[::-2])
    memory.regions += [Region(start, end - start, 2) for start, end in taken[-2::-2]]
    beyond = ends[-1] + 16 * PAGE
    memory.regions += [Region(beyond + start, end - start, 1) for start, end in taken[::-1]]
    memory.reserved += [(start + beyond * 2, end + beyond * 2) for start, end in taken[::-1]]
    memory.regions += [Region(beyond * 2 + PAGE, PAGE, 1), Region(beyond * 2, ends[-1] + 5 * PAGE, 1)]
    return whole_map(memory)


def requests(stream, index):
    """Any min with any max; what comes of it is given back, at any address if it is nothing."""
    del index
    base = stream.between(1, 40) * 32 * PAGE
    lines = [f"region {base:#x} {24 * PAGE:#x} 1", "init"]
    for case in pairs(stream, low=PAGES_A_CALL, high=PAGES_A_CALL):
        lines += [f"r = alloc {case['low']} {case['high']}", "free r"]
    for address in (0, base, base + 24 * PAGE, 1 << 31, HIGHEST - PAGE + 1):
        lines.append(f"free {address:#x} 0")
    return script(lines, "alloc 16 16", "alloc 8 8", "ask 1 1")


def wrong_frees(stream, index):
    """Pages beyond the map, more than there are, and long runs of which one page is free."""
    del index
    first = 4096 * stream.between(1, 3)
    lines = [f"region {first * PAGE:#x} {4096 * PAGE:#x} 1", "init", f"free {first * PAGE:#x} {HIGHEST}",
             "a = alloc 4096 4096"]
    starts = {"first": first, "last": first + 4095, "beyond": first + 4096, "half": 1 << 19, "top": ALL - 1}
    for case in pairs(stream, start=tuple(starts), count=PAGES_A_CALL[5:]):
        lines.append(f"free {starts[case['start']] * PAGE:#x} {case['count']}")
    lines += [f"free {page * PAGE:#x} {count}" for page, count in
              ((first + 4096, 1), (first + 4095, 2), (ALL - 1, 1), (1 << 19, 1), (first, 4097))]
    for page in stream.shuffled((0, 1, 1023, 1024, 2048 + stream.below(1000), 4094, 4095)):
        lines += [f"free a+{page * PAGE:#x} 1", "free a", f"free a+{page * PAGE:#x} 1", "ask 1 1", "ask 1 1"]
    return script(lines, "free a", "alloc 4096 4096")


def long_frees(stream, index):
    """A run of more than 2^18 pages comes back, of which a single page is free: one that has many before it."""
    del index
    start, more = 1 << 18, 4096
    pages = start + more
    lines = [f"region {start * PAGE:#x} {pages * PAGE:#x} 1", "init", f"a = alloc {start} {start}",
             f"alloc {more} {more}"]
    for page in (stream.between(4097, 65535), stream.between(65537, start - 2), start, pages - 1):
        lines += [f"free a+{page * PAGE:#x} 1", f"free a {pages}", f"ask 1 {pages}", "ask 1 1"]
    return script(lines, f"free a {pages}", f"alloc {start} {start - 1}", f"alloc {start} {pages}",
                  f"alloc {more} {pages}", "ask 1 1")


def given_back(stream, index):
    """What was not made available is given back later: its pages can be had then, and at last all in one run, of more
    than were usable at first. It was reserved, or of another type, or the map tells nothing of it."""
    pages = 1 << 3 + index
    start, before = stream.between(1, 10) * 4 * pages, stream.between(1, 3)
    size = pages * PAGE
    begin, hole, behind = ((start + i * pages) * PAGE for i in range(3))
    lines = [f"region {begin:#x} {4 * size:#x} 1", f"reserve {hole:#x} {behind:#x}"]
    if index > 0:
        lines = [f"region {behind:#x} {2 * size:#x} 1", f"region {begin:#x} {size:#x} 1"]
    if index > 1:
        lines.append(f"region {hole:#x} {size:#x} 2")
    return script(lines, "init", f"alloc {2 * pages} {4 * pages}", f"alloc 1 {pages}", "ask 1 1",
                  f"free {hole:#x} {before}", f"free {hole + before * PAGE:#x} {pages - before}",
                  f"alloc 1 {4 * pages}", "ask 1 1", f"free {begin:#x} {4 * pages}", f"alloc {4 * pages} {4 * pages}")


def long_runs(stream, index):
    """Runs are allocated that are short, or 64 times as long; then there is nothing left. What came back, or lies
    beyond the end, does not come back again."""
    size = RUN * (1, 64)[index]
    base = stream.between(1, 3) * 4 * size
    end = base + 2 * size
    wrong = [f"free {page * PAGE:#x} {count}" for page, count in
             ((base + stream.below(size), 1), (base, 9), (end - 1, 2), (end, 1), (ALL - 1, 1))]
    return script(f"region {base * PAGE:#x} {2 * size * PAGE:#x} 1", "init",
                  [line for i in range(6) for line in
                   (f"a = ask {size} {size}", f"b = ask {size - i % 3} {size - i % 3}", f"c = ask 1 {HIGHEST}",
                    f"d = ask 1 {HIGHEST}", "alloc 1 1", f"alloc 2 {HIGHEST}", "alloc 1 2", "free a", wrong[i % 5],
                    f"free {(base + size - 1) * PAGE:#x} 2", "free b", "free c", "free d")], wrong)


def entries(stream, index):
    """100 regions and reserved ranges in 64 MiB; half of the regions cover nearly all of it, each. Or a thousand of
    either in 4 MiB, in any order."""
    if index == 1:
        pages = stream.shuffled(range(THOUSAND))
        kinds = [f"region {page * PAGE:#x} {PAGE} {page % 4 + 1}" for page in pages[1:]]
        ranges = [f"reserve {page * PAGE + 9:#x} {page * PAGE + 10:#x}" for page in pages[::-1] if page != 4]
        return script(f"region 0 {THOUSAND * PAGE:#x} 1", kinds, ranges, "init", "alloc 1 1", "ask 1 1")
    regions = stream.shuffled(
        [f"region {i * 256 * PAGE + PAGE:#x} {200 * PAGE:#x} 1" for i in range(32)]
        + [f"region {i * PAGE:#x} {(64 * 256 - 2 * i) * PAGE:#x} 1" for i in range(32)])
    ranges = [f"reserve {(i * 256 + 9) * PAGE:#x} {(i * 256 + 10) * PAGE:#x}" for i in stream.shuffled(range(36))]
    return script(regions, ranges, "init", "alloc 64 64")
