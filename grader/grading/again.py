"""How a failed test is seen again: its scenario, saved with what is known of it, and the commands."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.building.stage import ALONE, INTEGRATED
from grader.course import verbs
from grader.course.labs import ROOT, Lab, Test
from grader.evidence.records import Record, Run
from grader.grading.stage_grading import PUBLIC_SEED
from grader.grading.outcome import Outcome
from grader.judging.judge import Finding
from grader.reporting import results
from grader.reporting.origin import quoted
from grader.scenarios import scenario
from grader.scenarios.scenario import Scenario

_SHORT = 8  # operations
_DEFAULT_BASE = 0xC0000000  # as in kernel/kernel.mk


def typed(path: Path) -> str:
    """A path as a person would type it from the top of the kit."""
    try:
        return str(path.resolve().relative_to(ROOT))
    except ValueError:
        return os.path.abspath(path)


@dataclass(frozen=True)
class Again:
    """The last lines of failed tests' messages, for one grading; they call paths what `shown` says.

    With a seed that is not the public one they name the saved scenario instead of the test: who reads
    them does not get to know the seed, and does not need it.
    """

    submission: Path
    out: Path
    seed: str
    kernel_base: int
    checks: bool = False
    shown: Callable[[Path], str] = typed

    def __call__(self, lab: Lab, test: Test, outcome: Outcome, finding: Finding,
                 stage: str = ALONE) -> list[str]:
        """Saves the scenario in which the test fails; the lines, none if nothing was booted."""
        if not outcome.played:
            return []
        failing, run = outcome.failing, outcome.run
        if not failing:  # the contract was kept, but not fast enough: there is no moment to stop at
            failing, run = outcome.played[0].scenario, outcome.played[0].run
        path = self._file(lab, test, stage)
        results.write_whole(path, commented(failing, run, finding))
        lines = self._lines(f"{lab.slug}/{test.name}", path, finding.operation, stage,
                            by_name=self.seed == PUBLIC_SEED and not outcome.searched)
        if not outcome.failing:
            return [lines[0].replace("play it again:    ", "its first program:")]
        return [*short(failing, run, finding), *glossary(lab, failing, finding), *lines]

    def _file(self, lab: Lab, test: Test, stage: str) -> Path:
        return (self.out / "scenarios" / ("" if stage == ALONE else stage) / lab.slug
                / f"{test.name}.scenario")

    def _lines(self, test: str, path: Path, operation: int, stage: str,
               by_name: bool) -> list[str]:
        file = [f"SCENARIO={self.shown(path)}"]
        moment = ([f"TEST={test}"] if by_name else
                  file + ([f"AT={operation}"] if operation else []))
        rest = self._rest(stage)
        checks = ["CHECK=1"] if self.checks else []
        return [f"play it again:        make run {_pasted(file + rest)}",
                f"stop at this moment:  make bochs {_pasted(moment + rest + checks)}",
                f"                      make gdb {_pasted(moment + rest + checks)}"]

    def _rest(self, stage: str) -> list[str]:
        """What else tells this grading from the one that the command does by itself."""
        words = []
        if self.submission.resolve() != ROOT / "kernel" / "mm":
            words.append(f"SUBMISSION={self.shown(self.submission)}")
        if stage == INTEGRATED:
            words.append(f"STAGE={stage}")
        if self.kernel_base != _DEFAULT_BASE:
            words.append(f"KERNEL_BASE={self.kernel_base:#x}")
        return words


def commented(failing: Scenario, run: Run | None, finding: Finding) -> str:
    """The scenario's file: behind each operation the answer that was judged right; behind the one
    that fails, what was expected and what was seen."""
    lines = failing.text.split("\n")
    head = lines[:len(lines) - len(failing.operations)]
    text = "\n".join([scenario.FIRST_LINE, f"lab {failing.lab}", *_story(finding), *head,
                      *annotated(failing, run, finding)])
    return text.encode("ascii", "replace").decode("ascii") + "\n"


def short(failing: Scenario, run: Run | None, finding: Finding) -> list[str]:
    """A scenario that is short enough to be read at once, up to where it fails; else no lines."""
    if not 1 < finding.operation <= _SHORT:
        return []
    story = annotated(failing, run, finding, told=False)[:finding.operation]
    return ["the whole scenario:", *(f"  {line}" for line in story)]


def glossary(lab: Lab, failing: Scenario, finding: Finding) -> list[str]:
    """What the operations do that are called by no function's name: of a short scenario all, else the one that
    fails."""
    if not finding.operation:
        return []
    first = 1 if finding.operation <= _SHORT else finding.operation
    met = {operation.verb: "" for operation in failing.operations[first - 1:finding.operation]}
    said = verbs.of(lab)
    return [f"  {verb}: {said[verb]}" for verb in met if verb in said and verb not in verbs.PLAIN]


def annotated(played: Scenario, run: Run | None, finding: Finding | None, told: bool = True) -> list[str]:
    """The scenario's operations, a line each, with what came of them as a comment: of the one that fails the finding,
    if it is `told`, or only what it answered."""
    texts = [str(operation) for operation in played.operations]
    records = {record.number: record for record in run.records} if run else {}
    width = max(map(len, texts), default=0)
    for i, text in enumerate(texts):
        fails = bool(finding) and i + 1 == finding.operation
        comment = (_wrong(finding) if fails and told else
                   _answered(records[i + 1], right=not fails) if i + 1 in records else "")
        texts[i] = f"{text:<{width}}  # {comment}" if comment else text
    return texts


def _story(finding: Finding) -> list[str]:
    lines = [f"# {finding.verdict.value}: {finding.rule}"]
    if finding.sentence:
        lines.append(f'# contract: "{finding.sentence}" ({finding.header})')
    if not finding.operation:
        lines.append(f"# {_wrong(finding)}")
    return lines


def _answered(record: Record, right: bool) -> str:
    return "-> panic, as it must" if record.panicked and right else f"-> {record.outcome}"


def _wrong(finding: Finding) -> str:
    seen = (finding.seen.strip().splitlines() or ["nothing"])[0]
    return f"expected: {finding.expected or 'it returns'}  seen: {seen}"


def _pasted(words: list[str]) -> str:
    return " ".join(map(quoted, words))
