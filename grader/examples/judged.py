"""What came of examples: whether each is valid, and which impostors they catch. Nothing is booted here, and no oracle
catches anything: what counts is the student's expectation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.course.labs import Lab
from grader.evidence.records import Record, Run
from grader.examples import expected as expectations
from grader.examples import kernels_own
from grader.examples.kernels_own import KernelsOwn
from grader.examples.sentence import decisive
from grader.examples.tried import Tried
from grader.examples.written import Example
from grader.judging.oracle import Rule


@dataclass(frozen=True)
class Objection:
    """Why an example is not valid: the first thing in it that a right design does not do. `held` of `of` right designs
    answer as expected; `rule` is the contract's sentence that decides it, if one does. Where nothing was `answered`, it
    could not be played, or did not come to an end."""

    line: int
    operation: str
    why: str
    held: int
    of: int
    rule: Rule | None = None
    answered: bool = True


@dataclass(frozen=True)
class Catch:
    """How an impostor is caught: by which example, where, and what it answered there."""

    example: str
    line: int
    operation: str
    seen: str


@dataclass(frozen=True)
class Judged:
    """The examples' titles, what is wrong with those that are not valid, by title, and the impostors in their order,
    each with what caught it (None: nothing yet)."""

    titles: Sequence[str]
    objections: Mapping[str, Objection] = field(default_factory=dict)
    impostors: Sequence[Catch | None] = ()

    @property
    def caught(self) -> int:
        """How many of the impostors."""
        return sum(catch is not None for catch in self.impostors)


@dataclass(frozen=True)
class _Answer:
    """What came of one operation: its record (None: it did not come back), and what names stood for before it."""

    record: Record | None
    names: Mapping[str, int]
    stop: str = ""

    @property
    def seen(self) -> str:
        """In words."""
        return self.record.outcome if self.record else self.stop

    @property
    def stopped(self) -> bool:
        """Whether it ended in a panic, or in whatever ends a scenario."""
        return self.record is None or self.record.panicked


def judged(lab: Lab, kernel_base: int, examples: Sequence[Example], tried: Tried) -> Judged:
    """Judges what was tried. Only examples that are valid catch impostors."""
    objections: dict[str, Objection] = {}
    catches: list[Catch | None] = [None] * len(tried.impostors)
    for i, example in enumerate(examples):
        right = [_answers(example, runs[i], kernel_base) for runs in tried.right]
        objection = _objection(lab, kernel_base, example, right, tried.owned)
        if objection:
            objections[example.scenario.title] = objection
            continue
        for number, runs in enumerate(tried.impostors):
            if catches[number] is None and i < len(runs):
                catches[number] = _catch(lab, example, right, _answers(example, runs[i], kernel_base))
    return Judged([example.scenario.title for example in examples], objections, catches)


def _answers(example: Example, run: Run, kernel_base: int) -> list[_Answer]:
    """What came of each operation, up to the first that did not come back."""
    records = {record.number: record for record in run.records}
    names, found = {"base": kernel_base}, []
    for number, operation in enumerate(example.scenario.operations, 1):
        record, stop = records.get(number), run.stop_at(number)
        found.append(_Answer(record, dict(names), f"{stop.kind}: {stop.message}" if stop else "it does not come back"))
        if record is None:
            break
        if operation.name:
            names.pop(operation.name, None)
            if (value := expectations.kept(record)) is not None:
                names[operation.name] = value
    return found


def _objection(lab: Lab, kernel_base: int, example: Example, right: list[list[_Answer]],
               owned: Sequence[KernelsOwn]) -> Objection | None:
    named = {number for own, run in zip(owned, right) for number in own.named(lab, [a.record for a in run if a.record])}
    for number, operation in enumerate(example.scenario.operations, 1):
        answers = [run[number - 1] if number <= len(run) else None for run in right]
        if number in named:
            return Objection(operation.line, str(operation), kernels_own.WHY, 0, len(right), answered=False)
        fit = [_fits(lab, example, number, answer) for answer in answers]
        if all(fit):
            continue
        at = fit.index(False)
        why, rule = _reason(lab, kernel_base, example, number, right[at])
        record = right[at][min(number, len(right[at])) - 1].record
        return Objection(operation.line, str(operation), why, sum(fit), len(fit), rule,
                         answered=record is not None and not record.refused)
    return None


def _fits(lab: Lab, example: Example, number: int, answer: _Answer | None) -> bool:
    """Whether a right design's answer is one that a valid example may get: it was played, it came back, and what is
    expected of it is so."""
    if answer is None or answer.record is None or answer.record.refused:
        return False
    wanted = example.expected.get(number)
    return not wanted or wanted.holds(answer.record, answer.names, lab.complaints)


def _reason(lab: Lab, kernel_base: int, example: Example, number: int,
            run: list[_Answer]) -> tuple[str, Rule | None]:
    """Why an answer does not fit: in words, and by which sentence of the contract."""
    answer = run[min(number, len(run)) - 1]
    if answer.record is None:
        return f"on a right design it does not come to an end ({answer.seen})", None
    if answer.record.refused:
        return f"it can't be played: {answer.record.refused}", None
    wanted = example.expected[number]
    records = [each.record for each in run[:number]]
    return f"expected: {wanted.text}" + _silent(wanted, answer), decisive(
        lab, kernel_base, records, wanted, answer.names)


def _silent(wanted: expectations.Expected, answer: _Answer) -> str:
    """What is to be said where a result is expected that the operation does not have at all."""
    if answer.record.panicked:
        return ""
    missing = [term.result for term in wanted.terms if term.result not in answer.record.results]
    there = ", ".join(answer.record.results)
    return f"; this operation has {f'the results {there}' if there else 'no results'} here" if missing else ""


def _catch(lab: Lab, example: Example, right: list[list[_Answer]], impostor: list[_Answer]) -> Catch | None:
    """The first operation at which an expectation fails on an impostor, or it stops where no right design does."""
    for number, (operation, answer) in enumerate(zip(example.scenario.operations, impostor), 1):
        wanted = example.expected.get(number)
        unmet = wanted and not (answer.record and wanted.holds(answer.record, answer.names, lab.complaints))
        if unmet or answer.stopped and not any(run[number - 1].stopped for run in right):
            return Catch(example.scenario.title, operation.line, _written(operation, wanted), answer.seen)
    return None


def _written(operation, wanted: expectations.Expected | None) -> str:
    return f"{operation} -> {wanted.text}" if wanted else str(operation)

