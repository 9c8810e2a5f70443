"""What the directories map: the model that everything else in this lab is judged against."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.evidence.snapshot import PAGE, PRESENT, USER, WRITABLE, Run
from grader.judging.oracle import Rule

from .mapped import Entry, Mapped
from .rules import RULE

RIGHTS = PRESENT | WRITABLE | USER
SPAN = 1 << 22  # of addresses, for each entry of a directory


@dataclass
class Directory:
    """The model of one page directory: `pages` has the entry of each user page.

    `physical` is what cr3 held while it was active, `described` what the struct says of it;
    `others_at_first` are the pages that the others mapped when it was made.
    """

    number: int
    physical: int | None = None
    described: int | None = None
    pointer: int | None = None
    alive: bool = True
    pages: Mapped = field(default_factory=Mapped)
    others_at_first: frozenset[int] = frozenset()


class Spaces:
    """All directories, and the kernel's pages, which they share."""

    kernel_base = 0

    def __init__(self) -> None:
        self.directories = {1: Directory(1)}
        self.made = 1
        self.active = 1
        self.kernel = Mapped()  # pages that the scenario mapped
        self.known: set[int] = set()  # those, and the others of which it is known that they are not
        self.unmapped: list[range] = []  # pages that were mapped once
        self.failed = range(0)  # the addresses of the latest map that failed
        self.kept = 0  # the directory whose destruction panicked, if nothing was done to it since
        self.at_first = {0}  # the entries of the initial directory's user part
        self.first_has_user_part = False  # its page tables then stay for ever

    @property
    def alive(self) -> list[Directory]:
        """The directories that were not destroyed."""
        return [directory for directory in self.directories.values() if directory.alive]

    def create(self, number: int) -> None:
        """One more directory."""
        self.made, self.kept = self.made + 1, 0
        others = frozenset(page for other in self.directories.values() for page in other.pages)
        self.directories[number] = Directory(number, others_at_first=others)

    def destroy(self, number: int) -> None:
        """A directory goes, with all that it maps."""
        self.kept = 0
        if number in self.directories:
            self.directories[number].alive = False
            self.directories[number].pages = Mapped()

    def switch(self, number: int) -> Directory:
        """Another directory becomes the active one."""
        self.active = number
        return self.directories[number]

    # --- what is mapped

    def pages(self, number: int, virtual: int) -> Mapped:
        """The pages that an address is among, in a directory."""
        return self.kernel if virtual >= self.kernel_base else self.directories[number].pages

    def lookup(self, number: int, address: int) -> tuple[bool, Entry | None]:
        """Whether it is known what an address is translated to; and to what, or None."""
        page = address - address % PAGE
        if address >= self.kernel_base:
            return page in self.known, self.kernel.get(page)
        if number not in self.directories:
            return True, None
        return True, self.directories[number].pages.get(page)

    def enter(self, number: int, physical: int, virtual: int, count: int, flags: int) -> None:
        """Maps or unmaps, as map_mem does when it succeeds."""
        pages, span = self.pages(number, virtual), range(virtual, virtual + count * PAGE, PAGE)
        if flags & PRESENT:
            self.first_has_user_part |= number == 1 and virtual < self.kernel_base
        if virtual >= self.kernel_base:
            self.known.update(span)
        if self.failed.start in span:
            self.failed = range(0)
        if flags & PRESENT:
            pages.enter(Run(virtual, physical, count, flags & RIGHTS))
        else:
            self.unmapped.append(span)
            pages.remove(span.start, span.stop)

    def missing_tables(self, number: int, virtual: int, count: int) -> int:
        """How many 4 MiB regions of a range have no page mapped, and so maybe no page table."""
        pages, last = self.pages(number, virtual), virtual + (count - 1) * PAGE
        return sum(not pages.any_in(region * SPAN, (region + 1) * SPAN)
                   for region in range(virtual // SPAN, last // SPAN + 1))

    # --- which rule a wrong entry breaks

    def why_mapped(self, page: int, absent: bool = False) -> Rule:
        """The rule that is broken where a page is not mapped as it should be."""
        if page < self.kernel_base and absent and self.kept == self.active:
            return RULE.a_panic_changes_nothing
        if page in self.failed:
            return RULE.failure_changes_nothing
        if page >= self.kernel_base and absent and self.made > 1:
            return RULE.shared_kernel_tables
        return RULE.mapping

    def why_not_mapped(self, number: int, page: int) -> Rule:
        """The rule that is broken where a page is mapped that should not be."""
        if any(page in span for span in self.unmapped):
            return RULE.unmapping
        if page in self.failed:
            return RULE.failure_changes_nothing
        if number == 1 and page // SPAN in self.at_first:
            return RULE.the_one_to_one_mapping_is_gone
        directory = self.directories.get(number, Directory(0))
        if page in directory.others_at_first:
            return RULE.an_empty_user_part
        if any(page in other.pages for other in self.directories.values()):
            return RULE.inactive_directories
        if page < self.kernel_base and number > 1 and not directory.pages:
            return RULE.an_empty_user_part
        return RULE.only_what_was_asked_for
