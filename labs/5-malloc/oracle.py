"""The oracle of lab 5: what kernel/mm/malloc.h promises, checked record by record."""

from __future__ import annotations

from grader.evidence.records import Record
from grader.evidence.snapshot import Snapshot
from grader.judging import misfreed
from grader.judging.oracle import Rule, Violation
from grader.points import counted
from grader.scenarios.scenario import Operation

from .blocks import Block, Blocks
from .pages import MOST_LEFT, Pages
from .rules import RULE
from .unrecorded import Unrecorded, asked

PAGE = 4096
IMAGE = 4 << 20  # of the kernel's addresses, the first that kvmalloc never returns
BOOK_KEEPING = 3  # pages: two that malloc may need beside a block's, and a page table for kvmalloc
HEADER = 64  # bytes of a block's pages that malloc may need


class Oracle:
    """Follows the live blocks, and how much memory there is for more.

    In quiet stretches there are records only of what is worth one. Then the live blocks are not
    all known (`unknown`), and what depends on them is not judged (`blind`), nor behind a panic. Memory has to suffice
    there. What the scenario wants to be live there is compared with the player's table and the memory, at glances.
    """

    kernel_base = 0xC0000000

    def __init__(self) -> None:
        self.blocks = Blocks()  # that live
        self.memory: int | None = None  # pages that there are for blocks, when nothing is held back
        self.held = False
        self.left: int | None = None  # while frames are held back: how many are there for certain
        self.freed_size = 0  # of the block that the operation before freed
        self.last_tag = 0  # the player's
        self.just_freed = 0  # the pointer that the last operation freed
        self.has_freed = False
        self.last_number = 0
        self.blind = self.unknown = False
        self.pages_before: int | None = None  # of kvmalloc's; None if there were not only failures
        self.pages = Pages()
        self.unrecorded = Unrecorded()

    def misuse(self, record: Record) -> str:
        """Live blocks are freed, and changed in size; what was freed right before is freed again, at most once."""
        address = record.arguments[0] if record.verb in ("free", "realloc") else 0
        if not address or self.unknown or self._is_behind_others(record) or self._frees_again(record):
            return ""
        return "" if self.blocks.at(address) else f"no block of malloc's begins at {address:#x}"

    def must_panic(self, record: Record) -> Rule | None:
        """Only an immediate double free does, of what free or a realloc to 0 freed, unless the player skipped it:
        nobody lived there."""
        again = self._frees_again(record) and "skipped" not in record.results
        if record.panicked:  # no other call is the next one
            self.blind, self.last_number, self.just_freed = True, record.number, 0
        return RULE.a_double_free_panics if again else None

    def _frees_again(self, record: Record) -> bool:
        return (record.verb == "free" and record.arguments[0] == self.just_freed != 0
                and not self._is_behind_others(record))

    def _is_behind_others(self, record: Record) -> bool:
        """Whether there were operations before it that have no record."""
        return record.number > self.last_number + 1

    def follow(self, operation: Operation, record: Record | None) -> None:
        """Shown each operation of the scenario, before it is judged; with no record, it left none."""
        self.unrecorded.follow(operation, record)
        self.pages.ask(_pages(asked(operation, record)))
        if record is None:
            self.blind = self.unknown = True

    def check(self, record: Record) -> Violation | None:
        if self._is_behind_others(record):
            self.blind = self.unknown = True
        self.last_number = record.number
        self.pages.forget()
        if record.verb == "inspect":  # no call: what was freed right before it still is that
            return self._inspect(record)
        self.just_freed = 0
        self.just_freed_size, self.freed_size = self.freed_size, 0
        judge = getattr(self, f"_{record.verb}", None)
        # What went back otherwise is why there are too many pages, where there are.
        return misfreed.violation(record, RULE.pages_go_back_as_they_came) or (judge(record) if judge else None)

    # --- malloc, realloc and free ---

    def _malloc(self, record: Record) -> Violation | None:
        size, = record.arguments
        return self._judge_result(record, size)

    def _reserve(self, record: Record) -> Violation | None:
        size, = record.arguments
        return self._judge_result(record, size, filled=False)

    def _judge_result(self, record: Record, size: int, otherwise: Rule | None = None,
                      filled: bool = True) -> Violation | None:
        """What malloc returned, or realloc for a new block."""
        address = record.results["address"]
        left, self.left = self.left, None  # who takes pages, and how many, is the allocator's affair
        if not address:
            return self._judge_null(size, otherwise, left)
        if filled:
            self.last_tag += 101
        block = Block(address, size, record.number, self.last_tag if filled else 0)
        violation = self._judge_block(block, record.results.get("writable", size))
        self._add(block)
        return violation

    def _judge_null(self, size: int, otherwise: Rule | None = None,
                    left: int | None = None) -> Violation | None:
        if size and size == self.just_freed_size:
            return Violation(RULE.what_was_freed_can_be_had, f"a block of {counted(size, 'byte')}, as "
                             "the one freed right before", "null")
        if left is not None and 0 < size <= (left - BOOK_KEEPING) * PAGE - HEADER:
            return Violation(RULE.there_is_memory, f"a block: {counted(left, 'frame')} are free",
                             "null")
        if size == 0 or self.memory is None or self.held:
            return None
        # However a malloc rounds and keeps its books, twice the bytes in use are enough for it.
        in_use = self.blocks.bytes + size + 64 * (len(self.blocks) + 1)
        if 2 * _pages(in_use) + 64 > self.memory:
            return None
        usual = (RULE.freed_memory_is_used_again if self.has_freed else
                 RULE.what_is_there_can_be_had)
        return Violation(otherwise or usual, f"a block: of {self.memory} pages of memory, live blocks take up "
                               f"{_pages(self.blocks.bytes)}", "null")

    def _judge_block(self, block: Block, writable: int) -> Violation | None:
        seen = str(block)
        if block.address % 16:
            return Violation(RULE.a_multiple_of_16, "a multiple of 16", seen)
        largest = (1 << 32) - self.kernel_base
        if self.memory is not None:
            largest = min(largest, self.memory * PAGE)
        if block.size > largest:
            return Violation(RULE.huge_sizes_give_null,
                             f"null: there are not more than {largest} bytes in all", seen)
        lowest = self.kernel_base + IMAGE
        if block.address < lowest:
            return Violation(RULE.the_memory_comes_from_kvmalloc, "a kernel address behind the "
                             f"kernel's image: {lowest:#x} or above", seen)
        if neighbour := self.blocks.overlapping(block):
            rule = RULE.live_blocks_do_not_overlap if block.size else RULE.size_0
            return Violation(rule, f"bytes apart from the {neighbour}", seen)
        if writable < block.size:
            return Violation(RULE.at_least_size_bytes, f"{block.size} bytes of memory",
                             f"only the first {writable} from {block.address:#x} on are mapped")
        return None

    def _realloc(self, record: Record) -> Violation | None:
        old, size = self.blocks.at(record.arguments[0]), record.arguments[1]
        changed, address = record.results.get("changed", 0), record.results["address"]
        if record.arguments[0] == 0:
            return self._judge_result(record, size, RULE.realloc_of_null_is_malloc)
        if size == 0:
            self._remove(old)
            self.just_freed = record.arguments[0]
            self.freed_size = old.size if old else 0
            return Violation(RULE.realloc_to_0_frees, "null", f"{address:#x}") if address else None
        if not address:
            if changed:
                return Violation(RULE.a_failed_realloc_leaves_the_block, "no byte of it changed",
                                 f"{changed} of the bytes looked at have")
            if old and size <= old.size:
                return Violation(RULE.a_block_can_become_smaller, f"a block: it had {old.size} bytes",
                                 "null")
            return self._judge_null(size, left=self.left)
        self._remove(old)
        if violation := self._judge_result(record, size):
            return violation
        if changed:
            kept = min(old.size, size) if old else size
            return Violation(RULE.realloc_keeps_the_contents,
                             f"the first {counted(kept, 'byte')} as before", f"{changed} of the bytes looked at have changed")
        return None

    def _free(self, record: Record) -> Violation | None:
        address, = record.arguments
        block = self.blocks.at(address)
        self.just_freed = address
        self.freed_size = block.size if block else 0
        self._remove(block)
        return self._judge_contents(block, record)

    def _check(self, record: Record) -> Violation | None:
        return self._judge_contents(self.blocks.at(record.arguments[0]), record)

    @staticmethod
    def _judge_contents(block: Block | None, record: Record) -> Violation | None:
        changed = record.results.get("changed", 0)
        if not changed:
            return None
        of_what = f"the {block}" if block else f"the block at {record.arguments[0]:#x}"
        return Violation(RULE.contents_are_kept, f"no byte changed of {of_what}",
                         f"{changed} of those looked at have")

    def _inspect(self, record: Record) -> Violation | None:
        return self.glance(record.snapshot) if record.snapshot else None

    def glance(self, seen: Snapshot) -> Violation | None:
        """The memory itself, in official runs: what the player filled the live blocks with, and how many pages are
        mapped, as far as it has just been said."""
        return self.pages.glance(seen, self.kernel_base, not self.blocks) or (
            self._judge_memory(seen) if seen.has_all_memory else None)

    def _judge_memory(self, seen: Snapshot) -> Violation | None:
        if self.unknown and seen.blocks:
            return self.unrecorded.judge(seen)
        if self.blind:
            return None
        for block in self.blocks:
            if not block.has_memory(seen):
                return Violation(RULE.at_least_size_bytes, f"memory behind the {block}",
                                 "the machine's page tables have none")
            if not block.bears_its_pattern(seen):
                return Violation(RULE.contents_are_kept, f"no byte changed of the {block}",
                                 "the machine's memory holds something else")
        return None

    def _add(self, block: Block) -> None:
        self.blocks.add(block)
        self.pages_before = None

    def _remove(self, block: Block | None) -> None:
        self.pages_before = None
        if block:
            self.blocks.remove(block)
            self.has_freed = True

    # --- Memory ---

    def _frames(self, record: Record) -> Violation | None:
        self.memory = record.results["free"] + record.results["pages"]
        return self._kvpages(record)

    def _kvpages(self, record: Record) -> Violation | None:
        pages, before = record.results["pages"], self.pages_before
        self.pages_before = pages
        if violation := self.pages.tell(record):
            return violation
        if self.blind:
            return None
        if not self.blocks and pages > MOST_LEFT:
            return Violation(RULE.at_most_16_pages_stay, f"at most {MOST_LEFT} pages: every "
                             "block has been freed", f"{pages} pages")
        if self.blocks.bytes > pages * PAGE:
            return Violation(RULE.the_memory_comes_from_kvmalloc,
                             f"at least {_pages(self.blocks.bytes)}, for {self.blocks.bytes} bytes",
                             f"{counted(pages, 'page')}")
        if before is not None and pages > before:
            return Violation(RULE.a_failure_takes_nothing, f"{counted(before, 'page')}, as before",
                             f"{counted(pages, 'page')}")
        return None

    def _leave(self, record: Record) -> None:
        self.held, self.left = True, record.results["free"]

    def _leave_pages(self, record: Record) -> None:
        del record
        self.held = True  # of addresses side by side, an allocator may want more than a block fills

    def _unleave(self, record: Record) -> None:
        del record
        self.held, self.left = False, None

    _unleave_pages = _unleave

    def beside(self, address: int) -> str:
        """How an address lies to the nearest live block, where all are known."""
        return "" if self.blind or self.unknown else self.blocks.beside(address)

    def picture(self, record: Record) -> str:
        """The live blocks around the operation's, in the order of their addresses."""
        pointer = record.arguments[0] if record.verb in ("free", "realloc", "check") else 0
        address = record.results.get("address") or pointer
        return self.blocks.picture(address) if address else ""


def _pages(size: int) -> int:
    return -(-size // PAGE)
