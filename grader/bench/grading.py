"""How long grading takes, in times of the smallest boot of the same run.

Everything is done once in each round, in turns with the smallest boot; the figures are medians. `make`
is not part of it: what it starts, grader/marionette, is.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.bench.figures import Figure, Request
from grader.building import build
from grader.course.labs import ROOT
from grader.errors import GraderError
from grader.grading.play import Player
from grader.scenarios import scenario

AREA = "grading"
STUDENTS = 4  # of the class
BOOT = "smallest boot"
BOOTS_A_ROUND = 3
EXIT_GRADED = (0, 1)  # all points, or not

# A buddy.cpp whose buddy_alloc does not return, for whatever reason.
BROKEN = """\
#include "mm/buddy.h"
size_t buddy_state_size(size_t units) {{ return units; }}
void buddy_init(buddy *b, size_t units, void *state) {{ *b = {{units, state}}; }}
size_t buddy_alloc(buddy *, size_t, size_t, size_t *) {{ {body} return 0; }}
void buddy_free(buddy *, size_t, size_t) {{}}
"""
HANG = "for (volatile int i = 0;;) i = i;"
TRIPLE_FAULT = """struct [[gnu::packed]] { unsigned short limit; unsigned base; } none{0, 0};
asm volatile("lidt %0; int3" : : "m"(none));"""


@dataclass(frozen=True)
class Timed:
    """Something to be timed: what `prepare` makes ready is not part of the time."""

    name: str
    action: Callable[[], object]
    prepare: Callable[[], object] = lambda: None


def measure(request: Request) -> Iterator[Figure]:
    """The smallest boot in milliseconds; everything else in seconds, beside it."""
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        boot, *rest = _all(request.toolchain, Path(folder))
        times = _in_turns([boot, *rest], request.rounds)
    smallest = statistics.median(times[BOOT])
    yield Figure(AREA, f"{BOOT}, in its box", "s", smallest, {f"fastest {BOOT}": min(times[BOOT])},
                 exact=False)
    for timed in rest:
        found = times[timed.name]
        yield Figure(AREA, timed.name, "s", statistics.median(found), {BOOT: smallest}, exact=False,
                     note=f"least {min(found):.3f}")


def _in_turns(everything: list[Timed], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {timed.name: [] for timed in everything}
    for timed in (timed for _ in range(rounds) for timed in everything):
        for _ in range(BOOTS_A_ROUND if timed.name == BOOT else 1):
            timed.prepare()
            before = time.perf_counter()
            timed.action()
            times[timed.name].append(time.perf_counter() - before)
    return times


def _all(toolchain: build.Toolchain, folder: Path) -> list[Timed]:
    """Everything that is timed, once before that, so that all but `cold` find what they compile."""
    cold = folder / "cold"
    solutions = ROOT / "solutions"
    hangs = _submission(folder / "hangs", HANG)
    group = _class(folder / "class")

    def grade(submission: Path, lab: str = "", made: Path = toolchain.folder,
              remember: str = "") -> Callable[[], object]:
        return lambda: _marionette("grade", "--build", made, "--submission", submission, "--lab", lab,
                                   "--out", folder / "out", "--remember", remember)

    warm = [Timed(BOOT, _boot(toolchain, {}, "")),
            Timed("a hang", _boot(toolchain, {"buddy.cpp": hangs / "buddy.cpp"}, "alloc 1 1")),
            Timed("a triple fault", _boot(toolchain, {"buddy.cpp": _submission(
                folder / "faults", TRIPLE_FAULT) / "buddy.cpp"}, "alloc 1 1")),
            Timed("lab 1", grade(solutions, "buddy")),
            Timed("lab 1, every test a hang", grade(hangs, "buddy")),
            Timed("six labs, warm", grade(solutions)),
            Timed("six labs, nothing changed", grade(solutions, remember="1")),
            Timed(f"a class of {STUDENTS}, six labs each", lambda: _marionette(
                "class", "--build", toolchain.folder, "--submissions", group, "--out",
                folder / "class-out"), lambda: shutil.rmtree(folder / "class-out", True))]
    for timed in warm:
        timed.prepare()
        timed.action()
    return [*warm, Timed("six labs, cold", grade(solutions, made=cold), lambda: _cold(toolchain, cold))]


def _boot(toolchain: build.Toolchain, sources: dict[str, Path], lines: str) -> Callable[[], object]:
    """A boot of its own, with a scenario that begins with an allocator of one unit."""
    image = build.image(toolchain, sources, gated=False)
    played = scenario.Scenario("buddy", "bench", scenario.operations(f"init 1\n{lines}"))
    return lambda: Player(image).play_alone(played, trace=False)


def _submission(folder: Path, body: str) -> Path:
    folder.mkdir()
    (folder / "buddy.cpp").write_text(BROKEN.format(body=body), encoding="utf-8")
    return folder


def _class(folder: Path) -> Path:
    """A few submissions, each with files of its own, so that none finds what another compiled."""
    for i in range(STUDENTS):
        shutil.copytree(ROOT / "solutions" / "mm", folder / f"student{i}")
        for path in (folder / f"student{i}").iterdir():
            path.write_text(f"{path.read_text('utf-8')}// Submission {i}\n", encoding="utf-8")
    return folder


def _cold(toolchain: build.Toolchain, folder: Path) -> None:
    """A build folder in which no submission was ever compiled; the kit itself is."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(toolchain.folder / "toolchain.json", folder)


def _marionette(command: str, *arguments: object) -> None:
    done = subprocess.run([str(ROOT / "grader" / "marionette"), command, *map(str, arguments)],
                          cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in EXIT_GRADED:
        raise GraderError(f"{command} ended with status {done.returncode}:\n{done.stderr[-2000:]}")
