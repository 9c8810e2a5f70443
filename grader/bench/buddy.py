"""The reference's buddy allocator beside lists (solutions/alternatives/buddy/lists.cpp) and beside an
allocator that does nothing, which is the harness's share."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from grader.bench.figures import Figure, Request
from grader.bench.programs import Programs

AREA = "buddy"
COUNTED = "counted_operations"  # the function of bench/buddy.cpp in which instructions are counted
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


def measure(request: Request, programs: Programs) -> Iterator[Figure]:
    """Instructions an operation for each workload; how that changes with the size; time and space."""
    with ThreadPoolExecutor(2) as pool:
        at_1_gib = {}
        for workload, figure in zip(WORKLOADS, pool.map(lambda w: _counted(programs, w), WORKLOADS),
                                    strict=True):
            at_1_gib[workload] = figure.value
            yield figure
        cases = [(workload, size) for workload in SCALED for size in SIZES if size != USUAL]
        yield from pool.map(lambda case: _scaled(programs, *case, at_1_gib[case[0]]), cases)
    yield _space(programs)
    yield from _timed(request, programs)


def per_operation(programs: Programs, name: str, *arguments: str) -> float:
    """Exact instructions an operation of one of the buddy programs."""
    counted, (operations, *_) = programs.count(name, *arguments, within=COUNTED)
    return counted / operations


def _counted(programs: Programs, workload: str) -> Figure:
    arguments = (workload, str(SIZES[USUAL]))
    return Figure(AREA, f"{WORKLOADS[workload]}, {USUAL}", "instr/op",
                  per_operation(programs, "buddy-reference", *arguments),
                  {"lists": per_operation(programs, "buddy-lists", *arguments),
                   "nothing": per_operation(programs, "buddy-reference", *arguments, "nothing")})


def _scaled(programs: Programs, workload: str, size: str, usual: float) -> Figure:
    return Figure(AREA, f"{WORKLOADS[workload]}, {size}", "instr/op",
                  per_operation(programs, "buddy-reference", workload, str(SIZES[size])),
                  {f"at {USUAL}": usual})


def _space(programs: Programs) -> Figure:
    state = {name: programs.run(f"buddy-{name}", "geo70", str(SIZES[USUAL]))[1]
             for name in ("reference", "lists")}
    return Figure(AREA, f"state, {USUAL}", "bytes/unit", state["reference"], {"lists": state["lists"]})


def _timed(request: Request, programs: Programs) -> Iterator[Figure]:
    """Compiled for this machine."""
    times = programs.time("buddy-time", f"--benchmark_filter=/({'|'.join(TIMED)})/",
                          rounds=request.rounds)
    for workload in TIMED:
        reference, lists, nothing = (times[f"{each}/{workload}/{SIZES[USUAL]}"]
                                     for each in ("reference", "lists", "nothing"))
        yield Figure(AREA, f"{WORKLOADS[workload]}, {USUAL}, 64 bits", "ns/op", reference,
                     {"lists": lists, "nothing": nothing}, exact=False)
