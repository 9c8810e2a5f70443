"""The pytest plugin: collects the graded tests, grades their labs in the background, feeds each test.

pytest does what it is good at: it finds the tests, runs each and says how it ended. The boots are
shared: before the first test runs, its lab's scenarios are all on their way.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction

import pytest

from grader.building.stage import ALONE, INTEGRATED
from grader.course.labs import Lab, Test
from grader.emulators import machine
from grader.errors import GraderError
from grader.grading.stage_grading import StageGrading
from grader.grading.outcome import NotPassed, Outcome, Story
from grader.judging.judge import Finding
from grader.judging.verdict import Verdict
from grader.reporting import explain
from grader.reporting.results import LabResult, TestResult


@dataclass(eq=False)
class GradingPlugin:
    """One pytest run over the test files of `labs`. `results` fills up as tests end.

    `integrated` grades the image with all of the student's files; None where that stage is not wanted.
    `commands` gives the lines that a failed test's message ends with;
    `on_test` is told of each result as it comes; `wait` waits for a lab's outcomes, and says so to a
    person. `stories` has the same tests, told at length; `broke` is what ended the run before its time.
    """

    gradings: dict[str, StageGrading]
    integrated: StageGrading | None
    jobs: int
    commands: Callable[..., list[str]]  # see grader.grading.again.Again
    on_test: Callable[[Lab, TestResult], None]
    wait: Callable[[str, Future], dict[str, Outcome]]
    results: dict[str, LabResult] = field(default_factory=dict)
    stories: list[Story] = field(default_factory=list)
    integrated_tests: list[dict] = field(default_factory=list)
    broke: GraderError | None = None
    _futures: dict[str, Future] = field(default_factory=dict)
    _together: Future | None = None  # the integrated stage's outcomes

    def pytest_configure(self, config: pytest.Config) -> None:
        """Where a graded test failed in Python is nobody's business, and takes pytest long to find out."""
        config.option.tbstyle = "native"

    def pytest_sessionstart(self) -> None:
        """Makes the threads that wait for compilers and emulators."""
        self._pool = ThreadPoolExecutor(self.jobs)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Judges the integrated stage. Nothing outlives the session, even if it was interrupted."""
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            if self.integrated:
                self.integrated_tests += [self._judge_integrated(lab, name)
                                          for lab in self.integrated.stage.labs
                                          for name in lab.integrated]
        else:
            machine.stop_all()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Starts every stage's grading."""
        by_lab: dict[str, list[pytest.Item]] = {}
        for item in session.items:
            by_lab.setdefault(self._lab(item).slug, []).append(item)
        for slug, items in by_lab.items():
            self._check_names(self._lab(items[0]), items)
            self._futures[slug] = self._pool.submit(self._grade, self.gradings[slug])
        if self.integrated:
            self._together = self._pool.submit(self._grade_together, self.integrated)

    def _lab(self, item: pytest.Item) -> Lab:
        return next(lab for grading in self.gradings.values() for lab in grading.stage.labs
                    if lab.folder == item.path.parent)

    @staticmethod
    def _check_names(lab: Lab, items: list[pytest.Item]) -> None:
        in_file = {item.name.removeprefix("test_") for item in items}
        in_table = {test.name for test in lab.tests}
        if in_file != in_table:
            raise pytest.UsageError(f"{lab.folder}: lab.toml and {lab.test_file.name} disagree on "
                                    f"{sorted(in_file ^ in_table)}")

    @staticmethod
    def _grade(grading: StageGrading) -> dict[str, Outcome]:
        return grading.outcomes()

    def _grade_together(self, grading: StageGrading) -> dict[str, Outcome]:
        """The integrated stage, when all labs are done: all patience is for whoever may be right in all."""
        grading.hurried = any(outcome.finding for future in self._futures.values()
                              if not future.exception() for outcome in future.result().values())
        return self._grade(grading)

    def _judge_integrated(self, lab: Lab, name: str) -> dict:
        """One test of the integrated stage; its contract only, efficiency counts in its lab."""
        try:
            outcome = self.wait(INTEGRATED, self._together)[f"{lab.slug}/{name}"]
            outcome.keeps_the_contract()
            verdict, text = Verdict.PASS, ""
        except NotPassed as error:
            verdict = error.finding.verdict
            again = self._again(lab, lab.test(name), outcome, error.finding, INTEGRATED)
            text = explain.message(error.finding, outcome.places, again, self.integrated.made.sources)
        except Exception as error:  # the kit's own fault, as in the labs' tests
            verdict, text = Verdict.INFRA, _own_fault(error)
        return {"name": f"{lab.slug}/{name}", "verdict": verdict.value,
                "score": int(verdict is Verdict.PASS) if verdict.has_score else None,
                "max_score": 1, "message": text}

    @pytest.fixture
    def outcome(self, request: pytest.FixtureRequest) -> Outcome:
        """What came of the scenarios that the test plays."""
        lab = self._lab(request.node)
        outcomes = self.wait(lab.slug, self._futures[lab.slug])
        return outcomes[request.node.name.removeprefix("test_")]

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo) -> None:
        """Turns the way a test ended into a verdict, with its message; the report itself is pytest's."""
        if call.when == "teardown" or (call.when == "setup" and not call.excinfo):
            return
        try:
            self._tell(item, call)
        except GraderError as error:  # a disk that is full, say: what hooks raise is a story of pytest's
            self.broke = error
            item.session.shouldstop = str(error)

    def _tell(self, item: pytest.Item, call: pytest.CallInfo) -> None:
        lab = self._lab(item)
        name = item.name.removeprefix("test_")
        test = lab.test(name)
        story = self._story(lab, test, call.excinfo, item)
        self.stories.append(story)
        self.results.setdefault(lab.slug, LabResult(lab.slug)).tests.append(story.result)
        self.on_test(lab, story.result)

    def _story(self, lab: Lab, test: Test, excinfo, item: pytest.Item) -> Story:
        outcome = item.funcargs.get("outcome")
        if excinfo is None:
            return Story(lab, TestResult(test.name, Verdict.PASS, test.points, Fraction(1),
                                         idea=test.idea, figures=tuple(outcome.figures)), outcome)
        error = excinfo.value
        if isinstance(error, NotPassed):
            finding = error.finding
            again = self._again(lab, test, outcome, finding, ALONE)
            sources = self.gradings[lab.slug].made.sources
            text = explain.message(finding, outcome.places, again, sources)
            result = TestResult(test.name, finding.verdict, test.points, error.share, text,
                                test.idea, tuple(outcome.figures))
            return Story(lab, result, outcome, finding, tuple(again), explain.code(finding, outcome.places, sources))
        return Story(lab, TestResult(test.name, Verdict.INFRA, test.points, Fraction(0),
                                     _own_fault(error), test.idea))

    def _again(self, lab: Lab, test: Test, outcome: Outcome, finding: Finding,
               stage: str) -> list[str]:
        """The commands that its message ends with."""
        if finding.verdict is Verdict.TODO:
            return []
        return self.commands(lab, test, outcome, finding, stage)


def _own_fault(error: BaseException) -> str:
    """What is said where the grading broke."""
    return str(error) if isinstance(error, GraderError) else f"the grader failed: {error!r}"
