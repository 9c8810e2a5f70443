"""The graded tests of lab 1: what each plays, and what it judges. Points and ideas: lab.toml."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from pathlib import Path

from grader.grading.outcome import Measured
from grader.scenarios import lab_files
from grader.scenarios.workload import fixed, generated, plays, siblings

HEADER = "kernel/mm/buddy.h"
LARGE = 250_000_000  # instructions: what an operation on up to a million units may take

costs = lab_files.module(Path(__file__).parent, "costs")
boundaries = lab_files.module(Path(__file__).parent, "boundaries")
cases = lab_files.module(Path(__file__).parent, "cases")
histories = lab_files.module(Path(__file__).parent, "histories")
largest = lab_files.module(Path(__file__).parent, "largest")
two = lab_files.module(Path(__file__).parent, "two")


@plays(fixed("starts-empty"), siblings("starts-empty", 3))
def test_starts_empty(outcome):
    outcome.keeps_the_contract()


@plays(fixed("exact-counts"), siblings("exact-counts", 3))
def test_exact_counts(outcome):
    outcome.keeps_the_contract()


@plays(fixed("smallest-sufficient-block"), siblings("smallest-sufficient-block", 3))
def test_smallest_sufficient_block(outcome):
    outcome.keeps_the_contract()


@plays(generated(cases.four_in_any_order, 24), generated(cases.many_in_any_order, 3))
def test_coalescing(outcome):
    outcome.keeps_the_contract()


@plays(fixed("exhaustion"), siblings("exhaustion", 3))
def test_exhaustion(outcome):
    outcome.keeps_the_contract()


# To make one of hundreds takes some 200,000, if a loop asks anew for each word how large the state is.
@plays(fixed("two-allocators"), siblings("two-allocators", 3), generated(two.in_turns, 4), generated(two.twins),
       generated(two.hundreds, limit=LARGE))
def test_two_allocators(outcome):
    outcome.keeps_the_contract()


@plays(generated(histories.block_history, 3))
def test_many_blocks(outcome):
    outcome.keeps_the_contract()


# Who looks at all of what is free for each unit needs minutes for thousands of them.
@plays(generated(largest.a_million, 2, limit=(None, LARGE), shrinks=False),
       generated(boundaries.thousands, limit=LARGE, shrinks=False), generated(largest.far_between, limit=LARGE),
       generated(largest.last_ones, limit=LARGE),
       generated(largest.large_blocks, limit=LARGE))
def test_million_units(outcome):
    outcome.keeps_the_contract()


def measured(make):
    """A small scenario and a large one, of which each operation is measured, also of designs that are slow."""
    return generated(make, 2, measure=True, limit=(LARGE // 16, 4 * LARGE))


@plays(measured(costs.single_units), *(measured(path) for path in costs.PATHS), measured(costs.large_runs),
       measured(costs.from_the_first), measured(costs.refused))
def test_logarithmic(outcome):
    outcome.keeps_the_contract()
    paths, runs = 1 + len(costs.PATHS), 2 * (1 + len(costs.PATHS))
    growth = partial(outcome.growth, most=costs.LITTLE)
    one_by_one = max(growth(verb, small=2 * path, large=2 * path + 1, last=20)
                     for path in range(paths) for verb in ("ask" if path else "alloc", "free"))
    of_nothing = growth("free", small=runs + 4, large=runs + 5, last=costs.NOTHING)
    often = max(growth(verb, small=runs + 2, large=runs + 3, most=costs.LITTLE * times)
                for verb, times in (("free", 1), ("comb", costs.OFTEN), ("ask", 1)))
    steps = {4: Fraction(1), 12: Fraction(1, 2)}
    outcome.earns_by_steps(
        Measured("growth",
                 "grows like log n: times as many instructions with 64 times as many units or free blocks",
                 max(one_by_one, of_nothing), steps),
        Measured("growth of many operations",
                 "grows like log n: times as many instructions for all operations, from the first on, with 64 "
                 "times as many units", often, steps),
        Measured("growth of refused frees",
                 "a free takes time O(log units + count), the check included: times as many instructions up to a "
                 "panic with 64 times as many units",
                 growth("free", small=runs + 4, large=runs + 5, refused=True), steps,
                 sentence="Takes time O(log units + count), the check included."),
        Measured("growth of making an allocator",
                 "buddy_init takes time proportional to `units`: times as many instructions a unit with 64 times as many "
                 "units",
                 outcome.growth("init", small=runs + 4, large=runs + 5, most=64 * costs.MOST) / costs.TIMES,
                 {2: Fraction(1), 4: Fraction(1, 2)}, sentence="May take time proportional to `units`."),
        Measured("growth of long runs",
                 "grows like log n: times as many instructions to allocate 64 times as many units",
                 max(growth(verb, small=runs, large=runs + 1, last=10) for verb in ("ask", "alloc")), steps),
        Measured("growth a unit",
                 "a free takes time O(log units + count): times as many instructions a unit with 64 "
                 "times as many units",
                 outcome.growth("free", small=runs, large=runs + 1, last=10, most=64 * costs.UNITS) / costs.TIMES,
                 {2: Fraction(1), 4: Fraction(1, 2)},
                 sentence="Takes time O(log units + count), the check included."),
        sentence="Takes time O(log units), plus that of freeing the rest of the block.",
        header=HEADER)


@plays(fixed("rest-of-block"), generated(largest.large_rests, limit=LARGE),
       generated(largest.large_parts, limit=LARGE), siblings("rest-of-block", 3))
def test_rest_of_block(outcome):
    outcome.keeps_the_contract()


@plays(fixed("largest-block"), siblings("largest-block", 3))
def test_largest_block(outcome):
    outcome.keeps_the_contract()


@plays(fixed("strange-requests"), siblings("strange-requests", 3))
def test_strange_requests(outcome):
    outcome.keeps_the_contract()


@plays(fixed("odd-unit-counts"), siblings("odd-unit-counts", 3))
def test_odd_unit_counts(outcome):
    outcome.keeps_the_contract()


@plays(fixed("partial-frees"), siblings("partial-frees", 3))
def test_partial_frees(outcome):
    outcome.keeps_the_contract()


@plays(fixed("any-range"), siblings("any-range", 3),
       generated(largest.completed, limit=LARGE), generated(cases.ranges, 4))
def test_any_range(outcome):
    outcome.keeps_the_contract()


@plays(fixed("double-free"), siblings("double-free", 3),
       generated(boundaries.every_order, limit=LARGE), generated(boundaries.lone, limit=LARGE),
       generated(boundaries.rests, limit=LARGE),
       generated(boundaries.refused), generated(largest.few_among_many, limit=LARGE))
def test_double_free(outcome):
    outcome.keeps_the_contract()


@plays(generated(histories.any_history, 5), generated(boundaries.sizes, len(boundaries.SIZES), limit=LARGE),
       generated(boundaries.requests, limit=LARGE), generated(boundaries.after_refusals, limit=LARGE),
       generated(boundaries.worlds, 8),
       generated(boundaries.crowd, 2), generated(boundaries.made_again),
       generated(boundaries.many_times, limit=4 * LARGE))
def test_any_history(outcome):
    outcome.keeps_the_contract()
