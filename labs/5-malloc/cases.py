"""Scenarios made of the contract's numbers: what there is memory for, what grows large, what is kept."""

from __future__ import annotations

from grader.scenarios.scenario import operations

from .history import History

PAGE = 4096
PAGES_WANTED = (1, 2, 5, 16, 40, 100, 200)  # of a block, when hardly more frames are left
BOOK_KEEPING = 3  # frames: two for malloc, one for a page table of the kernel
ALL_SIZES = range(16, 2049, 16)


def just_enough(stream, index):
    """The first block, with frames for it and what the contract leaves for book-keeping; then another
    that grows so far."""
    del stream
    pages = PAGES_WANTED[index]
    size = pages * PAGE - 64
    return operations("\n".join([
        "boot", "frames", f"leave {pages + BOOK_KEEPING} 1", f"a = malloc {size}", "free a",
        f"a = malloc {size}", "unleave", "free a", f"b = malloc {PAGE + 5000 * (index % 2)}",
        f"leave {pages + BOOK_KEEPING} 1", f"b = realloc b {size}", "unleave", "free b", "kvpages"]))


def smaller(stream, index):
    """There is no memory at all, and blocks become smaller: they always can."""
    del index
    history = History(stream)
    row = [history.malloc(size) for size in (200, 1000, 2000, 3000, 9000, 40_000, 100_000)]
    history.lines.append("leave 0 1")
    for size in (2000, 500, 100, 16):
        for _ in range(24):
            history.malloc(size)
    for name, size in zip(row, (200, 1000, 2000, 3000, 9000, 40_000, 100_000)):
        for part in (2, 3, 9, size):
            history.realloc(size // part, name)
    history.lines.append("unleave")
    history.drain()
    return history.operations()


def many(stream, index):
    """More blocks than a table has entries, of some pages each; and as many pages of small ones."""
    history = History(stream)
    count, size = ((150, 9000), (1900, 1000), (1900, 2000))[index]
    names = [history.malloc(size) for _ in range(count)]
    for name in stream.shuffled(names)[:count // 2]:
        history.free(name)
    for _ in range(count // 4):
        history.malloc(size)
    history.lines += [f"free {name}" for name in stream.shuffled(history.live)]
    history.lines.append("kvpages")
    return history.operations()


def very_large(stream, index):
    """A block of more than 4096 pages, again and again; one that grows to it; and smaller beside it."""
    del index
    size = 4096 * PAGE + stream.between(1, 60_000)
    return operations("\n".join([
        "boot", "frames", *[f"a = malloc {size}", "check a", "b = malloc 700", "free a", "free b"] * 2,
        f"a = malloc {PAGE * 1025}", f"a = realloc a {PAGE * 2049}", "free a", "kvpages"]))


def every_size(stream, index):
    """Two blocks of every size class there can be, and of every few pages; all go, in some order."""
    history = History(stream)
    names = [history.malloc(size) for size in (*ALL_SIZES, *range(PAGE, 20 * PAGE, PAGE - 100)) for _ in "ab"]
    for name in (names, names[::-1], stream.shuffled(names))[index]:
        history.free(name)
    history.lines.append("kvpages")
    return history.operations()


def twice(stream, index):
    """A block of a page that is full, and of one that is nearly empty, is freed twice."""
    size = (16, 48, 128, 500, 1000)[index]
    history = History(stream)
    names = [history.malloc(size) for _ in range(4 * PAGE // size + 9)]
    for name in stream.shuffled(names[1:-1])[:3]:
        history.lines += [f"free {name}", f"free {name}"]
        history.live.remove(name)
    for name in names[len(names) // 2:]:
        if name in history.live and len(history.live) > 3:
            history.free(name)
    last = history.live[1]
    history.lines += [f"free {last}", f"free {last}"]
    return history.operations()


def among(stream, index):
    """Blocks come and go beside others: few or many of some pages; few or many small ones with gaps."""
    others, size, own = ((20, 6000, 6000), (400, 6000, 6000), (40, 900, 700), (1800, 900, 700))[index]
    order = stream.shuffled(range(30))
    lines = ["boot", "frames", "quiet", *(f"r{i} = malloc {own}" for i in range(15)),
             *(f"o{i} = malloc {size}" for i in range(others)),
             *(f"r{i} = malloc {own}" for i in range(15, 30)),
             *([f"free o{i}" for i in range(0, others, 2)] if size < PAGE else []), "loud"]
    return operations("\n".join([*lines, *(line for i in order for line in (
        f"free r{i}", f"r{i} = malloc {own}"))]))
