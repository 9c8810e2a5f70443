"""Siblings of the scenarios in scenarios/: `some_name` makes those of some-name.scenario.

Like that file they keep to their test's rung: in the first two the number of units is a power of
two, and in the first so is every request. The imported ones the next labs have as well.
"""

from __future__ import annotations

from grader.scenarios import siblings
from grader.scenarios.siblings import (HIGHEST, exact_counts, exactly, exhaustion, halved,
                                       largest_block, partial_frees, power, rest_of_block,
                                       scattered, script, some_sizes, strange_requests)

__all__ = ["any_range", "double_free", "exact_counts", "exhaustion", "largest_block",
           "odd_unit_counts", "partial_frees", "rest_of_block", "smallest_sufficient_block",
           "starts_empty", "strange_requests", "two_allocators"]


def starts_empty(stream, index):
    """Nothing can be had; then one block comes free, in the second half."""
    units, size = 16 << 4 * index, power(stream, 0, 3)
    start = units // 2 + stream.below(units // 2 // size) * size
    return script(f"init {units}", "ask 1 1", f"ask 1 {units}", f"ask {units // 2} {units}",
                  f"free {start} {size}", exactly(size), "ask 1 1")


def smallest_sufficient_block(stream, index):
    """Each request has one right block; whoever takes a larger one misses it later."""
    sizes = some_sizes(stream, 3 + index)
    units, frees = scattered(stream, sizes)
    order = (sorted(sizes), sorted(sizes, reverse=True), stream.shuffled(sizes))[index]
    return script(f"init {units}", frees, [exactly(size) for size in order])


def two_allocators(stream, index):
    """Blocks come and go, and in between another allocator is used."""
    units = 8 << index
    sizes = halved(stream, units, 4 + index)
    lines = [exactly(size, f"b{i}") for i, size in enumerate(sizes)]
    lines += ["ask 1 1", *(f"free b{i}" for i in stream.shuffled(range(len(sizes))))]
    for _ in range(3):
        lines.insert(stream.below(len(lines)), "beside")
    return script(f"init {units}", f"free 0 {units}", lines, "beside", exactly(units))


def odd_unit_counts(stream, index):
    """A number of units that is no power of two: its blocks, from the largest to the smallest."""
    largest = 8 << 3 * index
    units = largest + stream.between(1, largest - 1)
    return script(f"init {units}", f"free 0 {units}", f"ask {units} {units}",
                  f"ask {largest + 1} {units}", [f"alloc 1 {units}"] * units.bit_count(),
                  f"ask 1 {units}")


def any_range(stream, index):
    """One range is free, of any length and alignment; taken, it comes back and grows at both ends."""
    units = (16 << 2 * index) + stream.below(16 << 2 * index)
    start = stream.between(1, units // 4)
    end = stream.between(units // 2, units - 1)
    takes = [f"ask 1 {units}"] * (2 * units.bit_length())
    return script(f"init {units}", f"free {start} {end - start}", takes,
                  f"free {start} {end - start}", f"free {end} {units - end}", f"free 0 {start}",
                  takes)


def double_free(stream, index):
    """Beside what the next labs have: start + count is small again, in 32 bits; what another allocator refuses is still
    allocated there, whatever this one does next."""
    units = 64 << index
    return (*siblings.double_free(stream, index),
            *script(f"free {HIGHEST - stream.below(9)} {stream.between(10, 20)}", "ask 1 1",
                    "other", f"init {units}", f"free {units - 1} 1", f"free 0 {units}", "other", "ask 1 1",
                    "other", f"free 0 {units - 1}", f"alloc {units} {units}"))
