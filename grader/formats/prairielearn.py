"""PrairieLearn: /grade/results/results.json, at most 1 MB.

What could not be graded is `gradable: false`, which costs the student no attempt.
"""

from __future__ import annotations

import json

from grader.formats import graded
from grader.formats.format import Context, Format
from grader.formats.graded import Graded
from grader.formats.text import fitted, shortened

_SIZE = 1_000_000  # bytes


def render(results: dict, context: Context) -> str:
    """Every test with its points; without a score nothing is graded."""
    if results["score"] is None:
        return broken(graded.summary(results), context)
    tests = graded.told_once(graded.tests(results) + graded.examples(results))
    return fitted(lambda limit: _document(results, tests, limit), _SIZE)


def broken(reason: str, context: Context) -> str:
    """Not gradable, and why."""
    del context
    text = shortened(graded.broken_text(reason), 10_000)
    return json.dumps({"gradable": False, "format_errors": [text]}, indent=1) + "\n"


def _document(results: dict, graded_tests: list[Graded], limit: int) -> str:
    tests = [_test(test, limit) for test in graded_tests]
    earned, weight = graded.stage_points(results)
    if weight:
        tests.append({"name": "integrated: all files together", "points": earned,
                      "max_points": weight})
    share = results["score"] / results["max_score"] if results["max_score"] else 0
    return json.dumps({"gradable": True, "score": round(min(max(share, 0), 1), 6),
                       "output": graded.summary(results), "tests": tests}, indent=1) + "\n"


def _test(test: Graded, limit: int) -> dict:
    entry = {"name": test.called, "points": test.score,
             "max_points": test.max_score, "message": shortened(test.headline, min(limit, 1000))}
    return {**entry, "output": shortened(test.message, limit)} if not test.passed else entry


FORMATS = [Format("prairielearn", "prairielearn.json", "PrairieLearn's results.json", render, broken)]
