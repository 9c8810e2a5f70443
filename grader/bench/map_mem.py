"""map_mem and unmapping in the guest, by exact instruction count, beside a solution that goes page by
page (solutions/alternatives/paging/page_by_page.cpp)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.bench.figures import Figure, Request
from grader.building import build
from grader.course import labs
from grader.course.labs import ROOT
from grader.errors import Infrastructure
from grader.grading.play import Player
from grader.scenarios import scenario

AREA = "map_mem"
PAGES = (1, 4, 32, 256, 4096)
STEPS = ("first mapping", "mapping anew", "unmapping")
LIMIT = 100_000_000  # instructions for one operation: page by page takes its time
# A directory of a user's, which is not the active one, and the active one's addresses of the kernel.
SPACES = {"inactive": "map d {frame} 0x400000 {pages} {flags}", "kernel": "map 0 {frame} k {pages} {flags}"}


def measure(request: Request) -> Iterator[Figure]:
    """Instructions a page, for each number of pages."""
    ours = costs(request.toolchain, ROOT / "solutions" / "mm" / "paging.cpp")
    theirs = costs(request.toolchain,
                   ROOT / "solutions" / "alternatives" / "paging" / "page_by_page.cpp")
    for (space, step, pages), cost in ours.items():
        yield Figure(AREA, f"{space}, {step}, {pages} page{'s' if pages > 1 else ''}",
                     "instr/page", cost / pages,
                     {"page by page": theirs[space, step, pages] / pages})


def costs(toolchain: build.Toolchain, source: Path) -> dict[tuple[str, str, int], int]:
    """The instructions of one call, by space, step and number of pages, with a paging.cpp."""
    image = build.image(toolchain, {"paging.cpp": source})
    found = {}
    for played in Player(image).play([_scenario(space, n) for space in SPACES for n in PAGES]):
        space, n = played.scenario.title.split("-")
        measured = [record.cost for record in played.run.records if record.verb == "map"] \
            if played.run else []
        if len(measured) != len(STEPS):
            raise Infrastructure(f"{source.name} did not map {n} pages: {played.ending}")
        found |= {(space, step, int(n)): cost for step, cost in zip(STEPS, measured, strict=True)}
    return found


def _scenario(space: str, pages: int) -> scenario.Scenario:
    lines = ["boot", "d = create", f"k = area {pages}"]
    lines += [SPACES[space].format(frame=frame, pages=pages, flags=flags)
              for frame, flags in (("0x100000", 3), ("0x200000", 3), ("0", 0))]
    return scenario.Scenario(labs.find("paging").slug, f"{space}-{pages}",
                             scenario.operations("\n".join(lines)), measure=True, limit=LIMIT)
