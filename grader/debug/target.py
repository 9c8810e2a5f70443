"""The moment that a debugger is to stop at: an operation of a scenario, on a submission's image.

A person names a graded test (TEST=lab/name), or a scenario's file (SCENARIO=). The test is graded once
more, as `make grade` does it but leaving no results: the same submission, seed and KERNEL_BASE lead
to the same moment on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader import build, explain, grading, labs, scenario, stage
from grader.errors import BadScenario, GraderError, Unplayable
from grader.grade import check_submission
from grader.grading import PUBLIC_SEED, LabGrading
from grader.judge import Finding, judge
from grader.labs import Lab
from grader.outcome import NotPassed, Outcome
from grader.play import Played, Player
from grader.records import Run
from grader.scenario import Scenario
from grader.verdict import Verdict

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


@dataclass(frozen=True)
class Target:
    """Operation number `operation` (from 1) of a scenario, which is about to be played.

    The kernel comes by `about_to_play` once for every operation, so the operation's is the
    `operation`-th time. `calls_student` is false for one that calls nothing of the student's.
    `headline` says in a line what is wrong there, or that nothing is.
    """

    lab: Lab
    scenario: Scenario
    run: Run | None  # what came of it; None if it did not begin
    operation: int
    calls_student: bool
    finding: Finding | None
    headline: str
    toolchain: build.Toolchain
    stage: stage.Stage
    patience: int

    @property
    def script(self) -> str:
        """What the kernel is to play."""
        return scenario.script([self.scenario], patience=self.patience)


def resolve(toolchain: build.Toolchain, wish: Wish) -> Target:
    """The moment that was asked for. Raises GraderError where there is none."""
    if bool(wish.test) == bool(wish.scenario):
        raise GraderError("TEST=lab/name or SCENARIO=file, one of them: the last lines of a failed "
                          "test's message have both")
    if wish.test:
        lab, name = _named(wish.test)
        return _Search(toolchain, wish, lab, stage.students(lab, wish.stage)).of_test(name)
    path = Path(wish.scenario)
    found = scenario.load(path)
    lab = lab_of(found[0], path)
    return _Search(toolchain, wish, lab, stage.students(lab, wish.stage)).of_file(found, path)


@dataclass(frozen=True)
class _Search:
    """What is the same wherever the moment is found."""

    toolchain: build.Toolchain
    wish: Wish
    lab: Lab
    students: Sequence[Lab]

    def of_test(self, name: str) -> Target:
        """Where a graded test fails; or the first operation of its first scenario."""
        test, outcome = self._graded(name)
        finding = _finding(test, outcome, contract_only=len(self.students) > 1)
        if finding and finding.verdict in _NOTHING_TO_BOOT:
            raise GraderError(explain.message(finding, [], []))
        first = outcome.played[0]
        chosen, run = (outcome.failing or first.scenario), (outcome.run or first.run)
        if not finding:
            return self._target(chosen, run, None,
                                f"{self.wish.test} passes; this is the first of its scenarios")
        return self._target(chosen, run, finding, f"{self.wish.test} ({finding.verdict.value}): "
                            f"{explain.headline(finding, outcome.places)}")

    def _graded(self, name: str) -> tuple[Callable, Outcome]:
        """The test's function, and what came of it: of the whole lab, as the tests share the boots
        that shrinking may take."""
        check_submission(self.wish.submission, [self.lab])
        tests = {n: f for n, f in self.lab.graded_tests.items()
                 if len(self.students) == 1 or n in self.lab.integrated}
        if name not in tests:
            raise GraderError(f"TEST={self.wish.test}: the integrated stage has of this lab only "
                              f"{', '.join(tests)}")
        seed = self.wish.seed or PUBLIC_SEED
        graded = LabGrading(self.lab, self.wish.submission, self.toolchain, seed, self.students)
        outcomes = graded.run([grading.workload(self.lab, f, seed) for f in tests.values()])
        return tests[name], outcomes[name]

    def of_file(self, found: list[Scenario], path: Path) -> Target:
        """The first of a file's scenarios in which something goes wrong; or its first."""
        image = stage.image(self.toolchain, self.wish.submission, self.students).image
        player = Player(image, patience=grading.patience(self.students))
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
        there = stage.image(self.toolchain, self.wish.submission, self.students)
        operation = (_number(self.wish.at, len(chosen.operations))
                     or (finding.operation if finding else 0) or 1)
        patience = grading.patience(self.students)
        calls = _calls_student(Player(there.image, patience=patience), chosen, operation)
        return Target(self.lab, chosen, run, operation, calls, finding, headline, self.toolchain,
                      there, patience)


def _named(test: str) -> tuple[Lab, str]:
    slug, _, name = test.partition("/")
    if not name:
        raise GraderError(f"TEST={test}: a lab and a test were expected, as in TEST=buddy/"
                          "starts_empty")
    lab = labs.find(slug)
    if name not in lab.graded_tests:
        raise GraderError(f"TEST={test}: lab {slug} has no test '{name}', only: "
                          f"{', '.join(lab.graded_tests)}")
    return lab, name


def _finding(test: Callable, outcome: Outcome, contract_only: bool) -> Finding | None:
    """What is wrong, as the test sees it: it may want more than that the contract is kept."""
    try:
        outcome.keeps_the_contract()
        if not contract_only:
            test(outcome)
    except NotPassed as error:
        return error.finding
    return None


def _of_file(toolchain: build.Toolchain, wish: Wish) -> Target:
    """The first of the file's scenarios in which something goes wrong; or its first."""
    path = Path(wish.scenario)
    found = scenario.load(path)
    lab = lab_of(found[0], path)
    students = stage.students(lab, wish.stage)
    image = stage.image(toolchain, wish.submission, students).image
    player = Player(image, patience=grading.patience(students))
    for wanted in found:
        played = player.play_alone(wanted)
        if finding := judged(toolchain, lab, played, path):
            places = explain.locate(finding, image, played.fault)
            headline = f"{wanted.title} ({finding.verdict.value}): {explain.headline(finding, places)}"
            return _target(toolchain, wish, lab, students, wanted, finding, headline)
    headline = f"{found[0].title} passes"
    return _target(toolchain, wish, lab, students, found[0], None, headline)


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


def _calls_student(player: Player, chosen: Scenario, operation: int) -> bool:
    """Whether an operation calls the student's code: if it doesn't, it ends, and costs nothing."""
    played = player.play_alone(replace(chosen, measure=True), trace=False)
    records = played.run.records if played.run else []
    record = next((r for r in records if r.number == operation), None)
    return record is None or record.panicked or record.cost != 0
