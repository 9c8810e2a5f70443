"""The oracle of lab 6: what kernel/mm/paging.h promises.

It keeps a model of every directory's mappings and judges three kinds of evidence against it: what the
functions return, what the CPU does when the player touches an address, and the page tables found in
the machine's memory when it was stopped (`inspect`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

from grader.oracle import Rule, Violation, rules
from grader.records import Record
from grader.snapshot import PAGE, PRESENT, USER, WRITABLE, Run, Snapshot

RULE = SimpleNamespace(**rules(
    "kernel/mm/paging.h",
    the_one_to_one_mapping_is_gone="removes every entry of its user part, the 1:1 mapping first of "
                                   "all,",
    the_first_directory="Makes kernel_pagedir and kvpd describe the initial page table that start.S "
                        "made",
    an_empty_user_part="Makes a page directory with an empty user part, of memory from kvmalloc,",
    a_directory_can_be_made="Null when memory runs out; then nothing stays taken.",
    shared_kernel_tables="So when a kernel page table is made, its entry must be written into every "
                         "page directory there is.",
    nothing_stays_taken="Null when memory runs out; then nothing stays taken.",
    destroy_gives_back="Takes a page directory out of the list and gives back its memory and that of "
                       "its user page tables; the frames that it maps are not freed.",
    never_destroy_these="Panics if it is kernel_pagedir, or the active one.",
    switching="Makes a page directory the active one.",
    where_the_directory_is="the same, where the kernel can write to it: 1024 entries",
    translation="What a page directory translates an address to. False if it is not mapped.",
    translation_of_the_byte="writes the physical address (that of the very byte)",
    translation_of_rights="and the flags: PTE_PRESENT, and PTE_WRITABLE and PTE_USER as far as both "
                          "entries have them, no others.",
    no_directory_for_user_addresses="ignored, and may be null, for a kernel address; null for a user "
                                    "address: not mapped",
    mapping="Maps n_pages pages from the address `virtual_address` on to the frames from `physical` "
            "on.",
    only_what_was_asked_for="Maps n_pages pages from the address `virtual_address` on to the frames "
                            "from `physical` on.",
    unmapping="Without PTE_PRESENT the pages are unmapped, `physical` is ignored, and nothing is "
              "allocated.",
    inactive_directories="the directory to change, active or not.",
    kernel_mappings="Ignored, and may be null, for kernel addresses.",
    bad_ranges="an address (the physical one only when mapping) is no multiple of 4096, or its range "
               "runs over 4 GiB (ending there is fine);",
    crossing_the_boundary="the range has both user and kernel addresses, or user addresses and pd is "
                          "null;",
    failure_changes_nothing="Then no translation has changed, and everything obtained on the way has "
                            "been given back",
    zero_pages="n_pages of 0: returns 0 and does nothing.",
    mapping_anew="Pages that are mapped already are mapped anew. Unmapping what is not mapped is no "
                 "error.",
    open_to_ring_3="A page is open to ring 3 exactly if PTE_USER is given, and writable (for ring 3, "
                   "and for the kernel, which has CR0.WP set) exactly if PTE_WRITABLE is.",
    no_stale_tlb="When it returns, the CPU translates as the tables say: nothing stale is left in "
                 "the TLB.",
))

RIGHTS = PRESENT | WRITABLE | USER
FOUR_GIB = 1 << 32
SPAN = 1 << 22
FAULT_PRESENT, FAULT_WRITE, FAULT_USER = 1, 2, 4


@dataclass
class Directory:
    """The model of one page directory: `pages` has (frame, flags) of each user page."""

    number: int
    physical: int | None = None
    pointer: int | None = None
    alive: bool = True
    pages: dict[int, tuple[int, int]] = field(default_factory=dict)


@dataclass
class Account:
    """Where the frames were when they were last counted: the numbers that a leak would change."""

    free: int
    kvmalloc: int
    tables: int


class Oracle:
    """Follows one kernel's page directories."""

    def __init__(self) -> None:
        self.kernel_base = 0
        self.directories = {1: Directory(1)}
        self.made = 1
        self.active = 1
        self.kernel: dict[int, tuple[int, int] | None] = {}  # pages that map_mem was asked about
        self.words: dict[int, int] = {}  # physical memory, where the scenario wrote to it
        self.up = False  # create_init_pagedir was called
        self.bare = False  # by itself, without the rest of start-up
        self.touched: set[int] = set()  # pages that the TLB may know
        self.unmapped: set[int] = set()  # pages that were mapped once
        self.stale: set[int] = set()  # of these, those that were mapped anew since
        self.scarce: int | None = None  # frames left, while the scenario holds the others
        self.frames_taken = 0
        self.total: int | None = None  # of all frames that there are to be had
        self.unchanged: Account | None = None  # counted, and only failures since
        self.kernel_part: tuple[int, tuple[int, ...]] | None = None  # generation, entries
        self.generation = 0
        self.first_has_user_part = False  # its page tables then stay for ever
        self.failed = ""  # the last operation that failed, as it was to

    # --- what has to panic

    def must_panic(self, record: Record) -> Rule | None:
        if record.verb == "destroy" and record.arguments[0] in (1, self.active):
            return RULE.never_destroy_these if record.arguments[0] else None
        return None

    def check(self, record: Record) -> Violation | None:
        return getattr(self, f"_{record.verb}", lambda _: None)(record)

    # --- directories

    def _init(self, record: Record) -> None:
        del record
        self.up = self.bare = True

    def _boot(self, record: Record) -> None:
        del record
        self.up = True

    def _create(self, record: Record) -> Violation | None:
        if not record.results["made"]:
            self.failed = record.text
            if self.scarce is None or self.scarce > 8:
                return Violation(RULE.a_directory_can_be_made, "a page directory: there is memory",
                                 "null")
            return None
        self.made += 1
        self.unchanged = None
        self.directories[record.results["number"]] = Directory(record.results["number"])
        return None

    def _destroy(self, record: Record) -> None:
        number = record.arguments[0]
        if number in self.directories:
            self.directories[number].alive = False
            self.directories[number].pages = {}
        self.unchanged = None

    def _switch(self, record: Record) -> Violation | None:
        directory = self.directories[record.arguments[0]]
        self.active = directory.number
        self.touched, self.stale = set(), set()
        if directory.physical is not None and record.results["cr3"] != directory.physical:
            return Violation(RULE.switching, f"cr3 = {directory.physical:#x}",
                             f"cr3 = {record.results['cr3']:#x}")
        return None

    def _describe(self, record: Record) -> None:
        directory = self.directories.get(record.arguments[0])
        if directory and record.results:
            directory.physical = record.results["physical"]
            directory.pointer = record.results["directory"]

    # --- mapping

    def _map(self, record: Record) -> Violation | None:
        number, physical, virtual, count, flags = record.arguments
        failed = record.results["error"]
        wrong = self._why_impossible(number, physical, virtual, count, flags)
        if wrong:
            self.failed = record.text
            return None if failed else Violation(wrong, "an error: not 0", "0")
        if failed:
            return self._judge_failure(record)
        if count:
            self._enter(number, physical, virtual, count, flags)
        return None

    def _why_impossible(self, number: int, physical: int, virtual: int, count: int,
                        flags: int) -> Rule | None:
        if count == 0:
            return None
        end = virtual + count * PAGE
        if virtual % PAGE or end > FOUR_GIB:
            return RULE.bad_ranges
        if flags & PRESENT and (physical % PAGE or physical + count * PAGE > FOUR_GIB):
            return RULE.bad_ranges
        crosses = virtual < self.kernel_base < end
        if crosses or (number == 0 and virtual < self.kernel_base):
            return RULE.crossing_the_boundary
        return None

    def _judge_failure(self, record: Record) -> Violation | None:
        number, _, virtual, count, flags = record.arguments
        self.failed = record.text
        if count == 0:
            return Violation(RULE.zero_pages, "0", "an error")
        if not flags & PRESENT:
            return Violation(RULE.unmapping, "0: unmapping needs nothing", "an error")
        missing = self._missing_tables(number, virtual, count)
        if self.scarce is None or not missing or self.scarce > 3 * missing:
            why = "there is memory" if missing else "every page table it needs is there"
            return Violation(RULE.mapping, f"0: {why}", "an error")
        return None

    def _missing_tables(self, number: int, virtual: int, count: int) -> int:
        """How many 4 MiB regions of a range have no page mapped, and so maybe no page table."""
        pages = self._pages(number, virtual)
        present = {page // SPAN for page, entry in pages.items() if entry}
        last = virtual + (count - 1) * PAGE
        return sum(region not in present for region in range(virtual // SPAN, last // SPAN + 1))

    def _pages(self, number: int, virtual: int) -> dict:
        return self.kernel if virtual >= self.kernel_base else self.directories[number].pages

    def _enter(self, number: int, physical: int, virtual: int, count: int, flags: int) -> None:
        pages = self._pages(number, virtual)
        self.unchanged = None
        self.first_has_user_part |= number == 1 and virtual < self.kernel_base
        if virtual >= self.kernel_base and self._missing_tables(number, virtual, count):
            self.generation += 1
        for i in range(count):
            page = virtual + i * PAGE
            if page in self.touched:
                self.stale.add(page)
            if flags & PRESENT:
                pages[page] = (physical + i * PAGE, flags & RIGHTS)
                continue
            self.unmapped.add(page)
            if virtual >= self.kernel_base:
                pages[page] = None
            else:
                pages.pop(page, None)

    # --- what a directory says, and what the CPU does

    def _lookup(self, number: int, address: int) -> tuple[bool, tuple[int, int] | None]:
        """Whether the model knows what an address is translated to, and (frame, flags) or None."""
        page = address - address % PAGE
        if address >= self.kernel_base:
            return page in self.kernel, self.kernel.get(page)
        if number not in self.directories:
            return True, None
        return True, self.directories[number].pages.get(page)

    def _translate(self, record: Record) -> Violation | None:
        number, address = record.arguments
        known, entry = self._lookup(number, address)
        if not known:
            return None
        seen = record.outcome
        if not entry:
            if not record.results["mapped"]:
                return None
            rule = (RULE.no_directory_for_user_addresses
                    if number == 0 and address < self.kernel_base else RULE.translation)
            if address >= self.kernel_base or number > 1:
                rule = self._not_asked_for(address - address % PAGE)
            return Violation(rule, "false: it is not mapped", seen)
        frame, flags = entry
        expected = f"physical={frame + address % PAGE:#x}  flags={flags}"
        if not record.results["mapped"]:
            return Violation(RULE.translation, expected, "false")
        if record.results["physical"] != frame + address % PAGE:
            rule = (RULE.translation_of_the_byte
                    if record.results["physical"] - record.results["physical"] % PAGE == frame
                    else RULE.translation)
            return Violation(rule, expected, seen)
        if record.results["flags"] != flags:
            return Violation(RULE.translation_of_rights, expected, seen)
        return None

    def _read(self, record: Record) -> Violation | None:
        return self._touch(record, write=False)

    def _write(self, record: Record) -> Violation | None:
        return self._touch(record, write=True)

    def _touch(self, record: Record, write: bool) -> Violation | None:
        address, ring = record.arguments[:2]
        known, entry = self._lookup(self.active, address)
        page = address - address % PAGE
        if "fault" not in record.results:
            self.touched.add(page)
        if not known or not self.up:
            return None
        error = self._fault(entry, ring, write)
        seen = self._spell_touch(record)
        if error is not None:
            if record.results.get("fault") == error:
                return None
            return Violation(self._touch_rule(record, entry),
                             f"a page fault, error code {error} ({_error_words(error)})", seen)
        if "fault" in record.results:
            return Violation(self._touch_rule(record, entry), "no fault", seen)
        return self._memory(record, entry, write)

    @staticmethod
    def _fault(entry: tuple[int, int] | None, ring: int, write: bool) -> int | None:
        """The error code of the page fault that a touch must cause; None if it must not."""
        flags = entry[1] if entry else 0
        allowed = entry and (ring == 0 or flags & USER) and (not write or flags & WRITABLE)
        if allowed:
            return None
        return ((FAULT_PRESENT if entry else 0) | (FAULT_WRITE if write else 0)
                | (FAULT_USER if ring == 3 else 0))

    def _memory(self, record: Record, entry: tuple[int, int], write: bool) -> Violation | None:
        physical = entry[0] + record.arguments[0] % PAGE
        if write:
            self.words[physical] = record.arguments[2]
            return None
        expected = self.words.get(physical)
        if expected is None or record.results["value"] == expected:
            return None
        return Violation(self._touch_rule(record, entry),
                         f"{expected:#x}, what is at the physical address {physical:#x}",
                         f"{record.results['value']:#x}")

    def _touch_rule(self, record: Record, entry: tuple[int, int] | None) -> Rule:
        """The rule that a wrong answer of the CPU most likely breaks."""
        address = record.arguments[0]
        if address - address % PAGE in self.stale:
            return RULE.no_stale_tlb
        if self.active == 1 and address < self.kernel_base and not entry:
            return RULE.the_one_to_one_mapping_is_gone
        not_present = "fault" in record.results and not record.results["fault"] & FAULT_PRESENT
        if address >= self.kernel_base and not_present and entry and len(self.directories) > 1:
            return RULE.shared_kernel_tables
        if entry and not not_present and ("fault" in record.results or self._fault(
                entry, record.arguments[1], record.verb == "write") is not None):
            return RULE.open_to_ring_3
        return RULE.mapping if entry else self._not_asked_for(address - address % PAGE)

    @staticmethod
    def _spell_touch(record: Record) -> str:
        if "fault" in record.results:
            error = record.results["fault"]
            return f"a page fault, error code {error} ({_error_words(error)})"
        return "no fault"

    # --- physical memory and the account of frames

    def _frame(self, record: Record) -> None:
        self.frames_taken += record.results["count"]
        self.unchanged = None

    def _area(self, record: Record) -> None:
        for i in range(record.results["count"]):
            self.kernel[record.results["address"] + i * PAGE] = None

    def _poke(self, record: Record) -> None:
        self.words[record.arguments[0]] = record.arguments[1]

    def _peek(self, record: Record) -> Violation | None:
        expected = self.words.get(record.arguments[0])
        if expected in (None, record.results["value"]):
            return None
        return Violation(RULE.mapping, f"{expected:#x}: what was written there last",
                         f"{record.results['value']:#x}")

    def _leave(self, record: Record) -> None:
        self.scarce = record.results["free"]

    def _unleave(self, record: Record) -> None:
        del record
        self.scarce = None

    def _leave_pages(self, record: Record) -> None:
        self.scarce = record.results["free"]

    def _unleave_pages(self, record: Record) -> None:
        del record
        self.scarce = None

    def _frames(self, record: Record) -> Violation | None:
        now = Account(record.results["free"], record.results["pages"], record.results["tables"])
        total = now.free + now.kvmalloc + now.tables + self.frames_taken
        if self.total is None:
            self.total = total
        before, self.unchanged = self.unchanged, now
        if before and now.kvmalloc != before.kvmalloc:
            return Violation(RULE.failure_changes_nothing,
                             f"kvmalloc's pages taken: {before.kvmalloc}, as before `{self.failed}` "
                             "failed", f"{now.kvmalloc}")
        others = [d for d in self.directories.values() if d.alive and d.number > 1]
        if not others and self.made > 1 and now.kvmalloc and not self.first_has_user_part:
            return Violation(RULE.destroy_gives_back, "no page of kvmalloc's is taken: every "
                             "directory was destroyed", f"{now.kvmalloc} pages are")
        if total != self.total:
            return Violation(RULE.destroy_gives_back if total > self.total
                             else RULE.failure_changes_nothing,
                             f"{self.total} frames in all", f"{total}: some were "
                             + ("freed that were in use" if total > self.total else "lost"))
        return None

    # --- the tables in memory

    def _inspect(self, record: Record) -> Violation | None:
        snapshot = record.snapshot
        if snapshot is None:
            return None
        directory = self.directories[self.active]
        if directory.physical is not None and snapshot.cr3 != directory.physical:
            return Violation(RULE.switching, f"cr3 = {directory.physical:#x}",
                             f"cr3 = {snapshot.cr3:#x}")
        return (self._user_part(snapshot, directory) or self._kernel_pages(snapshot)
                or self._pointers(snapshot) or self._sharing(snapshot))

    def _user_part(self, snapshot: Snapshot, directory: Directory) -> Violation | None:
        if directory.number == 1 and not self.bare:
            return None  # that it is empty is judged once, right after create_init_pagedir
        last = self.kernel_base // SPAN - 1
        seen = {virtual: (frame, flags) for virtual, frame, flags in snapshot.pages(0, last)}
        for page in sorted(seen.keys() | directory.pages.keys()):
            expected, found = directory.pages.get(page), seen.get(page)
            if expected != found:
                rule = self._user_rule(directory, page, expected, found)
                return Violation(rule, _entry(page, expected), _entry(page, found))
        return None

    def _user_rule(self, directory: Directory, page: int, expected, found) -> Rule:
        if directory.number == 1 and expected is None:
            return RULE.the_one_to_one_mapping_is_gone
        if expected and found and expected[0] == found[0]:
            return RULE.open_to_ring_3
        if expected is None and not directory.pages:
            return RULE.an_empty_user_part
        return RULE.mapping if expected else self._not_asked_for(page)

    def _not_asked_for(self, page: int) -> Rule:
        """The rule that a mapped page breaks which should not be."""
        return RULE.unmapping if page in self.unmapped else RULE.only_what_was_asked_for

    def _kernel_pages(self, snapshot: Snapshot) -> Violation | None:
        seen = {virtual: (frame, flags)
                for virtual, frame, flags in snapshot.pages(self.kernel_base // SPAN)}
        for page, expected in sorted(self.kernel.items()):
            if seen.get(page) != expected:
                rule = RULE.mapping if expected else self._not_asked_for(page)
                if expected and page not in seen and self.active > 1:
                    rule = RULE.shared_kernel_tables
                return Violation(rule, _entry(page, expected), _entry(page, seen.get(page)))
        if self.kernel_base not in seen:
            return Violation(RULE.the_first_directory, "the kernel's image mapped at "
                             f"{self.kernel_base:#x}", "nothing there")
        return None

    def _pointers(self, snapshot: Snapshot) -> Violation | None:
        seen = {virtual: frame for virtual, frame, _ in snapshot.pages(self.kernel_base // SPAN)}
        for directory in self.directories.values():
            if directory.alive and directory.pointer is not None:
                found = seen.get(directory.pointer)
                if found != directory.physical:
                    return Violation(RULE.where_the_directory_is,
                                     f"directory {directory.number}'s pointer "
                                     f"{directory.pointer:#x} leads to {directory.physical:#x}",
                                     "nothing is mapped there" if found is None else f"{found:#x}")
        return None

    def _sharing(self, snapshot: Snapshot) -> Violation | None:
        """The kernel's entries are the same in all directories: compared with those seen before, in
        whichever directory that was, if no kernel page table can have come between."""
        entries = tuple(entry & ~0xFE0 for entry in snapshot.directory[self.kernel_base // SPAN:])
        before, self.kernel_part = self.kernel_part, (self.generation, entries)
        if not before or before[0] != self.generation:
            return None
        for i, (old, new) in enumerate(zip(before[1], entries, strict=True)):
            if old & PRESENT and old != new:
                where = self.kernel_base // SPAN + i
                return Violation(RULE.shared_kernel_tables,
                                 f"entry {where} = {old:#x}, as in the directory inspected before",
                                 f"{new:#x}")
        return None

    # --- the picture

    def picture(self, record: Record) -> str:
        number = record.arguments[0] if record.verb in ("map", "translate") else self.active
        lines = [f"active: directory {self.active}"]
        directory = self.directories.get(number)
        if directory:
            lines.append(f"directory {number} maps" + (":" if directory.pages else " nothing"))
            lines += [f"  {run}" for run in _runs(directory.pages)[:8]]
        kernel = {page: entry for page, entry in self.kernel.items() if entry}
        if kernel:
            lines.append("all directories map, by this scenario:")
            lines += [f"  {run}" for run in _runs(kernel)[:8]]
        return "\n".join(lines + ["(w writable, r read-only, u open to ring 3, k kernel only)"])


def _runs(pages: dict[int, tuple[int, int]]) -> list[Run]:
    runs: list[Run] = []
    for page, (frame, flags) in sorted(pages.items()):
        last = runs[-1] if runs else None
        if (last and page == last.virtual + last.pages * PAGE and flags == last.flags
                and frame == last.physical + last.pages * PAGE):
            runs[-1] = Run(last.virtual, last.physical, last.pages + 1, flags)
        else:
            runs.append(Run(page, frame, 1, flags))
    return runs


def _entry(page: int, entry: tuple[int, int] | None) -> str:
    return str(Run(page, entry[0], 1, entry[1])) if entry else f"{page:#010x} is not mapped"


def _error_words(error: int) -> str:
    return ", ".join([
        "the page is present" if error & FAULT_PRESENT else "the page is not present",
        "writing" if error & FAULT_WRITE else "reading",
        "ring 3" if error & FAULT_USER else "ring 0",
    ])
