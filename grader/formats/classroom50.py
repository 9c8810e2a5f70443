"""Classroom 50: result.json, schema classroom50/result/v1. Scores are whole numbers.

Who handed in what stands in the environment variables that its runner sets; it stamps owner, kind and time
itself, so those are only filled in for completeness.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from math import floor

from grader.formats import graded
from grader.formats.format import Context, Format
from grader.formats.text import shortened

_EPOCH = "1970-01-01T00:00:00Z"  # where the runner is to put the commit's time
_MESSAGE = 2_000  # characters


def render(results: dict, context: Context) -> str:
    """Every test; without a score, the runner's own way to record an error: nothing of nothing."""
    if results["score"] is None:
        return broken(graded.summary(results), context)
    tests = graded.told_once(graded.tests(results) + graded.examples(results))
    points = [(test.score, test.max_score) for test in tests]
    names = [(test.called, test.passed, test.message) for test in tests]
    earned, weight = graded.stage_points(results)
    if weight:
        points.append((earned, weight))
        names.append(("integrated: all files together", earned == weight, ""))
    scores = whole(score for score, _ in points)
    entries = [{"test-name": name, "passed": passed, "score": score, "max-score": int(limit),
                "message": shortened(message, _MESSAGE)}
               for (name, passed, message), score, (_, limit) in zip(names, scores, points, strict=True)]
    return _document(context, sum(scores), sum(int(limit) for _, limit in points), entries)


def broken(reason: str, context: Context) -> str:
    """An error: 0 of 0, no tests. The command's status says the same; the reason is in the log."""
    del reason
    return _document(context, 0, 0, [])


def whole(scores: Iterable[float]) -> list[int]:
    """Scores rounded to whole numbers so that their sum is the rounded sum, each by less than 1."""
    rounded, exact, before = [], Fraction(0), 0
    for score in scores:
        exact += Fraction(str(score))
        total = floor(exact + Fraction(1, 2))
        rounded.append(total - before)
        before = total
    return rounded


def _document(context: Context, score: int, max_score: int, tests: list[dict]) -> str:
    said = context.environment
    commit = said.get("COMMIT_URL") or "unknown"
    return json.dumps({
        "schema": "classroom50/result/v1",
        "classroom": said.get("CLASSROOM") or "unknown",
        "assignment": said.get("ASSIGNMENT") or "unknown",
        "assignment_type": "group" if said.get("ASSIGNMENT_TYPE") == "group" else "individual",
        "owner": said.get("OWNER") or said.get("USERNAME") or "unknown",
        "submission": said.get("SUBMISSION_TAG") or "submit/unknown",
        "commit": commit,
        "release": said.get("RELEASE_URL") or "unknown",
        "review": said.get("REVIEW_URL") or commit,
        "datetime": _EPOCH, "score": score, "max-score": max_score, "tests": tests,
    }, indent=1) + "\n"


FORMATS = [Format("classroom50", "result.json", "Classroom 50's result.json", render, broken)]
