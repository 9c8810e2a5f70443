"""The graded tests of lab 5: what each plays, and what it judges. Points and ideas: lab.toml."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from grader.grading.outcome import Measured
from grader.scenarios import lab_files
from grader.scenarios.workload import fixed, generated, plays, trace

HEADER = "kernel/mm/malloc.h"
PAGE = 4096
cases = lab_files.module(Path(__file__).parent, "cases")
histories = lab_files.module(Path(__file__).parent, "histories")
LONG = {"limit": 60_000_000}  # as an operation with thousands of pages may take
PROGRAMS = ("compiler", "database", "shell", "growing texts")
TRACES = [trace(name, 2500) for name in PROGRAMS[:3]]


@plays(fixed("first-blocks"))
def test_first_blocks(outcome):
    outcome.keeps_the_contract()


@plays(generated(histories.separate, 2))
def test_separate_blocks(outcome):
    outcome.keeps_the_contract()


@plays(fixed("contents"))
def test_contents(outcome):
    outcome.keeps_the_contract()


@plays(fixed("used-again"), generated(histories.tiny_again))
def test_used_again(outcome):
    outcome.keeps_the_contract()


@plays(fixed("nothing"))
def test_nothing(outcome):
    outcome.keeps_the_contract()


@plays(fixed("large-blocks"), generated(histories.far_apart), generated(cases.many, 3, shrinks=False),
       generated(cases.very_large, **LONG), generated(cases.nearly_all, **LONG))
def test_large_blocks(outcome):
    outcome.keeps_the_contract()


@plays(fixed("realloc"), generated(histories.by_a_byte, shrinks=False),
       generated(cases.edges), generated(cases.over_the_next, 8), generated(cases.over_many, 4),
       generated(cases.by_little))
def test_realloc(outcome):
    outcome.keeps_the_contract()


@plays(fixed("realloc-null-and-zero"), generated(cases.emptied, 3))
def test_realloc_null_and_zero(outcome):
    outcome.keeps_the_contract()


@plays(generated(histories.everything_back, 6), generated(histories.resized_back), generated(histories.pages_again),
       generated(histories.at_page_borders), generated(histories.large_ones_between, 2),
       generated(histories.spread), generated(histories.reserves), generated(histories.miscounted),
       generated(histories.begun, 2), generated(cases.every_size, 3))
def test_gives_pages_back(outcome):
    outcome.keeps_the_contract()


@plays(fixed("double-free"), generated(cases.twice, 7), generated(cases.after_panics, 2))
def test_double_free(outcome):
    outcome.keeps_the_contract()


@plays(fixed("huge"), generated(cases.huge, **LONG))
def test_huge_sizes(outcome):
    outcome.keeps_the_contract()


@plays(generated(histories.out_of_memory, 12), generated(histories.exhausted, 2),
       generated(cases.just_enough, len(cases.PAGES_WANTED)), generated(cases.first_in_vain, 3),
       generated(cases.freed_right_before, 4), generated(cases.shrunk))
def test_out_of_memory(outcome):
    outcome.keeps_the_contract()


@plays(fixed("failed-realloc"), generated(cases.smaller), generated(cases.as_large))
def test_failed_realloc(outcome):
    outcome.keeps_the_contract()


@plays(generated(histories.any_history, 3))
def test_any_history(outcome):
    outcome.keeps_the_contract()


@plays(*TRACES, generated(histories.growing))
def test_pages(outcome):
    outcome.keeps_the_contract()
    in_use = [most_in_use(played.scenario) for played in outcome.played]
    peaks = [PAGE * played.run.records[-1].results["peak"] for played in outcome.played]
    outcome.earns_by_steps(
        Measured("pages",
                 "few pages: bytes of kvmalloc's for each byte in use, at the peaks of all programs "
                 "together", sum(peaks) / sum(in_use),
                 {1.35: Fraction(1), 1.7: Fraction(3, 5), 2.5: Fraction(1, 5)}),
        *(Measured(f"pages of {name}",
                   "few pages: bytes of kvmalloc's for each byte in use, at the peak of a program "
                   f"({name})", peak / used,
                   {3: Fraction(1), 4: Fraction(3, 5), 5: Fraction(1, 5)})
          for name, peak, used in zip(PROGRAMS, peaks, in_use)),
        sentence="at the peak of a program's needs, the pages taken are not many more than what it "
                 "has in use would fill;",
        header=HEADER)


def most_in_use(scenario):
    """The most bytes that a scenario's live blocks had, together."""
    sizes = {}
    now = most = 0
    for operation in scenario.operations:
        if operation.verb in ("malloc", "realloc"):
            size = int(operation.arguments[-1])
            now += size - sizes.get(operation.name, 0)
            sizes[operation.name] = size
            most = max(most, now)
        elif operation.verb == "free":
            now -= sizes.pop(operation.arguments[0], 0)
    return most


@plays(*TRACES, generated(histories.few_and_many, 2, measure=True),
       generated(cases.among, 2 * len(cases.AMONG), measure=True))
def test_instructions(outcome):
    outcome.keeps_the_contract()
    sums = [next(record.results for record in played.run.records if record.verb == "loud")
            for played in outcome.played[:len(TRACES)]]
    few, many = len(TRACES), len(TRACES) + 1
    outcome.earns_by_steps(
        *(Measured(f"cost of {name}",
                   f"few instructions an operation, on a recorded program ({name})",
                   found["sum"] / found["operations"],
                   {500: Fraction(1), 600: Fraction(1, 2), 800: Fraction(1, 5)})
          for name, found in zip(PROGRAMS, sums)),
        Measured("growth",
                 "no more instructions with many blocks: times as many beside 1200 others as "
                 "beside 30", max(outcome.growth("malloc", 60, few, many),
                               outcome.growth("free", 60, few, many)),
                 {2.75: Fraction(1), 5: Fraction(1, 2)}),
        *(Measured(f"growth among {what}", f"no more instructions beside many {what}: times as many as "
                   "beside few", max(outcome.growth(verb, last, few + 2 * i, many + 2 * i)
                                     for verb, last in (("malloc", 32), ("realloc", 64), ("free", 32))),
                   {2.75: Fraction(1)})
          for i, (what, *_) in enumerate(cases.AMONG, 1)),
        sentence="an operation takes few instructions, however many blocks there are.",
        header=HEADER)
