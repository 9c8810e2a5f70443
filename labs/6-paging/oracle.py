"""The oracle of lab 6: what kernel/mm/paging.h promises.

It keeps a model of every directory's mappings and judges three kinds of evidence against it: what the
functions return, what the CPU does when the player touches an address, and the page tables found in
the machine's memory when it was stopped (`inspect`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from types import SimpleNamespace

from grader.evidence.records import Record
from grader.evidence.snapshot import PAGE, PRESENT, USER, WRITABLE, Run, Snapshot, in_runs
from grader.judging.oracle import Rule, Violation, rules

RULE = SimpleNamespace(**rules(
    "kernel/mm/paging.h",
    the_one_to_one_mapping_is_gone="removes every entry of its user part, the 1:1 mapping first of "
                                   "all,",
    the_first_directory="Makes kernel_pagedir and kvpd describe the initial page table that start.S "
                        "made",
    an_empty_user_part="Makes a page directory with an empty user part, of memory from kvmalloc,",
    into_the_list="and puts it into the list.",
    out_of_the_list="Takes a page directory out of the list",
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
    """The model of one page directory: `pages` has (frame, flags) of each user page.

    `others_at_first` are the pages that the others mapped when it was made.
    """

    number: int
    physical: int | None = None
    pointer: int | None = None
    alive: bool = True
    pages: dict[int, tuple[int, int]] = field(default_factory=dict)
    others_at_first: frozenset[int] = frozenset()


@dataclass
class Account:
    """Where the frames were when they were last counted: the numbers that a leak changes."""

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
        self.kernel: dict[int, tuple[int, int]] = {}  # pages that the scenario mapped
        self.known: set[int] = set()  # those, and the others of which it is known that they are not
        self.words: dict[int, int] = {}  # physical memory, where the scenario wrote to it
        self.up = False  # create_init_pagedir was called
        self.bare = False  # by itself, without the rest of start-up
        self.touched: set[int] = set()  # pages that the TLB may know
        self.unmapped: set[int] = set()  # pages that were mapped once
        self.stale: set[int] = set()  # of these, those that were mapped anew since
        self.scarce: int | None = None  # frames left, while the scenario holds the others
        self.frames_taken = 0
        self.total: int | None = None  # of all frames that there are to be had
        self.counted: Account | None = None  # and nothing has been allowed to take frames since
        self.idle: tuple[Rule, str] | None = None  # why not: the rule, and the latest operation
        self.failed = range(0)  # the addresses of the latest map that failed
        self.kernel_tables: dict[int, int] = {}  # by directory entry: frames, as seen before
        self.first_has_user_part = False  # its page tables then stay for ever

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
            self.idle = RULE.nothing_stays_taken, record.text
            if self.scarce is None or self.scarce > 8:
                return Violation(RULE.a_directory_can_be_made, "a page directory: there is memory",
                                 "null")
            return None
        self.made += 1
        self.counted = None
        others = frozenset(page for other in self.directories.values() for page in other.pages)
        number = record.results["number"]
        self.directories[number] = Directory(number, others_at_first=others)
        return None

    def _destroy(self, record: Record) -> None:
        number = record.arguments[0]
        if number in self.directories:
            self.directories[number].alive = False
            self.directories[number].pages = {}
        self.counted = None

    def _switch(self, record: Record) -> Violation | None:
        directory = self.directories[record.arguments[0]]
        self.active = directory.number
        self.touched, self.stale = set(), set()
        cr3 = record.results["cr3"]
        others = [d for d in self.directories.values() if d.alive and d is not directory]
        same = next((other.number for other in others if other.physical == cr3), 0)
        if same:
            return Violation(RULE.switching, "another cr3 than before",
                             f"cr3 = {cr3:#x}, that of directory {same}")
        return self._physical(directory, cr3)

    def _describe(self, record: Record) -> Violation | None:
        directory = self.directories.get(record.arguments[0])
        if not directory or not record.results:
            return None
        directory.pointer = record.results["directory"]
        return self._physical(directory, record.results["physical"])

    @staticmethod
    def _physical(directory: Directory, found: int) -> Violation | None:
        """Compares what cr3 holds, or is to hold, with what is known of the directory."""
        before, directory.physical = directory.physical, found
        if before in (None, found):
            return None
        return Violation(RULE.switching, f"cr3 = {before:#x}", f"cr3 = {found:#x}")

    def _list(self, record: Record) -> Violation | None:
        found, strangers = record.results["directories"], record.results["strangers"]
        alive = sum(directory.alive for directory in self.directories.values())
        if (found, strangers) == (alive, 0):
            return None
        destroyed = alive < len(self.directories) and (strangers or found > alive)
        return Violation(RULE.out_of_the_list if destroyed else RULE.into_the_list,
                         f"{alive} in the list: all that there are, and no others",
                         f"{found} of them" + (", then one that is none" if strangers else ""))

    # --- mapping

    def _map(self, record: Record) -> Violation | None:
        number, physical, virtual, count, flags = record.arguments
        failed = record.results["error"]
        wrong = self._why_impossible(number, physical, virtual, count, flags)
        if wrong:
            self._note_failure(record)
            return None if failed else Violation(wrong, "an error: not 0", "0")
        if failed:
            return self._judge_failure(record)
        if count:
            self._enter(number, physical, virtual, count, flags)
        if not flags & PRESENT and (not self.idle or self.idle[0] is RULE.unmapping):
            self.idle = RULE.unmapping, record.text
        return None

    def _note_failure(self, record: Record) -> None:
        _, _, virtual, count, _ = record.arguments
        self.failed = range(virtual, virtual + count * PAGE)
        self.idle = RULE.failure_changes_nothing, record.text

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
        self._note_failure(record)
        if count == 0:
            return Violation(RULE.zero_pages, "0", "an error")
        if not flags & PRESENT:
            return Violation(RULE.unmapping, "0: unmapping needs nothing", "an error")
        missing = self._missing_tables(number, virtual, count)
        if self.scarce is None or not missing or self.scarce > 3 * missing:
            why = "there is memory" if missing else "every page table it needs is there"
            return Violation(self._why_possible(number, virtual, count), f"0: {why}", "an error")
        return None

    def _why_possible(self, number: int, virtual: int, count: int) -> Rule:
        if self._pages(number, virtual).keys() & range(virtual, virtual + count * PAGE, PAGE):
            return RULE.mapping_anew
        return RULE.mapping if virtual < self.kernel_base else RULE.kernel_mappings

    def _missing_tables(self, number: int, virtual: int, count: int) -> int:
        """How many 4 MiB regions of a range have no page mapped, and so maybe no page table."""
        pages = self._pages(number, virtual)
        present = {page // SPAN for page in pages}
        last = virtual + (count - 1) * PAGE
        return sum(region not in present for region in range(virtual // SPAN, last // SPAN + 1))

    def _pages(self, number: int, virtual: int) -> dict:
        return self.kernel if virtual >= self.kernel_base else self.directories[number].pages

    def _enter(self, number: int, physical: int, virtual: int, count: int, flags: int) -> None:
        pages = self._pages(number, virtual)
        if flags & PRESENT:
            self.counted = None
            self.first_has_user_part |= number == 1 and virtual < self.kernel_base
        if virtual >= self.kernel_base:
            self.known.update(range(virtual, virtual + count * PAGE, PAGE))
        for i in range(count):
            page = virtual + i * PAGE
            if page in self.touched:
                self.stale.add(page)
            if page == self.failed.start:
                self.failed = range(0)
            if flags & PRESENT:
                pages[page] = (physical + i * PAGE, flags & RIGHTS)
                continue
            self.unmapped.add(page)
            pages.pop(page, None)

    # --- what a directory says, and what the CPU does

    def _lookup(self, number: int, address: int) -> tuple[bool, tuple[int, int] | None]:
        """Whether the model knows what an address is translated to, and (frame, flags) or None."""
        page = address - address % PAGE
        if address >= self.kernel_base:
            return page in self.known, self.kernel.get(page)
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
            rule = self._why_not_mapped(number, address - address % PAGE)
            user = address < self.kernel_base
            if user and number == 0:
                rule = RULE.no_directory_for_user_addresses
            elif user and number == 1 and rule is RULE.only_what_was_asked_for:
                rule = RULE.translation
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
        page = address - address % PAGE
        if page in self.stale:
            return RULE.no_stale_tlb
        if not entry:
            return self._why_not_mapped(self.active, page)
        write = record.verb == "write"
        fault = record.results.get("fault")
        if fault is None and self._fault(entry, record.arguments[1], write) is None:
            return self._why_mapped(page)  # another frame
        if fault is not None and not fault & FAULT_PRESENT:
            return self._why_mapped(page, absent=True)
        return RULE.open_to_ring_3

    def _why_mapped(self, page: int, absent: bool = False) -> Rule:
        """The rule that is broken where a page is not mapped as it should be."""
        if page in self.failed:
            return RULE.failure_changes_nothing
        if page >= self.kernel_base and absent and self.made > 1:
            return RULE.shared_kernel_tables
        return RULE.mapping

    def _why_not_mapped(self, number: int, page: int) -> Rule:
        """The rule that is broken where a page is mapped that should not be."""
        if page in self.unmapped:
            return RULE.unmapping
        if page in self.failed:
            return RULE.failure_changes_nothing
        if number == 1 and page < SPAN:
            return RULE.the_one_to_one_mapping_is_gone
        directory = self.directories.get(number, Directory(0))
        if page in directory.others_at_first:
            return RULE.an_empty_user_part
        if any(page in other.pages for other in self.directories.values()):
            return RULE.inactive_directories
        if page < self.kernel_base and number > 1 and not directory.pages:
            return RULE.an_empty_user_part
        return RULE.only_what_was_asked_for

    @staticmethod
    def _spell_touch(record: Record) -> str:
        if "fault" in record.results:
            error = record.results["fault"]
            return f"a page fault, error code {error} ({_error_words(error)})"
        return "no fault"

    # --- physical memory and the account of frames

    def _frame(self, record: Record) -> None:
        self.frames_taken += record.results["count"]

    _pair = _frame

    def _area(self, record: Record) -> None:
        start, count = record.results["address"], record.results["count"]
        self.known.update(range(start, start + count * PAGE, PAGE))

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
        return (self._taken_for_nothing(now) or self._given_back(now)
                or self._all_frames(total))

    def _taken_for_nothing(self, now: Account) -> Violation | None:
        before, self.counted = self.counted, now
        idle, self.idle = self.idle, None
        if not before or not idle:
            return None
        rule, operation = idle
        taken, taken_before = now.kvmalloc, before.kvmalloc
        if rule is RULE.unmapping:  # after failures, kernel page tables may have stayed
            taken, taken_before = taken + now.tables, taken_before + before.tables
        if taken <= taken_before:
            return None
        return Violation(rule, f"{taken_before} pages taken for page tables and directories, as "
                         f"before `{operation}`", f"{taken}")

    def _given_back(self, now: Account) -> Violation | None:
        others = [d for d in self.directories.values() if d.alive and d.number > 1]
        if others or self.made == 1 or not now.kvmalloc or self.first_has_user_part:
            return None
        return Violation(RULE.destroy_gives_back, "no page of kvmalloc's is taken: every directory "
                         "was destroyed", f"{now.kvmalloc} pages are")

    def _all_frames(self, total: int) -> Violation | None:
        if total == self.total:
            return None
        destroyed = any(not directory.alive for directory in self.directories.values())
        more = total > self.total
        rule = (RULE.destroy_gives_back if destroyed else
                RULE.unmapping if more else RULE.failure_changes_nothing)
        return Violation(rule, f"{self.total} frames in all", f"{total}: some were "
                         + ("freed that were in use" if more else "lost"))

    # --- the tables in memory

    def _inspect(self, record: Record) -> Violation | None:
        snapshot = record.snapshot
        if snapshot is None:
            return None
        directory = self.directories[self.active]
        if directory.physical is not None and snapshot.cr3 != directory.physical:
            return Violation(RULE.the_first_directory if self.bare else RULE.switching,
                             f"cr3 = {directory.physical:#x}", f"cr3 = {snapshot.cr3:#x}")
        kernel = {virtual: (frame, flags)
                  for virtual, frame, flags in snapshot.pages(self.kernel_base // SPAN)}
        return (self._user_part(snapshot, directory) or self._kernel_pages(kernel)
                or self._pointers(kernel) or self._sharing(snapshot))

    def _user_part(self, snapshot: Snapshot, directory: Directory) -> Violation | None:
        if directory.number == 1 and not self.bare:
            return None  # that it is empty is judged once, right after create_init_pagedir
        missing = dict(directory.pages)
        for page, frame, flags in snapshot.pages(0, self.kernel_base // SPAN - 1):
            expected, found = missing.pop(page, None), (frame, flags)
            if expected != found:
                return self._wrong_page(page, expected, found)
        for page in sorted(missing)[:1]:
            return self._wrong_page(page, missing[page], None)
        return None

    def _wrong_page(self, page: int, expected, found) -> Violation:
        if not expected:
            rule = self._why_not_mapped(self.active, page)
        elif found and expected[0] == found[0]:
            rule = RULE.open_to_ring_3
        else:
            rule = self._why_mapped(page, absent=not found)
        return Violation(rule, _entry(page, expected), _entry(page, found))

    def _kernel_pages(self, seen: dict[int, tuple[int, int]]) -> Violation | None:
        for page in sorted(self.known):
            expected, found = self.kernel.get(page), seen.get(page)
            if expected != found:
                return self._wrong_page(page, expected, found)
        if self.kernel_base not in seen:
            return Violation(RULE.the_first_directory, "the kernel's image mapped at "
                             f"{self.kernel_base:#x}", "nothing there")
        return None

    def _pointers(self, seen: dict[int, tuple[int, int]]) -> Violation | None:
        for directory in self.directories.values():
            if directory.alive and directory.pointer is not None:
                found, _ = seen.get(directory.pointer, (None, 0))
                if found != directory.physical:
                    return Violation(RULE.where_the_directory_is,
                                     f"directory {directory.number}'s pointer "
                                     f"{directory.pointer:#x} leads to {directory.physical:#x}",
                                     "nothing is mapped there" if found is None else f"{found:#x}")
        return None

    def _sharing(self, snapshot: Snapshot) -> Violation | None:
        """The kernel's page tables are those seen before, in whichever directory that was; there may
        be more by now."""
        first = self.kernel_base // SPAN
        tables = {i: entry & -PAGE for i, entry in enumerate(snapshot.directory)
                  if i >= first and entry & PRESENT}
        for i, known in self.kernel_tables.items():
            found = tables.get(i)
            if found != known:
                return Violation(RULE.shared_kernel_tables, f"entry {i} leads to a page table at "
                                 f"{known:#x}, as in a directory inspected before",
                                 "nothing" if found is None else f"{found:#x}")
        self.kernel_tables = tables
        return None

    # --- the picture

    def picture(self, record: Record) -> str:
        number = record.arguments[0] if record.verb in ("map", "translate") else self.active
        lines = [f"active: directory {self.active}"]
        directory = self.directories.get(number)
        if directory:
            lines.append(f"directory {number} maps" + (":" if directory.pages else " nothing"))
            lines += _drawn(directory.pages)
        if self.kernel:
            lines.append("all directories map, by this scenario:")
            lines += _drawn(self.kernel)
        return "\n".join(lines + ["(w writable, r read-only, u open to ring 3, k kernel only)"])


def _drawn(pages: dict[int, tuple[int, int]]) -> list[str]:
    """The first few runs of pages, a line each."""
    runs = in_runs((page, *entry) for page, entry in sorted(pages.items()))
    return [f"  {run}" for run in islice(runs, 8)]


def _entry(page: int, entry: tuple[int, int] | None) -> str:
    return str(Run(page, entry[0], 1, entry[1])) if entry else f"{page:#010x} is not mapped"


def _error_words(error: int) -> str:
    return ", ".join([
        "the page is present" if error & FAULT_PRESENT else "the page is not present",
        "writing" if error & FAULT_WRITE else "reading",
        "ring 3" if error & FAULT_USER else "ring 0",
    ])
