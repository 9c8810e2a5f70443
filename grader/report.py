"""What the terminal shows of a grading: each test as it ends, the stories, the score."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from grader.labs import Lab
from grader.results import LabResult, Results, TestResult, number
from grader.verdict import Verdict

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


class TerminalReport:
    """Writes to a console; a student's text is shown as it is, never as markup."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._lab = ""
        self._told: set[str] = set()

    def on_test(self, lab: Lab, result: TestResult) -> None:
        """One line a test, and its story if it has one that was not told before."""
        if lab.slug != self._lab:
            self._lab = lab.slug
            self.console.print(Text(f"\nLab {lab.number}: {lab.title} ({lab.slug})", "bold"))
        score = "–" if result.score is None else str(result.score)
        line = Text("  ")
        line.append(f"{result.verdict.value:<8}", _COLOURS[result.verdict])
        line.append(f"{score:>4}/{result.max_score:<3} ")
        line.append(f"{result.name:<26}")
        line.append(result.idea, "dim")
        self.console.print(line, soft_wrap=True)
        self._tell(result)

    def _tell(self, result: TestResult) -> None:
        if not result.message or result.message in self._told:
            return
        self._told.add(result.message)
        for i, row in enumerate(result.message.splitlines()):
            style = f"bold {_COLOURS[result.verdict]}" if i == 0 else ""
            self.console.print(Text("      │ ", "dim").append(row, style), soft_wrap=True)

    def lab_done(self, lab: Lab, result: LabResult) -> None:
        """The lab's score, rung by rung."""
        by_name = {test.name: test for test in result.tests}
        parts = []
        for rung, title in lab.rungs.items():
            tests = [by_name[test.name] for test in lab.tests if test.rung == rung]
            earned = number(sum(test.share * test.max_score for test in tests))
            parts.append(f"{title} {earned}/{sum(test.max_score for test in tests)}")
        self.console.print(Text(f"  {' · '.join(parts)}", "dim"), soft_wrap=True)

    def done(self, results: Results, where: str, seconds: float) -> None:
        """The score, and where the results are."""
        score = "none" if results.score is None else f"{results.score}/{results.max_score}"
        self.console.print(Text(f"\nScore: {score}", "bold"))
        self.console.print(Text(f"{where} · seed {results.seed} · {seconds:.1f} s", "dim"),
                           soft_wrap=True)
