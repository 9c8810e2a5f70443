"""The mutants that are made by rule, from the reference or another right design: all, or a sample of them.

The sample is drawn by what each mutation does, so a change of the source changes it there only.
"""

from __future__ import annotations

from pathlib import Path

from grader.building.toolchain import Toolchain
from grader.course.labs import Lab
from grader.mutants import operators, sources
from grader.mutants.operators import Mutation
from grader.mutants.sources import Candidate
from grader.scenarios.stream import Stream


def generated(lab: Lab, toolchain: Toolchain, most: int, design: Path | None = None) -> list[Candidate]:
    """So many mutants of a lab's reference, or of another right `design`, in the source's order; all with 0."""
    called = f"{design.stem}-" if design else ""
    found = [_candidate(lab, f"{called}{mutation.number}-{mutation.operator}-{i}", mutation) for i, mutation in
             enumerate(operators.mutations(design or sources.reference(lab), toolchain))]
    drawn = sorted(found, key=lambda mutant: Stream("mutants", lab.slug, mutant.about).word())
    chosen = set(drawn[:most or len(drawn)])
    return [mutant for mutant in found if mutant in chosen]


def about(function: str, line: str, becomes: str) -> str:
    """What a mutation does, as it is written in tables."""
    return (f"{function}: " if function else "") + f"`{line}` becomes `{becomes}`"


def _candidate(lab: Lab, name: str, mutation: Mutation) -> Candidate:
    return Candidate(lab.slug, "generated", name,
                     about(mutation.function, mutation.line, mutation.becomes), mutation.text)
