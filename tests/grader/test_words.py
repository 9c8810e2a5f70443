"""Page tables in words: entries, walks through made-up memory, what the kernel remembers of a table."""

from __future__ import annotations

import pytest

from grader.debug import words

DIRECTORY, TABLE = 0x1DC000, 0x1DF000
MEMORY = {
    DIRECTORY + 4 * 1: TABLE | 0x27,  # 0x00400000: writable, user, accessed
    DIRECTORY + 4 * 2: 0x5000 | 5,    # 0x00800000: its table lies where there is no memory
    DIRECTORY + 4 * 768: TABLE | 3,   # 0xc0000000: writable, kernel only
    TABLE: 0x1DE000 | 0x67,
    TABLE + 4 * 0x3FF: 0x7000 | 5,
}


def read(address: int) -> int | None:
    """The word at a physical address; there is nothing below 1 MiB."""
    return MEMORY.get(address, 0) if address >= 0x100000 else None


def walk(address: int) -> list[str]:
    """A walk's lines."""
    return str(words.walk(address, DIRECTORY | 0x18, read)).splitlines()  # cr3 has flags, too


@pytest.mark.parametrize(("bits", "text"), [
    (0, "not present"),
    (0x1DE006, "not present"),  # whatever else it says
    (0x1DE001, "0x001de000: present, read-only, kernel only"),
    (0x1DE067, "0x001de000: present, writable, user, accessed, dirty"),
    (0xFFFFF1FF, "0xfffff000: present, writable, user, write-through, uncached, accessed, dirty, "
                 "bit 7 (4 MiB page), global"),
])
def test_an_entry_in_words(bits: int, text: str) -> None:
    assert words.entry(bits) == text


@pytest.mark.parametrize(("first", "second", "text"), [
    (7, 7, "ring 0 may read and write, ring 3 may read and write"),
    (7, 5, "ring 0 may only read, ring 3 may only read"),
    (5, 7, "ring 0 may only read, ring 3 may only read"),
    (3, 7, "ring 0 may read and write, ring 3 may not touch it"),
    (7, 1, "ring 0 may only read, ring 3 may not touch it"),
])
def test_both_entries_have_to_allow_it(first: int, second: int, text: str) -> None:
    assert words.rights(first, second) == text


def test_a_walk_to_a_page() -> None:
    assert walk(0x400123) == [
        "0x00400123 = directory entry 1, table entry 0, byte 0x123 of the page",
        "  directory   0x001dc000",
        "  entry 1     at 0x001dc004: table 0x001df000: present, writable, user, accessed",
        "  entry 0     at 0x001df000: page 0x001de000: present, writable, user, accessed, dirty",
        "  so          0x001de123; ring 0 may read and write, ring 3 may read and write"]


def test_the_last_entry_of_a_table_and_of_what_both_allow() -> None:
    *_, page, result = walk(0xC03FFFFF)
    assert page.startswith("  entry 1023  at 0x001dfffc: page 0x00007000: present, read-only, user")
    assert result == "  so          0x00007fff; ring 0 may only read, ring 3 may not touch it"


@pytest.mark.parametrize(("address", "last"), [
    (0x401000, "  entry 1     at 0x001df004: 0x0, not present: every access is a page fault"),
    (0xFFFFFFFF, "  entry 1023  at 0x001dcffc: 0x0, not present: every access is a page fault"),
    (0x800000, "  entry 0     at 0x00005000: there is no memory"),
])
def test_a_walk_ends_where_it_can_not_go_on(address: int, last: str) -> None:
    assert walk(address)[-1] == last
    assert words.walk(address, DIRECTORY, read).physical is None


@pytest.mark.parametrize(("pointer", "physical", "entry", "end"), [
    (0xFFFFB000, TABLE, TABLE | 7, "0xffffb000: that page table"),
    (0xFFFFB000, 0x1000, TABLE | 7, "0xffffb000: that is physical 0x00001000, another frame"),
    (0xFFFFB000, None, TABLE | 7, "0xffffb000: nothing is mapped there"),
    (0, None, TABLE | 7, "0x00000000: the kernel does not know the page table that the entry leads "
                         "to"),
    (0, None, 0, "0x00000000: no page table, as the entry says"),
    (0xFFFFB000, TABLE, 0, "0xffffb000: a page table that the entry does not lead to"),
])
def test_what_the_kernel_remembers_against_the_entry(pointer: int, physical: int | None, entry: int,
                                                     end: str) -> None:
    assert words.note("tables[1]", pointer, physical, entry) == f"  tables[1].table          = {end}"
