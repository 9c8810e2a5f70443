"""Lab 3 by construction: the contract's numbers as data, and scenarios in which any two come together."""

from __future__ import annotations

from grader.judging.memory_map import PAGE
from grader.scenarios.pairs import pairs
from grader.scenarios.siblings import HIGHEST, script

from .siblings import BOOT, user_address

ALL = 1 << 20  # the pages of all addresses
PAGES_A_CALL = (0, 1, 2, 16, 17, ALL - 1, ALL, ALL + 1, 1 << 31, (1 << 31) + 1, HIGHEST)
STARTS = ("0", "0x1000", "0x1001", "0x4800", "0x10000000", "base-0x1000", "base-0x2000", "base-1", "base",
          "base+0x1000", "0xfffff000")
FROM_ZERO = (1, 2, 3, 4, 5, 8, 9)  # pages of a range
LONG_ORDERS = range(13, 18)  # of ranges up to one and a half of a power
WORDS = range(32, 12_001, 32)  # pages: with one more the state has a word more, and somewhere a page
SIDE_BY_SIDE = range(6010, 6026)  # among them those whose state leaves a few bytes of a page, where one has a bit a block
NEXT_WORDS = range(5921, 6114, 32)  # of which one has a page more for its state than it had with a page less
# Of which the reference's state ends where a page does, if so many bytes come before it: these and those of WORDS have
# every multiple of 4 up to 128.
FILLED = (5825, 5889, 5890, 5892, 5954, 12416, 18913, 18945, 18946, 18977, 19009, 19041, 19073, 25608, 25633, 32097,
          32132, 32161, 32225, 38657, 45121, 51720, 51778, 51842)
# Of more pages than 16 bits count: the state has a page more than that of the multiple of 1024 below.
OVER = (71_605, 78_820, 84_962, 97_912)
LARGE = 400_000  # pages of a range that is made and destroyed
SPACES = 70
MANY_SPACES = (1000, 400, 400)  # at a time: as many as the player has numbers for, and more than a page has room for
LARGE_SPACES = (1000, 20_000, 60_000)  # pages of ranges whose states take more pages than one
RUN = 256  # pages of a run, or 64 times as many
COUNTED = ("kvpages", "frames", "pages")


def requests(stream, index):
    """Any min with any max, of a range and of the kernel's; what comes of it is given back."""
    del index
    lines = [f"init {user_address(stream)} 24", "init base 24"]
    for case in pairs(stream, low=PAGES_A_CALL, high=PAGES_A_CALL, of=(0, 1)):
        lines += [f"r = alloc {case['of']} {case['low']} {case['high']}", f"free {case['of']} r"]
    for address in ("0", "0x1000", "base-0x1000", "base", "0xfffff000"):
        lines += [f"free {of} {address} 0" for of in (0, 1, 9)]  # there is no number 9
    return script(lines, [line for of in (0, 1)
                          for line in (f"alloc {of} 16 16", f"alloc {of} 8 8", f"ask {of} 1 1")])


def wrong_frees(stream, index):
    """Pages before and behind a range, more than there are, the page at address 0, and long runs of which one page is
    free."""
    del index
    first = stream.between(1 << 13, 1 << 15)
    starts = (first - 1, first, first + 1, first + 4095, first + 4096, 1, 0)
    lines = [f"init {first * PAGE:#x} 4096", f"free 1 {first * PAGE:#x} {HIGHEST}", "a = alloc 1 4096 4096"]
    for case in pairs(stream, start=starts, count=PAGES_A_CALL[5:]):
        lines.append(f"free 1 {case['start'] * PAGE:#x} {case['count']}")
    lines += [f"free 1 {page * PAGE:#x} {count}" for page, count in
              ((first - 1, 1), (first - 1, 2), (first + 4095, 2), (first + 4096, 1), (first, 4097), (1, 1))]
    for page in stream.shuffled((0, 1, 1023, 1024, 2048 + stream.below(1000), 4094, 4095)):
        lines += [f"free 1 a+{page * PAGE:#x} 1", "free 1 a", f"free 1 a+{page * PAGE:#x} 1",
                  "ask 1 1 1", "ask 1 1 1"]
    return script(lines, "free 1 a", "alloc 1 4096 4096")


def behind_null(stream, index):
    """A range that begins right behind the page at address 0, which is none of it."""
    del index
    pages = 8 << stream.below(3)
    frees = stream.shuffled([f"free 1 0 {count}" for count in (1, 2, pages, pages + 1)])
    everything = f"alloc 1 {pages} {pages}"
    return script(f"init {PAGE} {pages}", everything, frees, "ask 1 1 1", f"free 1 {PAGE} {pages}", frees, everything,
                  "ask 1 1 1")


def over_the_border(stream, index):
    """A range that ends where the kernel's begins: what lies in both belongs to neither."""
    del index
    pages = 16 << stream.below(3)
    frees = [f"free {of} base-{before * PAGE:#x} {before + behind}"
             for of in (1, 0) for before in (1, 2, pages) for behind in (1, 2, pages)]
    return script(f"init base-{pages * PAGE:#x} {pages}", f"init base {pages}",
                  [f"alloc {of} {pages} {pages}" for of in (0, 1)], stream.shuffled(frees),
                  [f"ask {of} 1 1" for of in (0, 1)], "free 1 base 1", f"free 0 base+0x1000 {pages - 1}",
                  "free 1 base-0x1000 1", [f"alloc {of} 1 {pages}" for of in (0, 1)], "ask 1 1 1")


def start(stream, index):
    """The kernel starts with its last 16 MiB. Before longer starts: one that never ends is found out soon."""
    del index
    count = stream.between(1, 9)
    return script("boot_from 0xff000000", "kernel_range", f"a = alloc 0 {count} {count}", f"free 0 a {count}")


def another(stream, index):
    """Beside the kernel's allocator a small one is made. Before large ones, for the same reason."""
    return start(stream, index) + script(f"u = create 0x400000 {stream.between(9, 16)}", "alloc u 1 1")


def gone(stream, index):
    """The same, and it goes: before large ones go."""
    return another(stream, index) + script("destroy u")


def far_apart(stream, index):
    """All user pages in one range: pages near its end are more than 2 GiB from its start. The kernel's are not in
    it."""
    del index
    places = ["0x1000", "base-0x1000", "base-0x10000000", f"base-{stream.between(2, 4000) * PAGE:#x}"]
    return script("p = user_pages", "init 0 p", ["ask 1 1 p"] * 40, "ask 1 1 1",
                  [line for place in stream.shuffled(places)
                   for line in (f"free 1 {place} 1", f"free 1 {place} 1", "ask 1 1 1", "ask 1 1 1")],
                  "free 1 base-0x2000 1", "free 1 0x1000 p-1", "ask 1 1 1", "ask 1 1 1",  # nearly all, but it is free
                  [line for order in LONG_ORDERS for line in _long_free(stream, order)],
                  "init base 8", "alloc 0 8 8", "free 1 base 3", "free 1 base+0x3000 5", "alloc 0 8 8", "ask 0 1 1")


def _long_free(stream, order):
    """Of a long range a single page is free, far behind its start: it can't be freed, and nothing of it is."""
    count = (1 << order) + stream.between(1 << order - 2, 1 << order - 1)
    start = stream.between(1, (1 << 18) - count)
    page = start + count - stream.between(1, count // 9)
    return f"free 1 {page * PAGE:#x} 1", f"free 1 {start * PAGE:#x} {count}", "ask 1 1 1", "ask 1 1 1"


def word_by_word(stream, index):
    """Allocators of as many pages as words of bits have, and of numbers of pages side by side: what one takes comes
    back, to the page, also where the range is one from 0 on."""
    borders = [*SIDE_BY_SIDE[index::2], *NEXT_WORDS[index::2], *FILLED[index::2], *OVER[index::2]]
    created = [*(f"u = create {user_address(stream)} {pages}" for pages in (*WORDS[index::2], *borders)),
               *(f"u = create 0 {pages}" for pages in borders)]
    return script(BOOT, COUNTED, [line for create in stream.shuffled(created) for line in (create, "destroy u")], COUNTED)


def orphans(stream, index):
    """User addresses without an allocator, or with another one's, whichever was used last, and however: nobody guesses
    whose they are."""
    del index
    pages = 8 << stream.between(1, 3)
    guess = ["free 0 0 1", *(f"free 0 {of}+{page * PAGE:#x} 1" for of in "ab" for page in (2, pages - 1))]
    others = [f"free v a+{(pages - 2) * PAGE:#x} 1", f"free u b+{(pages - 2) * PAGE:#x} 1"]
    uses = [["free u a+0x0 1"], ["free v b+0x0 2"], ["free u a+0x1000 1"], ["alloc u 1 1"], ["alloc v 1 1"],
            ["k = alloc 0 2 2", "free 0 k"], [f"w = create {user_address(stream)} 9", "destroy w"]]
    return script(BOOT, "kernel_range", [f"{name} = create {user_address(stream)} {pages}" for name in "uv"],
                  f"a = alloc u {pages} {pages}", f"b = alloc v {pages} {pages}",
                  [line for use in stream.shuffled(uses) for line in (*use, *guess, *others)],
                  [f"ask {name} 1 1" for name in "uuuuvvvv"], "destroy v", guess, "ask u 1 1")


def spaces(stream, index):
    """Many ranges at a time, of a single page or of many, some of them from 0 on, in memory that was used before;
    some go, and others come."""
    del index
    sizes = [1, *stream.shuffled([*LARGE_SPACES, *(stream.between(1, 40) for _ in range(SPACES - 4))])]
    created = [f"s{i} = create {0 if size >= 1000 else user_address(stream)} {size}" for i, size in enumerate(sizes)]
    lines = created + [line for i, size in enumerate(sizes)
                       for line in (f"ask s{i} 1 {size}", f"ask s{i} {size + 1} {ALL}")]
    gone = stream.shuffled(range(SPACES))[:SPACES // 2]
    lines += [f"destroy s{i}" for i in gone]
    lines += [created[i] for i in gone]
    lines += [f"ask s{i} 1 {sizes[i]}" for i in stream.shuffled(range(SPACES))]
    return script(BOOT, "junk 300", COUNTED, lines,
                  [f"destroy s{i}" for i in stream.shuffled(range(SPACES))], COUNTED)


def many_spaces(stream, index):
    """More ranges at a time than a table has room for; none gets what another one has. They go from the newest to
    the oldest, the other way round, or every other one first."""
    del index
    lines = []
    for count, order in zip(MANY_SPACES, stream.shuffled(("oldest first", "newest first", "every other one"))):
        pages, step = 1 + stream.below(2), 2 if order == "every other one" else 1
        some = (0, count - 1, *(stream.below(count) for _ in range(4)))
        lines += [f"s = create_many {user_address(stream)} {pages} {count}", *(f"ask s+{i} 1 2" for i in some)]
        if order == "newest first":
            lines.append(f"destroy_many s+{count - 1} {HIGHEST} {count}")
        else:
            lines += [f"destroy_many s+{i} {step} {count // step}" for i in range(step)]
    return script(BOOT, COUNTED, lines, COUNTED)


def full_ones(stream, index):
    """Allocators all of whose pages are handed out, or none, are destroyed like any other, a very large one, too; right
    after each the same range has one again, most likely in the same memory, and all of its pages."""
    del index
    sizes = stream.shuffled([1, 2, 32, stream.between(3, 31), stream.between(33, 5000)])
    lines = [f"u = create {user_address(stream)} {size}" for size in sizes]
    return script(BOOT, "junk 60", COUNTED,
                  [line for create, size in zip(lines, sizes) for line in
                   (create, *[f"ask u 1 {size}"] * size.bit_count(), "ask u 1 1", "destroy u") * 2],
                  f"u = create 0x1000 {LARGE}", "destroy u", COUNTED)


def from_zero(stream, index):
    """A small range from the address 0 on: all of its pages can be had but the first, and no others."""
    del stream
    pages = FROM_ZERO[index]
    return script(f"init 0 {pages}", ["ask 1 1 1"] * pages, f"ask 1 1 {pages}")


def ranges(stream, index):
    """Any start with any number of pages: what is no range of user addresses takes no memory."""
    del index
    asked = [(case["start"], case["pages"]) for case in pairs(stream, start=STARTS, pages=PAGES_A_CALL)]
    asked += [(start, pages) for start in ("base-0x1000", "base-0x2000", "base-0x10000000") for pages in ("p", "p-1")]
    return script(BOOT, "p = user_pages", "junk 60", COUNTED,
                  [line for start, pages in asked for line in (f"u = create {start} {pages}", "destroy u")], COUNTED)


def long_runs(stream, index):
    """Runs are allocated that are short, or 64 times as long; then there is nothing left. What came back, or lies
    outside the range, does not come back again; nor is there an allocator for it at all, or it is the kernel's."""
    size = RUN * (1, 64)[index]
    start = int(user_address(stream), 16) // PAGE
    end = start + 2 * size
    wrong = [f"free {of} {page * PAGE:#x} {count}" for of, page, count in
             ((1, start + stream.below(size), 1), (1, start, 9), (1, end - 1, 2), (1, end, 1), (1, start - 1, 2),
              (0, start, 1))]
    return script(f"init {start * PAGE:#x} {2 * size}", "init base 1",
                  [line for i in range(6) for line in
                   (f"a = ask 1 {size} {size}", f"b = ask 1 {size - i % 3} {size - i % 3}", f"c = ask 1 1 {HIGHEST}",
                    f"d = ask 1 1 {HIGHEST}", "alloc 1 1 1", f"alloc 1 2 {HIGHEST}", "alloc 1 1 2", "free 1 a", wrong[i],
                    f"free 1 {(start + size - 1) * PAGE:#x} 2", "free 1 b", "free 1 c", "free 1 d")],
                  wrong, "free 1 base 1", f"free 0 base+{PAGE:#x} 1")


def beside_others(stream, index):
    """Pages of the first and of the last of 2 ranges come and go, or of 400; once each, and from their own range."""
    count = (2, MANY_SPACES[1])[index]
    return script(BOOT, f"s = create_many {user_address(stream)} 16 {count}",
                  [line for name in ("s", f"s+{count - 1}") * 4
                   for line in (f"a = ask {name} 3 3", f"b = ask {name} 1 1", f"free {name} a", f"free {name} a+0x0 1",
                                f"free {name} b", "free 0 b+0x0 1", f"free {name} a+{16 * PAGE:#x} 1")])


def of_kernel_addresses(stream, index):
    """A range with kernel addresses that is not the kernel's, or with user addresses as well: of it they are handed out
    like any others, but what comes back goes to the kernel's, which has just refused a request; also where that has no
    such page: it begins behind."""
    user = 8 * index
    pages, page, before = 24 + user, stream.between(10, 20), stream.between(0, 7)
    return script("init base+0x8000 16", f"init base-{user * PAGE:#x} {pages}", "alloc 0 16 16",
                  [f"alloc 1 1 {pages}"] * pages.bit_count(), "ask 1 1 1", "ask 0 1 1",
                  f"free 1 base+{page * PAGE:#x} 2", "ask 0 1 1", "ask 1 1 2", f"free 1 base+{page * PAGE:#x} 1",
                  f"free 1 base+{before * PAGE:#x} 1", "ask 1 1 1", ["ask 0 1 1"] * 3,
                  (f"free 1 base-{PAGE:#x} 1", "ask 1 1 1") if user else ())


def made_again(stream, index):
    """The same struct is made an allocator again, with the same state: for another range, and for the same one."""
    del index
    ranges_ = [(user_address(stream), pages) for pages in stream.shuffled((1, 5, 64, 300, stream.between(2, 600)))]
    lines = [f"init {user_address(stream)} 40", "ask 1 40 40"]
    for start, pages in [each for each in ranges_ for _ in range(2)]:
        lines += [f"r = init {start} {pages}", "members r", f"free r {start} {pages}",
                  *[f"ask r 1 {pages}"] * pages.bit_count(), "ask r 1 1"]
    return script(lines)


def everything(stream, index):
    """All addresses are one range; or nearly all, those of the kernel's with which it begins, too."""
    pages = ALL - index * stream.between(1, 1000)
    return script(f"init 0 {pages}", [f"ask 1 1 {ALL}"] * (20 + index * 10), "ask 1 1 1")
