"""Reading page tables out of a machine's memory: grader/evidence/snapshot.py, on memory made by hand."""

from __future__ import annotations

import struct

from grader.evidence.snapshot import EMPTY_TABLES, PAGE, PRESENT, USER, WRITABLE, Memory, Run, Snapshot

DIRECTORY, TABLE, OTHER = 0x3000, 0x5000, 0x6000
ALL = PRESENT | WRITABLE | USER
SIZE = 16 * PAGE


def memory(*words: tuple[int, int]) -> memoryview:
    """16 pages of RAM, zero but for the words at the given addresses."""
    ram = bytearray(SIZE)
    for address, value in words:
        struct.pack_into("<I", ram, address, value)
    return memoryview(ram)


def taken(*words: tuple[int, int], cr3: int = DIRECTORY) -> Snapshot:
    """What is seen in such a memory."""
    return Snapshot.take({"CR0": 0x80010001, "CR3": cr3, "CR4": 0x10}, memory(*words))


def entry(table: int, index: int, value: int) -> tuple[int, int]:
    """An entry of a page table, or of the directory, as a word of memory."""
    return table + 4 * index, value


def test_the_registers_are_those_of_the_machine() -> None:
    snapshot = taken(cr3=DIRECTORY | 0x18)  # the cache's bits, which are no part of the address
    assert (snapshot.cr0, snapshot.cr3, snapshot.cr4) == (0x80010001, DIRECTORY | 0x18, 0x10)
    assert tuple(snapshot.directory) == (0,) * 1024
    assert snapshot.tables == {}
    assert list(snapshot.pages()) == []
    assert snapshot.runs() == []


def test_a_page_is_found_through_both_entries() -> None:
    snapshot = taken(entry(DIRECTORY, 3, TABLE | ALL), entry(TABLE, 5, 0x7654000 | ALL))
    assert list(snapshot.pages()) == [(3 << 22 | 5 << 12, 0x7654000, ALL)]
    assert snapshot.tables.keys() == {3}


def test_the_rights_are_those_that_both_entries_give() -> None:
    everything = range(8)
    words = [entry(DIRECTORY, i, (TABLE if i % 2 else OTHER) | i) for i in everything]
    for table in TABLE, OTHER:
        words += [entry(table, j, 0x7000 | j) for j in everything]
    assert list(taken(*words).pages()) == [
        (i << 22 | j << 12, 0x7000, i & j)
        for i in everything if i & PRESENT for j in everything if j & PRESENT]


def test_other_bits_mean_nothing() -> None:
    """Accessed, dirty, and those that are the kernel's own."""
    snapshot = taken(entry(DIRECTORY, 0, TABLE | PRESENT | 0xE60),
                     entry(TABLE, 0, 0x7000 | PRESENT | 0xE60))
    assert list(snapshot.pages()) == [(0, 0x7000, PRESENT)]


def test_what_is_not_present_leads_nowhere() -> None:
    snapshot = taken(entry(DIRECTORY, 0, TABLE | ALL & ~PRESENT), entry(DIRECTORY, 1, OTHER | ALL),
                     entry(TABLE, 0, 0x7000 | ALL), entry(OTHER, 0, 0x7000 | ALL & ~PRESENT))
    assert list(snapshot.pages()) == []


def test_tables_outside_the_memory_are_missing() -> None:
    snapshot = taken(entry(DIRECTORY, 0, SIZE | ALL), entry(DIRECTORY, 1, 0xFFFFF000 | ALL),
                     entry(DIRECTORY, 2, SIZE - PAGE | ALL))
    assert snapshot.tables.keys() == {2}
    assert tuple(taken(cr3=SIZE).directory) == (0,) * 1024


def test_the_last_page_of_all() -> None:
    snapshot = taken(entry(DIRECTORY, 1023, TABLE | ALL), entry(TABLE, 1023, 0xFFFFF000 | ALL))
    assert list(snapshot.pages()) == [(0xFFFFF000, 0xFFFFF000, ALL)]


def test_only_the_entries_asked_for() -> None:
    snapshot = taken(*(entry(DIRECTORY, i, TABLE | ALL) for i in range(4)),
                     entry(TABLE, 0, 0x7000 | ALL))
    assert [page >> 22 for page, _, _ in snapshot.pages(1, 2)] == [1, 2]
    assert [run.virtual >> 22 for run in snapshot.runs(3)] == [3]


def test_pages_side_by_side_are_one_run() -> None:
    """Over a page table's border, too; not where the frames or the rights are others."""
    snapshot = taken(
        entry(DIRECTORY, 0, TABLE | ALL), entry(DIRECTORY, 1, OTHER | ALL),
        entry(TABLE, 1022, 0x10000 | ALL), entry(TABLE, 1023, 0x11000 | ALL),
        entry(OTHER, 0, 0x12000 | ALL), entry(OTHER, 1, 0x13000 | PRESENT),
        entry(OTHER, 2, 0x13000 | PRESENT), entry(OTHER, 4, 0x15000 | PRESENT))
    assert snapshot.runs() == [
        Run(0x3FE000, 0x10000, 3, ALL), Run(0x401000, 0x13000, 1, PRESENT),
        Run(0x402000, 0x13000, 1, PRESENT), Run(0x404000, 0x15000, 1, PRESENT)]


def test_a_run_as_people_read_it() -> None:
    assert str(Run(0x400000, 0x7000, 2, ALL)) == "0x00400000-0x00401fff -> 0x00007000 wu"
    assert str(Run(0xFFFFF000, 0, 1, PRESENT)) == "0xfffff000-0xffffffff -> 0x00000000 rk"


def test_a_directory_full_of_junk_is_read_quickly() -> None:
    """The same table 1024 times is kept once."""
    words = [entry(DIRECTORY, i, TABLE | ALL) for i in range(1024)]
    assert len({id(table) for table in taken(*words).tables.values()}) == 1


def test_frames_of_zeros_in_a_directory_are_no_page_tables_beyond_what_kernels_have() -> None:
    """A submission kept two hundred pages there, and had full marks for giving all back."""
    def behind(empty: int, full: int) -> tuple[int, int]:
        tables = [TABLE] * empty + [OTHER] * full
        return taken(*(entry(DIRECTORY, 769 + i, table | ALL) for i, table in enumerate(tables)),
                     entry(OTHER, 7, 0x7000 | ALL)).behind(768 << 22)

    assert behind(EMPTY_TABLES, 100) == (100, EMPTY_TABLES + 100)
    assert behind(EMPTY_TABLES + 50, 100) == (100, EMPTY_TABLES + 100)


def test_pages_that_are_the_same_are_kept_once() -> None:
    """Whoever takes all memory at first has it copied at each of five hundred glances: it was no score in the end."""
    ram, known = bytearray(bytes(memory()[:SIZE])), {}
    first = Memory(memoryview(ram), SIZE, [(0, SIZE)], known)
    ram[3 * PAGE] ^= 1
    second = Memory(memoryview(ram), SIZE, [(0, 2 * PAGE), (3 * PAGE, SIZE)], known)
    assert first.size // PAGE == len({bytes(memory()[at:at + PAGE]) for at in range(0, SIZE, PAGE)})
    assert second.size // PAGE == 1
    assert 0 < second.size % PAGE < first.size % PAGE  # to know which is where takes something, too
    for at, size in ((0, PAGE), (PAGE - 2, 4), (3 * PAGE, 4), (3 * PAGE - 4, 2 * PAGE)):
        assert second.read(at, size) == bytes(ram[at:at + size]), at


def test_of_a_look_no_more_is_kept_than_was_asked_for_and_that_once() -> None:
    """All of the memory was, at each look, and nobody counted it: a gigabyte in lab 6."""
    copied, known = Memory(memory(*((at, at + 1) for at in range(0, SIZE, PAGE))), SIZE, [(0, SIZE)]), {}
    registers = {"CR0": 0, "CR3": DIRECTORY, "CR4": 0}
    first, second = (Snapshot.of(registers, copied, 0, 4 * PAGE, known).size for _ in range(2))
    assert len(known) == 4 and first == second + 4 * PAGE


def test_what_was_not_kept_of_a_memory_is_not_known() -> None:
    """A scenario that was looked at is looked at again in a boot of its own, where the first 2 MiB are kept: blocks
    behind them had no memory then."""
    kept = Memory(memory(), SIZE, [(0, SIZE)])
    assert kept.whole and kept.first(SIZE).whole
    assert not kept.first(4 * PAGE).whole and not kept.first(4 * PAGE).first(SIZE).whole
    assert not Memory(memory(), 4 * PAGE, [(0, 4 * PAGE)]).whole
