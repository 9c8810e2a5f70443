"""Which known mistake shows the same symptoms, and whether that is enough to name it.

How alike two solutions are is measured test by test, on several scales: whether the same rule is broken, in the same
scenarios, at the same operations, and whether the same answers are wrong, in the same way. A test that few known
mistakes fail says more than one that most of them fail. The limits are measured: docs/mutants.md.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from grader.diagnosis.answers import Symptoms
from grader.diagnosis.table import Known, Misconception, Table
from grader.points import counted

SURE = 0.65  # how alike a mistake has to be to be named
NEAR = 0.2  # so little less alike, others may be meant as well: then all of them have to be of one misconception
# Where so many of the tests fail, most of them in one way, the first call went wrong: nobody sees what is behind it.
WIDE, UNIFORM = 0.7, 0.6
NAMED = 3  # mistakes at most

AllSymptoms = Mapping[str, Symptoms]


@dataclass(frozen=True)
class Diagnosis:
    """Of a lab in which something fails: the mistakes that are `named`, the likeliest first, and what is behind them;
    nothing where that would be a guess. The first has the same findings in `agree` of the lab's `tests`, and
    `excluded` other known mistakes behave otherwise."""

    lab: str
    tests: int
    likeness: float = 0
    agree: int = 0
    excluded: int = 0
    behind: Misconception | None = None
    named: Sequence[tuple[str, str]] = ()  # name and words

    def as_json(self) -> dict:
        """As it is kept."""
        return {"mistakes": [{"name": name, "words": words} for name, words in self.named],
                "misconception": self.behind.words if self.behind else "",
                "section": self.behind.section if self.behind else "", "likeness": round(self.likeness, 2),
                "agree": self.agree, "tests": self.tests, "excluded": self.excluded, "said": list(self.words)}

    @property
    def words(self) -> Iterator[str]:
        """What a person is told, in lines."""
        if not self.named:
            yield "No known mistake behaves so, or several of different kinds do: this one has to be looked for."
            return
        yield f"In {self.agree} of {counted(self.tests, 'test')} the answers are those of a known mistake:"
        for i, (_, words) in enumerate(self.named):
            yield f"  {'or: ' if i else ''}{words}"
        yield f"{counted(self.excluded, 'other')} that are known behave otherwise."
        yield f"What would be right: {self.behind.words} (in the handout: {self.behind.section})."


def diagnose(table: Table, shown: AllSymptoms) -> Diagnosis:
    """What is known of a submission with these symptoms."""
    ranked = rank(table.known, shown)
    tests = len(table.right)
    if not ranked or not shown:
        return Diagnosis(table.lab, tests)
    best, first = ranked[0]
    near = [known for likeness, known in ranked if likeness >= best - NEAR]
    if best < SURE or is_blind(shown, tests) or len({known.behind for known in near}) > 1:
        return Diagnosis(table.lab, tests, best)
    agree = tests - sum(_findings(shown, test) != _findings(first.symptoms, test)
                        for test in shown.keys() | first.symptoms.keys())
    return Diagnosis(table.lab, tests, best, agree, len(ranked) - len(near), first.behind,
                     [(known.name, known.words) for known in near[:NAMED]])


def rank(known: Collection[Known], shown: AllSymptoms) -> list[tuple[float, Known]]:
    """All known mistakes with how alike they are, 0 to 1, the likeliest first."""
    fail = Counter(test for one in known for test in one.symptoms)
    telling = {test: math.log((len(known) + 1) / (count + 0.5)) + 0.2 for test, count in fail.items()}
    return sorted(((likeness(shown, one.symptoms, telling), one) for one in known),
                  key=lambda entry: (-entry[0], entry[1].name))


def is_blind(shown: AllSymptoms, tests: int) -> bool:
    """Whether so much fails in one way that nothing of the mistake can be seen."""
    ways = Counter(wrong.fails for wrong in shown.values())
    return len(shown) > WIDE * tests and ways.most_common(1)[0][1] > UNIFORM * len(shown)


def likeness(one: AllSymptoms, other: AllSymptoms, telling: Mapping[str, float]) -> float:
    """From 0 (nothing in common) to 1 (the same in each test)."""
    tests = one.keys() | other.keys()
    weights = {test: telling.get(test, 1.0) for test in tests}
    return sum(weights[test] * _of_test(one.get(test), other.get(test)) for test in tests) / sum(weights.values())


def _of_test(one: Symptoms | None, other: Symptoms | None) -> float:
    if not one or not other:
        return 0
    rules = [{(i, rule) for i, (_, _, rule) in each.found.items()} for each in (one, other)]
    return fmean([float(one.fails == other.fails), _shared(one.found.keys(), other.found.keys()), _shared(*rules),
                  _shared(one.found.items(), other.found.items()), _shared(one.where, other.where),
                  _shared(one.what, other.what)])


def _shared(one: Collection, other: Collection) -> float:
    """How much of what either has both have."""
    one, other = set(one), set(other)
    return len(one & other) / len(one | other) if one or other else 1


def _findings(symptoms: AllSymptoms, test: str) -> tuple:
    wrong = symptoms.get(test)
    return (wrong.fails, wrong.found) if wrong else ()
