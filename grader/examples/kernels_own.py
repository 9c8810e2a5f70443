"""Where the kernel itself lies on a design: its code, its variables, its stack. What stands where in it is no answer of
that design's to anything, and of nine designs one has any number anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.building import symbols
from grader.course.labs import Lab
from grader.emulators.ram import LOADED_AT
from grader.evidence.records import Record
from grader.evidence.snapshot import PAGE

WHY = "the kernel itself lies there: what stands where in it is no design's answer"

_SPAN = 4 << 20  # bytes, which the image's page table translates: behind the image lie windows
_TABLES = ("initial_directory", "identity_table", "kernel_table")  # in the image; what they hold is the contract's


@dataclass(frozen=True)
class KernelsOwn:
    """Physical addresses: where the image ends that begins at LOADED_AT, and the page tables in it; and where kernel
    addresses begin."""

    end: int
    tables: frozenset[int]
    base: int

    @classmethod
    def of(cls, image: Path) -> KernelsOwn:
        """That of a design's image."""
        known = symbols.global_table(image)
        base = known["image_start"]
        return cls(known["image_end"] - base + LOADED_AT,
                   frozenset(known[name] - base + LOADED_AT for name in _TABLES), base)

    def named(self, lab: Lab, records: Sequence[Record]) -> Iterator[int]:
        """The numbers of the operations, as they were played, that have to do with any of it (`addresses` of lab.toml):
        also where it is seen at addresses that an operation before mapped to it. One that failed has done nothing."""
        aliases: list[range] = []
        for record in (record for record in records if not record.panicked and not record.results.get("error")):
            for kind, first, *others in _named_in(lab, record):
                if kind == "maps" and self._holds(others[0], others[1]):
                    aliases.append(range(first, first + others[1] * PAGE))
                pages = others[-1] if others else 1
                if self._holds(first, pages) if kind == "physical" else self._is_seen(first, pages, aliases, kind):
                    yield record.number

    def _holds(self, physical: int, pages: int) -> bool:
        first = physical // PAGE * PAGE
        there = range(max(first, LOADED_AT), min(first + pages * PAGE, self.end), PAGE)
        return any(page not in self.tables for page in there)

    def _is_seen(self, first: int, pages: int, aliases: Sequence[range], kind: str) -> bool:
        seen = [range(self.base, self.base + _SPAN), *(aliases if kind == "virtual" else ())]
        first = first // PAGE * PAGE
        return any(first < there.stop and first + pages * PAGE > there.start for there in seen)


def _named_in(lab: Lab, record: Record) -> Iterator[tuple]:
    """Of an operation, what it says of memory: of which kind, and the numbers."""
    for spelled in lab.addresses.get(record.verb, ()):
        kind, *places = spelled.split()
        if all(int(place) < len(record.arguments) for place in places):
            yield kind, *(record.arguments[int(place)] for place in places)
