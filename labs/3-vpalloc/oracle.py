"""The oracle of lab 3: what kernel/mm/allocation.h promises of virtual pages, record by record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from grader.evidence.looks import Sight
from grader.evidence.records import Record
from grader.evidence.snapshot import Snapshot
from grader.judging import fences
from grader.judging.memory_map import PAGE
from grader.judging.oracle import Rule, Violation
from grader.judging.units import Origin
from grader.points import counted

from .ranges import LOWEST_KERNEL_BASE, Range, Space
from .rules import FREES, RULE, TIMES
from .supply import KernelPages, Memory

LENT = {"damage": (RULE.keeps_to_its_state, "the state"),
        "struct_damage": (RULE.writes_nothing_beside_the_struct, "the struct vpallocator"),
        "start_damage": (RULE.writes_nothing_beside_start, "*start_addr")}

KERNEL = 0  # the number of the kernel's allocator


def _elsewhere(record: Record) -> Violation | None:
    """What the player found in no page of kvmalloc's."""
    address = record.results.get("elsewhere")
    return Violation(RULE.memory_from_kvmalloc, "the struct and the state in pages from kvmalloc",
                     f"{address:#x}, before the first of them") if address else None


class Oracle:
    """Follows the kernel's allocator, and those that were made by vpinit and vpcreate."""

    times = TIMES
    sight = Sight.TABLES

    def __init__(self) -> None:
        self.kernel_base: int | None = None  # None: nobody said
        self.spaces: dict[int, Space] = {}  # by number; the kernel's is missing until it is known
        self.created: set[int] = set()  # those that hold memory now
        self.memory = Memory()
        self.told: Mapping[str, int] = {}  # of kvmalloc's pages, and of frames, by the last operation
        self.kernels = KernelPages()

    def misuse(self, record: Record) -> str:
        """Addresses are those of pages; and of the kernel's only those are freed that were asked for, while kvmalloc
        holds others."""
        if record.verb != "free":
            return ""
        number, address, count = record.arguments
        if address % PAGE:
            return f"{address:#x} is no multiple of {PAGE}"
        if self._spans_both(number, address, count):
            return "some of its pages are the user's and some the kernel's, of one range: no sentence says whose they are"
        if (record.panicked or not self.created or self._is_user(address) or not count
                or self.kernels.are_held(address, count)):
            return ""
        return "" if KERNEL in self.spaces and self._kernels_must_panic(record) else (
            f"of the {counted(count, 'page')} from {address:#x} on, some may be kvmalloc's: nobody asked for them")

    def _spans_both(self, number: int, address: int, count: int) -> bool:
        """Whether pages of one allocator lie on both sides of kernel_base."""
        space, last = self.spaces.get(number), address + (count - 1) * PAGE
        return bool(count and space and self._is_user(address) and not self._is_user(last)
                    and 0 <= space.unit(address) and space.unit(last) < space.units)

    def must_panic(self, record: Record) -> Rule | None:
        if record.verb != "free" or record.arguments[2] == 0:
            return None
        number, address, count = record.arguments
        if self._is_user(address) and number == KERNEL:
            return RULE.user_addresses_need_an_allocator
        space = self._owner(number, address)
        if not space or space.has_null_page(address):
            # Nobody said what is free there; or page 0, which nobody frees: a panic may be right.
            return RULE.double_free_panics if record.panicked else None
        if space is self.spaces.get(KERNEL) and self.created and not self.kernels.are_held(address, count):
            return self._kernels_must_panic(record)
        return space.must_panic(space.unit(address), count)

    def _kernels_must_panic(self, record: Record) -> Rule | None:
        """Of the kernel's pages that nobody asked for, kvmalloc holds some: which ones, nobody says."""
        _, address, count = record.arguments
        kernel = self.spaces[KERNEL]
        if not kernel.has(kernel.unit(address), count):
            return RULE.freeing_what_does_not_exist_panics
        return RULE.double_free_panics if self.kernels.were_freed(address, count) or record.panicked else None

    def instead_of_panic(self, record: Record) -> Rule | None:
        if record.verb == "create":
            return None if Range(*record.arguments).is_valid(self.kernel_base) else RULE.null_for_other_ranges
        if record.verb == "free":
            number, address, count = record.arguments
            if count and not self._is_user(address):
                return RULE.kernel_addresses_are_the_kernels
            return FREES["any_portions" if count else "nothing"]
        space = self.spaces.get(record.arguments[0]) if record.verb in ("alloc", "ask") else None
        return space.instead_of_panic(*record.arguments[1:]) if space else None

    def check(self, record: Record) -> Violation | None:
        judge = getattr(self, f"_{record.verb}", None)
        self.told = record.results if record.verb in ("frames", "kvpages") else {}
        return fences.violation(record, **LENT) or (judge(record) if judge else None)

    def picture(self, record: Record) -> str:
        if record.verb in ("alloc", "ask"):
            number, *request = record.arguments
            start, count = record.results.get("start", 0), record.results.get("count", 0)
            space = self.spaces.get(number)
            return space.picture_of_request(request, count, space.unit(start)) if space else ""
        if record.verb == "free":
            number, address, count = record.arguments
            space = self._owner(number, address)
            return space.picture(space.unit(address), count) if space else ""
        return ""

    def _is_user(self, address: int) -> bool:
        return address < (self.kernel_base or LOWEST_KERNEL_BASE)

    def owner(self, number: int, address: int) -> int:
        """The number of the allocator that an address belongs to that is freed to this one."""
        return number if self._is_user(address) else KERNEL

    def _owner(self, number: int, address: int) -> Space | None:
        return self.spaces.get(self.owner(number, address))

    # --- What the player says of the address space ---

    def _kernel_base(self, record: Record) -> None:
        self.kernel_base = record.results["base"]

    def _user_pages(self, record: Record) -> None:
        self.kernel_base = record.results["pages"] * PAGE

    def _kernel_range(self, record: Record) -> None:
        if KERNEL not in self.spaces and not self.memory.kernel_used:
            self.spaces[KERNEL] = Space(record.results["start"], record.results["pages"])

    # --- Allocators come and go ---

    def _init(self, record: Record) -> Violation | None:
        if record.results.get("lent") == 0:
            return Violation(RULE.state_size, "memory for the state can be had",
                             "buddy_state_size asked for more than 16 MiB")
        self.spaces[record.results["number"]] = Space(*record.arguments)
        return None

    def _members(self, record: Record) -> Violation | None:
        number, start = record.arguments[0], record.results["start"]
        space = self.spaces.get(number)
        return None if not space or start == space.start else Violation(
            RULE.says_where_its_range_begins, f"start {space.start:#x}", f"start {start:#x}")

    def _create(self, record: Record) -> Violation | None:
        start, pages = record.arguments
        number = record.results["number"]
        return self._created(Range(start, pages), [number] if number else [], 1) or _elsewhere(record)

    def _create_many(self, record: Record) -> Violation | None:
        start, pages, wanted = record.arguments
        first, count = record.results["first"], record.results["count"]
        return self._created(Range(start, pages), range(first, first + count), wanted)

    def _created(self, asked: Range, numbers: Sequence[int], wanted: int) -> Violation | None:
        """Of `wanted` allocators of one range those with these numbers were made, then came null."""
        valid = asked.is_valid(self.kernel_base)
        self.memory.after = RULE.nothing_stays_taken
        if len(numbers) < wanted and valid and self._suffices(asked.pages):
            after = f", after {len(numbers)} of them" if numbers else ""
            return Violation(RULE.makes_an_allocator, "an allocator", "null" + after)
        if not numbers:
            return None
        if valid is False:
            return Violation(RULE.null_for_other_ranges, "null: " + asked.why_not(self.kernel_base), "an allocator")
        if self.memory.nothing_left:
            return Violation(RULE.memory_from_kvmalloc, "null: kvmalloc has no page to give", "an allocator")
        self.spaces.update((number, Space(*asked)) for number in numbers)
        self.created.update(numbers)
        self.kernels.may_be_kvmallocs()
        return None

    def _suffices(self, pages: int) -> bool:
        """Whether there is surely memory for an allocator: its frames, and of the kernel's addresses, of which the
        scenario may hold some itself, with room to spare."""
        kernel = self.spaces.get(KERNEL)
        enough = 4 * self.memory.enough(pages) * (1 + len(self.created))
        addresses = not self.kernels.held.starts or bool(kernel and max(kernel.free.blocks, default=0) >= enough)
        return addresses and self.memory.suffices(pages)

    def _destroy(self, record: Record) -> None:
        self._destroyed(record.arguments)

    def _destroy_many(self, record: Record) -> None:
        first, step, count = record.arguments
        self._destroyed(first + step * i & 0xFFFFFFFF for i in range(count))

    def _destroyed(self, numbers: Iterable[int]) -> None:
        for number in self.created.intersection(numbers):
            self.created.discard(number)
            del self.spaces[number]
            self.memory.after = RULE.destroying_gives_back_all

    # --- Pages come and go ---

    def _free(self, record: Record) -> None:
        number, address, count = record.arguments
        space = self._owner(number, address)
        if not space or not count:
            return
        unit = space.unit(address)
        rule = None
        if number != KERNEL and space is self.spaces.get(KERNEL):
            rule = self.memory.after = RULE.kernel_addresses_are_the_kernels
        if self.owner(number, address) == KERNEL:
            self.kernels.freed(address, count)
        origin = Origin(f"freed by operation {record.number}", rule)
        first = unit + 1 if space.has_null_page(address) else unit  # page 0 is never available
        space.make_available(first, unit + count, origin)

    def _ask(self, record: Record) -> Violation | None:
        return self._alloc(record)

    def _alloc(self, record: Record) -> Violation | None:
        number, low, high = record.arguments
        count, start = record.results["count"], record.results.get("start")
        space = self.spaces.get(number)
        if number == KERNEL and count:
            self.kernels.allocated(start, count)
        if not space or (number == KERNEL and self.memory.pages_hoarded):
            self.spaces.pop(number, None)  # from here on nothing is known of it
            self.memory.kernel_used = True
            return None
        if count and start % PAGE:
            return Violation(RULE.addresses_of_the_range,
                             "the address of a page: a multiple of 4096", f"{start:#x}")
        unit = space.unit(start) if count else start
        if count and not 0 <= unit <= space.units - count:
            return Violation(RULE.addresses_of_the_range,
                             f"pages of {space.spelling.block(0, space.units)}",
                             f"{space.spelling.many(count)}: {space.spelling.block(unit, count)}")
        if number == KERNEL and self.created:
            return self._alloc_among_others(space, (low, high), count, unit)
        return space.allocated((low, high), count, unit, record.number)

    def _alloc_among_others(self, space: Space, request: tuple[int, int], count: int,
                            unit: int) -> Violation | None:
        """From the kernel's, while kvmalloc holds pages of it: which ones, nobody says."""
        if not count:
            return None
        if count > request[1]:
            return Violation(RULE.never_more_than_max, f"at most {request[1]} pages", f"{count}")
        taken = space.free.first_taken(unit, unit + count)
        if taken is not None:
            rule, why = space.why_taken(taken)
            return Violation(rule, f"pages that are free; {why}",
                             space.spelling.block(unit, count))
        space.free.remove(unit, unit + count)
        return None

    def glance(self, seen: Snapshot) -> Violation | None:
        """The machine's page tables, in official runs: what was told of kvmalloc's pages, and of the frames that are
        neither free nor behind one. Those of the start-up are not told, but stay the same."""
        if self.kernel_base is None or "pages" not in self.told:
            return None
        pages, tables = seen.behind(self.kernel_base)
        taken = {"pages from kvmalloc": pages - self.told["pages"]}
        if "free" in self.told:
            taken["frames free, behind a page or page tables"] = self.told["free"] + pages + tables
        for what, count in taken.items():
            if (before := self.memory.in_tables.setdefault(what, count)) != count:
                return Violation(self.memory.after or RULE.destroying_gives_back_all, f"{what}: as many as was said",
                                 f"{counted(abs(count - before), 'page')} {'more' if count > before else 'less'} in the "
                                 "machine's page tables")
        return None

    # --- What is left of the machine's memory ---

    def _frames(self, record: Record) -> Violation | None:
        return (self._kvpages(record) or
                self._as_before("free frames", record.results["free"] + record.results["tables"]))

    def _pages(self, record: Record) -> Violation | None:
        if KERNEL not in self.spaces:
            return self._kvpages(record)
        kernel = self.spaces[KERNEL]
        free, expected = record.results["free"], kernel.free.count()
        if not self.created and free != expected:
            rule = self.memory.after or RULE.every_page_of_the_range_can_be_had
            return Violation(rule, f"{expected} free pages of kernel addresses", f"{free}")
        return (self._kvpages(record) or
                self._as_before("free pages of kernel addresses", free + kernel.units - expected))

    def _kvpages(self, record: Record) -> Violation | None:
        pages = record.results["pages"]
        without = self.memory.seen.get(("pages from kvmalloc", frozenset()))
        if self.created and pages == without:
            return Violation(RULE.memory_from_kvmalloc, "some pages from kvmalloc are in use",
                             "none, although there is an allocator")
        return self._as_before("pages from kvmalloc", pages)

    def _as_before(self, what: str, count: int) -> Violation | None:
        """With the same allocators alive there must be as much of everything."""
        expected = self.memory.seen.setdefault((what, frozenset(self.created)), count)
        if expected == count:
            return None
        return Violation(self.memory.after or RULE.destroying_gives_back_all,
                         f"{expected} {what}, as the last time that the same allocators were there",
                         f"{count}")

    def _leave(self, record: Record) -> None:
        self.memory.frames_left = record.results["free"]

    def _unleave(self, record: Record) -> None:
        del record
        self.memory.frames_left = None

    def _leave_pages(self, record: Record) -> None:
        self.memory.pages_left = record.results["free"]

    def _unleave_pages(self, record: Record) -> None:
        del record
        self.memory.pages_left = None
