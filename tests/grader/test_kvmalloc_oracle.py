"""The oracle of lab 4: it names the rule that was broken, and finds nothing where none was."""

from __future__ import annotations

import pytest
from judging import judged, last_of

from grader.course import labs
from grader.errors import Unplayable
from grader.evidence.records import Record
from grader.evidence.snapshot import EMPTY_TABLES, Snapshot
from grader.judging.verdict import Verdict

LAB = labs.find("kvmalloc")

A = 0xFFFF0000  # where blocks lie below

COUNTED = ("boot -> ok; frames -> free=100; pages -> free=5000; mapped -> pages=42 sum=0x1; ")
TWO = COUNTED + f"alloc 2 -> address={A:#x} tables=1; "  # a block of two pages
WARM = TWO + f"free {A:#x} 2 -> ok; "  # and it is gone; its page table stays
FIRST = 0x9E3779B1  # what stamp writes for the value 1, and for 2
SECOND = 0x3C6EF362
LAST = FIRST ^ 0xFFFFFFFF


# A request that fails for want of frames.
FAILED = WARM + ("frames -> free=99; pages -> free=5000; mapped -> pages=42 sum=0x1; "
                 "leave 1 1 -> free=1; alloc 2 -> address=0x0; unleave -> ok; ")


# For each rule, records of which the last one breaks it, and what the finding says of it.
BROKEN = {
    "a_page_aligned_kernel_address": [
        ("boot -> ok; alloc 1 -> address=0xffff0010", "0xffff0010"),
        ("boot -> ok; alloc 1 -> address=0x400000", "0x400000"),
        ("boot -> ok; alloc 1 -> address=0xc03ff000", "0xc03ff000"),
        ("boot -> ok; alloc 2 -> address=0xfffff000", "0xfffff000")],
    "blocks_do_not_overlap": [
        (TWO + f"alloc 1 -> address={A + 0x1000:#x}", "0xffff1000"),
        (TWO + f"alloc 2 -> address={A - 0x1000:#x}", "0xfffef000"),
        (TWO + f"alloc 9 -> address={A - 0x4000:#x}", "0xfffec000")],
    "each_page_keeps_its_contents": [
        (TWO + f"stamp {A:#x} 2 1 -> written=2; read {A:#x} -> mapped=1 first={SECOND:#x} last=0",
         "which was written to the page at 0xffff1000"),
        (TWO + f"stamp {A:#x} 2 1 -> written=2; "
         f"read {A:#x} -> mapped=1 first={FIRST:#x} last={LAST ^ 1:#x}", hex(LAST ^ 1)),
        (TWO + f"stamp {A:#x} 2 1 -> written=2; sum {A:#x} 2 -> mapped=2 sum=0x5", "0x5")],
    "each_page_has_a_frame_of_its_own": [
        (TWO + f"where {A:#x} -> mapped=1 physical=0x200000; "
         f"where {A + 0x1000:#x} -> mapped=1 physical=0x200000", "0x200000")],
    "every_page_is_mapped": [
        (TWO + f"where {A + 0x1000:#x} -> mapped=0", "not mapped"),
        (TWO + f"read {A:#x} -> mapped=0", "not mapped"),
        (TWO + f"sum {A:#x} 2 -> mapped=1 sum=0x0", "only 1"),
        (TWO + f"stamp {A:#x} 2 1 -> written=1", "only 1")],
    "writable_and_for_the_kernel_only": [
        (TWO + f"rights {A:#x} -> flags=7", "present, writable, user"),
        (TWO + f"rights {A:#x} -> flags=1", "present"),
        (TWO + f"rights {A:#x} -> flags=0", "none")],
    "n_pages_take_n_frames": [(TWO + "frames -> free=96", "96: 1 too few"),
                              (TWO + "frames -> free=98", "98: 1 too many")],
    "n_pages_take_n_addresses": [(TWO + "pages -> free=4995", "4995: 1 too few")],
    "frames_need_not_be_consecutive": [
        (WARM + "leave 4 2 -> free=4; alloc 2 -> address=0x0", "null")],
    "what_is_there_can_be_had": [
        (COUNTED + "alloc 2 -> address=0x0", "null"),
        # Why it is null nobody knows: nor was there a block over frames side by side.
        (COUNTED + "leave 9 2 -> free=9; alloc 2 -> address=0x0", "null"),
        (WARM + "leave 2 2 -> free=2; alloc 2 -> address=0x0", "null"),
        (WARM + f"leave 9 2 -> free=9; alloc 2 -> address={A:#x}; alloc 2 -> address=0x0", "null"),
        (COUNTED + "leave_pages 8 1 -> free=8; alloc 4 -> address=0x0", "null"),
        (TWO + "leave 5 1 -> free=5; alloc 4 -> address=0x0; alloc 3 -> address=0x0", "null")],
    "null_when_memory_runs_out": [
        (WARM + f"leave 1 1 -> free=1; alloc 2 -> address={A:#x}", "0xffff0000"),
        (COUNTED + f"leave_pages 3 1 -> free=3; alloc 4 -> address={A:#x}", "0xffff0000"),
        (COUNTED + f"leave_pages 30 2 -> free=30; alloc 2 -> address={A:#x}", "0xffff0000")],
    "zero_pages_give_null": [(COUNTED + f"alloc 0 -> address={A:#x}", "0xffff0000")],
    "a_failure_gives_everything_back": [(FAILED + "frames -> free=98", "98: 1 too few"),
                                        (FAILED + "pages -> free=4998", "4998: 2 too few")],
    "a_failure_changes_no_translation": [(FAILED + "mapped -> pages=43 sum=0x7", "43"),
                                         (FAILED + "mapped -> pages=42 sum=0x2", "42, but")],
    "kvfree_unmaps": [(WARM + f"where {A:#x} -> mapped=1 physical=0x200000", "mapped"),
                      (WARM + f"read {A + 0x1000:#x} -> mapped=1 first=0x0 last=0x0", "mapped"),
                      (WARM + "mapped -> pages=44 sum=0x7", "44")],
    "kvfree_gives_back_the_frames": [(WARM + "frames -> free=98", "98: 1 too few")],
    "kvfree_gives_back_the_addresses": [(WARM + "pages -> free=4998", "4998: 2 too few")],
}


@pytest.mark.parametrize("text", [
    COUNTED + "alloc 0 -> address=0x0; free 0 0 -> ok; free 0 3 -> ok; frames -> free=100",
    # The page table that is missing may be the reason; and it stays.
    COUNTED + "leave 2 1 -> free=2; alloc 2 -> address=0x0; unleave -> ok; frames -> free=100",
    COUNTED + "leave 2 1 -> free=2; alloc 2 -> address=0x0 tables=1; unleave -> ok; "
    "frames -> free=99; mapped -> pages=42 sum=0x1; pages -> free=5000",
    # Four pages are two blocks of two, or more; and three in a row need not be one block.
    COUNTED + "leave_pages 3 1 -> free=3; alloc 3 -> address=0x0",
    COUNTED + "leave_pages 30 2 -> free=30; alloc 2 -> address=0x0",
    # What is not known is not judged.
    "boot -> ok; alloc 2 -> address=0x0; mapped -> pages=7 sum=0x5; frames -> free=3",
    TWO + f"read {A:#x} -> mapped=1 first=0x0 last=0x0; sum {A:#x} 2 -> mapped=2 sum=0x5",
    # A frame that was freed is another block's now.
    TWO + f"where {A:#x} -> mapped=1 physical=0x200000; free {A:#x} 2 -> ok; "
    "alloc 1 -> address=0xfffe0000; where 0xfffe0000 -> mapped=1 physical=0x200000",
    # What comes back while memory is scarce can be had again.
    TWO + f"leave 0 1 -> free=0; free {A:#x} 2 -> ok; alloc 2 -> address={A:#x}; "
    "alloc 1 -> address=0x0; unleave -> ok; frames -> free=97; rights 0xffff1000 -> flags=3",
])
def test_nothing_is_found_where_nothing_is_wrong(text: str) -> None:
    assert judged(LAB, text) is None


@pytest.mark.parametrize("text", ["boot -> panic", COUNTED + "alloc 2 -> panic",
                                  TWO + f"free {A:#x} 2 -> panic"])
def test_a_panic_is_a_crash(text: str) -> None:
    finding = judged(LAB, text)
    assert (finding.verdict, finding.operation) == (Verdict.CRASH, last_of(text))


def test_the_picture_shows_the_blocks() -> None:
    finding = judged(LAB, TWO + f"alloc 1 -> address={A + 0x1000:#x}")
    assert finding.picture.splitlines() == [
        "-> 0xffff0000 to 0xffff1fff  2 pages, by operation 5", "live blocks: 1", "free frames: 97"]


class Seen:
    """A machine's page tables and memory: frame and flags by page, words by address."""

    has_all_memory = True

    def __init__(self, pages: dict[int, tuple[int, int]], words: dict[int, int]) -> None:
        self.pages = pages
        self.words = words

    def page(self, address: int) -> tuple[int, int] | None:
        return self.pages.get(address)

    def word(self, address: int) -> int | None:
        return self.words.get(address)


STAMPED = (f"alloc 2 -> address={A:#x}; stamp {A:#x} 2 7 -> written=2; "
           f"where {A:#x} -> mapped=1 physical=0x400000; inspect -> ok")
PAGES = {A: (0x400000, 3), A + 4096: (0x7000, 3)}
WORDS = {address: word for i, page in enumerate((A, A + 4096))
         for word in [(7 + i) * 0x9E3779B1 & 0xFFFFFFFF]
         for address, word in ((page, word), (page + 4092, word ^ 0xFFFFFFFF))}


@pytest.mark.parametrize(("pages", "words", "rule"), [
    ({}, {}, None),
    ({A + 4096: None}, {}, "every page is mapped"),
    ({A: (0x400000, 1)}, {}, "writable and for the kernel only"),
    ({A: (0x400000, 7)}, {}, "writable and for the kernel only"),
    ({A + 4096: (0x400000, 3)}, {}, "each page has a frame of its own"),
    ({A: (0x500000, 3)}, {}, "each page has a frame of its own"),
    ({}, {A + 4096: 1}, "each page keeps its contents"),
    ({}, {A + 4092: None}, "each page keeps its contents"),
])
def test_the_machine_itself_has_what_the_records_say(pages: dict, words: dict,
                                                     rule: str | None) -> None:
    finding = judged(LAB, STAMPED, [Seen(PAGES | pages, WORDS | words)])
    assert (finding.rule if finding else None) == rule


@pytest.mark.parametrize(("freed", "why"), [
    (f"free {A:#x} 1 -> ok", "has 2 pages, and n_pages is as it was passed"),
    (f"free {A + 0x1000:#x} 1 -> ok", "no block of kvmalloc's begins at 0xffff1000"),
    (f"free {A:#x} 2 -> ok; free {A:#x} 2 -> ok", "no block of kvmalloc's begins at 0xffff0000")])
def test_what_the_contract_does_not_allow_is_the_scenarios_mistake(freed: str, why: str) -> None:
    with pytest.raises(Unplayable, match=why):
        judged(LAB, TWO + freed)


def test_null_may_be_freed_as_often_as_one_likes() -> None:
    assert judged(LAB, TWO + "free 0x0 2 -> ok; free 0x0 0 -> ok") is None


@pytest.mark.parametrize(("asked", "most"), [(1023, EMPTY_TABLES), (1024, EMPTY_TABLES + 2), (1 << 20, EMPTY_TABLES + 9)])
def test_page_tables_that_were_told_are_there(asked: int, most: int) -> None:
    """A submission took twice as many frames as it should, and told of the others as page tables."""
    def wrong(told: int, there: int) -> str:
        oracle = LAB.new_oracle(0xC0000000)
        for tables, seen in ((0, 0), (told, there)):
            oracle.check(Record(1, "alloc", (asked,), {"address": 0}))
            oracle.check(Record(2, "frames", (), {"free": 100, "tables": tables}))
            violation = oracle.glance(Snapshot(0, 0, 0, (), {769 + i: (0,) * 1024 for i in range(seen)}))
        return violation.seen if violation else ""

    assert wrong(1, 1) == wrong(most, most) == ""
    assert wrong(2, 1) == "1 in the machine's page tables"
    assert wrong(most + 20, most + 20) == f"{2 * most - EMPTY_TABLES} in the machine's page tables"
