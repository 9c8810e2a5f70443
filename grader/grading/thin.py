"""What a layer over the buddy allocator may take beside it: labs 2 and 3 promise that alike."""

from __future__ import annotations

from fractions import Fraction

from grader.grading.outcome import Measured, Outcome

SHORT, LONG = 2, 3  # the numbers of the two scenarios
TIMES = 64  # as long are the runs of the second one


def long_runs(outcome: Outcome, run: int) -> list[Measured]:
    """Figures of two scenarios: runs of `run` pages at most come and go, and then of so many times as many. Half a run
    is what is freed in the mean."""
    a_page = (outcome.cost(LONG, "free") - outcome.cost(SHORT, "free")) / ((TIMES - 1) * run / 2)
    return [
        Measured("growth of long runs",
                 f"takes no more time for many pages: times as many instructions for a run {TIMES} times "
                 "as long, or for none", max(outcome.growth(verb, small=SHORT, large=LONG) for verb in ("ask", "alloc")),
                 {4: Fraction(1), 12: Fraction(1, 2)}),
        Measured("cost of long runs",
                 "takes hardly more time than the buddy allocator: instructions to allocate a long run",
                 max(outcome.cost(i, "ask") for i in (SHORT, LONG)), {1000: Fraction(1), 2000: Fraction(1, 2)}),
        Measured("cost of freeing long runs",
                 "takes hardly more time than the buddy allocator: instructions to free a page of a long run",
                 a_page, {1: Fraction(1), 2: Fraction(1, 2)}),
    ]


def refused_frees(outcome: Outcome, scenarios: int, beside: str) -> list[Measured]:
    """Figures of scenarios in pairs, a small one and a large one: what a free takes up to its panic, in the mean."""
    return [
        Measured("growth of refused frees",
                 "takes hardly more time than the buddy allocator: times as many instructions up to a panic with many "
                 f"pages as with few, and beside {beside}",
                 max(outcome.growth("free", small=i, large=i + 1, refused=True) for i in range(0, scenarios, 2)),
                 {4: Fraction(1), 12: Fraction(1, 2)}),
        Measured("cost of refused frees",
                 "takes hardly more time than the buddy allocator: instructions up to a panic",
                 max(outcome.cost(i, "free", refused=True) for i in range(scenarios)),
                 {1000: Fraction(1), 2000: Fraction(1, 2)}),
    ]
