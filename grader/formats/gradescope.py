"""Gradescope: /autograder/results/results.json.

Where there is no score, none is given for any test either: the specification asks for one or the other, so
that what lacks both can't be taken for a zero.
"""

from __future__ import annotations

import json

from grader.formats import graded
from grader.formats.format import Context, Format
from grader.formats.graded import Graded


def render(results: dict, context: Context) -> str:
    """Every test as a test case; stories as plain text, which Gradescope never renders."""
    del context
    has_score = results["score"] is not None
    tests = graded.told_once(graded.everything(results))
    alone = [test for test in tests if test.suite != graded.STAGE]
    document = {"output": graded.summary(results), "output_format": "text",
                "visibility": "visible", "stdout_visibility": "hidden",
                "tests": [_test(test, has_score) for test in alone]
                + _stage(results, [test for test in tests if test.suite == graded.STAGE], has_score)}
    if has_score:
        document = {"score": results["score"], **document}
    return json.dumps(document, indent=1) + "\n"


def broken(reason: str, context: Context) -> str:
    """Words and no score."""
    del context
    return json.dumps({"output": graded.broken_text(reason), "output_format": "text",
                       "visibility": "visible", "stdout_visibility": "hidden", "tests": []},
                      indent=1) + "\n"


def _test(test: Graded, has_score: bool) -> dict:
    return _entry(test.called, test.number, test.passed, test.message,
                  (test.score, test.max_score) if has_score else None)


def _stage(results: dict, stage: list[Graded], has_score: bool) -> list[dict]:
    """The integrated stage as one test case, with the points that the course gives for it."""
    if not stage:
        return []
    story = "\n\n".join(f"{test.name}: {test.message}" for test in stage if not test.passed)
    return [_entry("integrated: all files together", stage[0].number.split(".")[0],
                   all(test.passed for test in stage), story,
                   graded.stage_points(results) if has_score else None)]


def _entry(name: str, number: str, passed: bool, output: str, points: tuple | None) -> dict:
    entry = {"name": name, "number": number, "status": "passed" if passed else "failed",
             "output": output, "output_format": "text", "visibility": "visible"}
    if points:
        entry["score"], entry["max_score"] = points
    return entry


FORMATS = [Format("gradescope", "gradescope.json", "Gradescope's results.json", render, broken)]
