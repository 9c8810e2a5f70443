"""Siblings of the scenarios in scenarios/: `some_name` makes those of some-name.scenario.

Those about requests are lab 1's, in pages. A number of pages that is a power of two is one block.
"""

from __future__ import annotations

from grader.judging.free_units import aligned_blocks
from grader.judging.memory_map import FOUR_GIB, PAGE
from grader.scenarios import siblings
from grader.scenarios.siblings import halved, in_pages, power, script

# The kernel's last 64 MiB are enough, and who frees a range page by page has it done in a twentieth of the time.
BOOT = "boot_from 0xfc000000"


def user_address(stream):
    """The address of a page, with room for some thousands of pages below any KERNEL_BASE."""
    return f"{stream.between(1, 0x3c000) * PAGE:#x}"


def user_range(stream):
    """An allocator for a range of user addresses that begins at any page."""
    return lambda pages: [f"init {user_address(stream)} {pages}"]


def blocks_of(first, end):
    """Exact requests that take the pages from `first` to `end` - 1, from the largest block down."""
    sizes = sorted((size for _, size in aligned_blocks(first, end)), reverse=True)
    return [*(f"alloc 1 {size} {size}" for size in sizes), "ask 1 1 1"]


def whole_range(stream, index):
    """Blocks that fill a range exactly; everything that a range of any number of pages has."""
    if index == 0:
        return in_pages(siblings.exact_counts(stream, 1), user_range(stream), "1")
    pages = stream.between(5, 3000)
    return script(user_range(stream)(pages), blocks_of(0, pages))


def null_page(stream, index):
    """From the address 0 on: all but the first page."""
    del index
    pages = stream.between(2, 3000)
    return script(f"init 0 {pages}", f"ask 1 {pages} {pages}", blocks_of(1, pages))


def min_and_max(stream, index):
    """A block and its rest; the largest block; requests for nothing and for everything."""
    idea = (siblings.rest_of_block, siblings.largest_block, siblings.strange_requests)[index]
    return in_pages(idea(stream, index), user_range(stream), "1")


def refused(stream, index):
    """Full, asked again; then one block comes back."""
    return in_pages(siblings.exhaustion(stream, index), user_range(stream), "1")


def portions(stream, index):
    """A run comes back in portions, then two as one."""
    return in_pages(siblings.partial_frees(stream, index), user_range(stream), "1")


def double_free(stream, index):
    """What touches a free page panics."""
    return in_pages(siblings.double_free(stream, index), user_range(stream), "1")


def up_to_4_gib(stream, index):
    """Portions of the kernel's last pages."""
    return in_pages(siblings.partial_frees(stream, index),
                    lambda pages: [f"init {FOUR_GIB - pages * PAGE:#x} {pages}"], "0")


def kernel_range(stream, index):
    """Runs of the kernel's pages come, and go in portions; one cannot be freed twice."""
    lines = [BOOT, "kernel_range", "pages"]
    frees = []
    for i in range(3 + index):
        count = stream.between(1, 700)
        lines.append(f"r{i} = alloc 0 {count} {count}")
        frees += [f"free 0 r{i}+{start * PAGE:#x} {part}"
                  for start, part in siblings.portions(stream, count, 2)]
    return script(lines, "pages", stream.shuffled(frees), stream.choice(frees), "pages")


def kernel_addresses(stream, index):
    """The kernel's pages are freed with whatever allocator; those of the others stay."""
    count, size = stream.between(10, 200), power(stream, 2, 6)
    frees = [f"free {stream.choice('uv0')} x+{start * PAGE:#x} {part}"
             for start, part in siblings.portions(stream, count, 3 + index)]
    return script(BOOT, "kernel_range", "pages", f"x = alloc 0 {count} {count}",
                  [f"{name} = create {user_address(stream)} {size}" for name in "uv"], "pages",
                  frees, "pages", [f"alloc {name} {size} {size}" for name in "uv"])


def two_spaces(stream, index):
    """Three ranges, two of them the same addresses, used in turns; then one of them goes."""
    same = user_address(stream)
    pages = {name: power(stream, 3, 7) for name in "uvw"}
    runs = [(f"{name}{i}", name, size) for name in pages
            for i, size in enumerate(halved(stream, pages[name], 4 + index))]
    return script(
        BOOT, [f"{name} = create {same if name < 'w' else user_address(stream)} {pages[name]}"
                 for name in stream.shuffled("uvw")],
        [f"{run} = alloc {name} {size} {size}" for run, name, size in stream.shuffled(runs)],
        [f"ask {name} 1 1" for name in "uvw"],
        [f"free {name} {run}" for run, name, _ in stream.shuffled(runs)],
        f"alloc u {pages['u']} {pages['u']}", "destroy u",
        [f"alloc {name} {pages[name]} {pages[name]}" for name in "vw"])


def user_address_and_null(stream, index):
    """User addresses without an allocator: a panic, which changes nothing."""
    del index
    pages = power(stream, 3, 8)
    frees = [f"free 0 a+{start * PAGE:#x} {count}"
             for start, count in siblings.portions(stream, pages, 3)]
    borders = [f"free 0 {at} {count}" for at in ("0", "0x1000", "k-0x1000") for count in (1, 2)]
    return script(BOOT, "kernel_range", "k = kernel_base", f"u = create {user_address(stream)} {pages}", "pages",
                  f"a = alloc u {pages} {pages}", frees, f"free 0 {user_address(stream)} 1", stream.shuffled(borders),
                  "ask u 1 1", "free u a", f"alloc u {pages} {pages}", "pages")


def user_space(stream, index):
    """Portions of the last user pages, right below the kernel's."""
    return in_pages(siblings.partial_frees(stream, index), lambda pages: [
        BOOT, "k = kernel_base", f"u = create k-{pages * PAGE:#x} {pages}"], "u")


def invalid_ranges(stream, index):
    """In any order: empty, unaligned, reaching into the kernel's part, around the corner."""
    del index
    below, some = stream.between(1, 500), stream.between(1, 500)
    invalid = [f"create {user_address(stream)} 0",
               f"create {user_address(stream)[:-3]}{stream.between(1, PAGE - 1):03x} {some}",
               f"create k+{(some - 1) * PAGE:#x} {below}", f"create k-{below * PAGE:#x} {below + some}",
               f"create {user_address(stream)} {(1 << 20) - stream.below(9)}",
               f"create {user_address(stream)} {(1 << 20) * stream.between(1, 4000) + some}"]
    return script(BOOT, "k = kernel_base", "frames", "pages", stream.shuffled(invalid), "frames",
                  "pages", f"u = create k-{below * PAGE:#x} {below}", "alloc u 1 1")


def destroying(stream, index):
    """Allocators of all sizes go in any order, and what they took comes back."""
    sizes = [stream.between(1, 8000) for _ in range(2 + index)]
    lines = [f"u{i} = create {user_address(stream)} {size}" for i, size in enumerate(sizes)]
    lines += [f"ask u{i} 1 {stream.between(1, size)}" for i, size in enumerate(sizes)]
    lines += [f"destroy u{i}" for i in stream.shuffled(range(len(sizes)))]
    return script(BOOT, "frames", "pages", lines, "frames", "pages")
