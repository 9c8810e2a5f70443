"""The oracle of lab 2: it names the rule that was broken, and finds nothing where none was."""

from __future__ import annotations

import pytest
from judging import judged, last_of

from grader.course import labs
from grader.errors import Unplayable
from grader.judging.memory_map import MemoryMap, Region
from grader.judging.verdict import Verdict
from grader.scenarios.stream import Stream

LAB = labs.find("ppalloc")

# 16 pages from 0x10000 on; and the same after all have been handed out and given back.
MAP = "region 0x10000 0x10000 1 -> ok; "
SIXTEEN = MAP + "init -> pages=32; "
USED = SIXTEEN + "alloc 16 16 -> count=16 start=0x10000; free 0x10000 16 -> ok; "

# For each rule, records of which the last one breaks it, and what the finding says of it.
BROKEN = {
    "every_usable_page_can_be_had": [
        (SIXTEEN + "alloc 16 16 -> count=0", "0: nothing"),
        (SIXTEEN + "alloc 1 16 -> count=8 start=0x18000", "8 pages: 0x18000-0x1ffff"),
        ("boot -> ok; machine_region 0 -> count=1 base=0x10000 length=0x10000 type=1; "
         "machine_reserved 0 -> count=1 start=0x1f000 end=0x20000; frames -> free=14", "14")],
    "no_other_page_is_handed_out": [
        (SIXTEEN + "alloc 1 1 -> count=1 start=0xf000", "0xf000-0xffff"),
        (SIXTEEN + "frames -> free=17", "17")],
    "one_region_covers_a_page_wholly": [
        ("region 0x10000 0x1800 1 -> ok; region 0x20000 0x1000 1 -> ok; init -> pages=33; "
         "alloc 1 1 -> count=1 start=0x11000", "0x11000-0x11fff")],
    "two_halves_are_no_page": [
        ("region 0x10000 0x1800 1 -> ok; region 0x11800 0x1800 1 -> ok; init -> pages=19; "
         "alloc 1 1 -> count=1 start=0x11000", "0x11000-0x11fff")],
    "pages_of_another_type_are_left_out": [
        (MAP + "region 0x17fff 2 3 -> ok; init -> pages=32; alloc 1 1 -> count=1 start=0x18000",
         "0x18000"),
        (MAP + "region 0x17fff 2 3 -> ok; init -> pages=32; alloc 1 1 -> count=1 start=0x17000",
         "0x17000"),
        (MAP + "region 0x17fff 2 3 -> ok; init -> pages=32; alloc 8 8 -> count=8 start=0x10000",
         "0x10000-0x17fff")],
    "reserved_pages_are_left_out": [
        (MAP + "reserve 0x17fff 0x18000 -> ok; init -> pages=32; "
         "alloc 16 16 -> count=16 start=0x10000", "0x10000-0x1ffff"),
        ("boot -> ok; machine_region 0 -> count=1 base=0x10000 length=0x10000 type=1; "
         "machine_reserved 0 -> count=1 start=0x1f000 end=0x20000; "
         "alloc 1 1 -> count=1 start=0x1f000", "0x1f000")],
    "empty_ranges_touch_nothing": [
        (MAP + "region 0x14800 0 2 -> ok; init -> pages=32; alloc 16 16 -> count=0", "0: nothing"),
        (MAP + "reserve 0x14000 0x14000 -> ok; init -> pages=32; "
         "alloc 1 16 -> count=8 start=0x18000", "8 pages")],
    "keeps_to_its_state": [
        (MAP + "init -> pages=32 damage=1", "1 of the bytes around it"),
        (SIXTEEN + "alloc 1 1 -> count=1 start=0x10000 damage=7", "7 of the bytes")],
    "writes_nothing_beside_start": [
        (SIXTEEN + "alloc 1 1 -> count=1 start=0x10000 start_damage=7 behind=0", "from its very end on")],
    "state_size": [
        (MAP + "init -> pages=32 lent=0", "more than 16 MiB")],
    "addresses_of_pages": [
        (SIXTEEN + "alloc 1 1 -> count=1 start=16", "0x10"),
        (SIXTEEN + "alloc 1 1 -> count=1 start=0x10800", "0x10800")],
    "one_owner": [
        (SIXTEEN + "alloc 8 8 -> count=8 start=0x10000; alloc 1 1 -> count=1 start=0x17000",
         "0x17000"),
        (SIXTEEN + "alloc 1 1 -> count=1 start=0x20000", "0x20000")],
    "double_free_panics": [
        (SIXTEEN + "free 0x1f000 1 -> ok", "it returned"),
        (SIXTEEN + "alloc 8 8 -> count=8 start=0x10000; free 0x17000 2 -> panic; "
         "alloc 1 1 -> count=1 start=0x17000", "0x17000")],
    "freeing_what_does_not_exist_panics": [
        (SIXTEEN + "alloc 16 16 -> count=16 start=0x10000; free 0x1f000 2 -> ok", "it returned")],
    "never_more_than_max": [
        (SIXTEEN + "alloc 3 3 -> count=4 start=0x10000", "4 pages")],
    "never_less_than_min": [
        (USED + "alloc 17 32 -> count=16 start=0x10000", "16 pages")],
    "smallest_sufficient_block": [
        (USED + "alloc 4 4 -> count=4 start=0x10000; alloc 2 2 -> count=2 start=0x18000",
         "in the block 0x18000-0x1ffff"),
        (USED + "alloc 2 2 -> count=2 start=0x12000", "in the block 0x10000-0x1ffff")],
    "max_if_it_can_be_had": [
        (USED + "alloc 3 8 -> count=3 start=0x10000", "3 pages")],
    "the_rest_is_freed_again": [
        (SIXTEEN + "alloc 3 3 -> count=3 start=0x10000; alloc 8 8 -> count=0", "0: nothing")],
    "coalescing": [
        (USED + "alloc 8 8 -> count=8 start=0x10000; free 0x10000 8 -> ok; "
         "alloc 16 16 -> count=0", "0: nothing")],
    "largest_block": [
        (USED + "alloc 1 32 -> count=1 start=0x10000", "1 page")],
    "nothing_to_be_had": [
        (SIXTEEN + "alloc 17 17 -> count=0 start=0x30000", "0x30000 written there")],
    "strange_requests": [
        (USED + "alloc 0 16 -> count=0", "0: nothing"),
        (SIXTEEN + "alloc 4 3 -> count=3 start=0x10000", "3 pages")],
    "freed_units_are_available": [
        (USED + "alloc 16 16 -> count=0", "0: nothing")],
}


@pytest.mark.parametrize("text", [
    # Nobody has said what is free of the machine's memory.
    "boot -> ok; free 0x10000 1 -> panic",
    # Either of two equal blocks will do.
    SIXTEEN + "alloc 8 8 -> count=8 start=0x10000; alloc 4 4 -> count=4 start=0x18000; "
    "free 0x10000 4 -> ok; alloc 4 4 -> count=4 start=0x10000",
    SIXTEEN + "alloc 8 8 -> count=8 start=0x10000; alloc 4 4 -> count=4 start=0x18000; "
    "free 0x10000 4 -> ok; alloc 4 4 -> count=4 start=0x1c000",
    SIXTEEN + "free 0x10000 0 -> ok; free 0x10000 1 -> panic; frames -> free=16",
    SIXTEEN + "ask 17 17 -> count=0; ask 1 1 -> count=1 start=0x10000",
    # Nothing is known of the machine's memory, and so nothing can be wrong.
    "boot -> ok; alloc 1 1 -> count=1 start=0x123000; free 0x5000 1 -> ok; frames -> free=3",
    "boot -> ok; machine_region 0 -> count=2 base=0x0 length=0x10000 type=1; "
    "machine_reserved 0 -> count=1 start=0x0 end=0x1000; alloc 1 1 -> count=1 start=0",
])
def test_nothing_is_found_where_nothing_is_wrong(text: str) -> None:
    assert judged(LAB, text) is None


@pytest.mark.parametrize("text", [
    MAP + "init -> panic", SIXTEEN + "alloc 1 1 -> panic", SIXTEEN + "free 0x40000 0 -> panic",
    SIXTEEN + "alloc 4 4 -> count=4 start=0x10000; free 0x10000 4 -> panic"])
def test_a_panic_without_a_reason_is_a_crash(text: str) -> None:
    finding = judged(LAB, text)
    assert finding.verdict is Verdict.CRASH
    assert finding.operation == last_of(text)


def test_what_lies_within_a_page_is_never_freed() -> None:
    with pytest.raises(Unplayable, match="multiple of 4096"):
        judged(LAB, "region 0x10000 0x10000 1 -> ok; init -> pages=32; free 0x10800 1 -> panic")


def test_the_picture_shows_addresses() -> None:
    finding = judged(LAB, SIXTEEN + "alloc 4 4 -> count=4 start=0x11000")
    assert finding.picture.splitlines() == [
        "0x0             0x10000",
        "################................",
        "                =^^^^",
        "free blocks: 0x10000-0x1ffff    (. free  # allocated  ^ this operation  = right)"]


def usable_byte_by_byte(memory: MemoryMap) -> set[int]:
    """The usable pages, in the most obvious way."""
    def is_usable(page: int) -> bool:
        page_bytes = set(range(page * 4096, page * 4096 + 4096, 16))
        covers = touches = False
        for r in memory.regions:
            common = page_bytes & set(range(r.base, r.end, 16))
            covers |= r.available and common == page_bytes
            touches |= not r.available and bool(common)
        return covers and not touches and not any(
            page_bytes & set(range(*r, 16)) for r in memory.reserved)
    return {page for page in range(memory.pages) if is_usable(page)}


@pytest.mark.parametrize("seed", range(20))
def test_usable_pages_are_those_of_the_obvious_way(seed: int) -> None:
    """On random maps whose borders are multiples of 16, so that every 16th byte will do."""
    stream = Stream("memory map", seed)
    memory = MemoryMap()
    for _ in range(stream.between(1, 5)):
        memory.regions.append(Region(16 * stream.below(2048), 16 * stream.below(2048),
                                     stream.choice((1, 1, 2))))
    for _ in range(stream.below(3)):
        start = 16 * stream.below(2048)
        memory.reserved.append((start, start + 16 * stream.below(300)))
    usable = {page for first, end in memory.usable() for page in range(first, end)}
    assert usable == usable_byte_by_byte(memory)
