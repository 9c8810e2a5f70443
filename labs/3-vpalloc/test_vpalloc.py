"""The graded tests of lab 3: what each plays, and what it judges. Points and ideas: lab.toml."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from grader.grading import thin
from grader.grading.outcome import Measured
from grader.scenarios import lab_files
from grader.scenarios.scenario import operations
from grader.scenarios.workload import fixed, generated, plays, siblings

BOOT = lab_files.module(Path(__file__).parent, "siblings").BOOT
boundaries = lab_files.module(Path(__file__).parent, "boundaries")
HEADER = "kernel/mm/allocation.h"
BOOT_LIMIT = 400_000_000  # instructions: also for those who free a range page by page
# What frees whole ranges, or may wipe states.
SLOW = ("boot_from", "create", "create_many", "init", "destroy", "destroy_many")
STARTS, ANOTHER, GONE = (generated(each) for each in (boundaries.start, boundaries.another, boundaries.gone))


def slow(make, count=1, **options):
    """Scenarios in which whole ranges may be freed page by page."""
    return generated(make, count, limit=BOOT_LIMIT, limited=SLOW, **options)


@plays(fixed("whole-range"), siblings("whole-range", 3), generated(boundaries.made_again))
def test_range(outcome):
    outcome.keeps_the_contract()


@plays(fixed("null-page"), siblings("null-page", 3), generated(boundaries.from_zero, len(boundaries.FROM_ZERO)))
def test_null_page(outcome):
    outcome.keeps_the_contract()


@plays(fixed("min-and-max"), siblings("min-and-max", 3), generated(boundaries.requests))
def test_min_and_max(outcome):
    outcome.keeps_the_contract()


@plays(fixed("refused"), siblings("refused", 3))
def test_refused(outcome):
    outcome.keeps_the_contract()


@plays(fixed("portions"), siblings("portions", 3))
def test_portions(outcome):
    outcome.keeps_the_contract()


@plays(fixed("double-free"), siblings("double-free", 2),
       slow(boundaries.wrong_frees), generated(boundaries.behind_null), generated(boundaries.over_the_border))
def test_double_free(outcome):
    outcome.keeps_the_contract()


def few_and_many(stream, index):
    """Runs of a range come and go while 8 other pages of it are allocated, or 400.

    The runs are the same, so that the figures can be compared. Half of them are allocated before
    those pages, half after: in any list, some of what is freed has all of them before it. At last some come back again.
    """
    pages = (8, 400)[index]
    runs = [f"{i} = alloc 1 {1 + 5 * i % 7} {1 + 5 * i % 7}" for i in range(20)]
    return operations("\n".join([
        f"init {stream.between(1, 0x3c000) * 4096:#x} 4096",
        *(f"r{run}" for run in runs[:10]), *["alloc 1 1 1"] * pages,
        *(f"r{run}" for run in runs[10:]),
        *(f"free 1 r{i}" for i in stream.shuffled(list(range(20)))),
        *(f"free 1 r{i}" for i in stream.shuffled(list(range(4)))), "free 0 r0"]))


@plays(generated(few_and_many, 2, measure=True), slow(boundaries.long_runs, 2, measure=True),
       generated(boundaries.beside_others, 2, measure=True, limit=(None, BOOT_LIMIT), limited=SLOW))
def test_thin(outcome):
    outcome.keeps_the_contract()
    runs = {"alloc": 10, "free": 20}  # the last ones, which are the same with few and with many
    outcome.earns_by_steps(
        Measured("cost",
                 "takes hardly more time than the buddy allocator: instructions for an operation",
                 max(outcome.cost(i, verb, last) for i in (0, 1)
                     for verb, last in runs.items()), {400: Fraction(1), 1000: Fraction(1, 2)}),
        Measured("growth",
                 "takes no more time with many pages: times as many instructions beside 400 "
                 "other pages as beside 8",
                 max(outcome.growth(verb, last) for verb, last in runs.items()),
                 {2: Fraction(1), 4: Fraction(1, 2)}),
        *thin.long_runs(outcome, boundaries.RUN),
        *thin.refused_frees(outcome, 6, "399 other allocators"),
        Measured("growth beside other ranges",
                 "takes the time that the buddy allocator takes: times as many instructions beside 399 other "
                 "allocators as beside one", max(outcome.growth(verb, small=4, large=5)
                                                 for verb in ("ask", "free")),
                 {2: Fraction(1)}),
        sentence="Like vpfree it takes the time that the buddy allocator takes, and hardly more, "
                 "however many pages are allocated.",
        header=HEADER)


@plays(fixed("up-to-4-gib"), siblings("up-to-4-gib", 3), slow(boundaries.everything, 2))
def test_up_to_4_gib(outcome):
    outcome.keeps_the_contract()


@plays(STARTS, fixed("kernel-range"),
       siblings("kernel-range", 3, limit=BOOT_LIMIT, limited=SLOW))
def test_kernel_range(outcome):
    outcome.keeps_the_contract()


@plays(GONE, fixed("two-spaces"),
       siblings("two-spaces", 3, limit=BOOT_LIMIT, limited=SLOW), slow(boundaries.spaces),
       slow(boundaries.many_spaces, shrinks=False))
def test_two_spaces(outcome):
    outcome.keeps_the_contract()


@plays(ANOTHER, fixed("kernel-addresses"),
       siblings("kernel-addresses", 3, limit=BOOT_LIMIT, limited=SLOW), generated(boundaries.of_kernel_addresses, 2))
def test_kernel_addresses(outcome):
    outcome.keeps_the_contract()


@plays(GONE, fixed("user-address-and-null"),
       siblings("user-address-and-null", 3, limit=BOOT_LIMIT, limited=SLOW), slow(boundaries.orphans))
def test_user_address_and_null(outcome):
    outcome.keeps_the_contract()


@plays(ANOTHER, fixed("user-space"), siblings("user-space", 3, limit=BOOT_LIMIT, limited=SLOW),
       generated(boundaries.far_apart, limit=BOOT_LIMIT))
def test_user_space(outcome):
    outcome.keeps_the_contract()


@plays(GONE, fixed("invalid-ranges"),
       siblings("invalid-ranges", 3, limit=BOOT_LIMIT, limited=SLOW), slow(boundaries.ranges))
def test_invalid_ranges(outcome):
    outcome.keeps_the_contract()


@plays(GONE, fixed("destroying"),
       siblings("destroying", 3, limit=BOOT_LIMIT, limited=SLOW), slow(boundaries.full_ones),
       slow(boundaries.word_by_word, 2))
def test_destroying(outcome):
    outcome.keeps_the_contract()


def scarce(what, left, start, pages):
    """An allocator that needs several pages is made while only so many are left. If it is there, all of its pages are.
    (If it is not, its number is the kernel's, which has its pages as long as only frames are scarce.) Where there is
    nothing at all, it is tried often."""
    create = f"create {start} {pages}"
    failures = 40 * f"{create}\n " if left == 0 else ""
    all_of_it = f"a = ask u 1 {pages}\n free u a" if what == "leave" else ""
    return operations(f"""
        {BOOT}
        kernel_range
        all = user_pages
        frames
        pages
        {what} {left} 1
        {failures}u = {create}
        {all_of_it}
        destroy u
        un{what.split()[0]}
        frames
        pages
        u = {create}
        alloc u 1024 1024
        destroy u
        frames""")


def some_range(stream):
    """Where a range of several thousand pages begins, and how many they are."""
    return f"{stream.between(1 << 16, 1 << 17) * 4096:#x}", stream.between(13_000, 16_384)


def few_frames(stream, index):
    """From no frame at all to more than it takes; at last there are enough, whatever its state is like."""
    return scarce("leave", index if index < 8 else 90, *some_range(stream))


def few_pages(stream, index):
    """From no kernel page at all to more than it takes."""
    return scarce("leave_pages", index, *some_range(stream))


def few_frames_for_all(stream, index):
    """All user pages need a state of dozens of pages: there are some of them."""
    return scarce("leave", (2, 9, stream.between(10, 30))[index], 0, "all")


@plays(GONE, generated(few_frames, 9, limit=BOOT_LIMIT, limited=SLOW),
       generated(few_pages, 6, limit=BOOT_LIMIT, limited=SLOW),
       generated(few_frames_for_all, 3, limit=BOOT_LIMIT, limited=SLOW))
def test_out_of_memory(outcome):
    outcome.keeps_the_contract()
