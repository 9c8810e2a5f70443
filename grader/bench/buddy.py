"""The reference's buddy allocator beside lists (solutions/alternatives/buddy/lists.cpp) and beside an
allocator that does nothing, which is the harness's share."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader.bench import guest
from grader.bench.figures import Figure, Request
from grader.bench.programs import Programs
from grader.building import build

AREA = "buddy"
WORKLOADS = {
    "geo50": "mixed orders, 50 % full", "geo70": "mixed orders, 70 % full",
    "geo90": "mixed orders, 90 % full", "zero90": "order 0, 90 % full",
    "uni70": "all orders alike, 70 % full", "fill": "fill and drain",
    "split": "split and join", "failing": "a request that fails",
}
SIZES = {"64 MiB": 16_384, "1 GiB": 262_144, "4 GiB": 1_048_576}
USUAL = "1 GiB"
TIMED = ("geo70", "failing")
SCALED = ("geo50", "geo70", "geo90", "zero90", "failing")


@dataclass(frozen=True)
class Images:
    """What is compared, linked with the bench's players."""

    reference: Path
    lists: Path

    @classmethod
    def build(cls, toolchain: build.Toolchain) -> Images:
        """Links both."""
        return cls(*(guest.image(toolchain, {"buddy.cpp": guest.solution("buddy", name)})
                     for name in ("reference", "lists")))


@dataclass(frozen=True)
class Run:
    """What a workload takes: instructions an operation; and bytes of state for a unit."""

    instructions: float
    state: float


def measure(request: Request, programs: Programs) -> Iterator[Figure]:
    """Instructions an operation for each workload; how that changes with the size; time and space."""
    images = Images.build(request.toolchain)
    with ThreadPoolExecutor(2) as pool:
        at_1_gib = {}
        for workload, figure in zip(WORKLOADS, pool.map(lambda w: _counted(images, w), WORKLOADS),
                                    strict=True):
            at_1_gib[workload] = figure.value
            yield figure
        cases = [(workload, size) for workload in SCALED for size in SIZES if size != USUAL]
        yield from pool.map(lambda case: _scaled(images, *case, at_1_gib[case[0]]), cases)
    yield Figure(AREA, f"state, {USUAL}", "bytes/unit", one(images.reference, "split").state,
                 {"lists": one(images.lists, "split").state})
    if programs.timing:
        yield from _timed(request, programs)


def one(image: Path, workload: str, size: str = USUAL, nothing: bool = False) -> Run:
    """Counts one workload with the buddy allocator of an image, or with one that does `nothing`."""
    units = SIZES[size]
    found = guest.play(image, "bench_buddy", [
        "boot", *(["nothing"] if nothing else []), f"{workload} {units}", "play"])
    return Run(found["play"].cost / found["play"].results["operations"],
               found[workload].results["state"] / units)


def _counted(images: Images, workload: str) -> Figure:
    return Figure(AREA, f"{WORKLOADS[workload]}, {USUAL}", "instr/op",
                  one(images.reference, workload).instructions,
                  {"lists": one(images.lists, workload).instructions,
                   "nothing": one(images.reference, workload, nothing=True).instructions})


def _scaled(images: Images, workload: str, size: str, usual: float) -> Figure:
    return Figure(AREA, f"{WORKLOADS[workload]}, {size}", "instr/op",
                  one(images.reference, workload, size).instructions, {f"at {USUAL}": usual})


def _timed(request: Request, programs: Programs) -> Iterator[Figure]:
    """Compiled for this machine."""
    times = programs.time("buddy-time", f"--benchmark_filter=/({'|'.join(TIMED)})/",
                          rounds=request.rounds)
    for workload in TIMED:
        reference, lists, nothing = (times[f"{each}/{workload}/{SIZES[USUAL]}"]
                                     for each in ("reference", "lists", "nothing"))
        yield Figure(AREA, f"{WORKLOADS[workload]}, {USUAL}, 64 bits", "ns/op", reference,
                     {"lists": lists, "nothing": nothing}, exact=False)
