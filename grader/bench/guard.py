"""The regression guard: the reference's instruction counts, beside those that are recorded.

bench/counts.toml has them, the version of the compiler that they were taken with, and why each is what
it is. Counts of another compiler's code say nothing about the reference.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from grader.bench import buddy, guest, malloc, map_mem, workload
from grader.building import build
from grader.course import labs
from grader.course.labs import ROOT
from grader.grading.play import Player
from grader.scenarios import scenario

RECORD = ROOT / "bench" / "counts.toml"
ALLOWED = 0.02  # of change, as a part of what is recorded
MIX, TRACE = "kernel mix", "compiler"
BUDDY = (("geo70", "1 GiB"), ("geo70", "4 GiB"), ("failing", "1 GiB"))


@dataclass(frozen=True)
class Count:
    """What one workload took, in instructions an operation (of map_mem: a call), and why."""

    workload: str
    instructions: float
    reason: str


@dataclass(frozen=True)
class Record:
    """What bench/counts.toml says."""

    compiler: str
    counts: tuple[Count, ...]

    @classmethod
    def load(cls, path: Path = RECORD) -> Record:
        """Reads it."""
        table = tomllib.loads(path.read_text("utf-8"))
        return cls(table["compiler"], tuple(Count(**entry) for entry in table["count"]))

    def is_of(self, toolchain: build.Toolchain) -> bool:
        """Whether the counts are those of the compiler's code that is there."""
        return toolchain.compiler.rpartition(" ")[2] == self.compiler

    def changes(self, now: dict[str, float]) -> list[str]:
        """A sentence for each count that changed by more than is allowed, and for each that is in
        one of the two only."""
        recorded = {count.workload: count.instructions for count in self.counts}
        return [f"{name}: {recorded.get(name)} instructions are recorded, {now.get(name)} are counted"
                for name in sorted(recorded.keys() | now.keys())
                if name not in recorded or name not in now
                or abs(now[name] - recorded[name]) > ALLOWED * recorded[name]]


def count(toolchain: build.Toolchain) -> dict[str, float]:
    """Counts every workload that is guarded, in the guest: instructions, by the workload's name."""
    units = guest.image(toolchain, {})
    found = {f"buddy: {name}, {size}": buddy.one(units, name, size).instructions for name, size in BUDDY}
    heap = malloc.image(toolchain, "reference")
    traces = labs.find("malloc").folder / "traces"
    for name, work in [(MIX, workload.GENERATORS[MIX]()),
                       *workload.recorded((traces / f"{TRACE}.trace.xz",))]:
        found[f"malloc: {name}"] = malloc.one(heap, work).instructions
    costs = map_mem.costs(toolchain, ROOT / "solutions" / "mm" / "paging.cpp")
    found |= {f"map_mem: {space}, {step}, {pages}": cost for (space, step, pages), cost in costs.items()
              if space == "kernel" and pages in (1, 4096)}
    found |= over_buddy(toolchain)
    return {name: round(value, 3) for name, value in found.items()}


def over_buddy(toolchain: build.Toolchain) -> dict[str, float]:
    """How many instructions ppalloc and ppfree take more than the buddy allocator on the same units,
    in the guest: means of 64 runs of 1 to 16 pages."""
    runs = "\n".join([*(f"r{i} = alloc {i % 16 + 1} {i % 16 + 1}" for i in range(64)),
                      *(f"free r{i}" for i in range(64))])
    pages = _means(toolchain, "ppalloc", f"region 0x100000 0x1000000 1\ninit\n{runs}")
    units = _means(toolchain, "buddy", f"init 4352\nfree 256 4096\n{runs}")
    return {f"ppalloc: {verb}, more than the buddy allocator": pages[verb] - units[verb]
            for verb in ("alloc", "free")}


def _means(toolchain: build.Toolchain, slug: str, lines: str) -> dict[str, float]:
    played = Player(build.image(toolchain, {})).play_alone(scenario.Scenario(
        slug, "guard", scenario.operations(lines), measure=True), trace=False)
    costs = {verb: [record.cost for record in played.run.records if record.verb == verb][-64:]
             for verb in ("alloc", "free")}
    return {verb: sum(each) / len(each) for verb, each in costs.items()}
