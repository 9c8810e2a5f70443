"""The oracle of lab 3: it names the rule that was broken, and finds nothing where none was."""

from __future__ import annotations

import pytest
from judging import judged, last_of

from grader.course import labs
from grader.errors import Unplayable
from grader.judging.verdict import Verdict

LAB = labs.find("vpalloc")

# 16 pages from 0x400000 on; and the same after all have been handed out and given back.
SIXTEEN = "init 0x400000 16 -> number=1; "
USED = SIXTEEN + "alloc 1 16 16 -> count=16 start=0x400000; free 1 0x400000 16 -> ok; "

# A kernel whose range has 16 pages, and the whole of one space.
KERNEL = "boot -> ok; kernel_range -> start=0xffff0000 pages=16; "
COUNTED = ("boot -> ok; frames -> free=100 pages=0 peak=0 tables=0; "
           "kvpages -> pages=0 peak=0 tables=0; ")
CREATED = COUNTED + "create 0x400000 16 -> number=1; "

# For each rule, records of which the last one breaks it, and what the finding says of it.
BROKEN = {
    "every_page_of_the_range_can_be_had": [
        (SIXTEEN + "alloc 1 16 16 -> count=0", "0: nothing"),
        (SIXTEEN + "alloc 1 1 16 -> count=8 start=0x408000", "8 pages"),
        (KERNEL + "alloc 0 4 4 -> count=0", "0: nothing"),
        (KERNEL + "pages -> free=15 pages=0 peak=0 tables=0", "15")],
    "page_0_is_never_handed_out": [
        ("init 0 16 -> number=1; alloc 1 1 1 -> count=1 start=0", "0x0-0xfff"),
        ("init 0 1 -> number=1; alloc 1 1 1 -> count=1 start=0", "0x0-0xfff"),
        ("init 0 1 -> number=1; free 1 0 1 -> ok; alloc 1 1 1 -> count=1 start=0", "0x0-0xfff")],
    "says_where_its_range_begins": [
        (SIXTEEN + "members 1 -> start=0x400", "0x400"),
        (CREATED + "members 1 -> start=0x0", "0x0")],
    "addresses_of_the_range": [
        (SIXTEEN + "alloc 1 1 1 -> count=1 start=0x400800", "0x400800"),
        (SIXTEEN + "alloc 1 1 1 -> count=1 start=0x0", "0x0"),
        (SIXTEEN + "alloc 1 1 1 -> count=1 start=0x410000", "0x410000"),
        (SIXTEEN + "alloc 1 2 2 -> count=2 start=0x40f000", "0x40f000")],
    "keeps_to_its_state": [
        ("init 0x400000 16 -> number=1 damage=2", "2 of the bytes"),
        (SIXTEEN + "alloc 1 1 1 -> count=1 start=0x400000 damage=1", "1 of the bytes")],
    "writes_nothing_beside_start": [
        (SIXTEEN + "alloc 1 1 1 -> count=1 start=0x400000 start_damage=4 behind=4", "4 bytes behind")],
    "writes_nothing_beside_the_struct": [
        ("init 0x400000 16 -> number=1 struct_damage=4 behind=0", "from its very end on")],
    "state_size": [("init 0x400000 16 -> lent=0", "more than 16 MiB")],
    "makes_an_allocator": [
        ("boot -> ok; leave 90 1 -> free=90; create 0x400000 16384 -> number=0", "null"),
        ("boot -> ok; create 0x400000 16 -> number=0", "null"),
        ("boot -> ok; create_many 0x400000 1 40 -> first=1 count=39", "null, after 39 of them"),
        ("boot -> ok; leave 3 1 -> free=3; unleave -> ok; create 0x400000 16 -> number=0", "null"),
        ("kernel_base -> base=0xc0000000; boot -> ok; create 0xbffff000 1 -> number=0", "null")],
    "null_for_other_ranges": [
        ("boot -> ok; create 0x400000 0 -> number=1", "an allocator"),
        ("boot -> ok; create 0x400001 1 -> number=1", "an allocator"),
        ("boot -> ok; create 0xfffff000 1 -> number=1", "an allocator"),
        ("boot -> ok; create 0x400000 0x100000 -> number=1", "an allocator"),
        ("kernel_base -> base=0xc0000000; boot -> ok; create 0xbffff000 2 -> number=1",
         "an allocator"),
        ("user_pages -> pages=0xc0000; boot -> ok; create 0 0xc0001 -> number=1", "an allocator")],
    "memory_from_kvmalloc": [
        ("boot -> ok; leave 0 1 -> free=0; create 0x400000 16 -> number=1", "an allocator"),
        ("boot -> ok; leave_pages 0 1 -> free=0; create 0x400000 16 -> number=1", "an allocator"),
        (CREATED + "kvpages -> pages=0 peak=0 tables=0", "none"),
        ("boot -> ok; create 0x400000 16 -> number=1 elsewhere=0xc0140080", "0xc0140080")],
    "nothing_stays_taken": [
        (COUNTED + "create 0x400000 0 -> number=0; frames -> free=99 pages=0 peak=1 tables=0",
         "99"),
        (COUNTED + "create 0x400000 0 -> number=0; kvpages -> pages=1 peak=1 tables=0", "1"),
        (KERNEL + "pages -> free=16 pages=0 peak=0 tables=0; leave 1 1 -> free=1; "
         "create 0x400000 16 -> number=0; unleave -> ok; pages -> free=15 pages=0 peak=1 tables=0",
         "15")],
    "destroying_gives_back_all": [
        (COUNTED + "create_many 0x400000 1 3 -> first=1 count=3; destroy_many 1 1 3 -> ok; "
         "frames -> free=99 pages=0 peak=9 tables=0", "99"),
        (CREATED + "destroy 1 -> ok; frames -> free=99 pages=0 peak=2 tables=0", "99"),
        (CREATED + "kvpages -> pages=2 peak=2 tables=0; destroy 1 -> ok; "
         "kvpages -> pages=1 peak=2 tables=0", "1")],
    "one_owner": [
        (SIXTEEN + "alloc 1 8 8 -> count=8 start=0x400000; alloc 1 1 1 -> count=1 start=0x407000",
         "0x407000"),
        (KERNEL + "alloc 0 1 1 -> count=1 start=0xffff0000; create 0x400000 16 -> number=1; "
         "alloc 0 1 1 -> count=1 start=0xffff0000", "0xffff0000")],
    "kernel_addresses_are_the_kernels": [
        (KERNEL + "alloc 0 16 16 -> count=16 start=0xffff0000; create 0x400000 16 -> number=1; "
         "free 1 0xffff0000 8 -> ok; destroy 1 -> ok; alloc 0 8 8 -> count=0", "0: nothing"),
        (KERNEL + "alloc 0 8 8 -> count=8 start=0xffff0000; create 0x400000 16 -> number=1; "
         "pages -> free=7 pages=1 peak=1 tables=0; free 1 0xffff0000 8 -> ok; "
         "pages -> free=7 pages=1 peak=1 tables=0", "7")],
    "user_addresses_need_an_allocator": [
        (KERNEL + "free 0 0x400000 1 -> ok", "it returned"),
        ("kernel_base -> base=0xc0000000; " + KERNEL + "free 0 0xbffff000 1 -> ok", "it returned")],
    "double_free_panics": [
        (SIXTEEN + "free 1 0x40f000 1 -> ok", "it returned"),
        (KERNEL + "free 0 0xfffff000 1 -> ok", "it returned"),
        (KERNEL + "alloc 0 8 8 -> count=8 start=0xffff0000; create 0x400000 16 -> number=1; "
         "free 1 0xffff0000 8 -> ok; free 0 0xffff6000 3 -> ok", "it returned"),
        (SIXTEEN + "alloc 1 8 8 -> count=8 start=0x400000; free 1 0x407000 2 -> panic; "
         "alloc 1 1 1 -> count=1 start=0x407000", "0x407000")],
    "freeing_what_does_not_exist_panics": [
        (SIXTEEN + "free 1 0x3ff000 1 -> ok", "it returned"),
        (SIXTEEN + "free 1 0x410000 1 -> ok", "it returned")],
    "never_more_than_max": [
        (SIXTEEN + "alloc 1 3 3 -> count=4 start=0x400000", "4 pages"),
        (KERNEL + "create 0x400000 16 -> number=1; alloc 0 3 3 -> count=4 start=0xffff0000", "4")],
    "never_less_than_min": [
        (USED + "alloc 1 17 32 -> count=16 start=0x400000", "16 pages")],
    "smallest_sufficient_block": [
        (USED + "alloc 1 2 2 -> count=2 start=0x402000", "in the block 0x400000-0x40ffff")],
    "max_if_it_can_be_had": [
        (USED + "alloc 1 3 8 -> count=3 start=0x400000", "3 pages")],
    "the_rest_is_freed_again": [
        (SIXTEEN + "alloc 1 3 3 -> count=3 start=0x400000; alloc 1 8 8 -> count=0", "0: nothing")],
    "coalescing": [
        (USED + "alloc 1 8 8 -> count=8 start=0x400000; free 1 0x400000 8 -> ok; "
         "alloc 1 16 16 -> count=0", "0: nothing")],
    "largest_block": [
        (USED + "alloc 1 1 32 -> count=1 start=0x400000", "1 page")],
    "nothing_to_be_had": [
        (SIXTEEN + "alloc 1 17 17 -> count=0 start=0x30000", "0x30000 written there")],
    "strange_requests": [
        (USED + "alloc 1 0 16 -> count=0", "0: nothing"),
        (SIXTEEN + "alloc 1 4 3 -> count=3 start=0x400000", "3 pages")],
    "freed_units_are_available": [
        (USED + "alloc 1 16 16 -> count=0", "0: nothing")],
}


@pytest.mark.parametrize("text", [
    # Nobody has said what is free of the kernel's addresses, or frees the page at 0.
    "boot -> ok; create 0x400000 8 -> number=1; free 1 0xfff00000 1 -> panic",
    "init 0 16 -> number=1; free 1 0 1 -> panic",
    # Blocks are counted from the start of the range, which is no multiple of 16 pages.
    "init 0x3000 16 -> number=1; alloc 1 16 16 -> count=16 start=0x3000",
    # The same addresses in two spaces.
    COUNTED + "create_many 0x400000 1 3 -> first=1 count=3; ask 2 1 2 -> count=1 start=0x400000; "
    "destroy_many 3 0xffffffff 3 -> ok; frames -> free=100 pages=0 peak=9 tables=0",
    "boot -> ok; leave 1 1 -> free=1; create_many 0x400000 1 4 -> first=1 count=0",
    "boot -> ok; create 0x400000 8 -> number=1; create 0x400000 8 -> number=2; "
    "alloc 1 8 8 -> count=8 start=0x400000; alloc 2 8 8 -> count=8 start=0x400000",
    # With little memory left, both are right; where the kernel begins is not known.
    "boot -> ok; leave 1 1 -> free=1; create 0x400000 16 -> number=0",
    "boot -> ok; leave 1 1 -> free=1; create 0x400000 16 -> number=1",
    "boot -> ok; create 0xbffff000 1 -> number=0; create 0xbffff000 1 -> number=1",
    # A kernel page table that was made on the way stays for ever.
    CREATED + "frames -> free=97 pages=2 peak=2 tables=1; destroy 1 -> ok; "
    "frames -> free=99 pages=0 peak=2 tables=1; destroy 0 -> ok",
    # kvmalloc has pages of the kernel's range now: which, is not known.
    KERNEL + "create 0x400000 16 -> number=1; alloc 0 8 8 -> count=8 start=0xffff4000; "
    "alloc 0 8 8 -> count=0; pages -> free=7 pages=1 peak=1 tables=0; destroy 1 -> ok; "
    "pages -> free=8 pages=0 peak=1 tables=0",
    # Who frees pages of the kernel's that may be kvmalloc's may be told so.
    KERNEL + "alloc 0 4 4 -> count=4 start=0xffff0000; create 0x400000 16 -> number=1; "
    "free 0 0xffff2000 4 -> panic; free 0 0xffff0000 4 -> ok",
    # The scenario holds so many of the kernel's pages that there may be too few for a state.
    KERNEL + "alloc 0 15 15 -> count=15 start=0xffff0000; create 0x400000 16 -> number=0",
    # Nothing is known of the kernel's range.
    "boot -> ok; alloc 0 1 1 -> count=1 start=0xfffff000; free 0 0xffffe000 1 -> ok; "
    "pages -> free=12345 pages=0 peak=0 tables=0",
    SIXTEEN + "free 1 0x400000 0 -> ok; free 1 0x400000 1 -> panic; free 1 0xf000 1 -> panic",
])
def test_nothing_is_found_where_nothing_is_wrong(text: str) -> None:
    assert judged(LAB, text) is None


@pytest.mark.parametrize("before", [KERNEL, "boot -> ok; "])
def test_pages_that_may_be_kvmallocs_are_not_the_scenarios_to_free(before: str) -> None:
    """A right vpfree can't know that nobody asked for them; what comes of it later is nobody's mistake."""
    with pytest.raises(Unplayable, match="kvmalloc"):
        judged(LAB, before + "alloc 0 4 4 -> count=4 start=0xffff0000; create 0x400000 16 -> number=1; "
               "free 0 0xffff2000 4 -> ok")


def test_what_lies_within_a_page_is_never_freed() -> None:
    with pytest.raises(Unplayable, match="multiple of 4096"):
        judged(LAB, SIXTEEN + "free 1 0x400800 1 -> panic")


@pytest.mark.parametrize("text", [
    "init 0x400000 16 -> panic", SIXTEEN + "alloc 1 1 1 -> panic", "boot -> ok; destroy 0 -> panic",
    SIXTEEN + "free 1 0x500000 0 -> panic", "boot -> ok; create 0x400000 0 -> panic",
    SIXTEEN + "alloc 1 4 4 -> count=4 start=0x400000; free 1 0x400000 4 -> panic"])
def test_a_panic_without_a_reason_is_a_crash(text: str) -> None:
    finding = judged(LAB, text)
    assert finding.verdict is Verdict.CRASH
    assert finding.operation == last_of(text)


def test_the_picture_shows_addresses() -> None:
    finding = judged(LAB, SIXTEEN + "alloc 1 4 4 -> count=4 start=0x401000")
    assert finding.picture.splitlines() == [
        "0x400000",
        "................",
        "=^^^^",
        "free blocks: 0x400000-0x40ffff    (. free  # allocated  ^ this operation  = right)"]
