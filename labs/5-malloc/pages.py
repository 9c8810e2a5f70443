"""What the last operation said of kvmalloc's pages and of free frames, beside what the machine's page tables have."""

from __future__ import annotations

from grader.evidence.records import Record
from grader.evidence.snapshot import EMPTY_TABLES, Snapshot, tables_left
from grader.judging.oracle import Violation
from grader.points import counted

from .rules import RULE

MOST_LEFT = 16  # when no block lives


class Pages:
    """Counts of pages and frames. Those that the start-up mapped have no count, but stay the same; they were there when
    nothing else was."""

    def __init__(self) -> None:
        self._told: int | None = None  # of kvmalloc's, by the last operation
        self._free: int | None = None  # frames, by the last operation
        self._of_the_start: int | None = None  # mapped, that are none of kvmalloc's
        self._frames: int | None = None  # that are free, mapped, or page tables
        self._most_seen = 0  # of kvmalloc's, at glances
        self._empty = EMPTY_TABLES  # that there may be

    def forget(self) -> None:
        """Another operation took place: what was said before it need not hold."""
        self._told = self._free = None

    def ask(self, pages: int) -> None:
        """Of a block of so many pages, whether there was one or not, page tables stay."""
        self._empty += tables_left(pages)

    def tell(self, record: Record) -> Violation | None:
        """Notes what a record says; whether its peak is lower than what was seen."""
        self._told, self._free = record.results["pages"], record.results.get("free")
        peak = record.results.get("peak", self._most_seen)
        if peak >= self._most_seen:
            return None
        return Violation(RULE.the_memory_comes_from_kvmalloc, f"a peak of {counted(self._most_seen, 'page')} or more, as "
                         "were mapped in the machine's page tables", counted(peak, "page"))

    def glance(self, seen: Snapshot, kernel_base: int, is_empty: bool) -> Violation | None:
        """Whether the page tables have as many as was just said. `is_empty`: no block lives."""
        if self._told is None:
            self._note(seen, kernel_base)
            return None
        mapped, tables = seen.behind(kernel_base, self._empty)
        told, self._told = self._told, None
        if self._of_the_start is None:
            self._of_the_start = mapped - told
        elif mapped != self._of_the_start + told:
            return Violation(RULE.at_most_16_pages_stay if is_empty else RULE.the_memory_comes_from_kvmalloc,
                             f"{counted(told, 'page')} of kvmalloc's, as was said",
                             f"{counted(mapped - self._of_the_start, 'page')} in the machine's page tables")
        return self._judge_frames(mapped + tables)

    def _note(self, seen: Snapshot, kernel_base: int) -> None:
        if self._of_the_start is not None:
            self._most_seen = max(self._most_seen, seen.behind(kernel_base)[0] - self._of_the_start)

    def _judge_frames(self, used: int) -> Violation | None:
        """Whether all frames are free, mapped (or page tables: `used`), but for as many as may stay."""
        if self._free is None:
            return None
        if self._frames is None:
            self._frames = self._free + used
        missing = self._frames - self._free - used
        if missing <= MOST_LEFT:
            return None
        return Violation(RULE.at_most_16_pages_stay, "every frame free, or behind a page in the machine's page tables",
                         f"{counted(missing, 'frame')} that are neither")
