"""The oracle of lab 2: what kernel/mm/allocation.h promises of frames, checked record by record.

Which pages are usable it works out itself, from the regions and ranges that the scenario gives (or,
for the machine's own memory, those that the boot loader gave).
"""

from __future__ import annotations

from types import SimpleNamespace

from grader.evidence.records import Record
from grader.judging import fences
from grader.judging.memory_map import PAGE, MemoryMap, Region
from grader.judging.oracle import Rule, Violation, rules
from grader.judging.unit_words import Spelling
from grader.judging.units import BUDDY_RULES, Origin, UnitAllocator

_PANICS = "Panics, and changes nothing, if one of them is free already or lies beyond pp_pages."
_PP_RULES = rules(
    "kernel/mm/allocation.h",
    every_usable_page_can_be_had="Makes the usable pages of the map available to ppalloc, and no "
                                 "others.",
    no_other_page_is_handed_out="Makes the usable pages of the map available to ppalloc, and no "
                                "others.",
    one_region_covers_a_page_wholly="A page is usable if one available region covers it wholly",
    two_halves_are_no_page="Two available regions that cover half of it each do not make it "
                           "usable.",
    pages_of_another_type_are_left_out="no region of another type and no reserved range touches "
                                       "it, with even a single byte.",
    reserved_pages_are_left_out="no region of another type and no reserved range touches it, with "
                                "even a single byte.",
    empty_ranges_touch_nothing="be empty (an empty one touches nothing)",
    keeps_to_its_state="buddy_state_size(pp_pages(map)) bytes, aligned to 16, of any content",
    writes_nothing_beside_start="writes the physical address of the first to *start_addr",
    addresses_of_pages="Page i of the allocator is the physical address i * 4096.",
    one_owner="Allocates between min_pages and max_pages consecutive pages. Returns how many, and "
              "writes the physical address of the first to *start_addr",
    double_free_panics=_PANICS,
    freeing_what_does_not_exist_panics=_PANICS,
)
_BUDDY_STATE = rules("kernel/mm/buddy.h", state_size="At most 16 a unit + 4096.")
RULE = SimpleNamespace(**(BUDDY_RULES | _PP_RULES | _BUDDY_STATE))
_HARDLY_MORE = ("Like ppfree it takes the time that the buddy allocator takes, and hardly more, however many pages "
                "are allocated.")
TIMES = rules(
    "kernel/mm/allocation.h",
    init="Takes time O(pages * (regions + reserved ranges)) at most.",
    alloc=_HARDLY_MORE,
    free=_HARDLY_MORE,
)
FREES = rules("kernel/mm/allocation.h", nothing="n_pages of 0 does nothing, whatever the address is.",
              any_portions="any that are allocated, in any portions")
OVERLAPS = rules("kernel/mm/allocation.h", may_be="Regions come in any order and number; they may overlap")
LENT = {"damage": (RULE.keeps_to_its_state, "the state"),
        "start_damage": (RULE.writes_nothing_beside_start, "*start_addr")}


def why_unusable(memory: MemoryMap, page: int) -> tuple[Rule, str]:
    """The rule by which a page is not usable, and what is there instead."""
    start, end = page * PAGE, (page + 1) * PAGE
    name = f"page {start:#x}"
    for first, last in memory.reserved:
        if first < min(last, end) and start < last:
            return (RULE.reserved_pages_are_left_out,
                    f"the reserved range {first:#x}-{last - 1:#x} touches {name}")
    here = [r for r in memory.regions if r.length and r.base < end and start < r.end]
    for region in here:
        if not region.available:
            return (RULE.pages_of_another_type_are_left_out,
                    f"a region of type {region.type}, {region.base:#x}-{region.end - 1:#x}, "
                    f"touches {name}")
    if len(here) > 1:
        return (RULE.two_halves_are_no_page,
                f"{len(here)} regions cover parts of {name}, none the whole of it")
    if here:
        return (RULE.one_region_covers_a_page_wholly,
                f"the region {here[0].base:#x}-{here[0].end - 1:#x} does not cover all of {name}")
    return RULE.no_other_page_is_handed_out, f"no region covers {name}"


def why_it_can_be_freed(memory: MemoryMap) -> Rule | None:
    """What a ppinit overlooks that is not allowed to free what it frees: pages that came before, or are none of this map's."""
    available = sorted((r.base, r.end) for r in memory.regions if r.available and r.length)
    if any(base < max(end for _, end in available[:i]) for i, (base, _) in enumerate(available) if i):
        return OVERLAPS["may_be"]
    crooked = any(place % PAGE for region in available for place in region)
    return RULE.one_region_covers_a_page_wholly if crooked else None


def has_empty_entries(memory: MemoryMap, first: int, end: int) -> bool:
    """Whether any empty region or range lies among these pages."""
    places = [r.base for r in memory.regions if not r.length]
    places += [a for a, b in memory.reserved if a == b]
    return any(first * PAGE <= place < end * PAGE for place in places)


class Frames(UnitAllocator):
    """The allocator of a map's usable pages."""

    def __init__(self, memory: MemoryMap) -> None:
        super().__init__(memory.pages, RULE, Spelling("page", 0, PAGE))
        self.map = memory
        self.usable = memory.usable()
        origin = Origin("usable, says the map", RULE.every_usable_page_can_be_had)
        for first, end in self.usable:
            self.make_available(first, end, origin)

    def why_taken(self, unit: int) -> tuple[Rule, str]:
        """Not usable, or handed out already."""
        if any(first <= unit < end for first, end in self.usable):
            return super().why_taken(unit)
        return why_unusable(self.map, unit)

    def why_free(self, start: int, size: int, rule: Rule) -> Rule:
        """Usable, although there is an empty region or range."""
        if has_empty_entries(self.map, start, start + size):
            return RULE.empty_ranges_touch_nothing
        return rule


class Oracle:
    """Follows one physical allocator."""

    times = TIMES

    def __init__(self) -> None:
        self.map = MemoryMap()
        self.machine = Machine()
        self.frames: Frames | None = None  # None: nothing is known of them
        self.lost = False  # and never will be

    def misuse(self, record: Record) -> str:
        """Frames are freed by the addresses of pages."""
        address = record.arguments[0] if record.verb == "free" else 0
        return f"{address:#x} is no multiple of {PAGE}" if address % PAGE else ""

    def must_panic(self, record: Record) -> Rule | None:
        if record.verb != "free":
            return None
        if not self._known_frames():  # a panic may be right
            return RULE.double_free_panics if record.panicked and record.arguments[1] else None
        address, count = record.arguments
        return self.frames.must_panic(address // PAGE, count)

    def instead_of_panic(self, record: Record) -> Rule | None:
        if record.verb == "free":
            return FREES["any_portions" if record.arguments[1] else "nothing"]
        if record.verb == "init":
            return why_it_can_be_freed(self.map)
        asked = record.verb in ("alloc", "ask") and self._known_frames()
        return self.frames.instead_of_panic(*record.arguments) if asked else None

    def check(self, record: Record) -> Violation | None:
        judge = getattr(self, f"_{record.verb}", None)
        return fences.violation(record, **LENT) or (judge(record) if judge else None)

    def picture(self, record: Record) -> str:
        if not self._known_frames():
            return ""
        if record.verb in ("alloc", "ask"):
            start, count = record.results.get("start", 0), record.results.get("count", 0)
            return self.frames.picture_of_request(record.arguments, count, start // PAGE)
        start, count = record.arguments if record.verb == "free" else (0, 0)
        return self.frames.picture(start // PAGE, count)

    def _known_frames(self) -> bool:
        if self.frames is None and self.machine.known and not self.lost:
            self.frames = Frames(self.machine.map())
        return self.frames is not None

    def _region(self, record: Record) -> None:
        self.map.regions.append(Region(*record.arguments))

    def _reserve(self, record: Record) -> None:
        self.map.reserved.append(record.arguments)

    def _init(self, record: Record) -> Violation | None:
        if record.results.get("lent") == 0:
            return Violation(RULE.state_size, "memory for the state can be had",
                             "buddy_state_size asked for more than 16 MiB")
        self.frames = Frames(self.map)
        return None

    def _machine_region(self, record: Record) -> None:
        self.machine.regions.note(record)

    def _machine_reserved(self, record: Record) -> None:
        self.machine.reserved.note(record)

    def _free(self, record: Record) -> None:
        address, count = record.arguments
        if self._known_frames() and count:
            self.frames.freed(address // PAGE, count, record.number)

    def _alloc(self, record: Record) -> Violation | None:
        if not self._known_frames():
            self.lost = True
            return None
        count, start = record.results["count"], record.results.get("start")
        if count and start % PAGE:
            return Violation(RULE.addresses_of_pages, "the address of a page: a multiple of 4096",
                             f"{start:#x}")
        if count:
            start //= PAGE
        return self.frames.allocated(record.arguments, count, start, record.number)

    def _boot(self, record: Record) -> None:
        del record
        self.frames = None

    _boot_from = _boot

    def _leave(self, record: Record) -> None:
        """The player holds most frames from now on, it does not say which."""
        del record
        self.frames, self.lost = None, True

    def _ask(self, record: Record) -> Violation | None:
        return self._alloc(record)

    def _frames(self, record: Record) -> Violation | None:
        """The player has taken all there are, and given them back."""
        if not self._known_frames():
            return None
        expected, seen = self.frames.free.count(), record.results["free"]
        if seen == expected:
            return None
        rule = (RULE.every_usable_page_can_be_had if seen < expected
                else RULE.no_other_page_is_handed_out)
        return Violation(rule, f"{expected} pages can be had", f"{seen}")


class Machine:
    """The machine's own memory, known once every region and range has been written down."""

    def __init__(self) -> None:
        self.regions = Table()
        self.reserved = Table()

    @property
    def known(self) -> bool:
        return self.regions.complete and self.reserved.complete

    def map(self) -> MemoryMap:
        """What mm_init gave to ppinit."""
        return MemoryMap(
            [Region(r["base"], r["length"], r["type"]) for r in self.regions.rows.values()],
            [(r["start"], r["end"]) for r in self.reserved.rows.values()])


class Table:
    """The rows of a table of `count` that were written down so far, by number."""

    def __init__(self) -> None:
        self.count: int | None = None
        self.rows: dict[int, dict[str, int]] = {}

    @property
    def complete(self) -> bool:
        return self.count is not None and len(self.rows) == self.count

    def note(self, record: Record) -> None:
        """One operation that asked for a row; there may be none of that number."""
        self.count = record.results["count"]
        if record.arguments[0] < self.count:
            self.rows[record.arguments[0]] = record.results
