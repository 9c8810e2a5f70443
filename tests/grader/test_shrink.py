"""Shrinking, with a made-up condition in place of boots."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.building import symbols
from grader.evidence.records import Stop
from grader.grading.shrink import CANDIDATES, OPERATIONS, ROUNDS, affordable, closed, shrink
from grader.judging.judge import Finding
from grader.judging.verdict import Verdict
from grader.reporting import explain
from grader.scenarios.scenario import Operation, Scenario, number, operations


def scenario_of(text: str) -> Scenario:
    """A scenario of one operation a line."""
    return Scenario("buddy", "t", operations(text))


class Probe:
    """Plays candidates: says by `fails` which fail, and keeps count."""

    def __init__(self, fails: Callable[[Scenario], bool]) -> None:
        self.fails = fails
        self.calls: list[int] = []

    def __call__(self, candidates: list[Scenario]) -> list[bool]:
        self.calls.append(len(candidates))
        for candidate in candidates:
            assert_closed(candidate.operations)
        return [self.fails(candidate) for candidate in candidates]


def assert_closed(found: tuple[Operation, ...]) -> None:
    """Every name that is used was made before."""
    made: set[str] = set()
    for operation in found:
        assert operation.names_used <= made, f"{operation} has lost a name"
        made.add(operation.name)


def long_history() -> Scenario:
    """init, then 60 requests of 1 to 60 units, then all of them freed."""
    requests = [f"r{i} = alloc {i} {i}" for i in range(1, 61)]
    return scenario_of("\n".join(["init 4096", "free 0 4096", *requests,
                                  *(f"free r{i}" for i in range(60, 0, -1))]))


def test_finds_the_one_request_that_fails() -> None:
    def fails(candidate: Scenario) -> bool:
        return any(o.verb == "alloc" and number(o.arguments[0]) >= 24 for o in candidate.operations)

    found = shrink(long_history(), Probe(fails), rounds=40)
    assert [str(o).split(" = ")[-1] for o in found.operations] == ["init 1", "alloc 24 1"]


def test_a_round_judges_no_more_than_it_can_afford() -> None:
    candidates = [long_history()] * 1000
    assert 0 < len(affordable(candidates)) * len(long_history().operations) <= OPERATIONS
    huge = scenario_of("init 4\n" * (OPERATIONS + 1))
    assert len(affordable([huge, huge])) == 1


def test_what_stopped_elsewhere_is_another_mistake(reference_image: Path) -> None:
    table = symbols.table(reference_image)

    def stopped(symbol: str, message: str, verdict: Verdict = Verdict.CRASH) -> str:
        stop = Stop(1, "panic", message, table[symbol] + 4, (), "alloc 1 1", {}, "")
        return explain.cause(Finding(verdict, "a panic", stop=stop), reference_image)

    alloc, free = "_Z11buddy_allocP5buddyjjPj", "_Z10buddy_freeP5buddyjj"
    assert stopped(alloc, "no 7") == stopped(alloc, "no 0x12")
    assert len({stopped(alloc, "no 7"), stopped(free, "no 7"), stopped(alloc, "two 7")}) == 3


def test_keeps_two_operations_that_fail_only_together() -> None:
    def fails(candidate: Scenario) -> bool:
        names = [o.name for o in candidate.operations]
        return "r7" in names and "r53" in names

    found = shrink(long_history(), Probe(fails))
    assert [o.name for o in found.operations] == ["", "r7", "r53"]


def test_a_free_goes_with_the_request_that_it_needs() -> None:
    def fails(candidate: Scenario) -> bool:
        return any("r9" in o.names_used for o in candidate.operations)

    found = shrink(long_history(), Probe(fails))
    assert [o.verb for o in found.operations] == ["init", "alloc", "free"]
    assert_closed(found.operations)


def test_the_first_operation_stays() -> None:
    found = shrink(long_history(), Probe(lambda candidate: True))
    assert [o.verb for o in found.operations] == ["init"]


def test_a_first_operation_goes_where_another_does_what_it_does() -> None:
    history = scenario_of("init 64\ninit 32\ninit 16\nalloc 8 8\nfree 0 1")

    found = shrink(history, Probe(lambda candidate: any(o.verb == "alloc" for o in candidate.operations)), rounds=40)
    assert [str(o) for o in found.operations] == ["init 1", "alloc 1 1"]


def test_addresses_stay_in_hexadecimal() -> None:
    history = scenario_of("init 0x6fcf000 32\nfree 1 0x6fcf000 32")

    found = shrink(history, Probe(lambda candidate: number(candidate.operations[0].arguments[0]) >= 0x400000), rounds=40)
    assert str(found.operations[0]).startswith("init 0x")


def test_what_never_fails_again_stays_as_it_is() -> None:
    history = scenario_of("init 64\nfree 0 64\na = alloc 8 8\nb = alloc 3 9\nfree a\nfree b")
    probe = Probe(lambda candidate: False)
    assert shrink(history, probe) == history
    assert len(probe.calls) <= 2  # nothing to be had by removing, nothing by smaller numbers


@pytest.mark.parametrize("rounds", [0, 1, 3])
def test_the_number_of_rounds_is_kept(rounds: int) -> None:
    probe = Probe(lambda candidate: len(candidate.operations) % 3 != 1)
    shrink(long_history(), probe, rounds)
    assert len(probe.calls) <= rounds
    assert rounds < 3 or len(probe.calls) == rounds


def test_a_boot_is_never_overloaded_and_there_are_few() -> None:
    lines = ["init 4096", *(f"free {i} 1" for i in range(400))]

    def fails(candidate: Scenario) -> bool:
        return "free 250 1" in map(str, candidate.operations)

    probe = Probe(fails)
    found = shrink(scenario_of("\n".join(lines)), probe)
    assert [str(o) for o in found.operations][1:] == ["free 250 1"]
    assert max(probe.calls) <= CANDIDATES
    assert len(probe.calls) <= ROUNDS


def test_what_one_boot_had_no_time_for_is_tried_in_the_next() -> None:
    def fails(candidate: Scenario) -> bool:
        return any(o.name == "r60" for o in candidate.operations)

    def only_two(candidates: list[Scenario]) -> list[bool]:
        return [fails(candidate) for candidate in candidates[:2]]

    found = shrink(long_history(), only_two, rounds=100)
    assert [o.name for o in found.operations] == ["", "r60"]


def test_what_comes_back_still_fails() -> None:
    def fails(candidate: Scenario) -> bool:
        return sum(o.verb == "free" for o in candidate.operations) >= 5

    assert fails(shrink(long_history(), Probe(fails)))


def test_closed_takes_out_what_depends_on_what_is_gone() -> None:
    text = "init 8\na = alloc 1 1\nfree b\nc = alloc d+1 2\nfree c\nfree a"
    assert [str(o) for o in closed(operations(text))] == ["init 8", "a = alloc 1 1", "free a"]
