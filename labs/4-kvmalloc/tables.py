"""What the machine's own page tables, and the memory behind them, show of kvmalloc's pages."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from functools import lru_cache

from grader.evidence.snapshot import Snapshot
from grader.judging.oracle import Violation

from .blocks import PAGE, Block
from .contents import Contents
from .rules import RULE

TABLE_PAGES = 1024
IMAGE = 4 << 20  # of the kernel's addresses, the first that are not handed out
PRESENT, WRITABLE, USER = 1, 2, 4
_BASE = 31  # of the sum, a polynomial in it: each page has two terms


def judged(seen: Snapshot, live: Iterable[Block], located: Mapping[int, int], contents: Contents) -> Violation | None:
    """What is wrong with the pages of the live blocks: `located` are the frames that were told of them, `contents` what
    was written."""
    frames: dict[int, int] = {}
    for block in live:
        for page in range(block.address, block.end, PAGE):
            if violation := _judge_place(seen, page, frames, located) or _judge_contents(seen, page, contents):
                return violation
    return None


def _judge_place(seen: Snapshot, page: int, frames: dict[int, int], located: Mapping[int, int]) -> Violation | None:
    """What one page is mapped to; `frames` has those of the pages before, and where they are."""
    frame, flags = seen.page(page) or (0, 0)
    if flags != PRESENT | WRITABLE:
        rule = RULE.writable_and_for_the_kernel_only if flags else RULE.every_page_is_mapped
        return Violation(rule, f"the page at {page:#x} mapped writable, for the kernel only",
                         "the machine's page tables have it otherwise")
    if frames.setdefault(frame, page) != page or located.get(page, frame) != frame:
        return Violation(RULE.each_page_has_a_frame_of_its_own,
                         f"a frame for the page at {page:#x} alone, the one it said",
                         f"the machine's page tables lead to {frame:#x}")
    return None


def _judge_contents(seen: Snapshot, page: int, contents: Contents) -> Violation | None:
    if contents.words(page) in (None, (seen.word(page), seen.word(page + PAGE - 4))):
        return None
    return Violation(RULE.each_page_keeps_its_contents, "what was written to it",
                     f"the memory of the page at {page:#x} holds something else")


def mapped_in(seen: Snapshot, kernel_base: int) -> tuple[int, int]:
    """What `mapped` says of page tables (player.cpp): how many pages of the kernel's are there, but for the first 4
    MiB, and the sum of what they are mapped to."""
    first, pages, total = kernel_base // IMAGE, 0, 0
    for index, table in seen.tables.items():
        if index > first:
            more, its_own = _in_a_table((index - first) * TABLE_PAGES, bytes(array("I", table)))
            pages, total = pages + more, total * pow(_BASE, 2 * more, 1 << 32) + its_own & 0xFFFFFFFF
    return pages, total


@lru_cache(maxsize=1024)  # from one glance to the next, most are the same
def _in_a_table(first: int, words: bytes) -> tuple[int, int]:
    """The same of one page table; `first` is the number of its first page."""
    pages, total = 0, 0
    for place, entry in enumerate(array("I", words), first):
        if entry & PRESENT:
            pages += 1
            total = (total * _BASE + place) * _BASE + (entry & (-PAGE | PRESENT | WRITABLE | USER)) & 0xFFFFFFFF
    return pages, total
