"""What a solution answered in a lab's tests, so that it can be compared with what another one answered.

Solutions of two designs may answer differently and both be right: a block may begin here or there. So compared is what
an oracle found, and what every right solution answers alike (`expected`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.course.labs import Lab
from grader.errors import Unplayable
from grader.evidence.records import Record, Run
from grader.grading.outcome import NotPassed, Outcome
from grader.grading.play import Played, Player
from grader.grading import workloads
from grader.grading.stage_grading import PUBLIC_SEED
from grader.judging.judge import judge
from grader.scenarios.scenario import Scenario

ENDED = "!"  # among an operation's results: how it ended
MOST = 200  # wrong answers that are kept of a scenario: a solution that has gone astray goes on for thousands

Answer = Mapping[str, str]
Expected = Mapping[str, Sequence[Sequence[Answer]]]  # by test, scenario and operation
Found = tuple[int, str, str]  # at which operation, the verdict, the rule


@dataclass(frozen=True)
class Answers:
    """Of one test: what it does not pass for ("" where it passes); for each of its scenarios what was found
    (None: nothing), and each operation's answer (None: there is no record)."""

    fails: str
    found: Sequence[Found | None]
    answers: Sequence[Sequence[Answer | None]]


@dataclass(frozen=True)
class Symptoms:
    """What is wrong with the answers to one test: what it fails for; what was found, by scenario; and, from
    there on, which answers are not those of right solutions: where they are, and what they are, as a hash each."""

    fails: str
    found: Mapping[int, Found]
    where: frozenset[int] = frozenset()
    what: frozenset[int] = frozenset()


def play(lab: Lab, image: Path, kernel_base: int) -> dict[str, Answers]:
    """What an image answers in a lab's tests with the public seed."""
    by_test = {name: workloads.of_test(lab, function, PUBLIC_SEED).scenarios
               for name, function in lab.graded_tests.items()}
    # With its test's name each: where one can't be finished, the others of its test are passed over, and no more.
    different: dict[int, Scenario] = {}
    for name, scenarios in by_test.items():
        for scenario in scenarios:
            different.setdefault(id(scenario), replace(scenario, test=name))
    played = dict(zip(different, Player(image).play(different.values()), strict=True))
    return {name: of_test(lab, name, [played[id(scenario)] for scenario in scenarios], kernel_base)
            for name, scenarios in by_test.items()}


def of_test(lab: Lab, name: str, played: Sequence[Played], kernel_base: int) -> Answers:
    """What came of one test's scenarios."""
    found = [_found(lab, entry, kernel_base) for entry in played]
    broken = next((f"{verdict} {rule}" for _, verdict, rule in filter(None, found)), "")
    return Answers(broken or _beside_the_contract(lab, name, played), found,
                   [list(_answers(entry.scenario, entry.run)) for entry in played])


def _found(lab: Lab, entry: Played, kernel_base: int) -> Found | None:
    try:
        finding = judge(entry.scenario, entry.run, entry.ending, lab.new_oracle(kernel_base), drawn=False)
    except Unplayable:  # its own memory was overwritten
        return 0, "crash", "the player refuses"
    return (finding.operation, finding.verdict.value, finding.rule) if finding else None


def _beside_the_contract(lab: Lab, name: str, played: Sequence[Played]) -> str:
    """What a test that wants more than the contract (speed) does not pass for."""
    try:
        lab.graded_tests[name](Outcome(list(played)))
    except NotPassed as error:
        return f"{error.finding.verdict.value} {error.finding.rule}"
    return ""


def _answers(scenario: Scenario, run: Run | None) -> Iterator[Answer | None]:
    records = {record.number: record for record in run.records} if run else {}
    stops = {stop.number: stop for stop in run.stops} if run else {}
    for at in range(1, len(scenario.operations) + 1):
        yield _answer(records[at]) if at in records else {ENDED: stops[at].kind} if at in stops else None


def _answer(record: Record) -> Answer:
    if record.panicked or record.refused:
        return {ENDED: "panic" if record.panicked else "refused"}
    return {ENDED: "ok", **{name: str(value) for name, value in record.results.items() if name != "cost"}}


def expected(right: Iterable[Mapping[str, Answers]]) -> Expected:
    """What all right solutions answer alike, result by result."""
    first, *others = right
    return {test: [_alike([solution[test].answers[i] for solution in (first, *others)])
                   for i in range(len(answers.answers))]
            for test, answers in first.items()}


def _alike(several: Sequence[Sequence[Answer | None]]) -> list[Answer]:
    return [dict(set.intersection(*(set((answer or {}).items()) for answer in together)))
            for together in zip(*several, strict=True)]


def symptoms(given: Mapping[str, Answers], right: Expected) -> dict[str, Symptoms]:
    """What is wrong, by test: only those in which anything is."""
    found = {test: _symptoms(answers, right[test]) for test, answers in given.items()}
    return {test: wrong for test, wrong in found.items() if wrong.fails}


def _symptoms(given: Answers, right: Sequence[Sequence[Answer]]) -> Symptoms:
    where: set[int] = set()
    what: set[int] = set()
    for i, (wanted, answered) in enumerate(zip(right, given.answers, strict=True)):
        begin = given.found[i][0] if given.found[i] else len(wanted) + 1  # what nobody found wrong is none
        wrong = [(f"{i} {at} {name}", (answer or {}).get(name, "none"))
                 for at, (results, answer) in enumerate(zip(wanted, answered, strict=True))
                 for name, value in results.items()
                 if at + 1 >= begin and (answer or {}).get(name) != value][:MOST]
        where |= {zlib.crc32(place.encode()) for place, _ in wrong}
        what |= {zlib.crc32(f"{place} {value}".encode()) for place, value in wrong}
    return Symptoms(given.fails, {i: found for i, found in enumerate(given.found) if found},
                    frozenset(where), frozenset(what))
