"""Reading results.json: the tests in it, with their messages made safe to show anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import GraderError
from grader.formats.text import plain
from grader.judging.verdict import Verdict
from grader.points import number
from grader.reporting import causes
from grader.reporting.results import SCHEMA

Points = float | int | None

STAGE = "integrated"
SKIPPED = (Verdict.TODO, Verdict.NOT_RUN)  # nothing was there to be judged


@dataclass(frozen=True)
class Graded:
    """One test of a lab, or of the integrated stage (`suite` is then STAGE); or a lab's examples ("examples")."""

    suite: str
    name: str
    number: str  # "2.1": the first test of the second lab
    verdict: Verdict
    score: Points
    max_score: float | int
    message: str

    @property
    def passed(self) -> bool:
        """Whether it has all that there was to be had."""
        return self.verdict is Verdict.PASS

    @property
    def called(self) -> str:
        """Its name for people."""
        return f"{self.suite}: {self.name}"

    @property
    def headline(self) -> str:
        """The message's first line; the verdict where there is none."""
        return next(iter(self.message.splitlines()), self.verdict.value)


def read(path: Path) -> dict:
    """The table in a results.json. Raises GraderError if it is not there, or is something else."""
    try:
        table = json.loads(path.read_bytes(), parse_constant=_no_number)
    except OSError as error:
        raise GraderError(f"there is no {path.name}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise GraderError(f"{path.name} is no JSON: {error}") from error
    if not isinstance(table, dict) or table.get("schema") != SCHEMA:
        raise GraderError(f"{path.name} is not in the format {SCHEMA}")
    try:
        _check(table)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GraderError(f"{path.name} is damaged: {error!r:.200}") from error
    return table


def _check(table: dict) -> None:
    """Raises an exception of some kind if a part is missing, or not what it should be."""
    for scored in (table, *table["labs"]):
        for key in ("score", "max_score"):
            points(scored[key])
    for part in (tests, integrated, examples, summary):
        part(table)


def _no_number(word: str) -> None:
    raise ValueError(f"{word} where a number was expected")


def tests(results: dict) -> list[Graded]:
    """All tests of all labs, in their order."""
    return [test for i, lab in enumerate(results["labs"], 1)
            for test in _tests(lab["tests"], lab["lab"], i)]


def integrated(results: dict) -> list[Graded]:
    """The tests of the integrated stage; none where it was not played."""
    stage = results["integrated"]
    return list(_tests(stage.get("tests", []), STAGE, len(results["labs"]) + 1))


def examples(results: dict) -> list[Graded]:
    """A student's examples, a lab each, where the course gives points for them."""
    entries = results.get("examples", {}).get("labs", [])
    return list(_tests([{"name": entry["lab"], "verdict": _verdict(entry).value, "score": entry["score"],
                         "max_score": entry["max_score"], "message": entry["message"]} for entry in entries],
                       "examples", len(results["labs"]) + 2))


def _verdict(entry: dict) -> Verdict:
    """As if a lab's examples were a test: passed with all points."""
    if entry["score"] is None:
        return Verdict.INFRA
    return Verdict.PASS if entry["score"] == entry["max_score"] else Verdict.FAIL


def everything(results: dict) -> list[Graded]:
    """All that was graded: the labs' tests, the examples, the integrated stage."""
    return tests(results) + examples(results) + integrated(results)


def by_cause(some: Iterable[Graded]) -> list[list[Graded]]:
    """Tests that end alike together: what is behind the first is behind the others, too."""
    return causes.grouped(some, lambda test: causes.cause(test.verdict, test.message))


def told_once(some: Iterable[Graded]) -> list[Graded]:
    """Tests whose messages tell a cause once: of another test that has it, where it was told."""
    told = causes.Told()
    return [replace(test, message=told.words(test.called, test.verdict, test.message)) for test in some]


def stage_points(results: dict) -> tuple[Points, int]:
    """What the integrated stage earned of what it weighs in the course."""
    stage = results["integrated"]
    return points(stage.get("weighted_score")), points(stage.get("weight", 0))


def points(value: object) -> Points:
    """A score that may be none. Raises TypeError for anything else."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise TypeError(f"{value!r:.40} is no score")
    return value


def _tests(entries: list[dict], suite: str, first: int) -> Iterator[Graded]:
    for i, entry in enumerate(entries, 1):
        yield Graded(plain(suite), plain(entry["name"]), f"{first}.{i}", Verdict(entry["verdict"]),
                     points(entry["score"]), points(entry["max_score"]), plain(entry["message"]))


def of(score: Points, max_score: float | int) -> str:
    """`8/10` for people; `–/10` where there is no score."""
    return f"{'–' if score is None else number(score)}/{number(max_score)}"


def summary(results: dict) -> str:
    """A grading in a few lines of text: the labs, the score."""
    lines = [f"{plain(lab['lab'])}: {of(lab['score'], lab['max_score'])}"
             for lab in results["labs"]]
    lines += [f"examples of {test.name}: {of(test.score, test.max_score)}" for test in examples(results)]
    stage = integrated(results)
    if stage:
        earned, weight = stage_points(results)
        points = f", {of(earned, weight)} points" if weight else ""
        lines.append(f"integrated: {sum(test.passed for test in stage)} of {len(stage)} tests"
                     + points)
    if results["score"] is None:
        lines.append(NO_SCORE)
    return "\n".join([*lines, f"score: {of(results['score'], results['max_score'])}"])


NO_SCORE = ("There is no score: a tool of the grading broke. That says nothing about the submission; it "
            "has to be graded again.")


def broken_text(reason: str) -> str:
    """What to tell people when there are no results at all."""
    return f"The grading did not work: {plain(reason)}\n{NO_SCORE}"
