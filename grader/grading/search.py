"""A submission searched by its own code: random histories towards what of it has not run.

After a lab's tests were played: their scenarios made anew from other numbers, and changed here and there, many in a
boot, each as if it were the first. One that reaches code of the student's file which nothing reached before is changed
further. Which are played follows from the seed, how many from instructions: so the same comes of it on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.building import build
from grader.course.labs import Lab
from grader.evidence import coverage
from grader.grading import shrink
from grader.grading.allowance import Allowance
from grader.grading.inquiry import Inquiry
from grader.grading.outcome import Outcome
from grader.grading.play import Played, Player
from grader.judging.judge import Finding
from grader.reporting import explain
from grader.scenarios.changes import changed
from grader.scenarios.scenario import Scenario
from grader.scenarios.stream import Stream
from grader.scenarios.workload import Generated, Siblings

ROUNDS = 4  # boots
CANDIDATES = 60  # scenarios for one boot, at most
BUDGET = 150_000_000  # instructions, after which a boot begins no other scenario
PATIENCE = 8  # what the limits of operations are multiplied by: the tests look for what is slow, this does not
LONGEST = 250  # operations: what goes wrong in a longer scenario tells little
_MOST_CHANGES = 16
_FAVOUR = 3  # of four scenarios so many are made of those that reached something new, once there are any

Find = Callable[[Played], "Finding | None"]


@dataclass
class Search:
    """What came of one search.

    `played` scenarios were; `reached` is what ran of the student's code, in the tests and then, by addresses;
    `unreached` are ranges of lines, by file; `found` is what tests would have failed of, or do where it counts, by
    their names.
    """

    played: int = 0
    reached: set[int] = field(default_factory=set)
    unreached: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    found: dict[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True)
class Suspicion:
    """A scenario, played, in which something went wrong."""

    entry: Played
    finding: Finding


def searched(lab: Lab, inquiry: Inquiry, outcomes: Mapping[str, Outcome], seed: str) -> Search:
    """What a search of a submission finds beside what its tests told, confirmed and made small."""
    done, suspicions = search(lab, inquiry.player, outcomes, seed, inquiry.sought)
    ours = inquiry.player.on_the_reference(build.image(inquiry.toolchain, {}))
    patient = replace(inquiry.player, patience=PATIENCE, covers=False, left=Allowance())
    told = {inquiry.kind(outcome.finding) for outcome in outcomes.values() if outcome.finding}
    for suspicion in told_of_none(suspicions, ours, inquiry.sought):
        test, kind = suspicion.entry.scenario.test, inquiry.kind(suspicion.finding)
        if test in done.found or kind in told:
            continue
        told.add(kind)
        further = replace(inquiry, player=patient, rounds=shrink.ROUNDS)
        outcome = further.outcome(suspicion.entry, suspicion.finding)
        if outcome.finding and outcome.finding.verdict.has_score:
            done.found[test] = replace(outcome, played=outcomes[test].played, searched=True)
    return done


def search(lab: Lab, player: Player, outcomes: Mapping[str, Outcome], seed: str,
           find: Find) -> tuple[Search, list[Suspicion]]:
    """Plays what the tests that passed did not. What went wrong is still to be confirmed."""
    code = {file: coverage.code_of(player.image, file) for file in lab.files}
    every = frozenset().union(*(part.addresses for part in code.values()))
    done = Search(reached={address for outcome in outcomes.values() for entry in outcome.played
                           for address in entry.reached & every})
    passed = [test for test, outcome in outcomes.items() if not outcome.finding]
    searching = replace(player, watched=True, covers=True, looks=None, patience=PATIENCE, left=Allowance())
    suspicions: list[Suspicion] = []
    favoured: list[Scenario] = []
    for turn in range(ROUNDS):
        for entry in played_apart(searching, candidates(lab, passed, seed, turn, favoured)):
            done.played += 1
            if new := entry.reached & every - done.reached:
                done.reached |= new
                favoured.append(entry.scenario)
            if finding := find(entry):
                suspicions.append(Suspicion(entry, finding))
    done.unreached = {file: part.unreached(done.reached) for file, part in code.items()}
    return done, suspicions


def candidates(lab: Lab, tests: Sequence[str], seed: str, turn: int,
               favoured: Sequence[Scenario]) -> list[Scenario]:
    """What is played in a boot: fresh scenarios of those tests, and favoured ones, most of them changed."""
    stream = Stream(seed, lab.slug, "search", turn)
    fresh = [scenario for test in tests for scenario in _fresh(lab, test, f"{seed} search {turn}")]
    return [_candidate(stream, lab, favoured if favoured and stream.chance(_FAVOUR, 4) else fresh,
                       f"search-{turn + 1}-{i + 1}") for i in range(CANDIDATES if fresh else 0)]


def _fresh(lab: Lab, test: str, seed: str) -> Iterator[Scenario]:
    """A test's scenarios from another seed, as far as they are short, can be made shorter, and are not about time."""
    for part in lab.graded_tests[test].workloads:
        if isinstance(part, (Generated, Siblings)):
            yield from (replace(scenario, test=test) for scenario in part.scenarios(lab.folder, lab.slug, test, seed)
                        if scenario.shrinks and not scenario.measure and len(scenario.operations) <= LONGEST)


def _candidate(stream: Stream, lab: Lab, known: Sequence[Scenario], title: str) -> Scenario:
    chosen = stream.choice(known)
    operations = chosen.operations
    for _ in range(stream.between(0, _MOST_CHANGES)):
        operations = changed(stream, operations, lab.search)
    return replace(chosen, title=title, operations=shrink.closed(operations), shrinks=True)


def played_apart(player: Player, scenarios: Sequence[Scenario]) -> Iterator[Played]:
    """What came of the first of them, in one boot; each is a test of its own, so that the next is played where one
    can't be finished."""
    if scenarios:
        numbered = [replace(scenario, test=str(i)) for i, scenario in enumerate(scenarios)]
        for scenario, entry in zip(scenarios, player.play_some(numbered, BUDGET, apart=True)):
            yield replace(entry, scenario=scenario)


def told_of_none(suspicions: Sequence[Suspicion], reference: Player, find: Find) -> list[Suspicion]:
    """The suspicions that the reference does not raise, too: the others left the contract."""
    searching = replace(reference, watched=False, covers=False, looks=None, patience=PATIENCE)
    left = list(suspicions)
    kept: list[Suspicion] = []
    while left:
        done = list(played_apart(searching, [suspicion.entry.scenario for suspicion in left]))
        kept += [suspicion for suspicion, entry in zip(left, done) if not find(entry)]
        left = left[len(done):]
    return kept


def told_of(lab: Lab, done: Search, counts: bool, commands: Callable[..., list[str]]) -> dict:
    """A search as results.json has it; `commands` are the last lines of what is told (grader.grading.again.Again)."""
    found = [{"test": test, "message": explain.message(
        outcome.finding, outcome.places, commands(lab, lab.test(test), outcome, outcome.finding))}
             for test, outcome in done.found.items()]
    return {"scenarios": done.played, "counts": counts, "found": found,
            "unreached": {file: [list(lines) for lines in ranges] for file, ranges in done.unreached.items()}}
