"""Scenarios made of the contract's numbers."""

from __future__ import annotations

from itertools import combinations, product

from grader.scenarios.pairs import pairs
from grader.scenarios.rows import in_every_row
from grader.scenarios.scenario import operations

from .contract import (ADDRESSES, ADJACENT, BORDERS, ERRORS, GUARDS, HALF_OF_MOST, IMPOSSIBLE, LARGE, LIVE, RUNS,
                       SMALL)

PAGE = 4096
COUNT = ["frames", "pages", "mapped"]


def sizes(stream, index):
    """A block of every size, small ones or large, looked at where something may end; and what can't be. Large ones
    begin where a page table does."""
    chosen = stream.shuffled((SMALL, LARGE)[index])
    lines = [("boot", "boot_from base+0x2000000")[index], f"w = alloc {max(LARGE)}", f"free w {max(LARGE)}", "junk 64", *COUNT]
    for number, pages in enumerate(chosen):
        spots = sorted({0, pages // 2, min(1024, pages - 1), pages - 1})
        lines += [f"a = alloc {pages}", f"sum a {pages}", *(["frames", "pages"] if index else [])]
        lines += [f"{verb} a+{spot * PAGE:#x}{more}" for spot in spots
                  for verb, more in (("rights", ""), ("stamp", f" 1 {7 * spot + 1}"), ("where", ""))]
        lines += [f"read a+{spot * PAGE:#x}" for spot in spots]
        lines += ["free a", f"read a+{spots[-1] * PAGE:#x}"]
        lines += COUNT if index or number % 4 == 0 else []
    for pages in stream.shuffled(IMPOSSIBLE):
        lines += [f"alloc {pages}", "frames"]
    return operations("\n".join([*lines, *COUNT]))


def scattered(stream, index):
    """A block over more runs of frames than anybody can remember, twice."""
    del index
    spots = sorted({1, stream.between(2, RUNS - 3), RUNS - 2, RUNS - 1})
    return operations("\n".join([
        *_runs(), f"a = alloc {RUNS}", f"sum a {RUNS}", *(f"rights a+{spot * PAGE:#x}" for spot in spots),
        f"stamp a {RUNS} 3", f"sum a {RUNS}", f"free a {RUNS}", f"b = alloc {RUNS + 1}", f"free b {RUNS + 1}",
        "unleave", *COUNT]))


def scattered_in_vain(stream, index):
    """Frames that lie apart, for half of a block, then for nearly all of one: what was taken of so many runs comes
    back."""
    del stream, index
    return operations("\n".join([
        *_runs(), f"a = alloc {RUNS}", f"alloc {RUNS // 2}", f"free a {RUNS}", f"alloc {RUNS + 100}",
        f"b = alloc {RUNS + 1}", f"free b {RUNS + 1}", "unleave", *COUNT]))


def _runs():
    """So many frames that lie apart, and some more; the page tables for a block over them are there."""
    return ["boot", f"w = alloc {2 * RUNS}", f"free w {2 * RUNS}", *COUNT, f"leave {RUNS + 40} 2"]


def half_way(stream, index):
    """Every number of pages, with frames for half of them, for all but one, or for just all."""
    del index
    lines = ["boot", "w = alloc 800", "free w", *COUNT]
    for case in pairs(stream, pages=(2, 3, 8, 17, 64, 100, 700), step=(1, 2, 3),
                      left=("none", "one", "half", "all but one", "all")):
        pages = case["pages"]
        left = {"none": 0, "one": 1, "half": pages // 2, "all but one": pages - 1, "all": pages}
        lines += [f"w = alloc {pages}", "free w", f"leave {left[case['left']]} {case['step']}",
                  f"a = alloc {pages}", f"free a {pages}", "unleave", *COUNT]
    for left in HALF_OF_MOST:
        lines += [f"leave {left} 1", f"alloc {max(LARGE)}", "unleave", *COUNT]
    for left in (0, 1):  # a count of few bits takes many for none
        lines += [f"leave {left} 1", *(f"alloc {(1 << bits) + left}" for bits in range(8, 18)), "unleave"]
    return operations("\n".join([*lines, *COUNT]))


def just_enough(stream, index):
    """The very first block, with frames for its pages and its page tables, and no more; or for its pages only; or, when
    there was none at all before, for all page tables but one: what map_mem could not map goes back."""
    pages, left, first = ((1, 2, ""), (1, 2, BORDERS[2]), (2, 4, BORDERS[2]), (8, 10, ""), (3, 5, BORDERS[1]),
                          (8, 8, ""), (2, 2, ""), (64, 64, ""), (2, 3, BORDERS[2]))[index]
    boot = f"boot_from {first:#x}" if first else "boot"
    in_vain = ["leave 0 1", f"alloc {pages}", "unleave", *COUNT] if index == 8 else []
    return operations("\n".join([boot, error(index), *COUNT, *in_vain, f"leave {left} 1", f"a = alloc {pages}",
                                 f"free a {pages}", "unleave", *COUNT]))


def over_a_border(stream, index):
    """A block begins where there is a page table, and goes on where none can be made: for want of whatever number of
    frames. Those that are for the pages before the border, and for one behind it, are too few by the page table's. A
    table once made stays, so that the fewest come first, or just those for the pages. (Of a range that is some pages
    longer than a power, those come first.) The fewest come twice: map_mem fails with what is below 0, and with what is
    not."""
    turn, border = divmod(index, len(BORDERS))
    first = [f"w{i}" for i in range(len(BORDERS) - border)]
    frames = [*product(range(1, 6), (2, 1)), (8, 1), (9, 2), (12, 2)]
    lines = [f"boot_from {BORDERS[border]:#x}", error(index + 1), *(f"{name} = alloc 1" for name in first),
             *(f"free {name}" for name in first), *COUNT]
    for left, step in frames if turn < 2 else [(8, 1), (7, 1), (9, 1)]:
        lines += [f"leave {left} {step}", "a = alloc 8", "stamp a 8 1", "free a 8", "unleave", "frames", "mapped"]
    return operations("\n".join([*lines, *COUNT]))


def error(index):
    """What map_mem answers first where it fails: whatever is not 0, and something else with the next index."""
    return f"errors {index % ERRORS}"


def few_frames(stream, index):
    """Some frames are free of a few that are all neighbours, whichever they are. A block takes all of them, and gives
    all of them back."""
    del index
    frames = [f"f{i}" for i in range(ADJACENT)]
    lines = ["boot", f"w = alloc {ADJACENT}", "free w", *COUNT, f"leave {ADJACENT} 1"]
    for free in stream.shuffled([some for pages in (3, 4) for some in combinations(frames, pages)]):
        lines += [*(f"{name} = alloc 1" for name in frames), *(f"free {name} 1" for name in free),
                  f"a = alloc {len(free)}", f"stamp a {len(free)} 1", "free a",
                  *(f"free {name} 1" for name in frames if name not in free)]
    return operations("\n".join([*lines, "unleave", *COUNT]))


def between_others(stream, index):
    """Blocks of one size, side by side; every other one has gone. What comes in its place lacks a frame, and goes back;
    those beside it don't change. (With one block less there may be no other place.)"""
    lines = ["boot", "w = alloc 128", "free w 128", *COUNT]
    for pages in stream.shuffled([1, 2, 4, 8]):
        live = [(f"b{i}", pages) for i in range(16 - index)]
        lines += [*(f"{name} = alloc {pages}" for name, _ in live), *(f"stamp {name} {pages} {i + 1}" for i, (name, _) in
                  enumerate(live)), *(f"free {name} {pages}" for name, _ in live[::2])]
        for step in (1, 2):
            lines += [f"leave {pages - 1} {step}", "mapped", f"alloc {pages}", "mapped", "unleave"]
        lines += [line for name, _ in live[1::2] for line in (f"sum {name} {pages}", f"free {name} {pages}")]
    return operations("\n".join([*lines, *COUNT]))


def second_run(stream, index):
    """A block over two runs of frames, a large one and half of it: the second would need a page table, for which there
    is no frame. A smaller block made the page tables for the first."""
    del stream, index
    return operations("\n".join([f"boot_from {BORDERS[0]:#x}", "w = alloc 1000", "free w", *COUNT, "leave 1536 1",
                                 "a = alloc 1536", "stamp a 1536 1", "free a 1536", "unleave", *COUNT]))


def few_addresses(stream, index):
    """There are frames, but of the kernel's addresses just as many as a block may take, or none for one more page."""
    del index
    lines = ["boot", *COUNT]
    for left in stream.shuffled(ADDRESSES):
        lines += [f"leave_pages {left} 1", f"alloc {left + 1}", f"a = alloc {left - GUARDS}", f"free a {left - GUARDS}",
                  "unleave_pages"]
    return operations("\n".join([*lines, *COUNT]))


def impossible(stream, index):
    """What can't be had, among blocks, some of which have gone: none of the others changes."""
    del index
    live = [(f"b{i}", 1 + i % 3) for i in range(9)]
    lines = ["boot", *(f"{name} = alloc {pages}" for name, pages in live)]
    lines += [f"stamp {name} {pages} {stream.below(1 << 20)}" for name, pages in live]
    gone, live = live[1:8:3], [block for i, block in enumerate(live) if i % 3 != 1]
    lines += [*(f"free {name} {pages}" for name, pages in gone), *COUNT]
    for frames in ("", "leave 40 2"):  # many side by side; or single ones, so that something gets mapped
        lines += [frames, *(line for pages in stream.shuffled(IMPOSSIBLE) for line in (f"alloc {pages}", "mapped"))]
    lines.append("unleave")
    return operations("\n".join([*lines, *(f"sum {name} {pages}" for name, pages in live), *COUNT]))


def many_blocks(stream, index):
    """Hundreds of blocks of a page or two; all keep what is theirs, and all come back."""
    del index
    blocks = [(f"b{i}", 1 + (i % 5 == 0)) for i in range(300)]
    lines = ["boot", *COUNT]
    for i, (name, pages) in enumerate(blocks):
        lines += [f"{name} = alloc {pages}", f"stamp {name} {pages} {i + 1}"]
    for name, pages in stream.shuffled(blocks):
        lines += [f"sum {name} {pages}", f"free {name}"]
    return operations("\n".join([*lines, *COUNT]))


def very_many_blocks(stream, index):
    """More blocks at a time than anybody keeps account of by hand."""
    del stream, index
    blocks = [f"b{i}" for i in range(LIVE)]
    return operations("\n".join(["boot", *COUNT, *(f"{name} = alloc 1" for name in blocks),
                                 *(f"free {name} 1" for name in blocks), *COUNT]))


def small_world(stream, index):
    """Three blocks come and go: every row of four of them, with few frames and addresses now and then."""
    sizes_of = (dict(a=1, b=2, c=3), dict(a=1, b=1, c=5))[index]
    lines = ["boot", "w = alloc 8", "free w", *COUNT, f"leave {6 + index} {1 + index}"]
    live = set()
    for name in in_every_row(stream, "abc", 4):
        pages = sizes_of[name]
        lines += ([f"sum {name} {pages}", f"free {name} {pages}"] if name in live else
                  [f"{name} = alloc {pages}", f"stamp {name} {pages} {stream.below(1 << 20)}"])
        live ^= {name}
    lines += [f"free {name} {sizes_of[name]}" for name in sorted(live)]
    return operations("\n".join([*lines, "unleave", *COUNT]))
