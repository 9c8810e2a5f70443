"""What a graded test judges: the runs of its scenarios, and what the oracle found in them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from grader.building import symbols
from grader.course.labs import Lab
from grader.evidence.records import Run
from grader.grading.play import Played
from grader.judging.judge import Finding
from grader.judging.verdict import Verdict
from grader.points import counted
from grader.reporting.results import TestResult
from grader.scenarios.scenario import Scenario


# Instructions of an operation on a few units, pages or blocks, with which one on many is compared: at least and at most.
LEAST, FEW = 100, 1000


class NotPassed(AssertionError):
    """A graded test that does not pass: its finding, and the part of its points that it keeps."""

    def __init__(self, finding: Finding, share: Fraction = Fraction(0)) -> None:
        super().__init__(finding.rule)
        self.finding = finding
        self.share = share


@dataclass(frozen=True)
class Measured:
    """A figure that gives points, the smaller the better: `name` for tables, `what` for students;
    `steps` has limits, and for each the share of the points that a value up to it earns. `sentence` asks for it, if
    another one does than for the figures beside it."""

    name: str
    what: str
    value: float
    steps: dict[float, Fraction]
    sentence: str = ""

    @property
    def share(self) -> Fraction:
        """The share of the points that the value earns."""
        return max((share for limit, share in self.steps.items() if self.value <= limit),
                   default=Fraction(0))

    def __str__(self) -> str:
        full = max(limit for limit, share in self.steps.items() if share == 1)
        return f"{self.name}: {self.value:.2f}, and at most {full:g} for all points"

    def finding(self, sentence: str, header: str) -> Finding:
        """What is told of it: the steps, the value, and the sentence that asks for it."""
        table = ", ".join(f"at most {limit:g}: {float(share):.0%} of the points"
                          for limit, share in sorted(self.steps.items()))
        return Finding(Verdict.PASS if self.share == 1 else Verdict.FAIL, self.what, expected=table,
                       seen=f"{self.value:.2f}", sentence=self.sentence or sentence, header=header)


@dataclass
class Outcome:
    """The runs of one test's scenarios, in order, and the first finding, if there is one.

    `failing` is the scenario it was found in, up to there, shrunk where it was generated; `run` what
    came of that in a boot of its own; `places` where it crashed; `measured` what the test looked at beside
    the contract, `figures` the same in a line each. What was `searched` for is in no scenario of the test's own.
    """

    played: list[Played]
    finding: Finding | None = None
    failing: Scenario | None = None
    run: Run | None = None
    places: list[symbols.Place] = field(default_factory=list)
    measured: list[Finding] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)
    searched: bool = False

    def keeps_the_contract(self) -> None:
        """Passes if no sentence of the contract was broken in any run."""
        if self.finding:
            raise NotPassed(self.finding)

    def cost(self, scenario: int, verb: str, last: int = 0, refused: bool = False) -> float:
        """The mean number of instructions of the operations of one kind in one of the scenarios: of
        the `last` ones, if a number is given; or of those that panicked. At least 1, as no operation is free."""
        run = self.played[scenario].run
        records = [run.stop_at(record.number) if refused else record for record in run.records
                   if record.verb == verb and record.panicked == refused]
        costs = [record.cost for record in records if record is not None and record.cost is not None][-last:]
        return max(1.0, sum(costs) / len(costs))

    def growth(self, verb: str, last: int = 0, small: int = 0, large: int = 1, most: int = FEW,
               refused: bool = False) -> float:
        """How many times as many instructions the operations of one kind take in the scenario `large` as in `small`,
        where at most so many count: else who wastes time there, too, would not seem to grow; and at least LEAST,
        as who hardly takes any there may take a few more elsewhere, say to copy a block that grew in its place."""
        few, many = (self.cost(scenario, verb, last, refused) for scenario in (small, large))
        return 1 + (many - few) / min(max(few, LEAST), most) if many > few else many / few

    def earns_by_steps(self, *figures: Measured, sentence: str, header: str) -> None:
        """Points by how good some figures are: as many as the worst of them earns."""
        self.figures = [str(figure) for figure in figures]
        self.measured = [figure.finding(sentence, header) for figure in figures]
        worst = min(figures, key=lambda figure: figure.share)
        if worst.share < 1:
            finding = worst.finding(sentence, header)
            raise NotPassed(replace(finding, seen=finding.seen + self._printed(worst)), worst.share)

    def _printed(self, figure: Measured) -> str:
        """What may be all that is wrong with the time of who looks for a mistake by printing."""
        lines = sum(len(entry.run.output) for entry in self.played if entry.run)
        return (f"; printed meanwhile: {counted(lines, 'line')}, which takes instructions, too"
                if lines and "instructions" in figure.what else "")


@dataclass(frozen=True)
class Story:
    """How a test ended, with all that a report may want to tell of it.

    `outcome` is None where infrastructure broke; `finding` None where it passed. `commands` are
    what the student can type next, `code` the student's lines where it stopped.
    """

    lab: Lab
    result: TestResult
    outcome: Outcome | None = None
    finding: Finding | None = None
    commands: tuple[str, ...] = ()
    code: str = ""
