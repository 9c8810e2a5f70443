"""The graded tests of lab 1: what each plays, and what it judges. Points and ideas: lab.toml."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from itertools import permutations
from pathlib import Path

from grader.grading.outcome import Measured
from grader.scenarios import lab_files
from grader.scenarios.scenario import operations
from grader.scenarios.workload import fixed, generated, plays, siblings

HEADER = "kernel/mm/buddy.h"
LARGE = 250_000_000  # instructions: what an operation on up to a million units may take

costs = lab_files.module(Path(__file__).parent, "costs")
boundaries = lab_files.module(Path(__file__).parent, "boundaries")
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


@plays(generated(four_in_any_order, 24), generated(many_in_any_order, 3))
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


class History:
    """A random history of requests and frees, with fillings-up and drains in between.

    Requests are those of `verb`: `ask`, or `alloc`, which also looks at *start after a refusal.
    The names of live runs are kept; what became of a request the generator does not know, nor need
    it: a run of no units is freed without effect.
    """

    def __init__(self, stream, units, verb="ask"):
        self.stream = stream
        self.units = units
        self.verb = verb
        self.lines = [f"init {units}"]
        self.live = []
        self.made = 0

    def begin(self):
        """All units come free; then there are not quite as many to be had.

        Before that three are: the first is joined with the third, far from the second, and cut off
        again. The fourth request finds none.
        """
        self.lines += [f"free {unit} 1" for unit in (32, 0, 33)]
        self.lines += [f"{self.verb} 1 1"] * 4
        self.lines.append(f"free 0 {self.units}")
        self.alloc(1, 1)
        self.alloc(self.units, self.units)

    def alloc(self, low, high):
        """A request, named."""
        name = f"r{self.made}"
        self.made += 1
        self.live.append(name)
        self.lines.append(f"{name} = {self.verb} {low} {high}")

    def free(self):
        """The whole of a random live run comes back."""
        name = self.live.pop(self.stream.below(len(self.live)))
        self.lines.append(f"free {name}")

    def churn(self, length, request, keep):
        """`length` operations that hold about `keep` runs."""
        for _ in range(length):
            if self.live and self.stream.below(2 * keep) < len(self.live):
                self.free()
            else:
                self.alloc(*request())

    def drain(self):
        """Everything comes back: after it the units are one block again."""
        while self.live:
            self.free()
        self.lines.append(f"all = alloc {self.units} {self.units}")
        self.lines.append("free all")

    def operations(self):
        return operations("\n".join(self.lines))


def block_history(stream, index):
    """Powers of two, exactly."""
    history = History(stream, 64 << index)
    history.begin()
    for _ in range(2):
        history.churn(87, lambda: (1 << stream.below(4 + index),) * 2, 6 + 6 * index)
        history.drain()
    return history.operations()


@plays(generated(block_history, 3))
def test_many_blocks(outcome):
    outcome.keeps_the_contract()


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


# Who looks at all of what is free for each unit needs minutes for thousands of them.
@plays(generated(a_million, 2, limit=(None, LARGE), shrinks=False),
       generated(boundaries.thousands, limit=LARGE, shrinks=False), generated(boundaries.far_between, limit=LARGE),
       generated(boundaries.last_ones, limit=LARGE),
       generated(boundaries.large_blocks, limit=LARGE))
def test_million_units(outcome):
    outcome.keeps_the_contract()


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
    return operations("\n".join(lines))


def measured(make):
    """A small scenario and a large one, of which each operation is measured, also of designs that are slow."""
    return generated(make, 2, measure=True, limit=(LARGE // 16, 4 * LARGE))


@plays(measured(single_units), *(measured(path) for path in costs.PATHS), measured(costs.large_runs),
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


@plays(fixed("rest-of-block"), generated(boundaries.large_rests, limit=LARGE),
       generated(boundaries.large_parts, limit=LARGE), siblings("rest-of-block", 3))
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


@plays(fixed("any-range"), siblings("any-range", 3),
       generated(boundaries.completed, limit=LARGE), generated(ranges, 4))
def test_any_range(outcome):
    outcome.keeps_the_contract()


@plays(fixed("double-free"), siblings("double-free", 3),
       generated(boundaries.every_order, limit=LARGE), generated(boundaries.lone, limit=LARGE),
       generated(boundaries.rests, limit=LARGE),
       generated(boundaries.refused), generated(boundaries.few_among_many, limit=LARGE))
def test_double_free(outcome):
    outcome.keeps_the_contract()


def wrong_frees(stream, units):
    """Behind the last unit, within a free block, and of a portion that is free at its end only."""
    count = stream.between(3, 12)
    kept = stream.between(2, count - 1)
    return [f"free {units} 1", f"free {stream.between(1, 31)} 1",
            f"a = alloc {count} {count}", f"free a+{kept} {count - kept}",
            f"free a+1 {kept}", f"free a {kept}"]


def any_history(stream, index):
    """Any request, any portion given back, some of it twice.

    The number of units is odd: whatever an allocator rounds it up to, there is none behind the last.
    """
    history = History(stream, (32 << index) + 2 * stream.below(16 << index) + 1, "alloc")
    units = history.units
    history.begin()
    history.lines += wrong_frees(stream, units)

    def request():
        low = stream.between(0, 12)
        return low, low + stream.below(20)

    for _ in range(2):
        history.churn(44, request, 8)
        for _ in range(4):
            if history.live:
                name = stream.choice(history.live)
                history.lines.append(f"free {name}+{stream.below(4)} {stream.between(1, 3)}")
        history.churn(20, request, 4)
        while history.live:
            history.free()
        history.lines.append(f"all = alloc 1 {units}")
        history.lines.append(f"free all+{stream.between(33, 54)} {stream.between(1, 9)}")
    return history.operations()


@plays(generated(any_history, 5), generated(boundaries.sizes, len(boundaries.SIZES), limit=LARGE),
       generated(boundaries.requests, limit=LARGE), generated(boundaries.after_refusals, limit=LARGE),
       generated(boundaries.worlds, 8),
       generated(boundaries.crowd, 2), generated(boundaries.made_again),
       generated(boundaries.many_times, limit=4 * LARGE))
def test_any_history(outcome):
    outcome.keeps_the_contract()
