"""Every rule of every lab, broken: the oracles' own test records, as the stories of graded tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from itertools import islice
from pathlib import Path

from judging import judged, played

from grader.course import labs
from grader.course.labs import Lab
from grader.evidence.records import Run
from grader.grading.outcome import Outcome, Story
from grader.judging.judge import Finding
from grader.reporting.results import LabResult, Results, TestResult
from grader.scenarios.scenario import Scenario

KERNEL_BASE = 0xC0000000
HERE = Path(__file__).resolve().parent
# The labs whose oracles have tests of their own: test_SLUG_oracle.py.
TABLES = {lab.slug: import_module(f"test_{lab.slug}_oracle") for lab in labs.all_labs()
          if (HERE / f"test_{lab.slug}_oracle.py").exists()}


@dataclass(frozen=True)
class Case:
    """Records of which the last one breaks a rule."""

    lab: Lab
    rule: str
    scenario: Scenario
    run: Run
    finding: Finding


def cases(slug: str) -> Iterator[Case]:
    """All that a lab's oracle is tested with."""
    lab = labs.find(slug)
    for rule, tried in TABLES[slug].BROKEN.items():
        for text, *rest in tried:
            snapshots = rest[0] if slug == "paging" else ()
            scenario, run = played(lab, text, snapshots)
            yield Case(lab, rule, scenario, run, judged(lab, text, snapshots, KERNEL_BASE))


def grading(slugs: Iterable[str], turn: int = 0) -> tuple[Results, list[Story]]:
    """A grading in which the tests of labs failed, by one case after another.

    There are more cases than tests: `turn` counts the gradings from 0, as long as any is left.
    """
    stories = []
    for slug in slugs:
        lab = labs.find(slug)
        count = len(lab.tests)
        some = islice(cases(slug), turn * count, (turn + 1) * count)
        stories += [_story(lab, test, case) for test, case in zip(lab.tests, some, strict=False)]
    return results_of(stories), stories


def results_of(stories: list[Story]) -> Results:
    """The results that belong to stories."""
    by_lab: dict[str, LabResult] = {}
    for story in stories:
        by_lab.setdefault(story.lab.slug, LabResult(story.lab.slug)).tests.append(story.result)
    return Results("1", "qemu", list(by_lab.values()))


def _story(lab: Lab, test: labs.Test, case: Case) -> Story:
    outcome = Outcome([], case.finding, case.scenario, case.run)
    result = TestResult(test.name, case.finding.verdict, test.points, Fraction(0),
                        f"{case.finding.rule}\nmake run TEST={test.name}", test.idea)
    return Story(lab, result, outcome, case.finding, (f"make run TEST={lab.slug}/{test.name}",))
