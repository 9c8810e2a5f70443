"""Autolab: the last line on standard output has the scores, by the problems' names; the line before
it what to show of the tests."""

from __future__ import annotations

import json

from grader.formats import graded
from grader.formats.format import Context, Format
from grader.formats.graded import Graded
from grader.formats.text import shortened

_HINT = 500  # characters


def render(results: dict, context: Context) -> str:
    """Two lines. A lab without a score has none here: Autolab then leaves that problem alone."""
    del context
    scores = {lab["lab"]: lab["score"] for lab in results["labs"] if lab["score"] is not None}
    earned, weight = graded.stage_points(results)
    if weight and earned is not None:
        scores["integrated"] = earned
    examples = graded.examples(results)
    if examples and None not in (test.score for test in examples):
        scores["examples"] = results["examples"]["score"]
    tests = graded.everything(results)
    stages = list(dict.fromkeys(test.suite for test in tests))
    shown = {"_presentation": "semantic", "stages": stages,
             **{stage: {test.name: _shown(test) for test in tests if test.suite == stage}
                for stage in stages}}
    return f"{json.dumps(shown)}\n{json.dumps({'scores': scores})}\n"


def broken(reason: str, context: Context) -> str:
    """No score for anything, and why."""
    del context
    hint = {"passed": False, "hint": shortened(graded.broken_text(reason), _HINT)}
    shown = {"_presentation": "semantic", "stages": ["grading"], "grading": {"results": hint}}
    return f'{json.dumps(shown)}\n{{"scores": {{}}}}\n'


def _shown(test: Graded) -> dict:
    if test.passed:
        return {"passed": True}
    return {"passed": False, "hint": shortened(f"{test.verdict.value}: {test.headline}", _HINT)}


FORMATS = [Format("autolab", "autolab.txt", "Autolab's last lines of output", render, broken)]
