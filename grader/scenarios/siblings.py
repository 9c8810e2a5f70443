"""Siblings of fixed scenarios: the same ideas with other numbers, made from the seed.

What a lab has of its own stands in its siblings.py. Here is what several labs share: ppalloc and
vpalloc hand out pages as buddy_alloc does units, "in every respect", so ideas about units are
written down once, as operations of lab 1, and `in_pages` says them in pages. A request that must be
refused is an `ask` but in `exhaustion`, so that few tests look at *start after a refusal.

How many units there are lies between the same two powers of two with every seed: beyond a power,
such as the 32 bits of a word, an allocator may do other things, and make other mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from grader.scenarios.scenario import Operation, operations
from grader.scenarios.stream import Stream

Operations = tuple[Operation, ...]

HIGHEST = 0xFFFFFFFF  # in the machine's 32 bits
PAGE = 4096
UNITS = 32  # where it does not matter how many there are


def script(*lines: str | Iterable[str]) -> Operations:
    """The operations of some lines; an argument may be several."""
    return operations("\n".join(part for line in lines
                                for part in ([line] if isinstance(line, str) else line)))


def power(stream: Stream, low: int, high: int) -> int:
    """2^low to 2^high."""
    return 1 << stream.between(low, high)


def no_power(stream: Stream, units: int) -> int:
    """A number below `units`, a power of two, that is none itself."""
    below = power(stream, 1, units.bit_length() - 2)
    return below + stream.between(1, below - 1)


def exactly(count: int, name: str = "") -> str:
    """A request for that many, no more and no less."""
    return f"{name} = alloc {count} {count}" if name else f"alloc {count} {count}"


def halved(stream: Stream, units: int, times: int) -> list[int]:
    """`units` as powers of two in a random order: random parts are halved so many times."""
    parts = [units]
    for _ in range(times):
        half = parts.pop(stream.below(len(parts))) // 2
        parts += [half, half] if half else [1]
    return stream.shuffled(parts)


def some_sizes(stream: Stream, count: int) -> list[int]:
    """Up to 7 powers of two, no two the same, in a random order. Among them are 64 and 128."""
    others = stream.shuffled(range(6))[:count - 2]
    return [1 << order for order in stream.shuffled([6, 7, *others])]


def scattered(stream: Stream, sizes: Sequence[int]) -> tuple[int, list[str]]:
    """Free blocks of `some_sizes`, each in a slot as large as the largest, so that no two are
    buddies: how many units that takes, and what frees the blocks. The last slot stays empty."""
    slot, slots = max(sizes), 8
    places = stream.shuffled(range(slots - 1))
    return slot * slots, [f"free {place * slot + stream.below(slot // size) * size} {size}"
                          for place, size in zip(places, sizes, strict=False)]


def portions(stream: Stream, units: int, cuts: int) -> list[tuple[int, int]]:
    """`units` cut up anywhere, as (start, count), in a random order."""
    ends = sorted({0, units, *(stream.below(units) for _ in range(cuts))})
    return stream.shuffled([(a, b - a) for a, b in zip(ends, ends[1:])])


# ---- Ideas about units ----


def exact_counts(stream: Stream, index: int) -> Operations:
    """Blocks that fill all units exactly, whatever their order."""
    return script(f"init {UNITS}", f"free 0 {UNITS}",
                  [exactly(size) for size in halved(stream, UNITS, 6 << index)], "ask 1 1")


def exhaustion(stream: Stream, index: int) -> Operations:
    """Full, asked again; then a single block comes back, and that one can be had."""
    units, size = 8 << index, power(stream, 1, 2)
    names = [f"b{i}" for i in range(units // size)]
    back = stream.choice(names)
    return script(f"init {units}", f"free 0 {units}",
                  [exactly(size, name) for name in names], "alloc 1 1", exactly(size),
                  f"free {back}", exactly(2 * size), exactly(size, back), "alloc 1 1",
                  [f"free {name}" for name in stream.shuffled(names)], exactly(units))


def rest_of_block(stream: Stream, index: int) -> Operations:
    """Some of a block; each piece of the rest can be had; all of it is one block again.

    The largest piece is taken first: to take it for a smaller request is a mistake of another test.
    Once the block comes back before any piece, so that whoever frees too much of it is found out.
    """
    count = no_power(stream, UNITS)
    rest = [1 << order for order in reversed(range(UNITS.bit_length())) if (UNITS - count) >> order & 1]
    takes = [exactly(count, "a"), *(exactly(n, f"r{n}") for n in rest), "ask 1 1"]
    pieces = [f"r{n}" for n in rest]
    order = ["a", *stream.shuffled(pieces)] if index == 0 else stream.shuffled(["a", *pieces])
    frees = [f"free {name}" for name in order]
    return script(f"init {UNITS}", f"free 0 {UNITS}", takes, frees, exactly(UNITS))


def largest_block(stream: Stream, index: int) -> Operations:
    """max can't be had: the largest block is taken whole, then the next, unless min is too much."""
    sizes = some_sizes(stream, 3 + index)
    units, lines = scattered(stream, sizes)
    for size in sorted(sizes, reverse=True):
        high = size + stream.between(1, 2 * size)
        lines += [f"ask {stream.between(size + 1, high)} {high}",
                  f"alloc {stream.between(1, size)} {high}"]
    return script(f"init {units}", lines, f"ask 1 {units}")


def strange_requests(stream: Stream, index: int) -> Operations:
    """In any order: no number from min to max, more than there are, nothing freed; and a min of 0."""
    units = 8 << index
    low, some = stream.between(2, units), stream.between(1, units - 1)
    strange = ["ask 0 0", f"ask {low} 0", f"ask {low} {stream.between(1, low - 1)}",
               f"ask {HIGHEST - stream.below(units)} {low}", f"ask {units + 1} {units + some}",
               f"ask {units + some} {HIGHEST}", f"free {stream.below(units)} 0",
               f"free {HIGHEST - stream.below(9)} 0"]
    return script(f"init {units}", f"free 0 {units}", stream.shuffled(strange),
                  f"alloc 0 {some}", f"alloc 1 {HIGHEST - stream.below(9)}", f"ask {units} {units}")


def partial_frees(stream: Stream, index: int) -> Operations:
    """A run comes back, its first unit alone and the rest in portions; then two come back as one."""
    del index
    lines = [exactly(UNITS, "a")]
    rest = [(1 + start, count) for start, count in portions(stream, UNITS - 1, 4)]
    for start, count in [(0, 1), *rest]:
        lines += [f"free a+{start} {count}", f"w = alloc 1 {UNITS}", "free w"]
    return script(f"init {UNITS}", f"free 0 {UNITS}", lines, [exactly(UNITS // 2)] * 2,
                  f"free 0 {UNITS}", exactly(UNITS))


def double_free(stream: Stream, index: int) -> Operations:
    """Portions of a run are free, no two side by side; what touches one of them panics. The third
    has a long run."""
    units = (64, 512, 8192)[index]
    length = units // 2
    free = stream.shuffled(sorted(portions(stream, length, 12))[::2][:6])
    frees = [f"free a+{start} {count}" for start, count in free]
    again = []
    for start, count in stream.shuffled(free):
        first = stream.between(max(0, start - 4), start + count - 1)
        again.append(f"free a+{first} {max(first, start) - first + stream.between(1, 9)}")
    beyond = [f"free {units - some} {some + stream.between(1, 3)}" for some in (0, 1)]
    return script(f"init {units}", f"free 0 {units}", exactly(length, "a"), exactly(length), frees,
                  again, beyond, [f"ask 1 {units}"] * 12)


# ---- The same in pages ----


def in_pages(idea: Operations, setup: Callable[[int], list[str]], allocator: str = "") -> Operations:
    """An idea about units, said in pages.

    `setup` makes the lines that take the place of `init UNITS`: an allocator of that many pages, all
    of them available. They are taken at first, as `all`, so a unit's number is its distance from
    there. `allocator` is the argument that says which one is meant, if the lab has it.
    """
    lines = []
    for operation in idea:
        if operation.verb == "init":
            units = int(operation.arguments[0])
            lines += [*setup(units), f"all = alloc {allocator} {units} {units}"]
            continue
        arguments = operation.arguments
        if operation.verb == "free":
            arguments = (_place(arguments[0]), *arguments[1:])
        lines.append(str(Operation(operation.verb, (allocator, *arguments), operation.name)))
    return script(lines)


def _place(text: str) -> str:
    """Where a unit is: `12`, `a` and `a+3` in pages."""
    name, distance = re.fullmatch(r"([a-z]\w*)?\+?(\d+)?", text).groups()
    pages = int(distance or 0) * PAGE & HIGHEST
    return f"{name or 'all'}+{pages:#x}" if distance else name
