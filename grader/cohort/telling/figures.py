"""A class in figures: how the scores are spread, which tests are hard, what goes wrong most often."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from grader.cohort.intake import identity
from grader.cohort.intake.gather import Entry
from grader.cohort.intake.times import HandedIn
from grader.cohort.work.store import Record
from grader.course.labs import Lab
from grader.judging.verdict import Verdict
from grader.reporting import causes

_MOST_REASONS = 3  # why nothing was judged
BINS = 10  # of the histogram, a tenth of the points each

# Verdicts that are nobody's mistake: they tell of the host, or that nothing was written.
_NO_MISTAKE = {verdict.value for verdict in (Verdict.PASS, Verdict.INFRA, Verdict.NOT_RUN,
                                             Verdict.TODO)}
# Verdicts of a test that ran: where a lab has none of them, it says nothing about its tests.
_RAN = {verdict.value for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.CRASH, Verdict.HANG)}


@dataclass(frozen=True)
class Row:
    """A student, what is kept of him (None: not graded yet), and when he handed in."""

    entry: Entry
    record: Record | None
    handed_in: HandedIn = HandedIn()

    @property
    def score(self) -> float | int | None:
        """The points; None where there are none yet."""
        return self.record.score if self.record else None

    @property
    def max_score(self) -> int:
        """What there was to be had; 0 where that is not known."""
        return self.record.results.get("max_score", 0) if self.record else 0

    @property
    def share(self) -> Fraction | None:
        """The part of the points, 0 to 1."""
        return (None if self.score is None
                else Fraction(str(self.score)) / self.max_score if self.max_score else Fraction(0))

    @property
    def labs(self) -> list[dict]:
        """The labs as results.json has them."""
        return self.record.results.get("labs", []) if self.record else []

    def lab(self, slug: str) -> dict | None:
        """A lab; None where it was not graded."""
        return next((lab for lab in self.labs if lab["lab"] == slug), None)

    @property
    def together(self) -> str:
        """How many tests of the integrated stage passed, of how many; "" where it was not played."""
        stage = self.record.results.get("integrated") if self.record else None
        return f"{stage['score']}/{stage['max_score']}" if stage and stage["score"] is not None else ""

    @property
    def examples(self) -> str:
        """What the examples have earned, of how much; "" where the course gives nothing for them."""
        found = self.record.results.get("examples") if self.record else None
        return f"{found['score']}/{found['max_score']}" if found and found["score"] is not None else ""

    @property
    def tests(self) -> Iterator[tuple[str, dict]]:
        """All tests with their labs."""
        for lab in self.labs:
            for test in lab["tests"]:
                yield lab["lab"], test

    @property
    def remark(self) -> str:
        """What somebody should know before the points are believed; mostly nothing."""
        taken = self.record.remark.split("; ") if self.record else []
        new = [part for part in taken if part not in self.trouble]  # a link is told there, with what to do
        return "; ".join(filter(None, [self.trouble, self.entry.remark, *new, *self._degraded, self.likeness]))

    @property
    def _degraded(self) -> list[str]:
        return self.record.results.get("degraded", []) if self.record else []

    @property
    def likeness(self) -> str:
        """Which files are like the reference's, or another right design's, of which students have objects."""
        alike = self.record.alike if self.record else {}
        return "; ".join(f"{name}: {share:.0%} of its code is a released object's, too; have a look at it"
                         for name, share in alike.items())

    @property
    def trouble(self) -> str:
        """Why nothing of what was handed in was judged; empty where something was."""
        if not self.record:
            return "not graded yet"
        if self.record.problem:
            return self.record.problem
        verdicts = {test["verdict"] for _, test in self.tests}
        if verdicts == {Verdict.NOT_RUN.value}:
            return "none of the files that are graded was handed in"
        if verdicts <= {Verdict.NOT_RUN.value, Verdict.REJECTED.value}:
            said = dict.fromkeys(headline(test) for _, test in self.tests
                                 if test["verdict"] == Verdict.REJECTED.value)
            return identity.listed(list(said), _MOST_REASONS)
        return ""


@dataclass(frozen=True)
class HardTest:
    """How a test went: of those who wrote something that ran, how many passed."""

    lab: str
    name: str
    idea: str
    ran: int
    passed: int

    @property
    def share(self) -> Fraction:
        """The part that passed."""
        return Fraction(self.passed, self.ran)


@dataclass
class Mistake:
    """What went wrong in the same way, and for whom."""

    lab: str
    verdict: str
    headline: str
    tests: set[str] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class LabFigures:
    """A lab over all who handed something in for it."""

    lab: Lab
    handed_in: int
    full_marks: int
    mean: float | None
    median: float | None


def headline(test: dict) -> str:
    """The first line of a test's message."""
    return next(iter(test["message"].splitlines()), test["verdict"])


def histogram(shares: Iterable[Fraction]) -> list[int]:
    """How many have 0 to under 10 percent of the points, 10 to under 20 …, 90 to 100."""
    bins = [0] * BINS
    for share in shares:
        bins[min(int(share * BINS), BINS - 1)] += 1
    return bins


def spread(scores: Sequence[float]) -> dict[str, float]:
    """Mean, median and quartiles; nothing of nothing."""
    if not scores:
        return {}
    low, _, high = (statistics.quantiles(scores, n=4, method="inclusive") if len(scores) > 1
                    else [scores[0]] * 3)
    return {"mean": statistics.fmean(scores), "lowest": min(scores), "lower quartile": low,
            "median": statistics.median(scores), "upper quartile": high, "highest": max(scores)}


def lab_figures(rows: Sequence[Row], labs: Sequence[Lab]) -> list[LabFigures]:
    """How each lab went."""
    return [_lab(rows, lab) for lab in labs]


def _lab(rows: Sequence[Row], lab: Lab) -> LabFigures:
    graded = [found for row in rows if (found := row.lab(lab.slug))
              and any(test["verdict"] != Verdict.NOT_RUN.value for test in found["tests"])]
    scores = [found["score"] for found in graded if found["score"] is not None]
    return LabFigures(lab, len(graded), sum(score == lab.points for score in scores),
                      statistics.fmean(scores) if scores else None,
                      statistics.median(scores) if scores else None)


def hardest(rows: Iterable[Row], labs: Sequence[Lab]) -> list[HardTest]:
    """All tests that ran for anybody, those that the fewest passed first. A test whose function is not
    written yet was not passed, either, if anything of the lab was."""
    passes: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in rows:
        for lab in row.labs:
            if any(test["verdict"] in _RAN for test in lab["tests"]):
                for test in lab["tests"]:
                    passes[lab["lab"], test["name"]].append(test["verdict"] == Verdict.PASS.value)
    found = [HardTest(lab.slug, test.name, test.idea, len(some), sum(some))
             for lab in labs for test in lab.tests if (some := passes.get((lab.slug, test.name)))]
    return sorted(found, key=lambda test: test.share)


def mistakes(rows: Iterable[Row]) -> list[Mistake]:
    """What went wrong, by lab and headline; what most students did first. Whatever a student got wrong
    in one way counts once, however many tests it cost; who is to be looked at anyway, not at all."""
    found: dict[tuple[str, str, str], Mistake] = {}
    for row in rows:
        for lab, test in () if row.trouble else row.tests:
            if test["verdict"] in _NO_MISTAKE:
                continue
            key = (lab, test["verdict"], causes.anybodys(headline(test)))
            mistake = found.setdefault(key, Mistake(*key))
            mistake.tests.add(test["name"])
            if row not in mistake.rows[-1:]:
                mistake.rows.append(row)
    return sorted(found.values(), key=lambda m: (-len(m.rows), m.lab, m.headline))
