"""GitHub Actions: a job summary in Markdown, and annotations on the files.

Whatever a student wrote stands in code blocks (summary), or is escaped as the runner wants it
(annotations): text and nothing else. The terminal's report is quoted in grader/platforms.py.
"""

from __future__ import annotations

import re

from grader.formats import graded
from grader.formats.format import Context, Format
from grader.formats.graded import Graded
from grader.formats.text import fitted, shortened
from grader.judging.verdict import Verdict

_SUMMARY_SIZE = 1 << 20  # bytes a step
_ANNOTATIONS = 10  # of a kind, a step
_MESSAGE = 2_000  # characters of an annotation

_PLACE = re.compile(r"\bkernel/mm/([a-z_0-9]+\.cpp):(\d{1,7})\b")


# ---- the summary ----

def summary(results: dict, context: Context) -> str:
    """A table of the labs, and the story of each cause for which tests did not pass."""
    del context
    head = _table(results)
    failed = graded.by_cause(test for test in graded.everything(results) if not test.passed)
    return fitted(lambda limit: "\n".join([*head, *(_story(alike, limit) for alike in failed)]) + "\n",
                  _SUMMARY_SIZE)


def summary_broken(reason: str, context: Context) -> str:
    """That there is no score, and why."""
    del context
    return f"## No score\n\n{_block(graded.broken_text(reason))}\n"


def _table(results: dict) -> list[str]:
    """What the labs have earned."""
    score = graded.of(results["score"], results["max_score"])
    title = "## No score" if results["score"] is None else f"## {score} points"
    lines = [title, "", "| lab | passed | points |", "| --- | --- | --- |"]
    tests = graded.tests(results)
    for lab in results["labs"]:
        of_lab = [test for test in tests if test.suite == lab["lab"]]
        lines.append(f"| {_cell(lab['lab'])} | {sum(test.passed for test in of_lab)} of "
                     f"{len(of_lab)} | {graded.of(lab['score'], lab['max_score'])} |")
    examples = graded.examples(results)
    if examples:
        earned = graded.of(graded.points(results["examples"]["score"]), graded.points(results["examples"]["max_score"]))
        lines.append(f"| examples | {sum(test.passed for test in examples)} of {len(examples)} | {earned} |")
    stage = graded.integrated(results)
    if stage:
        earned, weight = graded.stage_points(results)
        lines.append(f"| integrated | {sum(test.passed for test in stage)} of {len(stage)} | "
                     f"{graded.of(earned, weight) if weight else 'none'} |")
    return [*lines, ""]


def _story(alike: list[Graded], limit: int) -> str:
    """What is told of the first test, and which others have the same cause."""
    lines = [f"### {_name(alike[0])}", "", f"{alike[0].verdict.value}, {_points(alike[0])} points", ""]
    if others := ", ".join(f"{_name(test)} ({_points(test)})" for test in alike[1:]):
        lines += [f"The same in {others}", ""]
    return "\n".join([*lines, _block(shortened(alike[0].message, limit)), ""])


def _name(test: Graded) -> str:
    return f"{_cell(test.suite)}: {_cell(test.name)}"


def _points(test: Graded) -> str:
    return graded.of(test.score, test.max_score)


def _cell(text: str) -> str:
    """A name as Markdown, nothing in it a mark of its own."""
    return re.sub(r"([^A-Za-z0-9 _./-])", lambda match: f"&#{ord(match[1])};", text)


def _block(text: str) -> str:
    """A code block whose fence is longer than any in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.rstrip()}\n{fence}"


# ---- annotations ----

def annotations(results: dict, context: Context) -> str:
    """Lines for the job's log: at most ten errors, those with a line in the student's file first; the
    score."""
    del context
    failed = [test for test in graded.everything(results) if not test.passed and test.verdict not in graded.SKIPPED]
    shown = sorted(graded.by_cause(failed), key=lambda alike: not _PLACE.search(alike[0].message))
    lines = [_annotation(*alike) for alike in shown[:_ANNOTATIONS]]
    lines.append(_command("notice", graded.summary(results), title="score"))
    return "\n".join(lines) + "\n"


def annotations_broken(reason: str, context: Context) -> str:
    """One error."""
    del context
    return _command("error", graded.broken_text(reason), title="the grading did not work") + "\n"


def _annotation(test: Graded, *others: Graded) -> str:
    """An error of a test; `others` have the same cause."""
    place = _PLACE.search(test.message)
    where = {"file": f"kernel/mm/{place[1]}", "line": place[2]} if place else {}
    title = f"{test.called}: {test.verdict.value}"
    title += f", and {len(others)} more for the same cause" if others else ""
    if test.verdict is Verdict.INFRA:
        title += ", not the submission's fault"
    return _command("error", test.message, **where, title=title)


def _command(kind: str, message: str, **properties: str) -> str:
    given = ",".join(f"{key}={_escaped(value, ':', ',')}" for key, value in properties.items())
    return f"::{kind} {given}::{_escaped(shortened(message, _MESSAGE))}"


def _escaped(text: str, *more: str) -> str:
    for c in ("%", "\r", "\n", *more):
        text = text.replace(c, f"%{ord(c):02X}")
    return text


FORMATS = [
    Format("github-summary", "summary.md", "GitHub's job summary, in Markdown", summary,
           summary_broken),
    Format("github-annotations", "annotations.txt", "GitHub's annotations, for the job's log",
           annotations, annotations_broken),
]
