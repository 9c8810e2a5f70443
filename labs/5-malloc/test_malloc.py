"""The graded tests of lab 5: what each plays, and what it judges. Points and ideas: lab.toml."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from grader.grading.outcome import Measured
from grader.scenarios import lab_files
from grader.scenarios.scenario import operations
from grader.scenarios.workload import fixed, generated, plays, trace

HEADER = "kernel/mm/malloc.h"
PAGE = 4096
History = lab_files.module(Path(__file__).parent, "history").History
cases = lab_files.module(Path(__file__).parent, "cases")
LONG = {"limit": 60_000_000}  # as an operation with thousands of pages may take
PROGRAMS = ("compiler", "database", "shell", "growing texts")
TRACES = [trace(name, 2500) for name in PROGRAMS[:3]]


@plays(fixed("first-blocks"))
def test_first_blocks(outcome):
    outcome.keeps_the_contract()


def separate(stream, index):
    """Many blocks side by side; some go, others take their places."""
    del index
    history = History(stream)
    history.side_by_side(stream.between(1400, 2000), "reserve")
    history.pairs("reserve")
    history.side_by_side(history.of_kind(192))
    history.churn(12, 1 << 11, 20)
    for name in stream.shuffled(history.live):
        history.lines.append(f"check {name}")
    return history.operations()


@plays(generated(separate, 2))
def test_separate_blocks(outcome):
    outcome.keeps_the_contract()


@plays(fixed("contents"))
def test_contents(outcome):
    outcome.keeps_the_contract()


def tiny_again(stream, index):
    """Blocks of a kind, freed and allocated again in all orders.

    Rounded up to a multiple of 8, their sizes and that of a header make no multiple of 16.
    """
    del index
    history = History(stream)
    size = stream.between(57, 64)
    history.side_by_side(size)
    for _ in range(2):
        for _ in range(12):
            history.malloc(size)
        while len(history.live) > 3:
            history.free()
    history.drain()
    return history.operations()


@plays(fixed("used-again"), generated(tiny_again))
def test_used_again(outcome):
    outcome.keeps_the_contract()


@plays(fixed("nothing"))
def test_nothing(outcome):
    outcome.keeps_the_contract()


def far_apart(stream, index):
    """As many blocks of a MiB or so as there is memory for; some go, others come, then all go.

    None is so small that it would fit into what is left of another's last page. At first one goes,
    smaller ones come until its place is taken, and a second goes.
    """
    del index
    history = History(stream)
    row = [history.malloc(stream.between(900_000, 1_050_000)) for _ in range(20)]
    history.free(row[1])
    for _ in range(4):
        history.malloc(500_000)
    history.free(row[0])
    for _ in range(14):
        history.free()
        if stream.chance(1, 2):
            history.malloc(stream.choice((20_000, 70_000, 300_000, 800_000)))
    history.drain()
    return history.operations()


@plays(fixed("large-blocks"), generated(far_apart), generated(cases.many, 3, shrinks=False),
       generated(cases.very_large, **LONG))
def test_large_blocks(outcome):
    outcome.keeps_the_contract()


def by_a_byte(stream, index):
    """Two blocks of every size class there can be, side by side, get a byte more each."""
    del index
    lines = ["boot", "frames"]
    for size in range(16, 2049, 16):
        lines += [f"{name} = malloc {size}" for name in "ab"]
        lines += [f"{name} = realloc {name} {size + 1}" for name in stream.shuffled("ab")]
        lines += [f"free {name}" for name in stream.shuffled("ab")]
    return operations("\n".join(lines))


@plays(fixed("realloc"), generated(by_a_byte, shrinks=False))
def test_realloc(outcome):
    outcome.keeps_the_contract()


@plays(fixed("realloc-null-and-zero"), generated(cases.emptied, 3))
def test_realloc_null_and_zero(outcome):
    outcome.keeps_the_contract()


def everything_back(stream, index):
    """Blocks of all sizes, freed in some order; then the pages are counted.

    "Crossing": of every five neighbours the third goes before the second, and both before the rest.
    """
    history = History(stream)
    count, least, most, order = ((45, 1, 1 << 11, "random"), (45, 1500, 2000, "same"),
                                 (45, 1500, 2000, "reverse"), (45, 1500, 2000, "crossing"),
                                 (28, 3000, 60000, "random"))[index]
    if least == 1:
        history.pairs()
    while len(history.live) < count:
        history.malloc(history.size(most) if least == 1 else stream.between(least, most))
    names = {"same": history.live, "reverse": history.live[::-1],
             "random": stream.shuffled(history.live),
             "crossing": [name for i in (2, 1, 3, 0, 4) for name in history.live[i::5]]}[order]
    history.lines += [*(f"free {name}" for name in names), "kvpages"]
    return history.operations()


def resized_back(stream, index):
    """Blocks that grew as soon as they were there, by less and by more; they shrink or go.

    How many pages they need no seed changes: whether one can grow where it lies depends on that.
    """
    del index
    history = History(stream)
    for number in range(24):
        size = 4096 * (1 + number % 3) - stream.between(16, 1000)
        name = history.malloc(size)
        for pages in (1, 2, 5):
            history.realloc(size + 4096 * pages, name)
    for name in stream.shuffled(history.live)[:12]:
        history.realloc(history.size(1 << 13), name)
    history.malloc(1 << 20)  # far from the others; what describes it has to come back, too
    history.drain()
    return history.operations()


@plays(generated(everything_back, 5), generated(resized_back), generated(cases.every_size, 3))
def test_gives_pages_back(outcome):
    outcome.keeps_the_contract()


@plays(fixed("double-free"), generated(cases.twice, 7))
def test_double_free(outcome):
    outcome.keeps_the_contract()


@plays(fixed("huge"), generated(cases.huge, **LONG))
def test_huge_sizes(outcome):
    outcome.keeps_the_contract()


def out_of_memory(stream, index):
    """Only `index` frames are left: whatever can't be had, the rest goes on as if nothing was."""
    history = History(stream)
    history.lines.append(f"leave {index} 1")
    row = [history.malloc(size) for size in (40, 3000, 9000, 48, 20000)]
    history.realloc(stream.between(200, 1500), row[0])
    history.lines.append("kvpages")
    history.malloc(1 << 24)  # these two fail, and must not take anything
    history.realloc(1 << 24, row[index % len(row)])
    history.lines.append("kvpages")
    for _ in range(3):
        history.free()
    history.malloc(100)
    history.lines.append("unleave")
    history.malloc(60)
    history.malloc(40000)
    history.drain()
    return history.operations()


def exhausted(stream, index):
    """A few frames, taken up by blocks of one size to the last; then some of them come back.

    The first to come back are neighbours somewhere, the next are the oldest.
    """
    history = History(stream)
    size = (900, 400)[index]
    history.lines.append(f"leave {(8, 4)[index]} 1")
    row = [history.malloc(size) for _ in range(44)]
    first = stream.between(18, 28)
    history.change_places(row[first:first + 6], size)
    for name in row[:16]:
        history.free(name)
    for _ in range(5):
        history.malloc(size)
    history.lines.append("unleave")
    history.malloc(size)
    history.drain()
    return history.operations()


@plays(generated(out_of_memory, 12), generated(exhausted, 2), generated(cases.just_enough, 7))
def test_out_of_memory(outcome):
    outcome.keeps_the_contract()


@plays(fixed("failed-realloc"), generated(cases.smaller))
def test_failed_realloc(outcome):
    outcome.keeps_the_contract()


def any_history(stream, index):
    """Everything at once: small and large, realloc, memory that is scarce now and then.

    What chance does not bring every time is there in any case: neighbours that change places, two
    to a page; one that grows by as much as a header has; two of each small kind; a MiB far from the
    rest; a large block that grows and grows; and what can't be had while memory is scarce.
    """
    history = History(stream)
    most, small = ((1 << 11, 8), (1 << 13, 8), (1 << 17, 1 << 11))[index]
    size = 16 * stream.between(88, 124) + 8
    row = history.side_by_side(size)
    history.realloc(size + 8, row[3])
    if index == 0:
        history.pairs()
    history.malloc(1 << 20)
    large = history.malloc(most)
    for pages in (1, 2, 6, 7):
        history.realloc(most + 4096 * pages - stream.below(16), large)
    for _ in range(2):
        history.churn(32, most, 15, reallocs=2, small=small)
        large = history.malloc(most)
        history.lines.append(f"leave {stream.below(24)} 1")
        history.realloc(1 << 20, large)
        history.churn(14, most, 15, reallocs=3, small=small)
        history.malloc(1 << 20)
        history.lines.append("unleave")
        history.drain()
    return history.operations()


@plays(generated(any_history, 3))
def test_any_history(outcome):
    outcome.keeps_the_contract()


def growing(stream, index):
    """Tables and texts that grow to 200 KiB or so, by a half or by three pages at a time.

    They are the same for everybody: a few bytes more or less may take an allocator a page.
    """
    del stream, index
    lines = ["boot", "frames"]
    for number, name in enumerate("abcdef"):
        size = 2500 + 500 * number
        lines.append(f"{name} = malloc {size}")
        while size < 200_000:
            size = size + 12288 if number % 2 else size * 3 // 2
            lines.append(f"{name} = realloc {name} {size}")
    return operations("\n".join([*lines, *(f"free {name}" for name in "abcdef"), "kvpages"]))


@plays(*TRACES, generated(growing))
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
                   {2.2: Fraction(1), 3: Fraction(3, 5), 4: Fraction(1, 5)})
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


def few_and_many(stream, index):
    """Blocks come and go, ten at a time, beside 30 others, or beside 1200.

    They are the same, so that the figures can be compared. Half of them were there before the
    others, half came after: in any list, some have all of the others before them.
    """
    others = (30, 1200)[index]
    mallocs = [f"r{i} = malloc {16 + 37 * i % 480}" for i in range(60)]
    lines = ["boot", "frames", "quiet", *mallocs[:30],
             *(f"malloc {16 + 53 * i % 480}" for i in range(others)), *mallocs[30:], "loud"]
    order = stream.shuffled(list(range(60)))
    for ten in (order[i:i + 10] for i in range(0, 60, 10)):
        lines += [*(f"free r{i}" for i in ten), *(mallocs[i] for i in ten)]
    return operations("\n".join(lines))


@plays(*TRACES, generated(few_and_many, 2, measure=True), generated(cases.among, 6, measure=True))
def test_instructions(outcome):
    outcome.keeps_the_contract()
    sums = [next(record.results for record in played.run.records if record.verb == "loud")
            for played in outcome.played[:len(TRACES)]]
    few, many = len(TRACES), len(TRACES) + 1
    outcome.earns_by_steps(
        *(Measured(f"cost of {name}",
                   f"few instructions an operation, on a recorded program ({name})",
                   found["sum"] / found["operations"],
                   {300: Fraction(1), 450: Fraction(1, 2), 800: Fraction(1, 5)})
          for name, found in zip(PROGRAMS, sums)),
        Measured("growth",
                 "no more instructions with many blocks: times as many beside 1200 others as "
                 "beside 30", max(outcome.growth("malloc", 60, few, many),
                               outcome.growth("free", 60, few, many)),
                 {2.5: Fraction(1), 5: Fraction(1, 2)}),
        *(Measured(f"growth among {what}", f"no more instructions beside many {what}: times as many as "
                   "beside few", max(outcome.growth(verb, last, few + 2 * i, many + 2 * i)
                                     for verb, last in (("malloc", 32), ("realloc", 64), ("free", 32))),
                   {2.5: Fraction(1)})
          for i, (what, *_) in enumerate(cases.AMONG, 1)),
        sentence="an operation takes few instructions, however many blocks there are.",
        header=HEADER)
