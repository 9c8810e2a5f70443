"""Lab 1 by construction: the contract's numbers as data, and scenarios in which any two come together.

`sizes` has an allocator of each kind of size, `every_order` blocks of each order, `refused` frees that are, `requests`
those for and around blocks of each order. What each gets is the oracle's to judge.
"""

from __future__ import annotations

from functools import partial

from grader.judging.free_units import MAX_UNITS
from grader.scenarios.pairs import pairs
from grader.scenarios.siblings import HIGHEST, portions, power, script

# Borders: 1, of pairs, words, tables, 8 and 16 bits; one of a power, and those beside it.
SIZES = (1, 2, 3, 5, 9, 17, 31, 32, 33, 63, 65, 127, 256, 1023, 1025, 65535, 65536, 65537)
ORDERS = (0, 1, 4, 5, 6, 9, 10, 11, 12, 15, 16)
LONG_ORDERS = range(7, 20)  # of ranges up to one and a half of a power
MANY = 100  # units that come one by one
WORD = 32
APART = 2048  # units between what has nothing to do with each other


def sizes(stream, index):
    """Units come in all ways and go in all ways; while they are free, none can be freed again.

    With each size all ways come up, and over the sizes any two of them together.
    """
    units = SIZES[index]
    lines = [f"init {units}", "members", "alloc 1 1"]
    for i, again in stream.shuffled(list(enumerate(_again(units), index))):
        lines += [*COMING[i % len(COMING)](stream, units), again, *TAKING[i % len(TAKING)](units)]
    return script(lines)


def _largest_first(stream, units):
    """What begins in the largest block can't be freed, though behind it all is allocated, up to the end."""
    del stream
    largest = 1 << units.bit_length() - 1
    return [f"free 0 {largest}", f"free {largest - 1} {units - largest + 1}", f"free {largest} {units - largest}"]


def _forwards(stream, units):
    return [f"comb 0 1 {units}"] if units <= MANY else _cut(stream, units)


def _backwards(stream, units):
    return [f"comb {units - 1} {HIGHEST} {units}"] if units <= MANY else _cut(stream, units)


def _odd_first(stream, units):
    if units > MANY:
        return _cut(stream, units)
    return [f"comb 1 2 {units // 2}", f"comb 0 2 {units - units // 2}"]


def _cut(stream, units):
    return [f"free {start} {count}" for start, count in portions(stream, units, 5)]


def _ends(stream, units, step):
    """Before all come, the first unit and the last one come and go: no number means that there is nothing."""
    del stream
    return [f"free {unit} 1" for unit in sorted({0, units - 1})[::step]] + ["ask 1 1"] * 3 + [f"free 0 {units}"]


COMING = (_largest_first, _forwards, _backwards, _odd_first, _cut, partial(_ends, step=1), partial(_ends, step=-1))


def _all(units):
    return [f"ask 1 {units}"] * units.bit_count() + [f"alloc 1 {units}"]


def _more_than_all(units):
    return [f"ask 0 {HIGHEST}"] * units.bit_count() + ["alloc 0 1"]


def _largest_refused_first(units):
    largest = 1 << units.bit_length() - 1
    return [f"alloc {largest + 1} {max(largest + 1, units)}", f"ask {largest} {largest}"] + _all(units - largest)


def _ones(units):
    return ["ask 1 1"] * units + ["alloc 1 1"] if units <= MANY else _more_than_all(units)


TAKING = (_all, _more_than_all, _largest_refused_first, _ones)


def _again(units):
    """Frees that are wrong when all is free: at both ends, over the end, in any 32-bit arithmetic."""
    return (f"free {units - 1} 1", f"free 0 {units}", f"free {units} 1", f"free {units - 1} 2",
            f"free {units // 2} {HIGHEST}", f"free 1 {1 << 31}", f"free {1 << 31} 1",
            f"free {HIGHEST} 1", f"free 0 {HIGHEST}", f"free {units // 2} 1")


def every_order(stream, index):
    """A block of each order, free, at either end of all units: whatever touches it can't be freed."""
    del index
    lines = [f"init {MAX_UNITS}"]
    for case in pairs(stream, order=ORDERS, side=("low", "high"), unit=(0, 1, 2, 3), reach=range(4)):
        size = 1 << case["order"]
        base = 0 if case["side"] == "low" else MAX_UNITS - size
        unit = base + (0, size // 2, size - 1, stream.below(size))[case["unit"]]
        start = max(0, unit - (0, 0, 9, 4)[case["reach"]])
        end = min(MAX_UNITS, unit + (1, 9, 1, 70)[case["reach"]])
        lines += [f"free {base} {size}", f"free {start} {end - start}", f"ask {size} {size}"]
    return script(lines, f"free 0 {MAX_UNITS}", f"free {MAX_UNITS // 2 + 1} 1", f"free {MAX_UNITS - 1} 1",
                  f"free 1 {MAX_UNITS - 1}", f"ask 1 {MAX_UNITS}", f"free {MAX_UNITS - 1} 1",
                  f"free {MAX_UNITS - 1} 1", f"free {MAX_UNITS - 2} 1", "ask 2 2", f"free 0 {MAX_UNITS}",
                  f"alloc {MAX_UNITS} {MAX_UNITS - 1}", "ask 1 1", [f"ask 1 {MAX_UNITS}"] * MAX_UNITS.bit_length())


def rests(stream, index):
    """What a request leaves of a block is free, and can't be freed: its first unit, its last one, all of it, or what lies
    across its beginning. When the others come back, it is one block."""
    del index
    lines = [f"init {4 << max(ORDERS)}"]
    for case in pairs(stream, order=ORDERS[1:], taken=range(4), again=range(4)):
        size = 1 << case["order"]
        taken = (1, size // 2, min(size // 2 + 1, size - 1), size - 1)[case["taken"]]
        start, count = ((taken, 1), (size - 1, 1), (taken, size - taken), (taken - 1, 2))[case["again"]]
        lines += [f"free {stream.below(4 << max(ORDERS) - case['order']) * size} {size}", f"a = alloc {taken} {taken}",
                  f"free a+{start} {count}", "free a", f"ask {size} {size}"]
    return script(lines, "ask 1 1")


def lone(stream, index):
    """Long ranges of which a single unit is free, or a short run: they can't be freed. It lies beside one of the ends,
    in one of the words next to it, or anywhere."""
    del index
    lines = [f"init {MAX_UNITS}"]
    for case in pairs(stream, order=LONG_ORDERS, size=(1, power(stream, 1, 3)), place=range(5)):
        size, length = case["size"], 1 << case["order"]
        count = length + stream.between(1, length - 1)
        start = stream.below(MAX_UNITS - count)
        before = (0, stream.between(33, 100), stream.below(count - 2 * size), count - stream.between(33, 100),
                  count - 2 * size)[case["place"]]
        free = (start + before + size - 1) // size * size
        lines += [f"free {free} {size}", f"free {start} {count}", f"ask {size} {size}"]
    return script(lines, "ask 1 1")


def thousands(stream, index):
    """As many single units are free as 16 bits can't count, and some more: those freed last are joined with their
    buddies, and others go."""
    del index
    first, piece, pieces, some = stream.below(2), 1 << 12, 1 << 4, 16
    combs = stream.shuffled([(2 * piece * i, piece) for i in range(pieces)] + [(2 * piece * pieces, 2 * some)])
    last, count = combs[-1]
    return script(f"init {2 * piece * pieces + 4 * some}",
                  [f"comb {first + start} 2 {count}" for start, count in combs],
                  f"comb {1 - first + last + 2 * (count - some)} 2 {some}", f"ask {2 * some} {2 * some}",
                  ["ask 1 1"] * 2 * some, "ask 2 2")


def refused(stream, index):
    """Something free stands in the way, beside the borders of words and of larger groups: after the panic it is free
    still, and what lies on both sides of it is allocated still. So is what touches the range from outside, or free."""
    del index
    at, lines = 0, []
    for case in pairs(stream, begins=(0, 1, 31), before=(0, 1, 5, 31, 32, 33, 63, 64, 1023, 1024), free=(1, 3, 40),
                      behind=(0, 1, 40), touching=("nothing", "before", "behind")):
        before, free, behind = case["before"], case["free"], case["behind"]
        start = at + WORD + case["begins"]
        middle, end = start + before, start + before + free + behind
        touching = {"nothing": None, "before": start - 1, "behind": end if behind else None}[case["touching"]]
        outside = [] if touching is None else [f"free {touching} 1"]
        lines += [*outside, f"free {middle} {free}", f"free {start} {end - start}", *outside,
                  f"free {start} {before}", f"free {middle + free} {behind}", f"free {middle} 1",
                  f"free {middle + free - 1} 1"]
        at += APART
    return script([f"init {at}", *lines])


def requests(stream, index):
    """There is one block, of each order, or a smaller one beside it; what is asked for lies around its size, or far
    beyond it, and at least as much as either has, or more."""
    del index
    lines = [f"init {4 << max(ORDERS)}"]
    for case in pairs(stream, order=ORDERS, high=range(9), low=range(6), smaller=(None, 1, 4)):
        size = 1 << case["order"]
        high = (size, size - 1, size // 2 + 1, size // 2, size + 1, 2 * size + 1, 1 << 31,
                (1 << 31) + stream.between(1, size), HIGHEST)[case["high"]]
        other = size >> case["smaller"] if case["smaller"] else 0
        low = (0, 1, min(size, high), min(size + 1, high), high, min(max(other, 1), high))[case["low"]]
        base = stream.below((2 << max(ORDERS)) // size) * size
        lines += stream.shuffled([f"free {base} {size}", f"free {2 << max(ORDERS)} {other}"])
        lines.append(f"alloc {low} {high}")
        lines += [f"ask 1 {HIGHEST}"] * _left(size, other, low, high) + ["ask 1 1"]
    return script(lines)


def _left(size, other, low, high):
    """Into how many blocks falls what a request leaves of two: it takes the smaller one if that is enough."""
    taken = other if 0 < high <= other else size
    got = min(taken, high) if high and min(taken, high) >= low else 0
    return (taken - got).bit_count() + (size + other - taken).bit_count()


def after_refusals(stream, index):
    """A small block is free, and a large one. Nothing changes that: no request that is refused, be it for a little more
    than there is or for more than there can be, and no free, be it of as many units as 32 bits can count. Then the
    small one comes first."""
    del index
    units = 4 << max(ORDERS)
    lines = [f"init {units}", f"free 0 {units}", f"free {stream.below(units)} {HIGHEST}", f"ask {units} {units}"]
    for case in pairs(stream, order=ORDERS[1:], smaller=(1, 4, 20), refused=range(7)):
        large = 1 << case["order"]
        small = max(large >> case["smaller"], 1)
        most = stream.between(large + 1, 2 * large)
        refusal = (f"alloc {large + 1} {most}", f"alloc {large + 1} {HIGHEST}", f"ask {units + 1} {units + 1}",
                   f"ask {units} {HIGHEST}", f"alloc {HIGHEST} {HIGHEST}", f"free {large - 1} 2", f"free {units - 1} 9")
        lines += [*stream.shuffled([f"free 0 {large}", f"free {2 * large} {small}"]), refusal[case["refused"]],
                  f"ask {stream.choice((1, small))} {small}", f"ask {large} {large}"]
    return script(lines, "ask 1 1")


def made_again(stream, index):
    """The same struct is made an allocator again, with the same state, of fewer units, of more, or of as many; the last
    that the one before did was to free a unit, to free what was left of a block, or to join many units to one block."""
    del index
    lines = ["other"]
    for i, units in enumerate((1, *stream.shuffled([2, 31, 33, 64, 100, 257, 1000, 1024, stream.between(3, 1000)]))):
        half = units // 2
        lines += [*[f"init {units}", "ask 1 1", f"free {half} 1"] * 2, f"free {half + 1} {units - half - 1}", f"free 0 {half}",
                  f"free {units - 1} 1", *[f"ask 1 {units}"] * units.bit_count(),
                  *((f"free 0 {units}", f"ask {half // 2 + 1} {half // 2 + 1}") if i % 2 else ("ask 1 1", "free 0 1"))]
    return script(lines, [line for units in (300, 1000, 700) for line in
                          (f"init {units}", f"comb 1 2 {units // 2}", "ask 2 2", f"comb 0 2 {units - units // 2}")],
                  ["ask 1 700"] * (700).bit_count(), "ask 1 1")


def many_times(stream, index):
    """More requests and frees than 16 bits can count, all of which find the same."""
    del index
    units = stream.between(33, 200)
    wanted = stream.between(2, 7)
    return script(f"init {units}", f"free 0 {units}", f"churn {1 << 16} {wanted} {wanted}", "alloc 1 1",
                  [f"ask 1 {units}"] * (units - 1).bit_length() * 2)


def crowd(stream, index):
    """Hundreds of free blocks of one order, more than a byte counts, which grow fewer one by one: they join, and are
    handed out. Two in one are asked for when there is none yet, and when there are."""
    order = index
    count, size = 257 + stream.below(50), 1 << order
    pairs_left = stream.shuffled(range(count))
    two = f"ask {2 * size} {2 * size}"
    lines = [f"init {2 * count * size}", two,
             *(f"free {2 * i * size} {size}" for i in stream.shuffled(range(count)))]
    lines += [f"free {(2 * i + 1) * size} {size}" for i in pairs_left[:count // 2]]
    return script(lines, [f"ask {size} {size}"] * 20, two, [f"alloc 1 {2 * count * size}"] * (2 * count - 20))


def worlds(stream, index):
    """All that can be free of up to 8 units, and requests from the borders of what is there on; hundreds of allocators
    are made, all in one place, where the first had another size; and one is older than all of them."""
    units = index + 1
    lines = ["init 64", "free 0 64", f"world {9 - units if units != 8 else 3} 1 1"]
    for free in range(1 << units):
        largest = max((1 << order for order in range(4) if _has_block(free, 1 << order)), default=0)
        lows = stream.shuffled([0, 1, largest, largest + 1, stream.below(units + 2)])
        lines += [f"world {units} {free} {low}" for low in lows[:2 if units == 8 else 1]]
    return script(lines, "members", "alloc 64 64")


def _has_block(free, size):
    return any(free >> start & (1 << size) - 1 == (1 << size) - 1 for start in range(0, 8, size))
