"""The reference's malloc beside others of the kit's, counted in the guest; and, compiled for this
machine, beside the C library's and those that Debian has: mimalloc, jemalloc, tcmalloc.

Utilisation is the largest sum of live sizes over the largest number of bytes taken from kvmalloc, whose
own work is not counted. Nor is the kernel's, of which the others ask pages.
"""

from __future__ import annotations

import sysconfig
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader.bench import guest, workload
from grader.bench.figures import Figure, Request
from grader.bench.programs import Programs
from grader.bench.workload import Workload
from grader.building import build
from grader.errors import GraderError

AREA = "malloc"
SOLUTIONS = ("reference", "slabs", "first_fit", "quick_lists")
TIMED_SOLUTION = "quick_lists"  # beside it
# A malloc.cpp calls bench/malloc_player.cpp, which counts, for kvmalloc and kvfree.
COUNTED = ("-Dkvmalloc=counted_kvmalloc", "-Dkvfree=counted_kvfree")
NOT_COUNTED = ("kvmalloc(*", "kvfree(*")  # by callgrind, of bench/malloc_pages.cpp
REPLAY = "replay"  # the function of bench/malloc_count.cpp in which callgrind counts
KIT_ONLY = ("1 to 2048 bytes", "one size", "last in, first out")  # are not counted in other libraries
TIMED = ("kernel mix", "one size", "last in, first out")
# Whatever version is there.
OTHERS = {"mimalloc": "libmimalloc.so.*", "jemalloc": "libjemalloc.so.*",
          "tcmalloc": "libtcmalloc_minimal.so.*"}
LIBRARIES = [Path("/usr/lib", sysconfig.get_config_var("MULTIARCH") or ""), Path("/usr/lib64"),
             Path("/usr/lib")]
PAGE = 4096


@dataclass(frozen=True)
class Run:
    """One solution and workload: instructions an operation, with the heap and with one that does
    nothing; and utilisation in per cent."""

    instructions: float
    nothing: float
    utilisation: float


def measure(request: Request, programs: Programs) -> Iterator[Figure]:
    """Instructions and utilisation for each trace and generated workload, then the other libraries."""
    images = {name: image(request.toolchain, name) for name in SOLUTIONS}
    recorded = dict(workload.recorded(request.traces))
    workloads = recorded | {name: make() for name, make in workload.GENERATORS.items()}
    with ThreadPoolExecutor(2) as pool:
        for figures in pool.map(lambda item: _kit(images, *item), workloads.items()):
            yield from figures
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder, ThreadPoolExecutor(2) as pool:
        files = {name: _written(work, Path(folder, str(i)))
                 for i, (name, work) in enumerate(workloads.items())}
        if programs.counting:
            yield from pool.map(lambda name: _libraries(programs, files[name], name),
                                [name for name in files if name not in KIT_ONLY])
        if programs.timing:
            for name in (*(name for name in TIMED if name in files), *list(recorded)[:1]):
                yield _timed(request, programs, files[name], name)


def image(toolchain: build.Toolchain, name: str) -> Path:
    """The bench's image with the reference's malloc, or that of one of the alternatives."""
    return guest.image(toolchain, {"malloc.cpp": guest.solution("malloc", name)}, *COUNTED)


def one(image: Path, work: Workload) -> Run:
    """Counts the malloc of an image on one workload."""
    found = guest.play(image, "bench_malloc", ["boot", "load", "play", "nothing"], work.packed)
    if wrong := [verb for verb, record in found.items() if record.results.get("done") == 0]:
        raise GraderError(f"bench_malloc, {wrong[0]}: memory ran out")
    played, nothing = found["play"], found["nothing"]
    pages, operations = played.results["pages"], len(work.counted)
    return Run((played.cost - played.results["inside_kvmalloc"]) / operations, nothing.cost / operations,
               100 * work.peak_payload / (pages * PAGE))


def _written(work: Workload, path: Path) -> str:
    path.write_bytes(work.packed)
    return str(path)


def _kit(images: dict[str, Path], name: str, work: Workload) -> list[Figure]:
    ours, *others = (one(images[each], work) for each in SOLUTIONS)
    beside = {each.replace("_", " "): run for each, run in zip(SOLUTIONS[1:], others, strict=True)}
    return [Figure(AREA, name, "instr/op", ours.instructions,
                   {each: run.instructions for each, run in beside.items()} | {"nothing": ours.nothing}),
            Figure(AREA, name, "util %", ours.utilisation,
                   {each: run.utilisation for each, run in beside.items()}, more_is_better=True)]


def _libraries(programs: Programs, file: str, name: str) -> Figure:
    """Other libraries' mallocs; their counts can vary a little with what addresses they get."""
    def counted(program: str, preload: Path | None) -> float:
        total, operations = programs.count(program, file, within=REPLAY, but=NOT_COUNTED, preload=preload)
        return total / operations
    return Figure(AREA, f"{name}, 64 bits", "instr/op",
                  counted("malloc64-reference", None),
                  {each: counted("malloc64-libc", path) for each, path in installed().items()})


def _timed(request: Request, programs: Programs, file: str, name: str) -> Figure:
    """The least time of several rounds; programs of their own, so they are taken in turns here."""
    players = {each: ("libc", path) for each, path in installed().items()}
    players |= {each.replace("_", " "): (each, None) for each in ("reference", TIMED_SOLUTION)}
    rounds = [{each: programs.time(f"malloc-time-{heap}", file, preload=path)[file]
               for each, (heap, path) in players.items()} for _ in range(request.rounds)]
    least = {each: min(times[each] for times in rounds) for each in players}
    return Figure(AREA, f"{name}, 64 bits", "ns/op", least.pop("reference"), least, exact=False)


def installed() -> dict[str, Path | None]:
    """The C library (None: nothing to preload), and those of the others that are here."""
    found: dict[str, Path | None] = {"glibc": None}
    for name, pattern in OTHERS.items():
        paths = [path for folder in LIBRARIES for path in sorted(folder.glob(pattern))]
        if paths:
            found[name] = paths[0]
    return found
