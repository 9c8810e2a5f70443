"""The reference's malloc beside others of the kit's, and, compiled for this machine, beside the C
library's and those that Debian has: mimalloc, jemalloc, tcmalloc.

Utilisation is the largest sum of live sizes over the largest number of bytes taken from kvmalloc, whose
own work is not counted. Nor is the kernel's, of which the others ask pages.
"""

from __future__ import annotations

import lzma
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader.bench.figures import Figure, Request
from grader.bench.programs import Programs
from grader.errors import GraderError

AREA = "malloc"
REPLAY = "replay"  # the function of bench/malloc.cpp in which instructions are counted,
PAGES = ("kvmalloc(*", "kvfree(*")  # but not in these two
GENERATED = {
    "mix": "kernel mix", "uni2k": "1 to 2048 bytes", "fixed64": "one size", "lifo": "last in, first out",
    "grow": "growing blocks", "tiny": "20 small blocks",
}
KIT_ONLY = ("uni2k", "fixed64", "lifo")  # are not played to other libraries
OTHERS = {"mimalloc": "libmimalloc.so.2", "jemalloc": "libjemalloc.so.2",
          "tcmalloc": "libtcmalloc_minimal.so.4"}
LIBRARIES = (Path("/usr/lib/x86_64-linux-gnu"), Path("/usr/lib/aarch64-linux-gnu"), Path("/usr/lib"))
ENDINGS = (".rep", ".trace", ".trace.xz")
PAGE = 4096


@dataclass(frozen=True)
class Run:
    """One program and workload: instructions an operation, and utilisation in per cent."""

    instructions: float
    utilisation: float


def measure(request: Request, programs: Programs) -> Iterator[Figure]:
    """Instructions and utilisation for each trace and generated workload, then the other libraries."""
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder, ThreadPoolExecutor(2) as pool:
        workloads = {**unpacked(request.traces, Path(folder)), **GENERATED}
        for figures in pool.map(lambda item: _kit(programs, *item), workloads.items()):
            yield from figures
        compared = [item for item in workloads.items() if item[0] not in KIT_ONLY]
        yield from pool.map(lambda item: _libraries(programs, *item), compared)
        for argument in ("mix", *list(workloads)[:1]):
            yield _timed(request, programs, argument, workloads[argument])


def unpacked(paths: tuple[Path, ...], folder: Path) -> dict[str, str]:
    """The traces in files and folders, ready to be read: names by path. Raises GraderError."""
    found = {}
    for path in (file for path in paths for file in _files(path)):
        plain = path
        if path.suffix == ".xz":
            plain = folder / path.stem
            plain.write_bytes(lzma.decompress(path.read_bytes()))
        found[str(plain)] = path.name.partition(".")[0]
    return found


def one(programs: Programs, program: str, workload: str) -> Run:
    """Counts one program on one workload."""
    counted, (operations, payload, pages, *_) = programs.count(program, workload, within=REPLAY,
                                                               but=PAGES)
    return Run(counted / operations, 100 * payload / (pages * PAGE) if pages else 0)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise GraderError(f"TRACES={path}: there is no such file or folder")
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    found = [file for file in files if file.name.endswith(ENDINGS)]
    if not found:
        raise GraderError(f"TRACES={path}: no file there ends in {', '.join(ENDINGS)}")
    return found


def _kit(programs: Programs, workload: str, name: str) -> list[Figure]:
    ours, slabs, first_fit = (one(programs, f"malloc-{each}", workload)
                              for each in ("reference", "slabs", "first_fit"))
    nothing = one(programs, "malloc-nothing", workload)
    return [Figure(AREA, name, "instr/op", ours.instructions,
                   {"slabs": slabs.instructions, "first fit": first_fit.instructions,
                    "nothing": nothing.instructions}),
            Figure(AREA, name, "util %", ours.utilisation,
                   {"slabs": slabs.utilisation, "first fit": first_fit.utilisation},
                   more_is_better=True)]


def _libraries(programs: Programs, workload: str, name: str) -> Figure:
    """Other libraries' mallocs; their counts can vary a little with what addresses they get."""
    def counted(program: str, preload: Path | None) -> float:
        total, (operations, *_) = programs.count(program, workload, within=REPLAY, but=PAGES,
                                                 preload=preload)
        return total / operations
    return Figure(AREA, f"{name}, 64 bits", "instr/op",
                  counted("malloc64-reference", None),
                  {each: counted("malloc64-libc", path) for each, path in installed().items()})


def _timed(request: Request, programs: Programs, workload: str, name: str) -> Figure:
    """The least time of several rounds; programs of their own, so they are taken in turns here."""
    others = installed()
    runs = [[programs.time("malloc-time-reference", workload)[workload],
             *(programs.time("malloc-time-libc", workload, preload=path)[workload]
               for path in others.values())] for _ in range(request.rounds)]
    ours, *theirs = map(min, zip(*runs, strict=True))
    return Figure(AREA, f"{name}, 64 bits", "ns/op", ours,
                  dict(zip(others, theirs, strict=True)), exact=False)


def installed() -> dict[str, Path | None]:
    """The C library (None: nothing to preload), and those of the others that are here."""
    found: dict[str, Path | None] = {"glibc": None}
    for name, file in OTHERS.items():
        path = next((folder / file for folder in LIBRARIES if (folder / file).exists()), None)
        if path:
            found[name] = path
    return found
