"""Scenarios made of the contract's numbers: what there is memory for, what grows large, what is kept."""

from __future__ import annotations

from itertools import product

from grader.scenarios.pairs import pairs, powers
from grader.scenarios.scenario import operations

from .history import History

PAGE = 4096
PAGES_WANTED = (1, 2, 5, 16, 40, 100, 200, 700)  # of a block, when hardly more frames are left
MUCH = (2000,) * 100
UNEVEN = (40, 90, 170, 300, 700, 1300)
FEW_PAGES = 5  # a block of no more is filled to its last byte
BOOK_KEEPING = 3  # frames: two for malloc, one for a page table of the kernel
MOST = 7000  # frames: nearly all that there are
LEFT_OVER = tuple(range(-24, 72, 4))  # bytes of a free block, when the one before has grown over it
BYTES_LESS = (1, 4, 8, 12, 15, 16, 17, 20, 24, 31, 32, 33)
ALL_SIZES = range(16, 2049, 16)
LARGER = range(2064, 2 * PAGE + 1, 16)
# Sizes just below whole pages: where a header still fits, or does not.
LESS = (-1, 0, 1, 4, 8, 12, 16, 17, 24, 28, 32, 33, 48)
EDGES = tuple(pages * PAGE - less for pages in (1, 2, 16) for less in LESS)
AGAIN = (*range(0, 144, 8), *(PAGE - size for size in powers(4, 11)))  # bytes that a block leaves of a page
LARGE_EDGES = tuple(150 * PAGE - less for less in LESS)

# Sizes that nobody has: near SIZE_MAX, where a header or rounding up makes them small; and where as much
# again, a half, a quarter or an eighth more does.
SIZES = 1 << 32
HUGE = (*(SIZES - less for less in (1, 4, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 48, 64, 65, 4080, 4095, 4096,
                                    4097, 4112, 8191, 8192, 8193, 16384, 1 << 16, 1 << 20)),
        *(-(-SIZES * part // (part + 1)) + more for part in (1, 2, 4, 8) for more in (-64, 0, 1, 64, 4096)))


def just_enough(stream, index):
    """The first block, with frames for it and what the contract leaves for book-keeping; then another
    that grows so far. Small ones fill the pages to the last byte, too: behind them there is nothing. And of every kind
    one has a page to itself, goes and comes again: what went is there."""
    pages = PAGES_WANTED[index]
    size = pages * PAGE - 64
    filling = stream.shuffled(range(0, 68, 4)) if pages <= FEW_PAGES else []
    filling += [less for less in AGAIN for _ in "ab"] if pages == 1 else []
    return operations("\n".join([
        "boot", "frames", f"leave {pages + BOOK_KEEPING} 1", f"a = malloc {size}", "free a",
        f"a = malloc {size}", "unleave", "free a", f"b = malloc {PAGE + 5000 * (index % 2)}",
        f"leave {pages + BOOK_KEEPING} 1", f"b = realloc b {size}", "unleave", "free b", "kvpages",
        *(line for left in (pages, pages + 1, pages + BOOK_KEEPING) for line in (
            f"leave {left} 1", *(f"{verb} {what}" for less in filling for verb, what in (
                ("c = malloc", pages * PAGE - less), ("free", "c"))), "unleave")), "kvpages"]))


def first_in_vain(stream, index):
    """The very first block, with frames for its pages, and hardly one for what describes it: who gives null has taken
    nothing."""
    del stream
    pages = (1, 2, 16)[index]
    tries = [line for left in range(pages, pages + BOOK_KEEPING) for size in (pages * PAGE, pages * PAGE - 64)
             for line in (f"leave {left} 1", "kvpages", f"a = malloc {size}", "kvpages", "free a", "unleave")]
    return operations("\n".join(["boot", "frames", *tries]))


def freed_right_before(stream, index):
    """All memory is taken; a block goes by a realloc to 0, and comes by one of null; another grows to its size when it
    is gone. Then many are free, each a bit too small and between two that live; one that is large enough is freed, and
    had again: it is the only one, among the last or the first of its kind."""
    size = (100, 620, 1500, 3000)[index]
    history = History(stream)
    frames = 12 + size // 100
    history.lines.append(f"leave {frames} 1")
    wanted, smaller = history.malloc(size), []
    for less in range(16, 64, 16):
        for _ in range(8):
            smaller.append(history.malloc(size - less))
            history.malloc(16)
    beside, _, last = history.malloc(16), history.malloc(16), history.malloc(size)
    for other in (1 << 15, 1 << 13, 1 << 11, size):
        for _ in range(2 * frames * PAGE // max(other, 400)):
            history.malloc(other)
    history.lines += [f"realloc {last} 0", f"{last} = realloc 0 {size}"]
    history.free(last)
    history.realloc(size, beside)
    for name in (*smaller, beside, wanted):
        history.free(name)
        history.lines += [f"{name} = malloc {size}", f"free {name}"] if name in (beside, wanted) else []
    history.lines += [f"{wanted} = malloc {size}", f"free {wanted}", "unleave"]
    history.drain()
    return history.operations()


def shrunk(stream, index):
    """Of a heap that was large a few blocks are left, two of each size, and what it kept is taken as all memory is:
    one of the two goes and comes again, whatever sizes a small heap rounds to."""
    del index
    history = History(stream)
    many = [history.malloc(size) for size in MUCH for _ in "ab"]
    pairs = [[history.malloc(size) for _ in "ab"] for size in UNEVEN]
    for name in many:
        history.free(name)
    history.lines.append("leave 0 1")
    for _ in range(16):
        history.malloc(3000)
    for size, (name, _) in zip(UNEVEN, pairs, strict=True):
        history.lines += [f"free {name}", f"{name} = malloc {size}"]
    history.lines.append("unleave")
    history.drain()
    return history.operations()


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


def as_large(stream, index):
    """There is no memory at all, not even in a page of blocks of the size, and blocks become as large as they are."""
    del stream, index
    history = History(None)
    row = [(history.malloc(size), size) for size in (128, 512, 1024) for _ in range(PAGE // size)]
    history.lines.append("leave 0 1")
    for _, size in row:
        history.malloc(size)
    for name, size in row[::4]:
        history.realloc(size, name)
    return history.operations()


def many(stream, index):
    """More blocks than a table has entries, of some pages each, and again when they have gone, and once more: what a table
    leaves behind as it grows adds up; and as many pages of small ones."""
    history = History(stream)
    count, size = ((800, 5000), (1900, 1000), (1900, 2000))[index]
    names = [history.malloc(size) for _ in range(count)]
    for name in stream.shuffled(names)[:count // 2]:
        history.free(name)
    for _ in range(count // 4):
        history.malloc(size)
    history.lines += [f"free {name}" for name in stream.shuffled(history.live)]
    for _ in range(2 if index == 0 else 0):
        history.lines += [*(f"{name} = reserve {size}" for name in names), *(f"free {name}" for name in names)]
    history.lines.append("kvpages")
    return history.operations()


def very_large(stream, index):
    """A block of more than 4096 pages, again and again, which becomes smaller, by little and by much; one that grows;
    and smaller beside it."""
    del index
    size = 4096 * PAGE + stream.between(1, 60_000)
    return operations("\n".join([
        "boot", "frames", f"a = malloc {size}", "check a", "b = malloc 700", "free a", "free b",
        f"a = malloc {size}", "b = malloc 700", f"a = realloc a {size - PAGE // 2}", f"a = realloc a {size // 8}",
        "check a", "free a", "free b",
        f"a = malloc {PAGE * 1025}", f"a = realloc a {PAGE * 2049}", "free a", "kvpages"]))


def nearly_all(stream, index):
    """A block of most of what there is, while there is surely enough for it; and one that grows to it."""
    del index
    size = MOST * PAGE * 4 // 5 - stream.between(1, 60_000)
    return operations("\n".join(["boot", "frames", f"leave {MOST} 1", f"a = malloc {size}", "free a", "b = malloc 700",
                                 f"b = realloc b {size}", "free b", "unleave", "kvpages"]))


def over_the_next(stream, index):
    """A block grows until hardly anything of the free one behind it is left, or nothing; then all around it go. Those
    of a row are where others were, or all of them were there, side by side, before the first one grew."""
    size, all_at_first = (100, 700, 1500, 3000)[index % 4], index > 3
    rows = [([f"{name}{number} = malloc {size}" for name in "abcd"], [
        f"free b{number}", f"a{number} = realloc a{number} {2 * size - less}", f"free c{number}",
        *(f"{name}{number} = malloc {size}" for name in "bc"), f"free a{number}",
        *(f"check {name}{number}" for name in "bcd")]) for number, less in enumerate(stream.shuffled(LEFT_OVER))]
    lines = [line for made, _ in rows for line in made] if all_at_first else []
    lines += [line for made, changed in rows for line in ([] if all_at_first else made) + changed]
    lines += [f"free {name}{number}" for name in stream.shuffled("bcd") for number in range(len(LEFT_OVER))]
    return operations("\n".join(["boot", "frames", *lines, "kvpages"]))


def over_many(stream, index):
    """The same with many at a time: they go, others come, all in front of them grow, and those behind them go. Who
    joins what is free only now and then does it between."""
    size = (100, 340, 700, 1300)[index]
    rows = list(enumerate(stream.shuffled(LEFT_OVER)))
    between = [[line for other in (2 * size + 600, size + 200) for line in (f"x = malloc {other + more}", "free x")]
               for more in (0, 100)]
    return operations("\n".join([
        "boot", "frames", *(f"{name}{number} = malloc {size}" for number, _ in rows for name in "abcd"),
        *(f"free b{number}" for number, _ in rows), *between[0],
        *(f"a{number} = realloc a{number} {2 * size - less}" for number, less in rows),
        *(f"free c{number}" for number, _ in rows), *between[1],
        *(f"check {name}{number}" for number, _ in rows for name in "ad"),
        *(f"free {name}{number}" for name in stream.shuffled("ad") for number, _ in rows), "kvpages"]))


def by_little(stream, index):
    """A block between two others becomes smaller by so little that hardly anything gets free, or nothing; then it
    goes."""
    del index
    lines = ["boot", "frames"]
    for number, (size, less) in enumerate(stream.shuffled(list(product((40, 100, 700, 1500, 3000), BYTES_LESS)))):
        lines += [*(f"{name}{number} = malloc {size}" for name in "abc"), f"b{number} = realloc b{number} {size - less}",
                  f"d{number} = malloc {less}", *(f"check {name}{number}" for name in "abcd"), f"free b{number}",
                  f"check a{number}", f"check c{number}", *(f"free {name}{number}" for name in stream.shuffled("acd"))]
    return operations("\n".join([*lines, "kvpages"]))


def every_size(stream, index):
    """Two blocks of every size below the least class, of every class there can be, of every few pages and of nearly
    whole ones, from the smallest to the largest, or the other way when there is much already, or in any order; all go.
    Of what is larger than half a page each third."""
    history = History(stream)
    sizes = (*range(1, ALL_SIZES.start), *ALL_SIZES, *LARGER[index::3], *range(PAGE, 20 * PAGE, PAGE - 100), *EDGES)
    orders = (sizes, (*(MUCH if index == 1 else ()), *sizes[::-1]), stream.shuffled(sizes))
    names = [history.malloc(size) for size in orders[index] for _ in "ab"]
    for name in (names, names[::-1], stream.shuffled(names))[index]:
        history.free(name)
    history.lines.append("kvpages")
    return history.operations()


def edges(stream, index):
    """Blocks that fill their pages, or nearly, grow and shrink by a byte, by a page and by half: all bytes stay."""
    del index
    history = History(stream)
    for size in stream.shuffled((*EDGES, *LARGE_EDGES)):
        name = history.malloc(size)
        for other in (size + 1, size + PAGE, size, size // 2):
            history.realloc(other, name)
        history.free(name)
    history.lines.append("kvpages")
    return history.operations()


def twice(stream, index):
    """A block of a page that is full, and of one that is nearly empty, is freed twice. Those beside it live on,
    whatever comes and goes then."""
    size = (16, 48, 128, 500, 1000, 2000, 3000)[index]
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


def after_panics(stream, index):
    """Blocks are freed twice; then all go but their neighbours, which live on while others come."""
    size, others = ((200, 600), (1300, 100))[index]
    history = History(stream)
    names = [history.malloc(size) for _ in range(3 * PAGE // size + 9)]
    gone = stream.shuffled(range(2, len(names) - 2, 3))[:4]
    stay = [names[i + 1] for i in gone]
    for i in gone:
        history.lines += [f"free {names[i]}", f"free {names[i]}"]
        history.live.remove(names[i])
    for name in stream.shuffled([name for name in history.live if name not in stay]):
        history.free(name)
    for _ in range(2 * PAGE // others):
        history.malloc(others)
    history.lines += [f"check {name}" for name in stay]
    history.drain()
    return history.operations()


def emptied(stream, index):
    """Blocks among others go by a realloc to 0 bytes; freed once more they are double frees."""
    size = (16, 500, 9000)[index]
    history = History(stream)
    names = [history.malloc(size) for _ in range(9)]
    for name in stream.shuffled(names)[:3]:
        history.lines += [f"realloc {name} 0", f"free {name}"]
        history.live.remove(name)
    return history.operations()


def huge(stream, index):
    """Sizes that nobody has, of null and of all sorts of blocks; behind some of them there is room."""
    del index
    blocks = {"small": 100, "page": 3000, "pages": 9000, "large": 300_000}
    lines = ["boot", "frames", *(f"{name} = malloc {size}" for name, size in blocks.items()), "kvpages"]
    for case in pairs(stream, size=HUGE, block=("malloc", "0", *blocks), beside=(0, 600, 5000)):
        beside, block, size = case["beside"], case["block"], case["size"]
        if beside and block in blocks:  # it moves, and what comes behind it goes
            lines += [f"free {block}", f"{block} = malloc {blocks[block]}", f"x = malloc {beside}", "free x"]
        lines.append(f"malloc {size}" if block == "malloc" else
                     f"{'' if block == '0' else f'{block} = '}realloc {block} {size}")
    return operations("\n".join([*lines, *(f"free {name}" for name in blocks), "kvpages"]))


OTHERS = (30, 1800)
# Of the large ones three fill four pages with a word before and behind each, and one has two of its own.
AMONG = (("large blocks", 5448, 6000, False), ("free ones", 700, 690, True), ("others of their size", 700, 900, False),
         ("free ones of half a page", 2000, 1980, True))


def among(stream, index):
    """Blocks come, change their sizes and go beside few or many others of their size: large ones; small ones with gaps
    between them, or without. Beside each two of them there was a third, which went before the others had gaps, or after
    that: so of the pages with room theirs are the oldest and the newest."""
    _, size, other, gaps = AMONG[index // 2]
    others = OTHERS[index % 2]
    rows = [[f"{name} = malloc {size}" for i in range(first, first + 16, 2) for name in (f"r{i}", f"r{i + 1}", f"e{i}")]
            for first in (0, 16)]
    each = stream.shuffled([f"r{i}" for i in range(32)])
    return operations("\n".join([
        "boot", "frames", "quiet", *rows[0], *(f"o{i} = malloc {size}" for i in range(others)), *rows[1],
        *(f"free e{i}" for i in range(0, 16, 2)), *([f"free o{i}" for i in range(0, others, 2)] if gaps else []),
        *(f"free e{i}" for i in range(16, 32, 2)), "loud",
        *(f"{r} = realloc {r} {other}" for r in each), *(f"{r} = realloc {r} {size}" for r in each),
        *(f"free {r}" for r in each), *(f"{r} = malloc {size}" for r in each)]))
