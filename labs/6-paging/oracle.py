"""The oracle of lab 6: what kernel/mm/paging.h promises (`rules`).

It keeps a model of every directory's mappings (`spaces`) and judges three kinds of evidence against it:
what the functions return, here; what the CPU does when the player touches an address (`cpu`); and the page
tables found in the machine's memory when it was stopped (`tables`). Frames are counted, too (`account`).
"""

from __future__ import annotations

from grader.evidence.looks import Sight
from grader.evidence.records import Record
from grader.evidence.snapshot import EMPTY_TABLES, PAGE, PRESENT, Snapshot
from grader.judging import fences, misfreed
from grader.judging.oracle import Rule, Violation

from . import drawn
from .account import Account
from .cpu import Cpu
from .rules import RULE
from .spaces import Spaces
from .tables import Tables

FOUR_GIB = 1 << 32
LENT = {"physical_damage": (RULE.translation_writes_nothing_else, "*physical"),
        "flags_damage": (RULE.translation_writes_nothing_else, "*flags")}


class Oracle:
    """Follows one kernel's page directories."""

    sight = Sight.DIRECTORIES

    def __init__(self) -> None:
        self.spaces = Spaces()
        self.account = Account(self.spaces)
        self.cpu = Cpu(self.spaces)
        self.tables = Tables(self.spaces)
        self.tables_told: int | None = None  # of the kernel's, by the last operation
        self.tables_beside: int | None = None  # in the first directory: those that are not told
        self.was_scarce = False  # frames were, or something failed: some may have been taken for tables in vain

    @property
    def kernel_base(self) -> int:
        """Where kernel addresses begin."""
        return self.spaces.kernel_base

    @kernel_base.setter
    def kernel_base(self, address: int) -> None:
        self.spaces.kernel_base = address

    def must_panic(self, record: Record) -> Rule | None:
        if record.verb != "destroy" or record.arguments[0] not in (1, self.spaces.active):
            return None
        if record.panicked:
            self.spaces.kept = record.arguments[0]
        return RULE.never_destroy_these

    def instead_of_panic(self, record: Record) -> Rule | None:
        if record.verb != "map":
            return None
        return self._why_impossible(*record.arguments) if record.arguments[3] else RULE.zero_pages

    def check(self, record: Record) -> Violation | None:
        self.tables_told = None
        violation = getattr(self, f"_{record.verb}", lambda _: None)(record)
        return (violation or misfreed.violation(record, RULE.pages_go_back_as_they_came)
                or self._judge_the_tlb(record))

    def _judge_the_tlb(self, record: Record) -> Violation | None:
        page = record.results.get("stale")
        if page is None:
            return None
        if record.results.get("error"):
            return Violation(RULE.failure_changes_nothing, "no entry has changed: it could not be done",
                             f"that of the page at {page:#x} has, which was touched before")
        if "early" in record.results and record.verb != "init":
            return Violation(RULE.told_once_it_has_changed, "the CPU told of a change once it is made",
                             f"the page at {page:#x} was touched, and its entry has changed only after the CPU was "
                             "told: it may have read the old one again")
        rule = RULE.the_one_to_one_mapping_is_gone if record.verb == "init" else RULE.no_stale_tlb
        return Violation(rule, "the CPU was told of all that has changed",
                         f"the page at {page:#x} was touched, its entry has changed, and the "
                         "CPU was not told since: it may still use the old one")

    # --- directories

    def _init(self, record: Record) -> None:
        del record
        self.cpu.up = self.tables.bare = True

    def _also(self, record: Record) -> None:
        self.spaces.at_first.add(record.arguments[0])

    def _boot(self, record: Record) -> None:
        del record
        self.cpu.up = True

    _boot_from = _boot

    def _create(self, record: Record) -> Violation | None:
        if record.results["made"]:
            self.account.may_change()
            self.spaces.create(record.results["number"])
            return None
        self.account.may_not_change(RULE.nothing_stays_taken, record)
        if not self.account.has(8):
            return None
        return Violation(RULE.a_directory_can_be_made, "a page directory: there is memory", "null")

    def _destroy(self, record: Record) -> None:
        self.spaces.destroy(record.arguments[0])
        self.account.may_change()

    def _switch(self, record: Record) -> Violation | None:
        directory = self.spaces.switch(record.arguments[0])
        cr3 = record.results["cr3"]
        same = next((other.number for other in self.spaces.alive
                     if other is not directory and other.physical == cr3), 0)
        if same:
            return Violation(RULE.switching, "another cr3 than before",
                             f"cr3 = {cr3:#x}, that of directory {same}")
        return self.tables.judge_cr3(directory, cr3)

    def _describe(self, record: Record) -> Violation | None:
        directory = self.spaces.directories.get(record.arguments[0])
        if not directory or not record.results:
            return None
        directory.pointer = record.results["directory"]
        directory.described = record.results["physical"]
        return self.tables.judge_description(directory)

    def _list(self, record: Record) -> Violation | None:
        return self._judge_list(record.results["directories"], record.results["strangers"])

    def _judge_list(self, found: int, strangers: int) -> Violation | None:
        alive = len(self.spaces.alive)
        if (found, strangers) == (alive, 0):
            return None
        if self.spaces.kept and found < alive and not strangers:
            return Violation(RULE.a_panic_changes_nothing, f"{alive} in the list, as before the panic",
                             f"{found} of them")
        destroyed = alive < len(self.spaces.directories) and (strangers or found > alive)
        return Violation(RULE.out_of_the_list if destroyed else RULE.into_the_list,
                         f"{alive} in the list: all that there are, and no others",
                         f"{found} of them" + (", then one that is none" if strangers else ""))

    # --- mapping

    def _map(self, record: Record) -> Violation | None:
        number, physical, virtual, count, flags = record.arguments
        failed = record.results["error"]
        self.was_scarce |= bool(failed)
        wrong = self._why_impossible(number, physical, virtual, count, flags)
        if wrong:
            self._note_failure(record)
            return None if failed else Violation(wrong, "an error: not 0", "0")
        if failed:
            return self._judge_failure(record)
        if count:
            self.spaces.enter(number, physical, virtual, count, flags)
            if flags & PRESENT:
                self.account.may_change()
        if not flags & PRESENT and (not self.account.idle
                                    or self.account.idle[0] is RULE.unmapping):
            self.account.may_not_change(RULE.unmapping, record)
        return None

    def _note_failure(self, record: Record) -> None:
        _, _, virtual, count, _ = record.arguments
        self.spaces.failed = range(virtual, virtual + count * PAGE)
        self.account.may_not_change(RULE.failure_changes_nothing, record)

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
        missing = self.spaces.missing_tables(number, virtual, count)
        if missing and not self.account.has(3 * missing):
            return None
        why = "there is memory" if missing else "every page table it needs is there"
        return Violation(self._why_possible(number, virtual, count), f"0: {why}", "an error")

    def _why_possible(self, number: int, virtual: int, count: int) -> Rule:
        if virtual + count * PAGE == FOUR_GIB:
            return RULE.bad_ranges
        pages = self.spaces.pages(number, virtual)
        if pages.any_in(virtual, virtual + count * PAGE):
            return RULE.mapping_anew
        return RULE.mapping if virtual < self.kernel_base else RULE.kernel_mappings

    # --- what a directory says

    def _translate(self, record: Record) -> Violation | None:
        number, address = record.arguments
        if beside := fences.violation(record, **LENT):
            return beside
        known, entry = self.spaces.lookup(number, address)
        if not known:
            return None
        # The tables themselves are known where translate does not say the same.
        mistranslated = record.results.get("tables") == (entry[0] | entry[1] if entry else 0)
        if entry:
            return self._judge_translation(record, *entry, mistranslated)
        if not record.results["mapped"]:
            return None
        rule = RULE.translation if mistranslated and number else self._why_not_translated(number, address)
        return Violation(rule, "false: it is not mapped", record.outcome)

    def _judge_translation(self, record: Record, frame: int, flags: int,
                           mistranslated: bool) -> Violation | None:
        page = record.arguments[1] - record.arguments[1] % PAGE
        physical = frame + record.arguments[1] % PAGE
        expected, seen = f"physical={physical:#x}  flags={flags}", record.results
        otherwise = (RULE.translation if mistranslated or "tables" in seen else
                     self.spaces.why_mapped(page, absent=not seen["mapped"]))
        if not seen["mapped"]:
            return Violation(otherwise, expected, "false")
        if seen["physical"] != physical:
            same_page = seen["physical"] - seen["physical"] % PAGE == frame
            rule = RULE.translation_of_the_byte if same_page else otherwise
            return Violation(rule, expected, record.outcome)
        if seen["flags"] != flags:
            return Violation(RULE.translation_of_rights, expected, record.outcome)
        return None

    def _why_not_translated(self, number: int, address: int) -> Rule:
        rule = self.spaces.why_not_mapped(number, address - address % PAGE)
        user = address < self.kernel_base
        if user and number == 0:
            return RULE.no_directory_for_user_addresses
        if user and number == 1 and rule is RULE.only_what_was_asked_for:
            return RULE.translation
        return rule

    # --- what the CPU does, and what is in memory

    def _read(self, record: Record) -> Violation | None:
        return self.cpu.touch(record, write=False)

    def _write(self, record: Record) -> Violation | None:
        return self.cpu.touch(record, write=True)

    def _poke(self, record: Record) -> None:
        self.cpu.poke(record)

    def _peek(self, record: Record) -> Violation | None:
        return self.cpu.peek(record)

    def _area(self, record: Record) -> None:
        start, count = record.results["address"], min(record.results["count"], record.arguments[0])
        self.spaces.known.update(range(start, start + count * PAGE, PAGE))

    def _inspect(self, record: Record) -> Violation | None:
        seen = self.tables.judge_tables(record.snapshot) if record.snapshot else None
        return seen or self._audit(record)

    def glance(self, seen: Snapshot) -> Violation | None:
        """All page directories in memory, active or not, at moments that nobody announces (official runs)."""
        if not self.cpu.up:
            return None
        seen_all = seen.memory and (self._judge_list(len(seen.directories), 0) or self.tables.judge_all(seen))
        return seen_all or self._judge_kernel_tables(seen)

    def _judge_kernel_tables(self, seen: Snapshot) -> Violation | None:
        """Those that were told are in the first directory: else something else's frames were told as theirs."""
        if self.tables_told is None or self.was_scarce:
            return None
        asked_for = {page >> 22 for page in self.spaces.known}
        tables = seen.behind(self.kernel_base, EMPTY_TABLES + len(asked_for))[1]
        if self.tables_beside is None:
            self.tables_beside = tables - self.tables_told
        expected = self.tables_beside + self.tables_told
        return None if tables == expected else Violation(
            RULE.destroy_gives_back, f"{expected} page tables of the kernel, as was said", f"{tables} in the machine's "
            "page tables")

    def _audit(self, record: Record) -> Violation | None:
        """What has to be so at any time: the list, the kernel parts, kvpd."""
        if "cr3" not in record.results:
            return None
        directory = self.spaces.directories[self.spaces.active]
        return (self.tables.judge_cr3(directory, record.results["cr3"]) or self._list(record)
                or self.tables.judge_kernel_parts(record.results))

    # --- frames

    def _frame(self, record: Record) -> None:
        self.account.taken += record.results["count"]

    _pair = _run = _frame

    def _leave(self, record: Record) -> None:
        self.account.scarce, self.was_scarce = record.results["free"], True

    _leave_pages = _leave

    def _unleave(self, record: Record) -> None:
        del record
        self.account.scarce = None

    _unleave_pages = _unleave

    def _frames(self, record: Record) -> Violation | None:
        self.tables_told = record.results["tables"]
        return self.account.judge_count(record)

    # --- the memory

    def picture(self, record: Record) -> str:
        number = record.arguments[0] if record.verb in ("map", "translate") else self.spaces.active
        return drawn.model(self.spaces, number)

    def found(self, record: Record) -> str:
        """The page tables, where the machine's memory was looked at."""
        return drawn.found(self.spaces, record.snapshot) if record.snapshot else ""
