"""`make bench`: how fast the kit is, beside what is measured in the same run."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from grader import commands
from grader.errors import GraderError

HELP = "measure the reference and grading"
AREAS = ("buddy", "malloc", "map_mem", "complexity", "grading")
ROUNDS = 5


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    for name in ("area", "traces", "rounds", "out"):
        parser.add_argument(f"--{name}", default="")


def run(options: argparse.Namespace) -> int:
    """Measures; 0 when all of it could be."""
    from grader.bench import figures, programs, show
    from grader.building import build
    from grader.course import labs
    traces = [Path(word) for word in options.traces.split()] or [labs.find("malloc").folder / "traces"]
    request = figures.Request(options.build, build.Toolchain.load(options.build), tuple(traces),
                              _rounds(options.rounds))
    wanted = _wanted(options.area)
    built = programs.Programs.build(labs.ROOT / "build" / "bench" / "programs", wanted)
    found = []
    console = show.console()
    for area, measure in _measures(request, built).items():
        with console.status(f"{area} …") as status:
            for figure in measure() if area in wanted else ():
                status.update(f"{area}: {figure.workload}")
                found.append(figure)
    console.print(show.table(found))
    for sentence in built.missing:
        console.print(sentence)
    for path in show.write(found, commands.made(options, "bench"), request.toolchain.compiler):
        console.print(str(path))
    return 0


def _wanted(text: str) -> set[str]:
    """The areas that AREA= names; nothing means all."""
    wanted = set(text.replace(",", " ").split()) or set(AREAS)
    if unknown := wanted - set(AREAS):
        raise GraderError(f"AREA={text}: there is no {sorted(unknown)[0]}, only {', '.join(AREAS)}")
    return wanted


def _measures(request, built) -> dict[str, Callable[[], Iterator]]:
    """What measures each area, in the order of the table."""
    from grader.bench import buddy, complexity, grading, malloc, map_mem
    return {"buddy": lambda: buddy.measure(request, built),
            "malloc": lambda: malloc.measure(request, built),
            "map_mem": lambda: map_mem.measure(request),
            "complexity": lambda: complexity.measure(request),
            "grading": lambda: grading.measure(request)}


def _rounds(text: str) -> int:
    if text and (not text.isdigit() or int(text) < 1):
        raise GraderError(f"ROUNDS={text}: how often to time everything was expected, 1 or more")
    return int(text) if text else ROUNDS
