"""Histories of blocks, from the seed: what the generated scenarios of lab 5 play, but for those by the contract's
numbers (cases.py)."""

from __future__ import annotations

from grader.scenarios.scenario import operations

from .history import History


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


def by_a_byte(stream, index):
    """Two blocks of every size class there can be, side by side, get a byte more each."""
    del index
    lines = ["boot", "frames"]
    for size in range(16, 2049, 16):
        lines += [f"{name} = malloc {size}" for name in "ab"]
        lines += [f"{name} = realloc {name} {size + 1}" for name in stream.shuffled("ab")]
        lines += [f"free {name}" for name in stream.shuffled("ab")]
    return operations("\n".join(lines))


def everything_back(stream, index):
    """Blocks of all sizes, freed in some order; then the pages are counted. Some come again, and go: of what went
    nothing is remembered.

    "Crossing": of every five neighbours the third goes before the second, and both before the rest.
    """
    history = History(stream)
    count, least, most, order = ((45, 1, 1 << 11, "random"), (45, 1500, 2000, "same"),
                                 (45, 1500, 2000, "reverse"), (45, 1500, 2000, "crossing"),
                                 (28, 3000, 60000, "random"), (330, 200, 250, "same"))[index]
    if least == 1:
        history.pairs()
    while len(history.live) < count:
        history.malloc(history.size(most) if least == 1 else stream.between(least, most))
    names = {"same": history.live, "reverse": history.live[::-1],
             "random": stream.shuffled(history.live),
             "crossing": [name for i in (2, 1, 3, 0, 4) for name in history.live[i::5]]}[order]
    history.lines += [*(f"free {name}" for name in names), "kvpages"]
    history.live.clear()
    for size in (20, 250, 2000, 9000):
        history.malloc(size)
    history.drain()
    return history.operations()


def large_ones_between(stream, index):
    """Neighbours go, five pages of them at a time; each time a large block comes, and goes before the next ones do, or
    with all that is left: what is kept for later is kept in mind."""
    history = History(stream)
    size = (700, 3000)[index]
    parts = [[history.malloc(size) for _ in range(5 * 4096 // size)] for _ in range(12)]
    for part in parts:
        for name in part:
            history.free(name)
        large = history.malloc(100_000)
        if index == 0:
            history.free(large)
    history.drain()
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


def at_page_borders(stream, index):
    """Where a block of some pages was, beside one that stays, smaller ones come of which two or four fill a page, with
    what lies before each: one of them begins where a page does, as do blocks with pages of their own. There are some."""
    del index
    history = History(stream)
    for part in stream.shuffled((1016, 1008, 2040, 2032)):
        history.malloc(4096 * stream.between(2, 5) - 16)
        large = history.malloc(9000)
        history.malloc(3000)
        history.free(large)
        for _ in range(4096 // part + 1):
            history.malloc(part)
    history.drain()
    return history.operations()


def reserves(stream, index):
    """Blocks of up to some pages go one by one, and after each a small one comes, for which there is room elsewhere: what
    is kept for later meanwhile must not be forgotten, or it is never given back."""
    del index
    history = History(stream)
    blocks = [history.malloc(size) for size in (1900, 3900, 7000, 12000) for _ in range(12)]
    for name in blocks:
        history.free(name)
        history.malloc(stream.between(16, 60))
    history.drain()
    return history.operations()


def miscounted(stream, index):
    """Two blocks share the pages of one that went. The first of them goes and comes again, many times; then large ones
    go, each of some pages more: where a count of what is kept is off by a little each time, one of them stays."""
    del index
    history = History(stream)
    history.free(history.malloc(12000))
    first = history.malloc(8000)
    history.malloc(3900)
    for _ in range(20):
        history.lines += [f"free {first}", f"{first} = malloc 8000"]
    for pages in range(16, 44, 2):
        history.free(history.malloc(4096 * pages - 100))
    history.drain()
    return history.operations()


def spread(stream, index):
    """Blocks of a page, each a MiB from the next, as kvmalloc has no other addresses: what a page needs beside it, may
    be needed once for each."""
    del index
    history = History(stream)
    history.lines.append("leave_pages 48 300")
    for _ in range(24):
        history.malloc(4000)
    history.lines.append("unleave_pages")
    for name in stream.shuffled(history.live):
        history.free(name)
    history.lines.append("kvpages")
    return history.operations()


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


def pages_again(stream, index):
    """Blocks of a few pages come, change and go, again and again: if each time a page gets lost, it shows."""
    del index
    history = History(stream)
    for _ in range(300):
        size = 4096 * stream.between(1, 6) - stream.between(40, 900)
        if len(history.live) > 7:
            history.free()
        elif history.live and stream.chance(1, 4):
            history.realloc(size)
        else:
            history.malloc(size)
    history.drain()
    return history.operations()


def begun(stream, index):
    """A lone block grows to two pages, and others of its old size come. They fill one page and begin another, which is
    left again, most of it as it was; pages are wanted, and some of them come once more: in a small heap, or a large
    one."""
    history = History(stream)
    for _ in range(200 * index):
        history.malloc(2000)
    for size in stream.shuffled((24, 100, 250, 500, 900, 1300, 2000)):
        lone = history.malloc(size)
        history.realloc(stream.between(4200, 8100), lone)
        row = [history.malloc(size) for _ in range(4096 // size + 2)]
        for name in row[len(row) // 2 - 1:]:
            history.free(name)
        for name in [history.malloc(3000) for _ in range(9)]:
            history.free(name)
        history.lines += [f"check {name}" for name in (lone, *(history.malloc(size) for _ in "abc"))]
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
