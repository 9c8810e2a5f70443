"""Lab 1's scenarios in the largest allocator there can be, of a million units."""

from __future__ import annotations

from itertools import combinations

from grader.judging.free_units import MAX_UNITS
from grader.scenarios.pairs import pairs
from grader.scenarios.scenario import operations
from grader.scenarios.siblings import HIGHEST, script

from .boundaries import ORDERS, WORD

DISTANCES = (1, 6, 8, 11, 13, 15, 16)  # orders: between free units that nothing else is free between


def a_million(stream, index):
    """A block of every order, the largest first, then all of it: of an allocator of 4096 units, and of the largest
    one."""
    highest = (11, 19)[index]
    units = 2 << highest
    orders = [highest, *stream.shuffled(range(highest))]
    lines = [f"init {units}", f"free 0 {units}", *(f"o{k} = alloc {1 << k} {1 << k}"
                                                  for k in orders),
             "last = alloc 1 1", "ask 1 1", *(f"free o{k}" for k in stream.shuffled(orders)),
             "free last", f"alloc {units} {units}"]
    return operations("\n".join(lines))


def completed(stream, index):
    """A block comes free in two or three portions, one of them short: at its beginning, its end, or between. It is one
    block, whichever comes last. At last a range comes of as many blocks as one can have."""
    del index
    lines = [f"init {MAX_UNITS}"]
    for case in pairs(stream, order=ORDERS[2:], part=(0, 1, 3), place=("first", "middle", "last"), last=(0, 1)):
        size, part = 1 << case["order"], 1 << case["part"]
        at = {"first": 0, "middle": size // 2 - part // 2, "last": size - part}[case["place"]]
        base = stream.below(MAX_UNITS // size) * size
        portions_of = [(at, at + part), (0, at), (at + part, size)]
        lines += [f"free {base + start} {end - start}" for start, end in portions_of[::-1 if case["last"] else 1]]
        lines.append(f"ask {size} {size}")
    return script(lines, f"free 1 {MAX_UNITS - 2}", [f"ask 1 {MAX_UNITS}"] * (2 * MAX_UNITS.bit_length() - 4), "ask 1 1")


def far_between(stream, index):
    """Single units are free at every distance, and all are found again."""
    del index
    lines = [f"init {MAX_UNITS}"]
    for order in stream.shuffled(DISTANCES):
        count = min(WORD, MAX_UNITS >> order)
        lines += [f"comb {stream.below(1 << order)} {1 << order} {count}", *["ask 1 1"] * (count + 1)]
    return script(lines)


def last_ones(stream, index):
    """The last block of each order, and another one that comes before it, or after it: no number means that there is
    nothing, also of those that fill 20 bits."""
    del index
    lines = [f"init {MAX_UNITS}"]
    for order in stream.shuffled(ORDERS):
        size = 1 << order
        other = stream.below(MAX_UNITS // 2 // size) * size
        for places in ((MAX_UNITS - size, other), (other, MAX_UNITS - size)):
            lines += [*(f"free {place} {size}" for place in places), *[f"ask {size} {size}"] * 3]
    return script(lines)


def large_rests(stream, index):
    """What is left of the largest block there can be: of all units but a few, or but most of them, or nothing, as more
    was asked for than all of them."""
    del index
    lines = [f"init {MAX_UNITS}"]
    nearly_all = MAX_UNITS * 7 // 8 + stream.below(1000)
    for wanted in (nearly_all, *stream.shuffled((1, MAX_UNITS // 2 + 1, MAX_UNITS - 1))):
        rest = MAX_UNITS - wanted
        lines += [f"free 0 {MAX_UNITS}", f"ask 1 {wanted}", *[f"ask 1 {MAX_UNITS}"] * rest.bit_count(), "ask 1 1"]
    return script(lines, f"free 0 {MAX_UNITS}", f"ask 1 {MAX_UNITS + 1}")


def large_blocks(stream, index):
    """Of two free blocks, both of them large, the smaller one is taken, whichever came last."""
    del index
    return _of_two_large_ones(stream, lambda small: 0)


def large_parts(stream, index):
    """The same by who needs less than all of it."""
    del index
    return _of_two_large_ones(stream, lambda small: stream.choice((1, small // 2 - 1, stream.between(1, small // 2 - 1))))


def _of_two_large_ones(stream, rest_of):
    sizes = [MAX_UNITS >> k for k in (4, 3, 2, 1)]
    lines = [f"init {MAX_UNITS}"]
    for small, large in stream.shuffled(list(combinations(sizes, 2))):
        rest = rest_of(small)
        lines += stream.shuffled([f"free {small} {small}", f"free {large} {large}"])
        lines += [f"ask {small - rest} {small - rest}", f"ask {large} {large}", *[f"ask 1 {small}"] * rest.bit_count()]
    return script(lines)


def few_among_many(stream, index):
    """Some units are free among a million; what is refused, or not to be had, leaves them so."""
    del index
    first = MAX_UNITS // 2 + stream.below(1000)
    return script(f"init {MAX_UNITS}", f"comb {first} 2 64", f"free {first} 1", f"free {first - 5} 9",
                  f"free {first + 63} 9", f"free {MAX_UNITS} 1", f"free {MAX_UNITS - 9} 10", f"free 5 {HIGHEST}",
                  f"free {HIGHEST} 9", "ask 2 2", f"alloc 2 {HIGHEST}")
