"""What a run of lab 6 looks like: each page directory as a tree, from its entries to what they map.

A directory's user part is a panel `tree` of its own, and the kernel's part, which all share, another.
Items: `rN` address, frame, pages, rights are pages side by side; `eN` index, frame, rights is a
directory entry as it was found in memory, with the frame of its page table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice

from grader.evidence.records import Record
from grader.evidence.snapshot import PAGE, USER, WRITABLE, Snapshot, in_runs
from grader.judging.oracle import Oracle
from grader.page.picture import Mark, Panel, Panels, facts

SPAN = 1 << 22  # of addresses that a directory entry stands for
KERNEL = "kernel"
MOST_ASTRAY = 64  # runs of pages that should not be there, shown
KERNEL_TITLE = "The kernel's part, the same in all directories: what this scenario maps there"

Pages = Mapping[int, tuple[int, int]]  # page -> frame, rights
Entries = dict[int, tuple[int, int]]  # index -> frame of the table, rights


class Picture:
    """All page directories."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.entries: dict[str, Entries] = {}  # as last seen in memory, by panels
        self.counted: dict[str, int] = {}

    def panels(self) -> Panels:
        oracle = self.oracle
        panels = {str(d.number): self._tree(self._title(d), d.pages, str(d.number))
                  for d in oracle.spaces.directories.values() if d.alive}
        panels[KERNEL] = self._tree(KERNEL_TITLE, oracle.spaces.kernel, KERNEL)
        return panels | facts({"free frames, when last counted": self.counted.get("free"),
                               "kvmalloc's pages": self.counted.get("pages"),
                               "the kernel's page tables": self.counted.get("tables"),
                               "frames left on purpose": oracle.account.scarce})

    def _title(self, directory) -> str:
        active = ", the active one" if directory.number == self.oracle.spaces.active else ""
        where = "" if directory.physical is None else f", at {directory.physical:#x}"
        return f"Directory {directory.number}{active}{where}"

    def _tree(self, title: str, pages: Pages, name: str) -> Panel:
        known = self.entries.get(name, {})
        indexes = {page // SPAN for page in pages}
        items = {f"e{index}": [index, *entry] for index, entry in sorted(known.items())
                 if index in indexes}
        return Panel("tree", title, {}, items | dict(runs(pages)))

    def marks(self, record: Record) -> Iterable[Mark]:
        if record.verb == "map":
            number, _, virtual, count, _ = record.arguments
            return self._mark(number, virtual, count)
        if record.verb == "translate":
            number, address = record.arguments
            return self._mark(number, address // PAGE * PAGE, 1)
        if record.verb in ("read", "write"):
            return self._mark(self.oracle.spaces.active, record.arguments[0] // PAGE * PAGE, 1)
        return []

    def _mark(self, number: int, virtual: int, count: int) -> list[Mark]:
        panel = KERNEL if virtual >= self.oracle.kernel_base else str(number)
        return [Mark(panel, virtual, virtual + count * PAGE)] if count else []

    def wanted(self, record: Record) -> Iterable[Mark]:
        """What it should have been is no place."""
        del record
        return []

    def take(self, record: Record) -> None:
        if record.verb == "frames":
            self.counted = dict(record.results)
        if record.verb == "destroy":
            self.entries.pop(str(record.arguments[0]), None)
        if record.snapshot:
            self._note_entries(record.snapshot)

    def _note_entries(self, snapshot: Snapshot) -> None:
        """What the directory says of its page tables, seen in memory."""
        border = self.oracle.kernel_base // SPAN
        for name, indexes in ((str(self.oracle.spaces.active), range(border)),
                              (KERNEL, range(border, 1024))):
            self.entries[name] = {i: (snapshot.directory[i] & -PAGE,
                                      snapshot.directory[i] & (WRITABLE | USER))
                                  for i in snapshot.tables if i in indexes}

    def after_wrong(self, record: Record) -> Panels:
        """With the tables that were found in memory, or what a translation says there is."""
        panels = self.panels()
        if record.snapshot:
            self._look(record.snapshot, panels)
        if record.verb == "translate":
            self._translate(record, panels)
        return panels

    def _look(self, snapshot: Snapshot, panels: Panels) -> None:
        """Puts what the active directory maps in place of what it should."""
        oracle, active = self.oracle, str(self.oracle.spaces.active)
        self._note_entries(snapshot)
        user = found(snapshot, oracle.spaces.directories[oracle.spaces.active].pages)
        user |= astray(snapshot, oracle.spaces.directories[oracle.spaces.active].pages,
                       oracle.kernel_base // SPAN - 1)
        kernel = found(snapshot, oracle.spaces.known)
        panels[active] = self._tree(panels[active].title, user, active)
        panels[KERNEL] = self._tree(KERNEL_TITLE, kernel, KERNEL)

    def _translate(self, record: Record, panels: Panels) -> None:
        """Puts the page in that a directory is said to have, or takes it out."""
        number, address = record.arguments
        is_kernel = address >= self.oracle.kernel_base
        name = KERNEL if is_kernel else str(number)
        if name not in panels:
            return
        spaces = self.oracle.spaces
        pages = dict(spaces.kernel if is_kernel else spaces.directories[number].pages)
        page = address - address % PAGE
        pages.pop(page, None)
        if record.results.get("mapped"):
            pages[page] = record.results["physical"] & -PAGE, record.results["flags"]
        panels[name] = self._tree(panels[name].title, pages, name)


def found(snapshot: Snapshot, known: Collection[int]) -> Pages:
    """What some pages are mapped to, of those that are mapped at all."""
    return {page: (frame, rights) for index in sorted({page // SPAN for page in known})
            for page, frame, rights in snapshot.pages(index, index) if page in known}


def astray(snapshot: Snapshot, expected: Pages, last: int) -> Pages:
    """The pages up to a directory entry that should not be mapped, or not so; the first runs of them:
    a table that was never cleared has very many."""
    wrong = (page for page in snapshot.pages(0, last) if expected.get(page[0]) != page[1:])
    return {run.virtual + i * PAGE: (run.physical + i * PAGE, run.flags)
            for run in islice(in_runs(wrong), MOST_ASTRAY) for i in range(run.pages)}


def runs(pages: Pages) -> Iterator[tuple[str, list]]:
    """Pages side by side as items, none over more than one directory entry."""
    by_entry: dict[int, list[tuple[int, int, int]]] = {}
    for page in sorted(pages):
        by_entry.setdefault(page // SPAN, []).append((page, *pages[page]))
    for entry in by_entry.values():
        for run in in_runs(entry):
            yield f"r{run.virtual}", [run.virtual, run.physical, run.pages, run.flags]
