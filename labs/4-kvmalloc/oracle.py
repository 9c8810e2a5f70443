"""The oracle of lab 4: what kernel/mm/kvmalloc.h promises, checked record by record."""

from __future__ import annotations

from bisect import bisect_left, insort

from grader.evidence.records import Record
from grader.evidence.snapshot import EMPTY_TABLES, Snapshot, tables_left
from grader.judging.oracle import Rule, Violation
from grader.points import counted

from .blocks import PAGE, Block, draw
from .contents import Contents
from .contract import GUARDS
from .rules import RULE
from .supply import Supply
from .tables import IMAGE, PRESENT, TABLE_PAGES, USER, WRITABLE, judged, mapped_in



class Oracle:
    """Follows kvmalloc's blocks, what was written to them, and what is left to allocate."""

    kernel_base = 0xC0000000

    def __init__(self) -> None:
        self.live: dict[int, Block] = {}  # by address
        self.in_order: list[int] = []  # their addresses
        self.pages: set[int] = set()  # the addresses of their pages
        self.contents = Contents()
        self.located: dict[int, int] = {}  # page address -> frame
        self.frames = Supply()
        self.addresses = Supply()
        self.all_addresses = range(1 << 20)  # how many there are, free or not: as far as it is known
        self.roomy: set[int] = set()  # see _tables_needed
        self.failed_at = self.freed_at = -1  # the last operations of that kind
        self.largest = 0  # block over frames side by side, with addresses as they came
        self.took_scattered = False  # a block over frames no two of which are side by side
        self.counted_at = {"frames": 0, "pages": 0, "mapped": 0}
        self.mapped: dict[frozenset[int], tuple[int, int]] = {}  # live blocks -> pages, sum
        self.mapped_told: tuple[int, int] | None = None  # the same, by the last operation
        self.tables_told: int | None = None  # page tables of the kernel's, by the last operation
        self.tables_beside: int | None = None  # in the first directory: those that are not told
        self.empty = EMPTY_TABLES  # that there may be

    def must_panic(self, record: Record) -> None:
        del record  # no operation of this lab has to panic

    def instead_of_panic(self, record: Record) -> Rule | None:
        return RULE.zero_pages_give_null if record.verb == "alloc" and record.arguments[0] == 0 else None

    def misuse(self, record: Record) -> str:
        """Only whole blocks are freed, and once."""
        if record.verb != "free" or not record.arguments[0]:
            return ""
        address, pages = record.arguments
        block = self.live.get(address)
        if not block:
            return f"no block of kvmalloc's begins at {address:#x}"
        return "" if pages == block.pages else (
            f"the block at {address:#x} has {counted(block.pages, 'page')}, and n_pages is as it was passed to kvmalloc")

    def check(self, record: Record) -> Violation | None:
        self.mapped_told = self.tables_told = None
        judge = getattr(self, f"_{record.verb}", None)
        return judge(record) if judge else None

    # --- kvmalloc and kvfree ---

    def _alloc(self, record: Record) -> Violation | None:
        pages, address = record.arguments[0], record.results["address"]
        tables = record.results.get("tables", 0)
        self.empty += tables_left(pages)
        if not address:
            if pages:
                self.failed_at = record.number
            violation = self._judge_null(pages)  # by what there was before
            self.frames.take(tables)
            return violation
        self.frames.take(tables)
        block = Block(address, pages, record.number)
        if violation := self._judge_block(block):
            return violation
        if not self.live and not self.addresses.held:
            self.roomy.add(pages)
        self.took_scattered |= self.frames.scattered and pages > 1
        if not self.frames.scattered:
            self.largest = max(self.largest, pages)
        self.live[address] = block
        insort(self.in_order, address)
        self.pages.update(range(address, block.end, PAGE))
        self.frames.take(pages)
        self.addresses.take(pages)
        return None

    def _free(self, record: Record) -> None:
        block = self.live.pop(record.arguments[0], None)
        if not block:
            return
        del self.in_order[bisect_left(self.in_order, block.address)]
        for page in range(block.address, block.end, PAGE):
            self.pages.discard(page)
            self.contents.forget(page)
            self.located.pop(page, None)
        self.freed_at = record.number
        self.frames.take(-block.pages)
        self.addresses.take(-block.pages)

    def _judge_null(self, pages: int) -> Violation | None:
        if pages == 0 or not self._can_be_had(pages):
            return None
        free = counted(self.frames.free, "frame")
        needed = pages + self._tables_needed(pages)
        # Why it is null nobody says. But what could be had over frames side by side, and over no others yet, lacks nothing.
        if self.frames.scattered and not self.took_scattered and pages <= self.largest and self.frames.free > needed:
            return Violation(RULE.frames_need_not_be_consecutive,
                             f"{counted(pages, 'page')}: {free} are free, no two side by side; over frames side by side "
                             f"there were {self.largest}", "null")
        return Violation(RULE.what_is_there_can_be_had,
                         f"{counted(pages, 'page')}: {free}, the addresses and the page tables for "
                         "them are there", "null")

    def _can_be_had(self, pages: int) -> bool:
        """Whether it has to succeed; false also where that is not certain."""
        if self.frames.free is None or (
                self.frames.free < pages + self._tables_needed(pages)):
            return False
        # Of addresses there are far more than of frames, unless they are held back.
        return not self.addresses.held or pages + GUARDS <= self.addresses.sure_run

    def _tables_needed(self, pages: int) -> int:
        """How many page tables may have to be made for an allocation, at most.

        None if one of this size succeeded before and there is as much room now: with no block live,
        the free addresses make blocks of different sizes, and the smallest sufficient one is the
        same again.
        """
        if pages in self.roomy and not self.live and not self.addresses.held:
            return 0
        return 1 if pages == 1 else (pages - 2) // TABLE_PAGES + 2

    def _judge_block(self, block: Block) -> Violation | None:
        seen = str(block)
        if block.pages == 0:
            return Violation(RULE.zero_pages_give_null, "null", f"{block.address:#x}")
        if block.address % PAGE:
            return Violation(RULE.a_page_aligned_kernel_address, "a multiple of 4096", seen)
        lowest = self.kernel_base + IMAGE
        if block.address < lowest or block.end > 1 << 32:
            return Violation(RULE.a_page_aligned_kernel_address, "kernel addresses, behind the "
                             f"kernel's image: from {lowest:#x} to 4 GiB", seen)
        if other := self._overlapping(block):
            return Violation(RULE.blocks_do_not_overlap, f"pages apart from the {other}", seen)
        if self.frames.free is not None and block.pages > self.frames.free:
            return Violation(RULE.null_when_memory_runs_out,
                             f"null: {counted(self.frames.free, 'frame')} are free", seen)
        if self.addresses.held and block.pages > self.addresses.longest_run:
            return Violation(RULE.null_when_memory_runs_out, "null: no more than "
                             f"{counted(self.addresses.longest_run, 'virtual page')} are free side "
                             "by side", seen)
        return None

    def _overlapping(self, block: Block) -> Block | None:
        """The last live block that begins before the end of another one, if it reaches into that."""
        before = bisect_left(self.in_order, block.end)
        last = self.live[self.in_order[before - 1]] if before else None
        return last if last and block.address < last.end else None

    # --- What is in the pages, and what they are mapped to ---

    def _stamp(self, record: Record) -> Violation | None:
        address, pages, value = record.arguments
        live = self._live_pages(address, pages)
        for i in range(pages):
            if address + i * PAGE in self.pages:
                self.contents.stamp(address + i * PAGE, value, i)
        if record.results["written"] >= live:
            return None
        return Violation(RULE.every_page_is_mapped,
                         f"{counted(live, 'page')} that can be written to",
                         f"only {record.results['written']} can")

    def _read(self, record: Record) -> Violation | None:
        address, = record.arguments
        violation = self._judge_presence(address, record)
        written = self.contents.words(address)
        if violation or not written:
            return violation
        seen = record.results["first"], record.results["last"]
        if seen == written:
            return None
        return Violation(RULE.each_page_keeps_its_contents,
                         f"what was written to it: {written[0]:#x} and {written[1]:#x}",
                         f"{seen[0]:#x} and {seen[1]:#x}" + self.contents.elsewhere(seen[0], address))

    def _sum(self, record: Record) -> Violation | None:
        address, pages = record.arguments
        live = self._live_pages(address, pages)
        if record.results["mapped"] < live:
            return Violation(RULE.every_page_is_mapped, f"{counted(live, 'page')}, all mapped",
                             f"only {record.results['mapped']} are")
        expected = self.contents.sum(address + i * PAGE for i in range(pages))
        if expected in (None, record.results["sum"]):
            return None
        return Violation(RULE.each_page_keeps_its_contents,
                         f"what was written to the pages, summed up: {expected:#x}",
                         f"{record.results['sum']:#x}")

    def _where(self, record: Record) -> Violation | None:
        address, = record.arguments
        violation = self._judge_presence(address, record)
        if violation or address not in self.pages:
            return violation
        frame = record.results["physical"]
        for page, other in self.located.items():
            if other == frame and page != address:
                return Violation(RULE.each_page_has_a_frame_of_its_own,
                                 f"another frame than that of the page at {page:#x}",
                                 f"both have {frame:#x}")
        self.located[address] = frame
        return None

    def _rights(self, record: Record) -> Violation | None:
        flags = record.results["flags"]
        if flags == PRESENT | WRITABLE or record.arguments[0] not in self.pages:
            return None
        names = {PRESENT: "present", WRITABLE: "writable", USER: "user"}
        return Violation(RULE.writable_and_for_the_kernel_only, "present, writable",
                         ", ".join(name for bit, name in names.items() if flags & bit) or "none")

    def _judge_presence(self, address: int, record: Record) -> Violation | None:
        live = address in self.pages
        if live and not record.results["mapped"]:
            return Violation(RULE.every_page_is_mapped, "a page that is mapped: its block is live",
                             "not mapped")
        if not live and record.results["mapped"] and self.freed_at > 0:
            return Violation(RULE.kvfree_unmaps, "not mapped: its block was freed", "mapped")
        return None

    def _live_pages(self, address: int, pages: int) -> int:
        """How many of these pages are in live blocks."""
        return sum(page in self.pages for page in range(address, address + pages * PAGE, PAGE))

    def _inspect(self, record: Record) -> Violation | None:
        return self.glance(record.snapshot) if record.snapshot else None

    def glance(self, seen: Snapshot) -> Violation | None:
        """The page tables and the memory themselves, in official runs."""
        told = self.mapped_told
        if told and (mapped := mapped_in(seen, self.kernel_base)) != told:
            return Violation(RULE.kvfree_unmaps, f"{counted(told[0], 'page')} of the kernel mapped, as was said",
                             f"{mapped[0]} in the machine's page tables" + (
                                 "" if mapped[0] != told[0] else ", some to other frames or with other flags"))
        return self._judge_kernel_tables(seen) or (
            judged(seen, self.live.values(), self.located, self.contents) if seen.has_all_memory else None)

    def _judge_kernel_tables(self, seen: Snapshot) -> Violation | None:
        """Those that were told are there: else frames of something else were told as theirs."""
        if self.tables_told is None:
            return None
        tables = seen.behind(self.kernel_base, self.empty)[1]
        if self.tables_beside is None:
            self.tables_beside = tables - self.tables_told
        expected = self.tables_beside + self.tables_told
        return None if tables == expected else Violation(
            RULE.n_pages_take_n_frames, f"{counted(expected, 'page table')} of the kernel, as was said",
            f"{tables} in the machine's page tables")

    # --- What is left ---

    def _frames(self, record: Record) -> Violation | None:
        self.tables_told = record.results.get("tables")
        rule = self._why(record, RULE.n_pages_take_n_frames, RULE.kvfree_gives_back_the_frames,
                         RULE.a_failure_gives_everything_back)
        return self.frames.judged(record.results["free"], rule, "frame")

    def _pages(self, record: Record) -> Violation | None:
        rule = self._why(record, RULE.n_pages_take_n_addresses,
                         RULE.kvfree_gives_back_the_addresses, RULE.a_failure_gives_everything_back)
        free = record.results["free"]
        least = free + sum(block.pages for block in self.live.values())
        known, seen = self.all_addresses, range(least, least + GUARDS * len(self.live) + 1)
        self.addresses.counted(free)
        self.all_addresses = range(max(known.start, seen.start), min(known.stop, seen.stop))
        if self.all_addresses:
            return None
        self.all_addresses = seen
        few = seen.stop <= known.start
        off = known.start - seen.stop + 1 if few else seen.start - known.stop + 1
        return Violation(rule, f"{counted(free + off if few else free - off, 'virtual page')} free",
                         f"{free}: {off} too {'few' if few else 'many'}")

    def _mapped(self, record: Record) -> Violation | None:
        rule = self._why(record, RULE.kvfree_unmaps, RULE.kvfree_unmaps,
                         RULE.a_failure_changes_no_translation)
        seen = self.mapped_told = record.results["pages"], record.results["sum"]
        live = frozenset(block.number for block in self.live.values())
        before = self.mapped.setdefault(live, seen)
        if before == seen:
            return None
        return Violation(rule, f"{before[0]} pages of the kernel mapped, as there were with the "
                               "same blocks before",
                         f"{seen[0]}" + ("" if seen[0] != before[0] else
                                         ", but some to other frames or with other flags"))

    def _why(self, record: Record, neither: Rule, freed: Rule, failed: Rule) -> Rule:
        """The rule that a wrong count breaks: by what happened since the count before."""
        last = self.counted_at[record.verb]
        self.counted_at[record.verb] = record.number
        return failed if self.failed_at > last else freed if self.freed_at > last else neither

    def _leave(self, record: Record) -> None:
        self.frames.leave(record.results["free"], record.arguments[1])

    def _unleave(self, record: Record) -> None:
        del record
        self.frames.unleave()

    def _leave_pages(self, record: Record) -> None:
        self.addresses.leave(record.results["free"], record.arguments[1])

    def _unleave_pages(self, record: Record) -> None:
        del record
        self.addresses.unleave()

    def picture(self, record: Record) -> str:
        """The live blocks, and what is left."""
        return draw(self.live.values(), record, self.frames.free)
