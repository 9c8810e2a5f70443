"""What the terminal shows of a class run: a bar with the time left, or a line a submission."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from grader.cohort.intake.gather import Entry
from grader.cohort.telling.comparison import Comparison
from grader.cohort.work.dispatch import Step
from grader.points import counted

_ESTIMATED_FROM = 600  # seconds of the past that the time left is estimated from


class Show:
    """A run's progress, as a context: `tell` is told of each submission."""

    def __init__(self, console: Console, total: int) -> None:
        self.console = console
        self.total = total
        self.counts: Counter[Step] = Counter()
        self._bar = Progress(TextColumn("[bold]grading"), BarColumn(None), MofNCompleteColumn(),
                             TextColumn("{task.fields[broken]}"), TimeRemainingColumn(),
                             TextColumn("left"), console=console, transient=True,
                             speed_estimate_period=_ESTIMATED_FROM)
        self._task = self._bar.add_task("", total=total, broken="")

    def __enter__(self) -> Show:
        if self.console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.console.is_terminal:
            self._bar.stop()

    def tell(self, entry: Entry, step: Step, problem: str) -> None:
        """A submission has been dealt with."""
        self.counts[step] += 1
        done = self.counts.total()
        if step is Step.BROKEN:
            line(self.console, f"{entry.id}: no score: {problem}", "cyan")
        elif step is Step.GRADED and not self.console.is_terminal:
            line(self.console, f"{done}/{self.total} {entry.id}")
        if step is Step.KEPT:  # took no time, and says nothing about how long the others take
            self._bar.update(self._task, total=self.total - self.counts[Step.KEPT])
            return
        broken = self.counts[Step.BROKEN]
        self._bar.update(self._task, advance=1,
                         broken=f"[cyan]{broken} without a score" if broken else "")

    def summary(self, seconds: float) -> str:
        """What was done, in a line."""
        parts = [f"{self.counts[step]} {step.value}" for step in Step if self.counts[step]]
        left = self.total - self.counts.total()
        parts += [f"{left} not yet"] if left else []
        return f"{counted(self.total, 'submission')}: {', '.join(parts) or 'nothing done'} · {seconds:.0f} s"


def changes(console: Console, compared: Comparison) -> None:
    """Whose score changed since an earlier run, and why."""
    line(console, f"Since {compared.earlier}: {compared.words}")
    if compared.points:
        line(console, compared.points)
    for change in compared.changes:
        before, now = ("none" if score is None else score for score in (change.before, change.now))
        by = f" ({change.by})" if change.by not in ("", "0") else ""
        line(console, f"  {change.id}: {before} → {now}{by}: {'; '.join(change.causes)}", "bold")
        for test in change.tests:
            line(console, f"      {test}")
    line(console, "")


def line(console: Console, text: str, style: str = "") -> None:
    """Prints a line as it is: names and messages are a student's, and never markup."""
    console.print(Text(text, style), soft_wrap=True)
