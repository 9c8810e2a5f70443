"""The moment that a debugger is to stop at: an operation of a scenario, on a submission's image.

A person names a graded test (TEST=lab/name, graded once more: grader/grading/one_test.py), or a scenario's file
(SCENARIO=). The same submission, seed and KERNEL_BASE lead to the same moment on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.building import build, stage
from grader.course import labs, secret
from grader.course.labs import Lab
from grader.debug import calls, leak
from grader.debug.leak import Leak
from grader.errors import BadScenario, GraderError, Unplayable
from grader.evidence.records import Run
from grader.grading import stage_grading
from grader.grading.one_test import OneTest, grade_one
from grader.grading.play import Played, Player
from grader.judging.judge import Finding, judge
from grader.judging.verdict import Verdict
from grader.reporting import explain
from grader.scenarios import scenario
from grader.scenarios.scenario import Scenario

_NOTHING_TO_BOOT = (Verdict.NOT_RUN, Verdict.REJECTED, Verdict.BUILD)


@dataclass(frozen=True)
class Wish:
    """What was typed: TEST= or SCENARIO=, and what goes with it; "" where nothing was."""

    submission: Path
    test: str = ""
    scenario: str = ""
    at: str = ""
    seed: str = ""
    stage: str = ""
    optimize: str = ""


@dataclass(frozen=True)
class Target:
    """Operation number `operation` (from 1) of a scenario, which is about to be played.

    `calls` is the function of the student's that it calls first, "" where it calls none. `headline` says in a line what
    is wrong there, or that nothing is. Of something lost, it is the operation that lost it (`leak`), not the one that
    counts.
    """

    lab: Lab
    scenario: Scenario
    run: Run | None  # what came of it; None if it did not begin
    operation: int
    calls: str
    finding: Finding | None
    headline: str
    toolchain: build.Toolchain
    stage: stage.Built
    patience: int
    leak: Leak | None = None

    @property
    def script(self) -> str:
        """What the kernel is to play."""
        return scenario.script([self.scenario], patience=self.patience)


def resolve(toolchain: build.Toolchain, wish: Wish) -> Target:
    """The moment that was asked for. Raises GraderError where there is none."""
    if bool(wish.test) == bool(wish.scenario):
        raise GraderError("TEST=lab/name or SCENARIO=file, one of them: the last lines of a failed "
                          "test's message have both")
    if wish.optimize not in ("", "g"):
        raise GraderError(f"OPTIMIZE={wish.optimize}: expected `g` (variables stay where a debugger sees them), or "
                          "nothing (as it is graded)")
    if wish.test:
        one = grade_one(toolchain, wish.submission, wish.test, wish.seed, wish.stage)
        return _Search(toolchain, wish, one.lab, one.graded.stage).of_test(one)
    path = Path(wish.scenario)
    found = scenario.load(path)
    lab = lab_of(found[0], path)
    if stray := next((each for each in found if each.lab != lab.slug), None):
        raise BadScenario(str(path), stray.lab_line, "expected: one lab's scenarios, to stop in")
    return _Search(toolchain, wish, lab, stage.named(lab, wish.stage)).of_file(found, path)


@dataclass(frozen=True)
class _Search:
    """What is the same wherever the moment is found."""

    toolchain: build.Toolchain
    wish: Wish
    lab: Lab
    stage: stage.Stage

    def of_test(self, one: OneTest) -> Target:
        """Where a graded test fails; or the first operation of its first scenario."""
        outcome, finding = one.outcome, one.finding
        if finding and finding.verdict in _NOTHING_TO_BOOT:
            raise GraderError(explain.message(finding, [], []))
        first = outcome.played[0]
        chosen, run = (outcome.failing or first.scenario), (outcome.run or first.run)
        if not finding:
            return self._target(chosen, run, None,
                                f"{self.wish.test} passes; this is the first of its scenarios")
        return self._target(chosen, run, finding, f"{self.wish.test} ({finding.verdict.value}): "
                            f"{explain.headline(finding, outcome.places)}")

    def of_file(self, found: list[Scenario], path: Path) -> Target:
        """The first of a file's scenarios in which something goes wrong; or its first."""
        image = stage.image(self.toolchain, self.wish.submission, self.stage.labs).image
        player = Player(image, patience=stage_grading.patience(self.stage))
        played = []
        for wanted in found:
            entry = player.play_alone(wanted)
            played.append(entry)
            if finding := judged(self.toolchain, self.lab, entry, path):
                places = explain.locate(finding, image, entry.fault)
                return self._target(wanted, entry.run, finding,
                                    f"{wanted.title} ({finding.verdict.value}): "
                                    f"{explain.headline(finding, places)}")
        return self._target(found[0], played[0].run, None, f"{found[0].title} passes")

    def _target(self, chosen: Scenario, run: Run | None, finding: Finding | None,
                headline: str) -> Target:
        layout = secret.layout(self.wish.seed)
        toolchain = self.toolchain.for_debugging() if self.wish.optimize else self.toolchain
        there = stage.image(toolchain, self.wish.submission, self.stage.labs, layout)
        patience = stage_grading.patience(self.stage)
        asked = _number(self.wish.at, len(chosen.operations))
        lost = None if asked else self._leak(chosen, finding, patience)
        operation = asked or (lost.lost if lost else 0) or (finding.operation if finding else 0) or 1
        first = calls.first_of(operation, there, scenario.script([chosen], patience=patience), self.toolchain)
        return Target(self.lab, chosen, run, operation, first, finding, headline, self.toolchain,
                      there, patience, lost)

    def _leak(self, chosen: Scenario, finding: Finding | None, patience: int) -> Leak | None:
        image = stage.image(self.toolchain, self.wish.submission, self.stage.labs).image
        player = Player(image, patience=patience)
        return leak.find(chosen, finding, lambda counting: judged(
            self.toolchain, self.lab, player.play_alone(counting), Path(self.wish.scenario or self.wish.test)))


def lab_of(wanted: Scenario, path: Path) -> Lab:
    """The lab that a file's scenario is for."""
    try:
        return labs.find(wanted.lab)
    except GraderError as error:
        raise BadScenario(str(path), wanted.lab_line, str(error)) from None


def judged(toolchain: build.Toolchain, lab: Lab, played: Played, path: Path) -> Finding | None:
    """What goes wrong in a file's scenario that was played in a boot of its own."""
    oracle = lab.new_oracle(toolchain.kernel_base)
    try:
        return judge(played.scenario, played.run, played.ending, oracle)
    except Unplayable as error:
        raise BadScenario(str(path), error.line, error.why) from None


def _number(at: str, last: int) -> int:
    """The operation that AT= names; 0 if there is no AT."""
    if not at:
        return 0
    if not (at.isascii() and at.isdigit() and 1 <= int(at) <= last):
        raise GraderError(f"AT={at}: the number of an operation was expected, from 1 to {last}")
    return int(at)
