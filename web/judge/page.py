"""What the page asks of the grader, whose modules it has unchanged: to judge what a machine in the page played.

Answers are JSON. `play_in_page` is the page's machine, as web/judge/worker.mjs gives it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

# What the host limits is not there to be limited in a page.
sys.modules["resource"] = ModuleType("resource")
sys.dont_write_bytecode = True
sys.path.insert(0, "/kit")

from grader.building import stage, symbols
from grader.building.toolchain import Toolchain
from grader.course import labs
from grader.emulators import v86
from grader.emulators.machine import MEMORY, Boot
from grader.errors import GraderError, Unplayable
from grader.grading.compiled import Compiled
from grader.grading.outcome import NotPassed
from grader.grading.play import Player
from grader.grading.stage_grading import PUBLIC_SEED, StageGrading
from grader.judging.judge import Finding, judge
from grader.page import film
from grader.points import number
from grader.scenarios import scenario

KERNEL_BASE = 0xC0000000
MOST_FILM = 900_000  # bytes

# An image in the page has no debug information: nothing can be said of where in the sources it stopped.
symbols.backtrace = lambda *_, **__: []

play_in_page: Callable


def boot(image: Path, script: str, memory: int = MEMORY, **how: object) -> Boot:
    """A grader.emulators.machine.Emulator's: a boot in the page's own machine."""
    del image, how
    log, ending, fault, looks = play_in_page(script, memory)
    return v86.left(bytes(log), ending, fault, bytes(looks))


def judged(text: str, say: Callable[[str], None]) -> str:
    """Plays a script on the page's kernel: of each scenario the verdict, the broken sentence, and the film."""
    del say
    try:
        wanted = scenario.parse(text, "scenario")
        played = [_played(one) for one in wanted]
    except (GraderError, Unplayable) as error:
        return json.dumps({"error": str(error)})
    return json.dumps({"scenarios": played})


def _played(wanted: scenario.Scenario) -> dict:
    lab = labs.find(wanted.lab)
    (entry,) = Player(Path("kernel"), boot=boot).play([wanted])
    finding = judge(wanted, entry.run, entry.ending, lab.new_oracle(KERNEL_BASE))
    made = film.shortened(film.make(lab, wanted, entry.run, finding, KERNEL_BASE), MOST_FILM)
    return {"title": wanted.title, "film": made.as_json(), **_told(finding)}


def _told(finding: Finding | None) -> dict:
    if not finding:
        return {"verdict": "pass"}
    fields = ("rule", "operation", "text", "expected", "seen", "sentence", "header")
    stop = finding.stop and {"stop": {"eip": finding.stop.eip, "trace": list(finding.stop.trace)}}
    return {"verdict": finding.verdict.value, **{name: getattr(finding, name) for name in fields}, **(stop or {})}


def graded(slug: str, say: Callable[[str], None]) -> str:
    """All of a lab's graded tests on the page's kernel; `say` is told of each, as JSON."""
    lab = labs.find(slug)
    toolchain = Toolchain(Path("/kit"), "", (f"-DKERNEL_BASE={KERNEL_BASE:#x}",), (), (), (), ())
    grading = StageGrading(stage.alone(lab), Path("/kit"), toolchain, PUBLIC_SEED, boot=boot, rounds=0,
                           made=Compiled(Path("kernel")), bare=True)
    outcomes = grading.run(grading.workloads())
    marks = []
    for test in lab.tests:
        finding, share = None, 1
        try:
            lab.graded_tests[test.name](outcomes[test.name])
        except NotPassed as error:
            finding, share = error.finding, error.share
        failing = outcomes[test.name].failing
        marks.append({"test": test.name, "idea": test.idea, "points": number(share * test.points), "of": test.points,
                      "scenario": scenario.script([failing]) if failing else "", **_told(finding)})
        say(json.dumps(marks[-1]))
    return json.dumps(marks)
