"""The page tables themselves, as they were in the machine's memory when it was stopped."""

from __future__ import annotations

from dataclasses import replace

from grader.evidence.snapshot import PAGE, PRESENT, Run, Snapshot
from grader.judging.oracle import Rule, Violation

from .mapped import Entry
from .rules import RULE
from .spaces import SPAN, Directory, Spaces

NOTED = 0x60  # by the CPU: that an entry was used, that a page was written to


class Tables:
    """Compares page tables with the model."""

    def __init__(self, spaces: Spaces) -> None:
        self.spaces = spaces
        self.bare = False  # create_init_pagedir was called by itself, without the rest of start-up
        self.shared: dict[int, int] = {}  # the kernel's, by directory entry: frames, as seen before

    def judge_tables(self, snapshot: Snapshot) -> Violation | None:
        """Everything that is known of the active directory."""
        directory = self.spaces.directories[self.spaces.active]
        if wrong := self.judge_cr3(directory, snapshot.cr3):
            return wrong
        return (self._user_part(snapshot, directory) or self._kernel_pages(snapshot)
                or self._pointers(snapshot) or self._sharing(snapshot))

    def judge_all(self, snapshot: Snapshot) -> Violation | None:
        """Every page directory in the list, also those that nothing was said of where they lie: one of them must map
        what each is to map."""
        seen = {physical: snapshot.in_directory(physical) for physical in snapshot.directories}
        first, *others = self.spaces.alive
        left = list(snapshot.directories[1:])
        for directory in sorted(others, key=lambda each: self._place(each) is None):
            place = self._place(directory)
            if place is None:
                place = next((each for each in left if not self._user_part(seen[each], directory)), left[0])
            elif place not in left:
                return Violation(RULE.into_the_list, f"directory {directory.number} in the list, at {place:#x}",
                                 "the directories there lie elsewhere")
            left.remove(place)
            if wrong := self._user_part(seen[place], directory):
                return replace(wrong, expected=f"in directory {directory.number}: {wrong.expected}")
        return self._kernel_parts(list(seen.values())) or self._user_part(seen[snapshot.directories[0]], first)

    @staticmethod
    def _place(directory: Directory) -> int | None:
        """Where a directory lies, if cr3 or its struct was seen."""
        return directory.described if directory.physical is None else directory.physical

    def _kernel_parts(self, seen: list[Snapshot]) -> Violation | None:
        """The same in all, and as it is to be."""
        first = self.spaces.kernel_base // SPAN
        parts = {tuple(entry & ~NOTED for entry in each.directory[first:]) for each in seen}
        if len(parts) > 1:
            return Violation(RULE.shared_kernel_tables, "the same kernel part in all directories", "another one in some")
        return self._kernel_pages(seen[0]) or self._pointers(seen[0])

    # --- cr3, and what a struct says of it

    def judge_cr3(self, directory: Directory, cr3: int) -> Violation | None:
        """What cr3 holds while the directory is active: always the same."""
        before, directory.physical = directory.physical, cr3
        if before not in (None, cr3):
            return Violation(RULE.switching, f"cr3 = {before:#x}", f"cr3 = {cr3:#x}")
        return self.judge_description(directory)

    def judge_description(self, directory: Directory) -> Violation | None:
        """The struct says what cr3 holds, or is to hold."""
        described, cr3 = directory.described, directory.physical
        if described is not None and described >= self.spaces.kernel_base:
            return Violation(self._of_the_struct(directory), "a physical address",
                             f"physical = {described:#x}, a kernel's virtual address")
        if described is None or cr3 in (None, described):
            return None
        return Violation(self._of_the_struct(directory), f"physical = {cr3:#x}, which cr3 holds",
                         f"physical = {described:#x}")

    @staticmethod
    def _of_the_struct(directory: Directory) -> Rule:
        return RULE.the_first_directory if directory.number == 1 else RULE.where_cr3_is_to_point

    # --- the parts of a directory

    def judge_kernel_parts(self, found: dict[str, int]) -> Violation | None:
        """All directories have the same kernel part, and kvpd leads to its page tables."""
        if found["unequal"]:
            return Violation(RULE.shared_kernel_tables, "the same kernel part in all directories",
                             f"directory {found['in']} has another entry {found['at']} than the "
                             "active one")
        if "lost" not in found:
            return None
        first = found["lost"] == self.spaces.kernel_base // SPAN
        rule = RULE.the_first_directory if first else RULE.where_the_kernels_tables_are
        i = found["lost"] - self.spaces.kernel_base // SPAN
        return Violation(rule, f"kvpd[{i}].table leads to the page table of entry {found['lost']}",
                         "it does not")

    def _user_part(self, snapshot: Snapshot, directory: Directory) -> Violation | None:
        if directory.number == 1 and not self.bare:
            return None  # that it is empty is judged once, right after create_init_pagedir
        missing = dict(directory.pages)
        for page, frame, flags in snapshot.pages(0, self.spaces.kernel_base // SPAN - 1):
            expected, found = missing.pop(page, None), (frame, flags)
            if expected != found:
                return self._wrong_page(page, expected, found, directory.number)
        for page in sorted(missing)[:1]:
            return self._wrong_page(page, missing[page], None, directory.number)
        return None

    def _kernel_pages(self, seen: Snapshot) -> Violation | None:
        """Of those that something is known of: what else is mapped, and how much, is nobody's affair."""
        expected = self.spaces.kernel
        if wrong := [page for page in self.spaces.known if expected.get(page) != seen.page(page)]:
            page = min(wrong)
            return self._wrong_page(page, expected.get(page), seen.page(page), self.spaces.active)
        base = self.spaces.kernel_base
        if not seen.page(base):
            return Violation(RULE.the_first_directory, f"the kernel's image mapped at {base:#x}",
                             "nothing there")
        return None

    def _wrong_page(self, page: int, expected: Entry | None, found: Entry | None, number: int) -> Violation:
        if not expected:
            rule = self.spaces.why_not_mapped(number, page)
        elif found and expected[0] == found[0]:
            rule = RULE.open_to_ring_3
        else:
            rule = self.spaces.why_mapped(page, absent=not found)
        return Violation(rule, _spell(page, expected), _spell(page, found))

    def _pointers(self, seen: Snapshot) -> Violation | None:
        """Where the kernel is to find the directories, it does."""
        for directory in self.spaces.alive:
            if directory.pointer is not None:
                found, _ = seen.page(directory.pointer) or (None, 0)
                if found != directory.described:
                    return Violation(RULE.where_the_directory_is,
                                     f"directory {directory.number}'s pointer "
                                     f"{directory.pointer:#x} leads to {directory.described:#x}",
                                     "nothing is mapped there" if found is None else f"{found:#x}")
        return None

    def _sharing(self, snapshot: Snapshot) -> Violation | None:
        """The kernel's page tables are those seen before, in whichever directory that was; there may
        be more by now."""
        first = self.spaces.kernel_base // SPAN
        tables = {i: entry & -PAGE for i, entry in enumerate(snapshot.directory)
                  if i >= first and entry & PRESENT}
        for i, known in self.shared.items():
            found = tables.get(i)
            if found != known:
                return Violation(RULE.shared_kernel_tables, f"entry {i} leads to a page table at "
                                 f"{known:#x}, as in a directory inspected before",
                                 "nothing" if found is None else f"{found:#x}")
        self.shared = tables
        return None


def _spell(page: int, entry: Entry | None) -> str:
    return str(Run(page, entry[0], 1, entry[1])) if entry else f"{page:#010x} is not mapped"
