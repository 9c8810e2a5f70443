"""The oracle of lab 5: it names the rule that was broken, and finds nothing where none was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judging import judged, last_of, played

from grader.course import labs
from grader.errors import Unplayable
from grader.evidence.records import Record, Stop
from grader.evidence.snapshot import EMPTY_TABLES, Snapshot
from grader.judging.judge import Ending, judge
from grader.judging.verdict import Verdict

LAB = labs.find("malloc")

A = 0xFFFF0010  # where blocks lie below
B = 0xFFFF0050

COUNTED = "boot -> ok; frames -> free=1000 pages=0 peak=0 tables=0; "
ONE = COUNTED + f"malloc 50 -> address={A:#x}; "
TWO = ONE + f"malloc 30 -> address={B:#x}; "

# For each rule, records of which the last one breaks it, and what the finding says of it.
BROKEN = {
    "the_memory_comes_from_kvmalloc": [
        (COUNTED + "malloc 50 -> address=0x400000", "0x400000"),
        (COUNTED + "malloc 50 -> address=0xc0180000 writable=0", "0xc0180000"),
        (COUNTED + f"malloc 50000 -> address={A - 0x10000:#x}; kvpages -> pages=12", "12 pages")],
    "pages_go_back_as_they_came": [(COUNTED + "kvpages -> pages=0 misfreed=0xffff1000", "0xffff1000"),
                                   (COUNTED + "kvpages -> pages=18 misfreed=0xffff1000", "0xffff1000")],
    "a_multiple_of_16": [(COUNTED + "malloc 50 -> address=0xffff0018", "0xffff0018"),
                         (COUNTED + "realloc 0 50 -> address=0xffff0018", "0xffff0018"),
                         (COUNTED + "reserve 50 -> address=0xffff0008", "0xffff0008")],
    "at_least_size_bytes": [
        (COUNTED + f"malloc 5000 -> address={A:#x} writable=4080", "only the first 4080"),
        (ONE + f"realloc {A:#x} 5000 -> address={A:#x} writable=4080", "only the first 4080")],
    "contents_are_kept": [(TWO + f"free {A:#x} -> changed=3", "3 of those"),
                          (TWO + f"check {B:#x} -> changed=1", "1 of those"),
                          ("quiet -> ok; malloc 1 -> address=0x0; free 0xffff0000 -> changed=2",
                           "2 of those")],
    "live_blocks_do_not_overlap": [(ONE + f"malloc 1 -> address={A + 48:#x}", "0xffff0040"),
                                   (TWO + f"malloc 65 -> address={A - 64:#x}", "0xfffeffd0"),
                                   (TWO + f"realloc {B:#x} 20 -> changed=0 address={A + 16:#x}",
                                    "0xffff0020")],
    "at_most_16_pages_stay": [
        (COUNTED + "kvpages -> pages=17", "17 pages"),
        (ONE + f"free {A:#x} -> changed=0; kvpages -> pages=17", "17 pages"),
        (ONE + f"free {A:#x} -> changed=0; frames -> free=980 pages=20", "20 pages")],
    "what_is_there_can_be_had": [(ONE + "malloc 100 -> address=0x0", "null"),
                                 (COUNTED + "malloc 1000000 -> address=0x0", "null"),
                                 (ONE + f"realloc {A:#x} 60 -> changed=0 address=0x0", "null")],
    "freed_memory_is_used_again": [
        (ONE + f"free {A:#x} -> changed=0; malloc 100 -> address=0x0", "null")],
    "a_failure_takes_nothing": [
        (ONE + "leave 0 1 -> free=0; kvpages -> pages=3; malloc 9000 -> address=0x0; "
         "kvpages -> pages=4", "4 pages")],
    "huge_sizes_give_null": [
        (COUNTED + f"malloc 4294967295 -> address={A:#x}", "4294967295 bytes"),
        (COUNTED + f"malloc 4096001 -> address={A:#x}", "4096001 bytes"),
        (f"boot -> ok; malloc 2000000000 -> address={A:#x}", "2000000000 bytes")],
    "size_0": [(ONE + f"malloc 0 -> address={A:#x}", "0 bytes"),
               (ONE + f"malloc 0 -> address={B:#x}; malloc 0 -> address={B:#x}", "0 bytes")],
    "realloc_keeps_the_contents": [
        (ONE + f"realloc {A:#x} 20 -> changed=2 address={A:#x}", "2 of the bytes"),
        (ONE + f"realloc {A:#x} 90 -> changed=1 address=0xffff0100", "1 of the bytes")],
    "realloc_of_null_is_malloc": [(COUNTED + "realloc 0 70 -> address=0x0", "null")],
    "realloc_to_0_frees": [(ONE + f"realloc {A:#x} 0 -> address={A:#x}", "0xffff0010")],
    "a_failed_realloc_leaves_the_block": [
        (ONE + f"leave 0 1 -> free=0; realloc {A:#x} 90000 -> changed=1 address=0x0",
         "1 of the bytes")],
    "there_is_memory": [
        (COUNTED + "leave 4 1 -> free=4; malloc 4032 -> address=0x0", "null"),
        (ONE + f"leave 9 1 -> free=9; realloc {A:#x} 24000 -> changed=0 address=0x0", "null")],
    "what_was_freed_can_be_had": [
        (ONE + f"leave 0 1 -> free=0; free {A:#x} -> changed=0; malloc 50 -> address=0x0",
         "null"),
        (ONE + f"leave 0 1 -> free=0; realloc {A:#x} 0 -> address=0x0; realloc 0 50 -> address=0x0", "null")],
    "a_block_can_become_smaller": [
        (ONE + f"leave 0 1 -> free=0; realloc {A:#x} 3 -> changed=0 address=0x0", "null")],
    "a_double_free_panics": [
        (TWO + f"free {A:#x} -> changed=0; free {A:#x} -> ok", "it returned")],
}


@pytest.mark.parametrize("text", [
    # 0 bytes: null, or pointers of their own.
    ONE + f"malloc 0 -> address=0x0; malloc 0 -> address={B:#x}; malloc 0 -> address={B + 16:#x}; "
    f"free {B:#x} -> changed=0; free 0 -> ok; free 0 -> ok",
    # While memory is held back, or its amount unknown, null may be right. So it may for a good part
    # of what there is: a malloc may round up.
    COUNTED + "leave 3 1 -> free=3; malloc 10 -> address=0x0; realloc 0 5 -> address=0x0",
    "boot -> ok; malloc 10 -> address=0x0",
    COUNTED + "malloc 2500000 -> address=0x0; malloc 4294967295 -> address=0x0",
    # A failed realloc leaves the block, which is freed later.
    ONE + f"realloc {A:#x} 4294967295 -> changed=0 address=0x0; check {A:#x} -> changed=0; "
    f"malloc 16 -> address={B:#x}; free {A:#x} -> changed=0; free {B:#x} -> changed=0; "
    "kvpages -> pages=16",
    # Moved; and the old place is another's.
    ONE + f"realloc {A:#x} 900 -> changed=0 address=0xffff1000; malloc 50 -> address={A:#x}",
    ONE + f"realloc {A:#x} 0 -> address=0x0; malloc 50 -> address={A:#x}",
    # A double free: panics, or was skipped, as nobody lives in the page.
    TWO + f"free {A:#x} -> changed=0; free {A:#x} -> panic",
    TWO + f"realloc {A:#x} 0 -> changed=0 address=0x0; inspect -> ok; free {A:#x} -> panic",
    ONE + f"free {A:#x} -> changed=0; free {A:#x} -> skipped=1",
])
def test_nothing_is_found_where_nothing_is_wrong(text: str) -> None:
    assert judged(LAB, text) is None


@pytest.mark.parametrize("text", ["boot -> panic", COUNTED + "malloc 2 -> panic",
                                  TWO + f"free {A:#x} -> panic",
                                  TWO + f"realloc {A:#x} 3 -> panic"])
def test_a_panic_without_a_reason_is_a_crash(text: str) -> None:
    finding = judged(LAB, text)
    assert (finding.verdict, finding.operation) == (Verdict.CRASH, last_of(text))


FREED = TWO + f"free {A:#x} -> changed=0; "


@pytest.mark.parametrize("text", [FREED + f"check {B:#x} -> changed=0; free {A:#x} -> panic",
                                  FREED + f"free {A:#x} -> panic; free {A:#x} -> panic",
                                  FREED + f"realloc {A:#x} 3 -> address={A:#x}",
                                  TWO + f"free {A + 16:#x} -> changed=0"])
def test_what_is_not_live_is_not_the_callers_to_free(text: str) -> None:
    with pytest.raises(Unplayable, match="no block of malloc's begins at"):
        judged(LAB, text)


def test_nor_is_it_where_it_ends_in_a_crash() -> None:
    scenario, run = played(LAB, FREED + f"realloc {A:#x} 3 -> address=0")
    ended = Stop(run.records.pop().number, "exception", "page fault", 0, (), f"realloc {A:#x} 3")
    with pytest.raises(Unplayable, match="no block of malloc's begins at"):
        judge(scenario, replace(run, stops=[ended], finished=False), Ending.POWER_OFF, LAB.new_oracle(0xC0000000))


@pytest.mark.parametrize(("address", "told"), [
    (A - 16, f"16 bytes before the 50 bytes at {A:#x} (operation 3)"),
    (B + 30, f"1 byte behind the last of the 30 bytes at {B:#x} (operation 4)"),
    (A + 3, f"within the 50 bytes at {A:#x} (operation 3), whose memory is not mapped any more"),
    (B + 9000, ""), (0, "null"), (0xFFFFFFF0, "16 bytes before null, as a header in front of what a null points to")])
def test_a_fault_says_how_it_lies_to_the_nearest_block(address: int, told: str) -> None:
    scenario, run = played(LAB, TWO + f"free {A:#x} -> changed=0")
    ended = Stop(run.records.pop().number, "exception", "page fault", 0, (), f"free {A:#x}", {"address": address})
    finding = judge(scenario, replace(run, stops=[ended], finished=False), Ending.POWER_OFF, LAB.new_oracle(0xC0000000))
    assert finding and finding.seen == f"exception: page fault (address {address:#010x}{told and ': ' + told})"


def test_the_sentences_of_the_graded_costs_stand_in_the_header() -> None:
    text = " ".join((labs.ROOT / "kernel/mm/malloc.h").read_text().replace("//", " ").split())
    assert ("at the peak of a program's needs, the pages taken are not many more than what it has "
            "in use would fill;") in text
    assert "an operation takes few instructions, however many blocks there are." in text


def test_what_was_played_quietly_is_not_judged() -> None:
    oracle = LAB.oracle.Oracle()
    assert oracle.check(Record(1, "boot", (), {})) is None
    assert oracle.check(Record(9, "kvpages", (), {"pages": 100})) is None
    again = Record(12, "free", (A,), {})
    assert oracle.check(Record(10, "free", (A,), {})) is None
    assert oracle.must_panic(again) is None  # there was an operation between the two


def test_the_picture_shows_the_blocks_around() -> None:
    finding = judged(LAB, TWO + f"malloc 1 -> address={A + 48:#x}")
    assert finding.picture.splitlines() == [
        "-> 0xffff0010 to 0xffff0041  50 bytes, by operation 3",
        "   0xffff0050 to 0xffff006d  30 bytes, by operation 4", "live blocks: 2"]
    assert judged(LAB, COUNTED + "malloc 5 -> address=0x0").picture == ""


class Seen:
    """A machine's memory: one byte for each address."""

    has_all_memory = True
    tables: dict[int, tuple[int, ...]] = {}

    def __init__(self, contents: dict[int, int], mapped: bool = True) -> None:
        self.contents = contents
        self.mapped = mapped

    def page(self, address: int) -> tuple[int, int] | None:
        return (address, 3) if self.mapped else None

    def at(self, address: int, size: int) -> bytes | None:
        return bytes(self.contents.get(address + i, 0) for i in range(size)) if self.mapped else None


def filled(start: int, size: int, tag: int) -> dict[int, int]:
    """A block's pattern, as the player fills it."""
    return {start + i: (tag + i * 29 + (i >> 8)) & 0xFF for i in range(size)}


TWO_BLOCKS = "reserve 16 -> address=0xc1000100; malloc 40 -> address=0xc1000000; " \
             "malloc 5 -> address=0xc1000040; free 0xc1000000 -> changed=0; inspect -> ok"


@pytest.mark.parametrize(("seen", "rule"), [
    (Seen(filled(0xC1000040, 5, 202)), None),
    (Seen(filled(0xC1000040, 5, 202) | {0xC1000044: 0}), "contents are kept"),
    (Seen({}), "contents are kept"),
    (Seen(filled(0xC1000040, 5, 202), mapped=False), "at least size bytes"),
])
def test_the_memory_itself_holds_what_the_player_filled_it_with(
        seen: Seen, rule: str | None) -> None:
    finding = judged(LAB, TWO_BLOCKS, [seen])
    assert (finding.rule if finding else None) == rule


@pytest.mark.parametrize(("asked", "more"), [((), 0), ((1023,), 0), ((1024,), 2), ((3000, 1 << 20), 3 + 9)])
def test_what_is_asked_for_at_once_leaves_page_tables(asked: tuple[int, ...], more: int) -> None:
    """Whether it was had or not: kvmalloc maps as much of it as there is. What hides among them is missing."""
    def missing(hidden: int) -> str:
        pages = LAB.oracle.Pages()
        for size in asked:
            pages.ask(size)
        for free, tables in ((1000, 0), (1000 - hidden, hidden)):
            pages.tell(Record(1, "frames", (), {"pages": 0, "free": free}))
            seen = Snapshot(0, 0, 0, (), {769 + i: (0,) * 1024 for i in range(tables)})
            violation = pages.glance(seen, 768 << 22, is_empty=True)
        return violation.seen if violation else ""

    assert missing(EMPTY_TABLES + more + 16) == ""
    assert missing(EMPTY_TABLES + more + 17) == "17 frames that are neither"
