"""Which pages are mapped to what: a few runs of them, however many pages that is."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping

from grader.evidence.snapshot import PAGE, Run

Entry = tuple[int, int]  # of a page: its frame, and the flags that count


class Mapped(Mapping[int, Entry]):
    """The entry of each page, by its address; changed by runs."""

    def __init__(self) -> None:
        self._runs: list[Run] = []  # apart from each other, in the order of their addresses,
        self._starts: list[int] = []  # which are these

    def enter(self, run: Run) -> None:
        """Maps pages, whatever they were mapped to."""
        self.remove(run.virtual, _end(run))
        i = bisect_left(self._starts, run.virtual)
        self._runs.insert(i, run)
        self._starts.insert(i, run.virtual)

    def remove(self, begin: int, end: int) -> None:
        """Unmaps the pages between two addresses, where there are any."""
        first, last = max(0, bisect_right(self._starts, begin) - 1), bisect_left(self._starts, end)
        staying = [part for run in self._runs[first:last] for part in _outside(run, begin, end)]
        self._runs[first:last] = staying
        self._starts[first:last] = [run.virtual for run in staying]

    def any_in(self, begin: int, end: int) -> bool:
        """Whether a page between two addresses is mapped."""
        i = bisect_left(self._starts, end)
        return i > 0 and _end(self._runs[i - 1]) > begin

    def get(self, page: int, default: Entry | None = None) -> Entry | None:
        i = bisect_right(self._starts, page) - 1
        if i < 0 or page >= _end(run := self._runs[i]):
            return default
        return run.physical + page - run.virtual, run.flags

    def __getitem__(self, page: int) -> Entry:
        if entry := self.get(page):
            return entry
        raise KeyError(page)

    def __contains__(self, page: object) -> bool:
        return isinstance(page, int) and self.get(page) is not None

    def __iter__(self) -> Iterator[int]:
        return (page for run in self._runs for page in range(run.virtual, _end(run), PAGE))

    def __len__(self) -> int:
        return sum(run.pages for run in self._runs)


def _end(run: Run) -> int:
    return run.virtual + run.pages * PAGE


def _outside(run: Run, begin: int, end: int) -> Iterator[Run]:
    """What is left of a run without the pages between two addresses."""
    for start, stop in ((run.virtual, min(_end(run), begin)), (max(run.virtual, end), _end(run))):
        if start < stop:
            yield Run(start, run.physical + start - run.virtual, (stop - start) // PAGE, run.flags)
