"""What operations cost on every path: the same ones in an allocator of some size, and of 64 times that.

Each function makes a pair of scenarios, by `index`; what is measured is the same in both.
"""

from __future__ import annotations

from grader.scenarios.siblings import HIGHEST, script

TIMES = 64  # as many units, or free blocks
UNITS = 1024  # of a long run, or as many times that
LITTLE = 2000  # instructions that count at most of an operation on few
OFTEN = 256  # operations of which all are measured
MOST = 1 << 14  # units, or as many times that as there can be
PART = 512  # units, of which all are free but one
LARGE_BLOCK = 4096  # units, or as many times that
NOTHING = 5  # frees of no units
BLOCKS = (8, 16, 32, 64)  # units of blocks that come and go alone


def single_units(stream, index):
    """Every other unit is free, 32 of them or 2048: then blocks come and go beside them.

    What is asked for is the same with few and with many, so that the figures can be compared. Half
    of the pairs `p` are freed before the single units, half after them: the buddies that have to be
    found again have all of them before or behind them in any list.
    """
    count = (32, 2048)[index]
    sizes = stream.shuffled([1 << i % 5 for i in range(40)])
    lines = [f"init {2 * count + 1024}", f"free {2 * count} 1024"]
    lines += [f"p{i} = alloc 2 2" for i in range(16)]
    lines += [f"free p{i} 1" for i in range(8)]
    lines += [f"comb 0 2 {count}"]
    lines += [f"free p{i} 1" for i in range(8, 16)]
    lines += [f"free p{i}+1 1" for i in range(16)]
    lines += [f"r{i} = alloc {size} {size}" for i, size in enumerate(sizes)]
    lines += [f"free r{i}" for i in range(40)]
    return script(lines)


def among_blocks(stream, index):
    """Single units and pairs come and go in the middle, with free blocks far off on both sides."""
    units, gap = _units(index), 4 * (1, TIMES)[index]
    middle = units // 2 + 2 * stream.below(8)
    places = [middle + 4 * i for i in stream.shuffled(range(16))]
    return script(f"init {units}", f"comb 0 {gap} 16", f"comb {units - 1} {HIGHEST + 1 - gap} 16",
                  [line for place in places
                   for line in (f"free {place} 2", "ask 2 2", f"free {place} 2", "ask 2 2")])


def alone(stream, index):
    """All units are allocated but one, far from both ends; then but two, far from each other. They go, and what is
    asked for next is not there."""
    units = _units(index)
    lines = [f"init {units}"]
    for _ in range(16):
        near, size = 4 * stream.below(16), 1 << stream.below(3)
        far = units - 4 - near
        lines += [f"free {units // 2 + stream.below(units // 4)} 1", "ask 1 1", "ask 1 1", "ask 2 2",
                  f"free {near} {size}", f"free {far} {size}", *[f"ask {size} {size}"] * 2]
    return script(lines)


def not_to_be_had(stream, index):
    """There are many free units, and what is asked for is more: the largest block goes, or nothing."""
    count = 32 * (1, TIMES)[index]
    largest = 4 * count + 64
    return script(f"init {8 * count + 256}", f"comb 0 4 {count}", f"comb {4 * count + 256} 4 {count}",
                  [line for _ in range(16)
                   for line in (f"free {largest} 16", "ask 17 32", f"ask {stream.between(1, 16)} {HIGHEST}",
                                "ask 4 2", "ask 2 9")])


def runs_among_many(stream, index):
    """There are many free units; runs come free and go, whole blocks and others, and some leave a rest of few units."""
    count = 32 * (1, TIMES)[index]
    base = 4 * count + 128
    sizes = stream.shuffled([64, 48, 34, 100])  # none has a block of one unit, of which there are many
    return script(f"init {8 * count + 512}", f"comb 0 4 {count}", f"comb {4 * count + 512} 4 {count}",
                  [line for size in sizes * 5
                   for line in (f"free {base} {size}", *[f"ask 1 {size}"] * size.bit_count(), f"free {base} 128",
                                "ask 125 125", f"free {base} 125", "ask 128 128")])


def sorted_frees(stream, index):
    """Units came free one after the other; at the end where they went on, some more come and go."""
    count, backwards = 32 * (1, TIMES)[index], stream.chance(1, 2)
    units = 2 * count + 512
    comb = f"comb {units - 1} {HIGHEST - 1} {count}" if backwards else f"comb 0 2 {count}"
    places = [2 * i + 256 if backwards else 2 * count + 2 * i for i in stream.shuffled(range(32))]
    return script(f"init {units}", comb, [f"free {place} 1" for place in places[:16]],
                  [line for place in places[16:] for line in (f"free {place} 1", "ask 1 1")])


def both_ways(stream, index):
    """The same from the other end, surely."""
    count = 32 * (1, TIMES)[index]
    units = 2 * count + 512
    places = stream.shuffled(range(1, 256, 8))
    return script(f"init {units}", f"comb {units - 1} {HIGHEST - 1} {count}",
                  [line for place in places for line in (f"free {place} 1", "ask 1 1")])


def of_each_order(stream, index):
    """The last unit of a large block comes, and the whole goes; then blocks of some other orders come and go, each the
    only one of its order."""
    units, large = (size * (1, TIMES)[index] for size in (MOST, LARGE_BLOCK))
    sizes = stream.shuffled(BLOCKS * 5)[1:]
    return script(f"init {units}", f"free {units // 2} {large - 1}", f"free {units // 2 + large - 1} 1",
                  f"ask {large} {large}",
                  [line for size in sizes for line in (f"free {units // 2} {size}", f"ask {size} {size}")])


def joins_among_many(stream, index):
    """There are many blocks of four units; some are joined with what comes beside them, and go."""
    count = 64 * (1, TIMES)[index]
    return script(f"init {8 * count}", [f"comb {first} 8 {count}" for first in range(4)],
                  [line for i in stream.shuffled(range(count))[:10] for line in (f"free {8 * i + 4} 4", "ask 8 8")])


def among_each_order(stream, index):
    """There are many blocks of each order, side by side but for one unit, which joins them all; then all go, and single
    blocks come and go."""
    count, last = 32 * (1, TIMES)[index], PART - 1
    places = [PART * place for place in stream.shuffled(range(count))[:5]]
    blocks = [(first + 128 * j, size) for first in places for j, size in enumerate(stream.shuffled([8, 16, 128]))]
    return script(f"init {PART * count}", [f"free {PART * i} {last}" for i in range(count)],
                  [line for first in places for line in (f"free {first + last} 1", f"ask {PART} {PART}")],
                  [line for first, size in blocks for line in (f"free {first} {size}", f"ask {size} {size}")])


def among_what_went(stream, index):
    """There were many free units, and all are joined with what comes beside them. What came before them, and after them,
    is to be had then, wherever it is kept."""
    count = 64 * (1, TIMES)[index]
    return script(f"init {4 * count + 64}", f"comb {4 * count} 4 2", f"comb 0 4 {count}", f"comb {4 * count + 32} 4 2",
                  f"comb 1 4 {count - 20}", [f"free {4 * i + 1} 1" for i in stream.shuffled(range(count - 20, count))],
                  ["ask 1 1"] * 4)


def refused(stream, index):
    """A range is not free, or only its end or its beginning is, or it reaches over the end, or begins there or far
    behind it: to say so takes no longer, the more units there are. And nothing is freed."""
    units = MOST * (1, TIMES)[index]
    places = [units // 8 * i + 64 * stream.below(8) for i in range(1, 5)]
    beyond = [(units - 1, 2), (units, 1), (units + 1, 2), (HIGHEST, 1), (HIGHEST - stream.below(9), 10)]
    return script(f"init {units}", [f"free {place} 8" for place in places],
                  [line for place in places
                   for line in (f"free {place + stream.below(8)} 1", f"free {place - 9} 10", f"free {place + 7} 10")],
                  [f"free {start} {count}" for start, count in beyond],
                  [f"free {start} 0" for start in (0, places[0], units - 1, units, HIGHEST)])


def from_the_first(stream, index):
    """Single units, far apart, come and go, and all of it counts: the very first one, for what was left undone until
    then, and hundreds after it, for what is done once in a while."""
    gap = 64 * (1, TIMES)[index]
    first = stream.below(gap)
    return script(f"init {OFTEN * gap}", f"free {first} 1", f"comb {first + gap} {gap} {OFTEN - 1}",
                  [f"ask 1 {i % 3 + 1}" for i in range(OFTEN)])


def large_runs(stream, index):
    """Long runs are allocated: exactly a block, or the largest there is, and all of it but some units at its end."""
    size = UNITS * (1, TIMES)[index]
    return script(f"init {4 * size}", f"free 0 {size}", f"free {2 * size} {size}",
                  [line for i in range(8)
                   for line in (f"a = {('ask', 'alloc')[i % 2]} {size >> i % 2} {size << i % 2}",
                                f"b = ask {size - i % 3} {size - i % 3}",
                                *(f"free {name}" for name in stream.shuffled("ab")))])


def _units(index):
    return 2048 * (1, TIMES)[index]


PATHS = (among_blocks, alone, not_to_be_had, runs_among_many, sorted_frees, both_ways, of_each_order,
         joins_among_many, among_each_order, among_what_went)
