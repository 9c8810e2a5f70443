"""The graded tests of lab 5: what each plays, and what it judges. Points and ideas: lab.toml."""

from __future__ import annotations

from fractions import Fraction

from grader.grading.outcome import Measured
from grader.scenarios.scenario import operations
from grader.scenarios.workload import fixed, generated, plays, trace

HEADER = "kernel/mm/malloc.h"
TRACES = [trace(name, 2500) for name in ("compiler", "database", "shell")]


@plays(fixed("first-blocks"))
def test_first_blocks(outcome):
    outcome.keeps_the_contract()


class History:
    """A random history of blocks.

    A name stands for whatever block there is after its last operation, or for null: which requests
    failed the generator does not know, nor need it.
    """

    def __init__(self, stream):
        self.stream = stream
        self.lines = ["boot", "frames"]
        self.live = []
        self.made = 0

    def size(self, most):
        """Small more often than large: of each power of two as many as of the next."""
        return self.stream.below(1 << self.stream.between(3, most.bit_length() - 1)) + 1

    def malloc(self, size):
        """A block, named."""
        name = f"b{self.made}"
        self.made += 1
        self.live.append(name)
        self.lines.append(f"{name} = malloc {size}")

    def realloc(self, size):
        """A random block gets another size."""
        name = self.stream.choice(self.live)
        self.lines.append(f"{name} = realloc {name} {size}")

    def free(self):
        """A random block goes."""
        self.lines.append(f"free {self.live.pop(self.stream.below(len(self.live)))}")

    def churn(self, length, most, keep, reallocs=0):
        """`length` operations that hold about `keep` blocks; `reallocs` of eight are realloc."""
        for _ in range(length):
            if self.live and self.stream.below(8) < reallocs:
                self.realloc(self.size(most))
            elif self.live and self.stream.below(2 * keep) < len(self.live):
                self.free()
            else:
                self.malloc(self.size(most))

    def drain(self):
        """All blocks go."""
        while self.live:
            self.free()
        self.lines.append("kvpages")

    def operations(self):
        return operations("\n".join(self.lines))


def separate(stream, index):
    """Many blocks side by side; some go, others take their places."""
    del index
    history = History(stream)
    history.lines += [f"reserve {history.size(1 << 11)}" for _ in range(24)]
    history.churn(40, 1 << 11, 20)
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
    """Blocks of a kind, freed and allocated again in all orders."""
    del index
    history = History(stream)
    size = stream.between(16, 120)
    for _ in range(3):
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
    """As many blocks of a MiB or so as there is memory for; some go, others come, then all go."""
    del index
    history = History(stream)
    for _ in range(20):
        history.malloc(stream.between(900_000, 1_050_000))
    for _ in range(16):
        history.free()
        if stream.chance(1, 2):
            history.malloc(stream.choice((60, 3000, 300_000, 800_000)))
    history.drain()
    return history.operations()


@plays(fixed("large-blocks"), generated(far_apart))
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


@plays(fixed("realloc-null-and-zero"))
def test_realloc_null_and_zero(outcome):
    outcome.keeps_the_contract()


def everything_back(stream, index):
    """Blocks of all sizes, freed in some order; then the pages are counted."""
    history = History(stream)
    count, least, most, order = ((90, 1, 1 << 11, "random"), (45, 1500, 2000, "same"),
                                 (45, 1500, 2000, "reverse"), (28, 1000, 60000, "random"))[index]
    for _ in range(count):
        history.malloc(history.size(most) if least == 1 else stream.between(least, most))
    names = {"same": history.live, "reverse": history.live[::-1],
             "random": stream.shuffled(history.live)}[order]
    history.lines += [*(f"free {name}" for name in names), "kvpages"]
    return history.operations()


def resized_back(stream, index):
    """Blocks that grew as soon as they were there, by less and by more; they shrink or go."""
    del index
    history = History(stream)
    for _ in range(28):
        history.malloc(stream.between(3000, 9000))
        for least in (9000, 20000):
            history.lines.append(f"{history.live[-1]} = realloc {history.live[-1]} "
                                 f"{least + stream.below(5000)}")
    for name in stream.shuffled(history.live)[:14]:
        history.lines.append(f"{name} = realloc {name} {stream.between(1, 9000)}")
    history.drain()
    return history.operations()


@plays(generated(everything_back, 4), generated(resized_back))
def test_gives_pages_back(outcome):
    outcome.keeps_the_contract()


@plays(fixed("double-free"))
def test_double_free(outcome):
    outcome.keeps_the_contract()


@plays(fixed("huge"))
def test_huge_sizes(outcome):
    outcome.keeps_the_contract()


def out_of_memory(stream, index):
    """Only `index` frames are left: whatever can't be had, the rest goes on as if nothing was."""
    history = History(stream)
    history.lines.append(f"leave {index} 1")
    for size in (40, 3000, 9000, 48, 20000):
        history.malloc(size)
    history.realloc(history.size(1 << 15))
    history.lines.append("kvpages")
    history.malloc(1 << 24)  # fails, and must not take anything
    history.lines.append("kvpages")
    for _ in range(3):
        history.free()
    history.malloc(100)
    history.lines.append("unleave")
    history.malloc(40000)
    history.malloc(60)
    history.drain()
    return history.operations()


def exhausted(stream, index):
    """A few frames, taken up by blocks of one size to the last; then some of them come back."""
    history = History(stream)
    size = (900, 400)[index]
    history.lines.append(f"leave {(8, 4)[index]} 1")
    for _ in range(44):
        history.malloc(size)
    for _ in range(20):
        history.free()
    for _ in range(10):
        history.malloc(size)
    history.lines.append("unleave")
    history.malloc(size)
    history.drain()
    return history.operations()


@plays(generated(out_of_memory, 12), generated(exhausted, 2))
def test_out_of_memory(outcome):
    outcome.keeps_the_contract()


@plays(fixed("failed-realloc"))
def test_failed_realloc(outcome):
    outcome.keeps_the_contract()


def any_history(stream, index):
    """Everything at once: small and large, realloc, memory that is scarce now and then."""
    history = History(stream)
    most = (1 << 11, 1 << 13, 1 << 17)[index]
    for _ in range(2):
        history.churn(45, most, 15, reallocs=2)
        history.lines.append(f"leave {stream.below(24)} 1")
        history.churn(15, most, 15, reallocs=3)
        history.lines.append("unleave")
        history.drain()
    return history.operations()


@plays(generated(any_history, 3))
def test_any_history(outcome):
    outcome.keeps_the_contract()


def growing(stream, index):
    """Tables and texts that grow to 200 KiB or so, by a half or by a page at a time."""
    del index
    lines = ["boot", "frames"]
    for name, by_halves in zip("abcdef", (True, False) * 3, strict=True):
        size = stream.between(2000, 5000)
        lines.append(f"{name} = malloc {size}")
        while size < 200_000:
            size = size * 3 // 2 if by_halves else size + 12288
            lines.append(f"{name} = realloc {name} {size}")
    return operations("\n".join([*lines, *(f"free {name}" for name in "abcdef"), "kvpages"]))


@plays(*TRACES, generated(growing))
def test_pages(outcome):
    outcome.keeps_the_contract()
    peaks = [played.run.records[-1].results["peak"] for played in outcome.played]
    in_use = [most_in_use(played.scenario) for played in outcome.played]
    outcome.earns_by_steps(
        Measured("pages",
                 "few pages: bytes of kvmalloc's for each byte in use, at the peak of recorded "
                 "programs", 4096 * sum(peaks) / sum(in_use),
                 {1.35: Fraction(1), 1.7: Fraction(3, 5), 2.5: Fraction(1, 5)}),
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


@plays(*TRACES, generated(few_and_many, 2, measure=True))
def test_instructions(outcome):
    outcome.keeps_the_contract()
    sums = [next(record.results for record in played.run.records if record.verb == "loud")
            for played in outcome.played[:len(TRACES)]]
    few, many = len(TRACES), len(TRACES) + 1
    outcome.earns_by_steps(
        Measured("cost",
                 "few instructions an operation, on recorded programs",
                 sum(found["sum"] for found in sums) / sum(found["operations"] for found in sums),
                 {250: Fraction(1), 600: Fraction(3, 5), 1200: Fraction(1, 5)}),
        Measured("growth",
                 "no more instructions with many blocks: times as many beside 1200 others as "
                 "beside 30", max(outcome.growth("malloc", 60, few, many),
                               outcome.growth("free", 60, few, many)),
                 {2.5: Fraction(1), 5: Fraction(1, 2)}),
        sentence="an operation takes few instructions, however many blocks there are.",
        header=HEADER)
