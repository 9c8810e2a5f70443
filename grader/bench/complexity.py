"""The labs' points for efficiency: how far sound designs stay from their limits, and linear ones do not.

Each graded test that gives points by a figure is played with the reference, the alternatives, and the
mutants that it has to catch. Instructions are counted in the guest, so the figures are exact.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.bench.figures import Figure, Request
from grader.building import stage
from grader.building.toolchain import Toolchain
from grader.course import labs
from grader.course.labs import Lab
from grader.grading.stage_grading import PUBLIC_SEED, StageGrading
from grader.grading.outcome import Measured, NotPassed, Outcome
from grader.mutants import sources
from grader.mutants.sources import Candidate

AREA = "complexity"
LIMIT = "the limit"  # up to which a solution gets all points


@dataclass
class Noted(Outcome):
    """An outcome that notes the figures it is asked to give points for."""

    figures: tuple[Measured, ...] = field(default=())

    def earns_by_steps(self, *figures: Measured, sentence: str, header: str) -> None:
        """Notes them, whatever they earn."""
        del sentence, header
        self.figures = figures


def measure(request: Request) -> Iterator[Figure]:
    """A line for each solution and test whose points depend on a figure; for a solution that was
    stopped before there was one, none."""
    for lab in labs.all_labs():
        first, *alternatives = sources.alternatives(lab)
        reference = noted(request.toolchain, lab, first)
        mutants = [mutant for mutant in sources.written(lab) if mutant.caught_by in reference]
        for solution in (first, *alternatives, *mutants):
            found = reference if solution is first else noted(request.toolchain, lab, solution)
            kind = "mutant " if solution in mutants else ""
            for test, outcome in found.items():
                if not kind or test == solution.caught_by:
                    yield from lines(f"{lab.slug}/{test}", f"{kind}{solution.name}", outcome)


def lines(test: str, solution: str, outcome: Noted) -> Iterator[Figure]:
    """A line for each figure of a test, with the limit up to which there are all points."""
    for figure in outcome.figures:
        limit = next(limit for limit, share in figure.steps.items() if share == 1)
        yield Figure(AREA, f"{test} {figure.name}, {solution}", "figure", figure.value, {LIMIT: limit})


def noted(toolchain: Toolchain, lab: Lab, solution: Candidate) -> dict[str, Noted]:
    """The outcomes of the tests of a lab that give points by a figure, as far as there is one."""
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        (Path(folder) / lab.files[0]).write_text(solution.text, encoding="utf-8")
        graded = StageGrading(stage.alone(lab), Path(folder), toolchain, PUBLIC_SEED, rounds=0)
        outcomes = graded.run(graded.workloads())
    found = {name: Noted(outcomes[name].played, outcomes[name].finding) for name in outcomes}
    for name, outcome in found.items():
        try:
            lab.graded_tests[name](outcome)
        except NotPassed:  # it broke the contract: there is no figure
            continue
    return {name: outcome for name, outcome in found.items() if outcome.figures}
