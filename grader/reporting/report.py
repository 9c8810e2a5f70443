"""What the terminal shows of a grading: each test as it ends, the stories, the score."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent import futures

from rich.console import Console
from rich.text import Text

from grader.course import secret
from grader.course.labs import Lab
from grader.judging.verdict import Verdict
from grader.points import number
from grader.reporting import causes, mend, since
from grader.reporting.results import LabResult, Results, TestResult

PATIENCE = 2  # seconds without a word

_COLOURS = {
    Verdict.PASS: "green",
    Verdict.FAIL: "red",
    Verdict.TODO: "yellow",
    Verdict.CRASH: "magenta",
    Verdict.HANG: "magenta",
    Verdict.REJECTED: "red",
    Verdict.BUILD: "red",
    Verdict.INFRA: "cyan",
    Verdict.NOT_RUN: "yellow",
}


def unreached(file: str, lines: list[list[int]]) -> str:
    """What to say of the lines of a file that nothing reached."""
    if not lines:
        return f"{file}: every line with code of its own ran"
    shown = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in lines)
    return f"{file}: no scenario reached line {shown} (some lines, as of a panic, no right use may reach)"


class TerminalReport:
    """Writes to a console; a student's text is shown as it is, never as markup.

    `warnings` are the compiler's, of a lab that has been graded. When nobody reads any more (`make grade | head`), the
    grading goes on to its results.
    """

    def __init__(self, console: Console, warnings: Callable[[Lab], str] = lambda lab: "") -> None:
        self.console = console
        self.warnings = warnings
        self._lab = ""
        self._told = causes.Told()
        self._finished: list[TestResult] = []  # of this lab

    def _print(self, text: Text) -> None:
        try:
            self.console.print(text, soft_wrap=True)
        except (BrokenPipeError, SystemExit):  # the latter is what rich makes of it from 13.9 on
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.console.file.fileno())

    def wait(self, what: str, future: futures.Future):
        """A future's result. After two seconds without it, a terminal says what is waited for."""
        done, _ = futures.wait([future], timeout=PATIENCE)
        if not done and self.console.is_terminal:
            with self.console.status(Text(f"{what}: the machine is at work", "dim")):
                return future.result()
        return future.result()

    def on_test(self, lab: Lab, result: TestResult) -> None:
        """One line a test, and its story if it has one that was not told before."""
        if lab.slug != self._lab:
            self._lab = lab.slug
            self._print(Text(f"\nLab {lab.number}: {lab.title} ({lab.slug})", "bold"))
            self._warn(self.warnings(lab))
        score = "–" if result.score is None else str(result.score)
        line = Text("  ")
        line.append(f"{result.verdict.value:<8}", _COLOURS[result.verdict])
        line.append(f"{score:>4}/{result.max_score:<3} ")
        line.append(f"{result.name:<26}")
        line.append(result.idea, "dim")
        self._print(line)
        for figure in result.figures:
            self._print(Text(f"      · {figure}", "dim"))
        self._tell_text(f"{lab.slug}/{result.name}", result.message, result.verdict)
        self._finished.append(result)
        if len(self._finished) == len(lab.tests):
            self.lab_done(lab, LabResult(lab.slug, self._finished))
            self._finished = []

    def _warn(self, warnings: str) -> None:
        if warnings:
            self._print(Text("  the compiler warns", "yellow"))
            for row in warnings.splitlines():
                self._print(Text().append("      │ ", "dim").append(row))

    def _tell_text(self, test: str, message: str, verdict: Verdict) -> None:
        """The message; of one whose cause was told before where that was, or nothing if it would be the same again."""
        if first := self._told.before(test, verdict, message):
            message = "" if message == first.message else first.seen_from(message)
        for i, row in enumerate(message.splitlines()):
            style = f"bold {_COLOURS[verdict]}" if i == 0 else ""
            self._print(Text().append("      │ ", "dim").append(row, style))

    def lab_done(self, lab: Lab, result: LabResult) -> None:
        """The lab's score, rung by rung."""
        by_name = {test.name: test for test in result.tests}
        parts = []
        for rung, title in lab.rungs.items():
            tests = [by_name[test.name] for test in lab.tests if test.rung == rung]
            broken = any(test.score is None for test in tests)
            earned = "–" if broken else number(sum(test.share * test.max_score for test in tests))
            parts.append(f"{title} {earned}/{sum(test.max_score for test in tests)}")
        self._print(Text(f"  {' · '.join(parts)}", "dim"))

    def stages_done(self, results: Results) -> None:
        """What is said once after all labs: less protection than there should be, the integrated stage."""
        for reason in results.extra.get("degraded", []):
            self._print(Text(f"\nWith less protection: {reason}", "yellow"))
        for lab, done in results.extra.get("search", {}).items():
            self._search(lab, done)
        for lab in results.examples.get("labs", ()):
            self._examples(lab)
        for lab, diagnosis in results.extra.get("diagnosis", {}).items():
            self._print(Text(f"\nWhich known mistake it is: {lab}", "bold"))
            for line in diagnosis["said"]:
                self._print(Text(f"  {line}"))
        if results.integrated:
            self._integrated(results.integrated, mend.first(results))

    def _search(self, lab: str, done: dict) -> None:
        """What a search of a submission came to."""
        self._print(Text(f"\nSearched: {lab}, {done['scenarios']} scenarios more", "bold"))
        for found in done["found"]:
            costs = "it counts there, see above" if done["counts"] else "it costs no points"
            self._print(Text(f"  found with a scenario like those of {found['test']}; {costs}", "yellow"))
            if not done["counts"]:
                self._tell_text(f"{lab}/{found['test']}", found["message"], Verdict.FAIL)
        if not done["found"]:
            self._print(Text("  no sentence of the contract was seen broken"))
        for file, lines in done["unreached"].items():
            self._print(Text("  " + unreached(file, lines), "dim"))

    def _examples(self, lab: dict) -> None:
        """What a student's examples of a lab have earned."""
        score = "–" if lab["score"] is None else lab["score"]
        self._print(Text(f"\nExamples: {lab['lab']}, {lab['caught']} of {lab['impostors']} impostors caught, "
                         f"{score}/{lab['max_score']}", "bold"))
        for row in lab["message"].splitlines():
            self._print(Text().append("      │ ", "dim").append(row))

    def _integrated(self, stage: dict, begin: str) -> None:
        """The stage with all six of the student's files; `begin` says where to begin, if anything is wrong."""
        self._print(Text("\nIntegrated: all of your files together", "bold"))
        if begin:
            self._print(Text(f"  {begin}", "yellow"))
        if all(test["verdict"] == Verdict.NOT_RUN for test in stage["tests"]):
            self._print(Text(f"  not-run: {stage['tests'][0]['message'].splitlines()[0]}"))
            return
        for test in stage["tests"]:
            verdict = Verdict(test["verdict"])
            line = Text("  ").append(f"{verdict.value:<8}", _COLOURS[verdict])
            self._print(line.append(f"         {test['name']}"))
            if verdict is not Verdict.PASS:
                self._tell_text(f"integrated: {test['name']}", test["message"], verdict)

    def recalled(self, stages: list[str]) -> None:
        """Which stages were not played again."""
        if stages:
            self._print(Text(f"\nNothing of these has changed since they were graded last, so they were not played again "
                             f"(ANEW=1 does): {', '.join(stages)}", "dim"))

    def done(self, results: Results, before: dict[str, str], where: list[str], seconds: float) -> None:
        """The score, what to do next, and where the results are; `before` as since.verdicts has it."""
        score = "none" if results.score is None else f"{results.score}/{results.max_score}"
        self._print(Text(f"\nScore: {score}", "bold"))
        for line in since.told(before, results):
            self._print(Text(line))
        for path in where:
            self._print(Text(path, "dim"))
        # Platforms show this to students; an official seed is the instructor's.
        seed = "an official seed" if secret.is_official(results.seed) else f"seed {results.seed}"
        self._print(Text(f"{seed} · {seconds:.1f} s", "dim"))
