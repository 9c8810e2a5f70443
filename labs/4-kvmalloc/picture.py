"""What a run of lab 4 looks like: kvmalloc's blocks of pages, and the frames behind them.

Items of the panel `links`, in addresses: `bN` [start, end), operation is a live block; `lN` page, frame,
count are pages side by side that were seen to lead to frames side by side.
"""

from __future__ import annotations

from collections.abc import Iterable

from grader.evidence.records import Record
from grader.evidence.snapshot import PAGE, in_runs
from grader.judging.oracle import Oracle
from grader.page.picture import Mark, Panel, Panels, facts

LINKS = "links"
ONE_PAGE = ("read", "where", "rights")
MANY_PAGES = ("free", "stamp", "sum")


class Picture:
    """The kernel's pages and frames."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle

    def panels(self) -> Panels:
        oracle = self.oracle
        return self._panels([(b.address, b.pages, b.number) for b in oracle.live.values()],
                            oracle.located)

    def _panels(self, blocks: list[tuple[int, int, int]], located: dict[int, int]) -> Panels:
        items = {f"b{address}": [address, address + pages * PAGE, number]
                 for address, pages, number in blocks}
        items |= {f"l{run.virtual}": [run.virtual, run.physical, run.pages]
                  for run in in_runs((page, located[page], 0) for page in sorted(located))}
        return {LINKS: Panel("links", "kvmalloc's pages, and the frames behind them", {}, items),
                **facts({"free frames": self.oracle.frames.free,
                         "free pages of kernel addresses": self.oracle.addresses.free})}

    def marks(self, record: Record) -> Iterable[Mark]:
        address, pages = 0, 0
        if record.verb == "alloc":
            address, pages = record.results.get("address", 0), record.arguments[0]
        elif record.verb in ONE_PAGE:
            address, pages = record.arguments[0], 1
        elif record.verb in MANY_PAGES:
            address, pages = record.arguments[:2]
        return [Mark(LINKS, address, address + pages * PAGE)] if address and pages else []

    def wanted(self, record: Record) -> Iterable[Mark]:
        """Any addresses would do."""
        del record
        return []

    def take(self, record: Record) -> None:
        """The oracle holds all there is to be drawn."""

    def after_wrong(self, record: Record) -> Panels:
        """With the block or the frame that the operation says there is."""
        oracle, results = self.oracle, record.results
        blocks = [(b.address, b.pages, b.number) for b in oracle.live.values()]
        located = dict(oracle.located)
        if record.verb == "alloc" and results.get("address"):
            blocks.append((results["address"], record.arguments[0], record.number))
        if record.verb == "where" and "physical" in results:
            located[record.arguments[0]] = results["physical"]
        return self._panels(blocks, located)
