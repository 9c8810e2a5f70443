"""Scenarios made of the contract's numbers: whichever two of them meet, with every seed."""

from __future__ import annotations

from itertools import product

from grader.scenarios.pairs import pairs, powers
from grader.scenarios.rows import in_every_row
from grader.scenarios.scenario import operations

from .contract import (ALL_MEMORY, BORDERS, CROWDS, ENTRIES, FAR, FLAGS, FLUSHED, IMAGE, LEFT, LENGTHS, MANY_TABLES,
                       MAPPING, OFFSETS, PAGE, PAGES, SLOTS, SPAN, TOP, USER_TABLES)

FROM = "boot_from base+0x2000000"  # so that an area of 16 MiB begins at a page table's border
BEFORE = ("nothing", "table", "same", "others", "hole")  # what was mapped there


def changes(stream, index):
    """Ranges are mapped, mapped anew and unmapped, in every way; touched before and after.

    First in the user part, of the active directory or another; then in the kernel's part.
    """
    directories = (("a", "b"), ("0", "a", "1", "gone"))[index]
    lines = [FROM, "a = create", "b = create", "gone = create", "destroy gone", "switch a",
             f"new = run {max(PAGES)}", f"old = run {max(PAGES)}", "k = area 4096", "junk 64"]
    for number, case in enumerate(pairs(stream, pages=PAGES, slot=SLOTS, table=USER_TABLES,
                                        directory=directories, before=BEFORE, first_flags=MAPPING,
                                        flags=FLAGS)):
        start = min(case["table"], 2 if index else max(USER_TABLES)) * SPAN + case["slot"] * PAGE
        lines += _change(stream, Range(case, f"k+{start:#x}" if index else f"{start:#x}", index == 0))
        if number % 16 == 0:
            lines.append("inspect")
    return operations("\n".join([*lines, "inspect"]))


class Range:
    """Where a case maps pages: `at` says an address of it, by pages from its first."""

    def __init__(self, case, start, user):
        self.case, self.user = case, user
        self.pages = case["pages"]
        self.name, _, number = start.rpartition("+")
        self.start = int(number, 16)

    def at(self, page, offset=0):
        """The address of a byte of a page."""
        number = self.start + page * PAGE + offset
        return f"{self.name}+{number:#x}" if self.name else f"{number:#x}"

    def map(self, frames, flags, pages=None, first=0):
        """Maps some of the pages, all if not said otherwise."""
        count = self.pages if pages is None else pages
        return f"map {self.case['directory']} {frames} {self.at(first)} {count} {flags}"


def _change(stream, where):
    """One range: as it was, touched, changed, touched again, gone."""
    flags, last = where.case["flags"], where.pages - 1
    frames = "new" if flags & 1 else stream.choice(("new", "0x123", f"{TOP:#x}"))
    touched = sorted({0, last // 2, last})
    lines = _as_before(where)
    for page in touched:
        lines += [f"poke new+{page * PAGE:#x} {stream.below(1 << 31)}", f"read {where.at(page)} 0"]
    lines.append(where.map(frames, flags))
    for page in touched:
        lines += [f"read {where.at(page)} {stream.choice((0, 3))}",
                  f"write {where.at(page)} {stream.choice((0, 3))} {stream.below(1 << 31)}"]
    lines += [f"translate {where.case['directory']} {where.at(page, stream.below(PAGE))}"
              for page in (*touched, where.pages) if where.case["directory"] != "gone" or not where.user]
    if where.user:  # null is no directory, whichever is active
        lines.append(f"translate 0 {where.at(0)}")
    return [*lines, where.map("0", 0)]


def _as_before(where):
    before, flags = where.case["before"], where.case["first_flags"]
    if before == "nothing":
        return []
    lines = [where.map("new" if before == "same" else "old", flags)]
    if before == "table":
        lines.append(where.map("0", 0))
    if before == "hole":
        lines.append(where.map("0", 0, where.pages // 2, where.pages // 4))
    return lines


def flushed(stream, index):
    """Pages that the CPU knows, as many as anybody may flush one by one, or together: mapped anew, and unmapped. Then one,
    to a frame whose address differs in a single bit, whichever it is."""
    lines = [FROM, "a = create", "switch a", f"f = run {max(FLUSHED) + 1}", "k = area 4096"]
    directory, base = (("a", ""), ("0", "k+"))[index]
    for pages in stream.shuffled(FLUSHED):
        start = SPAN + PAGE * stream.below(ENTRIES)
        touched = sorted({0, 1, pages // 2, pages - 1} & set(range(pages)))
        look = [f"read {base}{start + page * PAGE:#x} 0" for page in touched]
        for page in sorted({page + more for page in touched for more in (0, 1)}):
            lines.append(f"poke f+{page * PAGE:#x} {stream.below(1 << 31)}")
        lines += [f"map {directory} f {base}{start:#x} {pages} 7", *look,
                  f"map {directory} f+{PAGE:#x} {base}{start:#x} {pages} 7", *look,
                  f"map {directory} 0 {base}{start:#x} {pages} 0", *look]
    for bit in stream.shuffled(powers(12, 31)):
        lines += [f"map {directory} {IMAGE:#x} {base}{SPAN:#x} 1 7", f"read {base}{SPAN:#x} 0",
                  f"map {directory} {IMAGE ^ bit:#x} {base}{SPAN:#x} 1 7"]
    return operations("\n".join([*lines, "inspect"]))


def all_memory(stream, index):
    """More pages than frames lie side by side, any of which the CPU may know: less may be done with them, then more,
    then they are gone. They lead to what is there, whatever it is: it is only read."""
    directory, base, pages = (("a", "", stream.between(*ALL_MEMORY)), ("0", "k+", 4 * ENTRIES))[index]
    start = SPAN + PAGE * stream.below(ENTRIES) if index == 0 else 0
    # No two of them have the same place in a TLB of 16 entries.
    touched = [(1 << order) + order for order in range(pages.bit_length() - 1)] + [pages - 1]
    looks = [[f"read {base}{start + page * PAGE:#x} {ring}" for page in touched] for ring in (0, 3)]
    lines = [FROM, "a = create", "switch a", f"k = area {4 * ENTRIES}"]
    for frames, flags in (("0x100000", 7), ("0x100000", 3), ("0", 5), ("0", 0)):
        lines += [f"map {directory} {frames} {base}{start:#x} {pages} {flags}", *looks[1], *looks[0]]
        lines += [f"translate {directory} {base}{start + page * PAGE:#x}" for page in (*touched[:3], touched[-1])
                  if frames == "0" and flags]
    return operations("\n".join([*lines, "inspect"]))


def emptied(stream, index):
    """A page table is full, and then has so many pages left, fewer and fewer, at its end; then a single one, wherever
    it is: those are there still."""
    directory, base = (("a", ""), ("0", "k+"))[index]
    lines = [FROM, "a = create", "switch a", "f = frame", f"poke f {stream.below(1 << 31)}", "k = area 4096",
             f"map {directory} 0x100000 {base}{SPAN:#x} {ENTRIES} 7", f"map {directory} f {base}{2 * SPAN - PAGE:#x} 1 7"]
    there = ENTRIES
    for left in LEFT:
        lines += [f"map {directory} 0 {base}{2 * SPAN - there * PAGE:#x} {there - left} 0",
                  f"read {base}{2 * SPAN - PAGE:#x} 3", f"translate {directory} {base}{2 * SPAN - left * PAGE:#x}"]
        there = left
    for slot, step in stream.shuffled(list(product(SLOTS, (1, -1)))):
        page = f"{base}{SPAN + slot * PAGE:#x}"
        lines += [f"map {directory} 0x100000 {base}{SPAN:#x} {ENTRIES} 7", f"map {directory} f {page} 1 7"]
        for first, pages in ((0, slot), (slot + 1, ENTRIES - slot - 1))[::step]:
            lines += [f"map {directory} 0 {base}{SPAN + first * PAGE:#x} {pages} 0", f"translate {directory} {page}"]
        lines.append(f"read {page} 3")
    return operations("\n".join(lines))


def wider(stream, index):
    """In each of three page tables a page is mapped, for the first time, with some rights; then a range over all three
    is, with others: what both levels allow counts."""
    del index
    lines = ["boot", "junk 16", "a = create", f"f = run {ENTRIES + 2}", "switch a"]
    for number, (first, then) in enumerate(stream.shuffled(list(product(MAPPING, MAPPING)))):
        second = (9 + 3 * number) * SPAN
        lines += [f"map a f {spot:#x} 1 {first}" for spot in (second - 2 * PAGE, second + 5 * PAGE, second + SPAN + PAGE)]
        lines.append(f"map a f {second - PAGE:#x} {ENTRIES + 2} {then}")
        for spot in (second - PAGE, second + SPAN - PAGE, second + SPAN):
            lines += [f"read {spot:#x} 3", f"write {spot:#x} {stream.choice((0, 3))} {stream.below(1 << 31)}"]
    return operations("\n".join([*lines, "inspect"]))


def holes(stream, index):
    """Unmapping over page tables that are not there, from the middle of one to the middle of another; then all of them,
    and what is free is filled: nothing leads there. And over many, of a range that has pages only at its ends."""
    lines = [FROM, "a = create", "switch a", "f = frame", "k = area 4096", "frames"]
    directory, base = ("a", "") if index == 0 else ("0", "k+")
    for first, missing in stream.shuffled([(1, 1), (1023, 1), (700, 2), (0, 2)]):
        end = (1 + missing) * SPAN
        lines += [f"map {directory} f {base}0 1 7", f"map {directory} f {base}{end:#x} 2 7",
                  f"read {base}0 0", f"read {base}{end:#x} 0",
                  f"map {directory} 0 {base}{first * PAGE:#x} {(1 + missing) * ENTRIES + 1 - first} "
                  f"{stream.choice((0, 2, 4, 6))}",
                  f"read {base}0 0", f"read {base}{end:#x} 0", f"read {base}{end + PAGE:#x} 0",
                  f"map {directory} 0 {base}0 {3 * ENTRIES + 2} 0", "junk 16", f"read {base}0 0"]
    for pages in stream.shuffled(FAR) if index == 0 else ():
        ends = (f"{SPAN:#x}", f"{SPAN + (pages - 1) * PAGE:#x}")
        looks = [f"read {end} 0" for end in ends]
        lines += [*(f"map a f {end} 1 7" for end in ends), *looks, f"map a 0 {ends[0]} {pages} 0", *looks]
    lines.append("frames")
    # The first page table is missing, and the range begins in its middle.
    directory, base = ("b", "") if index == 0 else ("0", "j+")
    lines += ["b = create", "j = area 2048", f"map {directory} f {base}{SPAN + 5 * PAGE:#x} 1 7",
              f"map {directory} 0 {base}{512 * PAGE:#x} {ENTRIES} 0"]
    return operations("\n".join([*lines, "inspect", "switch 1", f"translate b {SPAN + 5 * PAGE:#x}"]))


def refused(stream, index):
    """What can't be, or only just can: every length, offset and place, with every set of flags."""
    del index
    lines = [FROM, "a = create", "b = create", "switch a", "k = area 4", "f = run 4",
             "map a f 0x400000 3 7", "map 0 f k 3 3"]
    for case in pairs(stream, pages=LENGTHS, offset=OFFSETS, frame_offset=OFFSETS, flags=FLAGS,
                      place=(0, 0x400000, "base-0x1000", "base-0x3000", "k", f"{TOP:#x}"),
                      frames=("f", f"{TOP:#x}", f"{TOP - PAGE:#x}", "0"),
                      directory=("0", "a", "b")):
        place, frames = str(case["place"]), case["frames"]
        lines += [f"map {case['directory']} {_plus(frames, case['frame_offset'])} "
                  f"{_plus(place, case['offset'])} {case['pages']} {case['flags']}"]
    lines += ["map a 0x40003000 0x1000 0xbfffe 5"]  # frames from below 2 GiB to above 4
    lines += [f"map a 0 {place} {pages} 0" for place in ("0x400000", "k", f"{TOP:#x}") for pages in LENGTHS
              if pages > 3]
    lines += ["map a 0 0 1 5", "map b f 0 1 5", "map b 0 0x402000 1 3", "map 0 0 k 1 1"]
    checked = [f"translate {name} {address}" for name in "ab"
               for address in ("0", "0x400fff", "0x402000", "base-0x1000", "k", "0xffffffff")]
    return operations("\n".join([*lines, *checked, "inspect", "switch b", "inspect"]))


def _plus(place, offset):
    """An address some bytes on."""
    if place[0].isdigit():
        return f"{int(place, 0) + offset:#x}"
    name, minus, number = place.partition("-")
    distance = offset - (int(number, 0) if minus else 0)
    return f"{name}{'-' if distance < 0 else '+'}{abs(distance):#x}"


def crowd(stream, index):
    """More and more directories; now and then the kernel gets a page table more, then some go."""
    del index
    lines = [FROM, "frames", "k = area 4096", "j = area 2048", "f = frame"]
    tables = [*(f"k+{i * SPAN:#x}" for i in range(4)), *(f"j+{i * SPAN:#x}" for i in range(2))]
    alive = []
    for table, many in zip(tables, CROWDS, strict=True):
        while len(alive) < many:
            alive.append(f"d{len(alive)}")
            lines.append(f"{alive[-1]} = create")
        lines += ["junk 8", f"map 0 f {table} 1 3", "audit", f"switch {stream.choice(alive)}", f"read {table} 0"]
    lines += ["inspect", "switch 1"]
    alive = stream.shuffled(alive)
    for number, name in enumerate(alive):
        lines += [f"destroy {name}", *(["audit"] if number % 16 == 0 else [])]
    return operations("\n".join([*lines, "frames", "list"]))


def borders(stream, index):
    """Directories and page tables are made where the kernel has no page table for their own memory."""
    lines = [f"boot_from {BORDERS[index]:#x}", "f = frame", "junk 64"]
    for name in "abc":
        lines += [f"{name} = create", "audit",
                  f"map {name} f {stream.between(1, 9) * SPAN:#x} 1 7", "audit"]
    for name in "abc":
        lines += [f"switch {name}", "inspect"]
    return operations("\n".join([*lines, "switch 1", "destroy a", "destroy b", "destroy c", "frames"]))


def corners(stream, index):
    """A directory with many user page tables, the first and the last among them, comes back whole, and so do those that
    have hardly any, of which the next one knows nothing; one that may not be destroyed stays as it is."""
    del index
    places = [f"{table * SPAN:#x}" for table in (0, 1, *range(2, MANY_TABLES))]
    places += ["base-0x400000", "base-0x800000"]
    lines = ["boot", "x = create", "destroy x", "frames", "f = frame", "poke f 77", "junk 8",
             "a = create",
             *(f"map a f {place} 1 7" for place in stream.shuffled(places)),
             "switch a", "read 0 3", "destroy a", "audit", "read 0x400000 3", "read base-0x400000 0",
             "destroy 1", "inspect", "switch 1", "audit", "destroy 1", "audit",
             "destroy a", "frames", "peek f"]
    before = ()
    for name, places in (("b", ("base-0x400000",)), ("c", ("0", "base-0x1000")), ("d", ("0x400000", "0x1000"))):
        lines += [f"{name} = create", *(f"translate {name} {place}" for place in before),
                  *(f"map {name} f {place} 1 7" for place in places), f"translate {name} {places[-1]}",
                  f"destroy {name}", "frames"]
        before = places
    return operations("\n".join(lines))


def kernel_rights(stream, index):
    """Pages of the kernel with every set of rights, in page tables of their own, in any order."""
    del index
    lines = [FROM, "f = frame", "poke f 5", "k = area 4096", "a = create"]
    spots = [f"k+{table * SPAN + slot * PAGE:#x}" for table in range(4) for slot in (0, 9)]
    rights = [flags for first in stream.shuffled(MAPPING) for flags in (first, 8 - first)]
    lines += [f"map 0 f {spot} 1 {flags}" for spot, flags in zip(spots, rights)] + ["switch a"]
    for spot in spots:
        lines += [f"{touch} {spot} {ring}{value}" for touch, value in (("read", ""), ("write", " 6"))
                  for ring in (0, 3)]
        lines.append(f"translate 0 {spot}")
    return operations("\n".join([*lines, "inspect"]))


def small_world(stream, index):
    """Two directories and three pages: every three operations in a row, whatever was before them."""
    del index
    head = ["boot", "junk 16", "a = create", "b = create", "f = pair", "g = pair", "k = area 1",
            *(f"poke {frame} {stream.below(1 << 31)}" for frame in ("f", "f+0x1000", "g", "g+0x1000"))]
    items = ["map a f 0x7ff000 2 7", "map a g 0x7ff000 1 1", "map a 0 0x800000 1 0",
             "map b g 0x7ff000 2 5", "map 0 f k 1 3", "map 0 g k 1 5", "map 0 0 k 1 6",
             "switch a", "switch b", "read 0x7ff000 0", "write 0x800000 3 9", "read k 3"]
    return operations("\n".join([*head, *in_every_row(stream, items, 3), "inspect", "switch a",
                                 "inspect", "switch 1", "destroy a", "destroy b"]))
