"""Lab 1's smaller generated scenarios: blocks that join in any order, and ranges."""

from __future__ import annotations

from itertools import permutations

from grader.scenarios.scenario import operations


def four_in_any_order(stream, index):
    """Four blocks of 2 come back in each of the 24 orders; then 8 are one block again."""
    del stream
    order = list(permutations("abcd"))[index]
    return operations("\n".join(["init 8", "free 0 8", *(f"{n} = alloc 2 2" for n in "abcd"),
                                 *(f"free {n}" for n in order), "alloc 8 8"]))


def many_in_any_order(stream, index):
    """Single units come back in a random order, and the whole is asked for more than once.

    The first time every other unit of each half comes back before the first half is joined.
    """
    units = 16 << index
    names = [f"u{i}" for i in range(units)]
    halves = names[:units // 2], names[units // 2:]
    by_turns = [name for first in (0, 1) for half in halves
                for name in stream.shuffled(half[first::2])]
    lines = [f"init {units}", f"free 0 {units}"]
    for order in (by_turns, stream.shuffled(names)):
        lines += [f"{name} = alloc 1 1" for name in names]
        lines += [f"free {name}" for name in order]
        lines += [f"w = alloc {units} {units}", "free w"]
    return operations("\n".join(lines))


def ranges(stream, index):
    """The units come free in random ranges, are counted, taken, and come free again."""
    units = (64 << index) + stream.below(64 << index)
    lines = [f"init {units}"]
    for turn in range(3):
        cuts = sorted({0, units, *(stream.below(units) for _ in range(12))})
        parts = list(zip(cuts, cuts[1:]))
        lines += [f"free {a} {b - a}" for a, b in stream.shuffled(parts)]
        # As many requests for everything as there can be blocks take everything.
        lines += [f"ask 1 {units}" for _ in range(units.bit_count())]
        del turn
    return operations("\n".join(lines))
