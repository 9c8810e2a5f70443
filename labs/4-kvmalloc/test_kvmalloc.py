"""The graded tests of lab 4: what each plays, and what it judges. Points and ideas: lab.toml."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from grader.grading.outcome import Measured
from grader.scenarios import lab_files
from grader.scenarios.scenario import operations
from grader.scenarios.workload import fixed, generated, plays

HEADER = "kernel/mm/kvmalloc.h"
cases = lab_files.module(Path(__file__).parent, "cases")
LONG = {"limit": 60_000_000}  # as an operation with many pages may take

# Counts everything that a kvmalloc may lose, so that the next such count shows it.
COUNT = ["frames", "pages", "mapped"]


@plays(fixed("first-pages"))
def test_first_pages(outcome):
    outcome.keeps_the_contract()


@plays(fixed("nothing"))
def test_nothing(outcome):
    outcome.keeps_the_contract()


@plays(fixed("writable"))
def test_writable(outcome):
    outcome.keeps_the_contract()


class History:
    """A random history of blocks, each page of which bears a stamp."""

    def __init__(self, stream):
        self.stream = stream
        self.lines = ["boot", "frames"]
        self.live = []  # names and sizes
        self.made = 0

    def alloc(self, pages):
        """A block, and a stamp of its own on each of its pages."""
        name = f"b{self.made}"
        self.made += 1
        self.live.append((name, pages))
        self.lines += [f"{name} = alloc {pages}", f"stamp {name} {pages} {100 * self.made}"]

    def free(self):
        """A random block: what was written to it is there still, and it goes."""
        name, pages = self.live.pop(self.stream.below(len(self.live)))
        self.lines += [f"sum {name} {pages}", f"free {name}"]

    def churn(self, length, most, keep):
        """`length` blocks of up to `most` pages come or go; about `keep` are there."""
        for _ in range(length):
            if self.live and self.stream.below(2 * keep) < len(self.live):
                self.free()
            else:
                self.alloc(self.stream.between(1, most))

    def drain(self):
        """All blocks go."""
        while self.live:
            self.free()

    def operations(self):
        return operations("\n".join(self.lines))


def blocks(stream, index):
    """Blocks of all sizes, one of them a page, side by side; every page looked at in the end."""
    del index
    history = History(stream)
    for pages in stream.shuffled([1, *(stream.between(1, 20) for _ in range(11))]):
        history.alloc(pages)
    for name, pages in stream.shuffled(history.live):
        page = 4096 * stream.below(pages)
        history.lines += [f"sum {name} {pages}", f"where {name}+{page:#x}", f"read {name}+{page:#x}"]
    return history.operations()


@plays(generated(blocks, 2), generated(cases.many_blocks),
       generated(cases.very_many_blocks, shrinks=False))
def test_separate_blocks(outcome):
    outcome.keeps_the_contract()


@plays(fixed("rights"))
def test_rights(outcome):
    outcome.keeps_the_contract()


@plays(fixed("scattered-frames"), generated(cases.scattered, **LONG))
def test_scattered_frames(outcome):
    outcome.keeps_the_contract()


@plays(fixed("gives-back"))
def test_gives_back(outcome):
    outcome.keeps_the_contract()


@plays(fixed("gives-back-scattered"), generated(cases.few_frames))
def test_gives_back_scattered(outcome):
    outcome.keeps_the_contract()


@plays(fixed("unmaps"))
def test_unmaps(outcome):
    outcome.keeps_the_contract()


def reuse(stream, index):
    """Blocks come, and go in any order, again and again; nothing is lost on the way."""
    del index
    history = History(stream)
    history.lines += COUNT
    for _ in range(2):
        history.alloc(1)
        history.churn(15, 60, 6)
        history.drain()
        history.lines += COUNT
    return history.operations()


@plays(generated(reuse, 2), generated(cases.small_world, 2))
def test_any_order(outcome):
    outcome.keeps_the_contract()


def few_and_many(stream, index):
    """Blocks of 4 pages, and blocks of 1000; over frames side by side, and over single frames.

    The page tables are there already, as a larger block was there before. All pages are written to: those that are
    not there would cost little.
    """
    del stream
    pages = (4, 1000)[index % 2]
    scattered = "leave 1200 2" if index >= 2 else ""
    block = [f"a = alloc {pages}", f"stamp a {pages} 5", f"sum a {pages}", "free a"]
    return operations("\n".join(["boot", "w = alloc 1000", "free w", scattered, *block, *block]))


def in_vain(stream, index):
    """Blocks that fail at the last page, of 4 pages and of 2000, over frames that lie apart."""
    del stream
    pages = (4, 2000)[index]
    return operations("\n".join(["boot", "w = alloc 2000", "free w", f"leave {pages - 1} 2",
                                 f"alloc {pages}", f"alloc {pages}"]))


def beside_others(stream, index):
    """Single pages come and go, the first and the last of all, beside a few others or a thousand."""
    del stream
    others = (8, 1024)[index]
    return operations("\n".join(["boot", "w = alloc 2048", "free w", "a = alloc 1", *["alloc 1"] * others,
                                 *["b = alloc 1", "free b"] * 2, "free a", "a = alloc 1", "free a"]))


@plays(generated(few_and_many, 4, measure=True, limit=40_000_000),
       generated(in_vain, 2, measure=True, limit=400_000_000), generated(beside_others, 2, measure=True, limit=400_000_000))
def test_cost_per_page(outcome):
    outcome.keeps_the_contract()
    vain = [outcome.cost(4 + many, "alloc", last=2) / pages for many, pages in enumerate((4, 2000))]
    costs = {(verb, i): [outcome.cost(i + many, verb, last=2) / pages
                         for many, pages in enumerate((4, 1000))]
             for verb in ("alloc", "free") for i in (0, 2)}
    outcome.earns_by_steps(
        Measured("cost",
                 "a page costs little: instructions for each of 1000 pages",
                 max(many for _, many in costs.values()), {2500: Fraction(1), 4000: Fraction(1, 2)}),
        Measured("growth",
                 "a page costs no more among many: times as many instructions for each of 1000 pages "
                 "as for each of 4", max(many / few for few, many in costs.values()),
                 {2.5: Fraction(1), 4: Fraction(1, 2)}),
        Measured("growth of failures",
                 "undoing a page costs no more among many: times as many instructions for each of 2000 "
                 "pages that can't be had as for each of 4", vain[1] / vain[0],
                 {3.5: Fraction(1), 6: Fraction(1, 2)}),
        Measured("growth beside other blocks",
                 "a block costs no more among many: times as many instructions beside 1024 others as beside 8",
                 max(outcome.cost(7, verb, last=3) / outcome.cost(6, verb, last=3) for verb in ("alloc", "free")),
                 {2: Fraction(1), 4: Fraction(1, 2)}),
        sentence="Like kvfree it takes time O(n_pages), beside that of the allocators: a page of a "
                 "large block costs hardly more than one of a small block, however its frames lie.",
        header=HEADER)


@plays(fixed("many-pages"), generated(cases.sizes, 2, **LONG))
def test_many_pages(outcome):
    outcome.keeps_the_contract()


def no_frames(stream, index):
    """Of the frames for `pages` pages only so many are left: 0, 1, ... until they are enough.

    The page tables are there already, as a block of this size was there before.
    """
    del stream
    pages, step = ((6, 2), (5, 1), (16, 3))[index]
    lines = ["boot", f"w = alloc {pages}", "free w", *COUNT]
    for left in range(pages) if pages < 10 else (3, 15):
        lines += [f"leave {left} {step}", f"alloc {pages}", "unleave", *COUNT]
    lines += [f"leave {pages} {step}", f"a = alloc {pages}", "alloc 1", f"stamp a {pages} 1",
              f"sum a {pages}", "free a", "unleave", *COUNT]
    return operations("\n".join(lines))


@plays(generated(no_frames, 3), generated(cases.half_way, **LONG), generated(cases.scattered_in_vain, **LONG),
       generated(cases.between_others, 2))
def test_no_frames(outcome):
    outcome.keeps_the_contract()


@plays(fixed("no-addresses"), generated(cases.few_addresses, **LONG), generated(cases.impossible, **LONG))
def test_no_addresses(outcome):
    outcome.keeps_the_contract()


def no_table(stream, index):
    """The frames for the pages are there, but at first none for the page tables they need."""
    del stream
    pages, spare, step = ((1, 0, 1), (3, 0, 2), (3, 1, 2), (2000, 0, 1), (4096, 2, 1))[index]
    count = COUNT if pages < 1000 else COUNT[:2]
    return operations("\n".join([
        "boot", *count, f"leave {pages + spare} {step}", f"t = alloc {pages}", f"stamp t {pages} 9",
        "unleave", *count, f"a = alloc {pages}", f"sum a {pages}", "free a", *count]))


@plays(generated(no_table, 5, limit=40_000_000), generated(cases.just_enough, 9),
       generated(cases.second_run, limit=40_000_000), generated(cases.over_a_border, 9))
def test_no_page_table(outcome):
    outcome.keeps_the_contract()


def any_history(stream, index):
    """Everything at once; now and then there are only a few frames, and requests fail."""
    del index
    history = History(stream)
    history.lines += COUNT
    for _ in range(3):
        history.alloc(1)
        history.churn(7, 30, 5)
        history.lines.append(f"leave {stream.between(0, 60)} {stream.between(1, 3)}")
        history.churn(10, 40, 5)
        history.lines += ["unleave", *COUNT]
    history.drain()
    history.lines += COUNT
    return history.operations()


@plays(generated(any_history, 3))
def test_any_history(outcome):
    outcome.keeps_the_contract()
