"""What a run of lab 5 looks like: the live blocks in their pages.

Items of the panel `blocks`, in addresses: `bN` [start, end), operation is a live block.
"""

from __future__ import annotations

from collections.abc import Iterable

from grader.evidence.records import Record
from grader.judging.oracle import Oracle
from grader.page.picture import Mark, Panel, Panels, facts

HEAP = "heap"


class Picture:
    """The heap, as far as its user sees it."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.pages: int | None = None  # of kvmalloc's, when they were last counted

    def panels(self) -> Panels:
        blocks = self.oracle.blocks
        items = {f"b{b.address}": [b.address, b.end, b.number] for b in blocks}
        return {HEAP: Panel("blocks", "The heap: live blocks in their pages", {}, items),
                **facts({"live blocks": len(blocks), "bytes in them": blocks.bytes,
                         "kvmalloc's pages, when last counted": self.pages})}

    def marks(self, record: Record) -> Iterable[Mark]:
        """The block that an operation got, and the one that it was given."""
        marks = []
        if record.verb in ("free", "realloc", "check"):
            marks += [Mark(HEAP, b.address, b.end) for b in self.oracle.blocks
                      if b.address == record.arguments[0]]
        if address := record.results.get("address", 0):
            size = record.arguments[-1]
            marks.insert(0, Mark(HEAP, address, address + max(size, 1)))
        return marks

    def wanted(self, record: Record) -> Iterable[Mark]:
        """Any place would do."""
        del record
        return []

    def take(self, record: Record) -> None:
        self.pages = record.results.get("pages", self.pages)

    def after_wrong(self, record: Record) -> Panels:
        """With the block that the operation says it got."""
        panels = self.panels()
        if address := record.results.get("address", 0):
            panels[HEAP].items[f"b{address}!"] = [address, address + max(record.arguments[-1], 1),
                                                  record.number]
        return panels
