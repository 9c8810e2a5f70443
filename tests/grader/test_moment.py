"""What a debugger shows of the scenario: what was played, what comes, what was expected of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grader.debug import leak
from grader.debug.moment import Moment
from grader.judging.judge import Finding
from grader.judging.verdict import Verdict
from grader.scenarios import scenario
from grader.scenarios.scenario import Scenario

MOMENT = Moment("buddy/coalescing (fail): coalescing", 3, "buddy_alloc",
                ["init 8    # -> size=240", "free 0 8  # -> ok", "alloc 4 4"], 3,
                ["expected:     4 units", "seen:         0: nothing"], ["/mine"])


def test_the_listing_ends_with_the_operation_and_its_story() -> None:
    assert MOMENT.listing(3) == [
        "buddy/coalescing (fail): coalescing",
        "      1  init 8    # -> size=240",
        "      2  free 0 8  # -> ok",
        "=>    3  alloc 4 4",
        "",
        "expected:     4 units",
        "seen:         0: nothing"]


def test_before_that_there_is_no_story() -> None:
    assert MOMENT.listing(2)[1:] == ["      1  init 8    # -> size=240",
                                     "=>    2  free 0 8  # -> ok"]


def test_of_a_long_scenario_it_shows_the_end() -> None:
    long = replace(MOMENT, operations=[f"free {n} 1" for n in range(1, 101)], failing=0)
    listing = long.listing(100)
    assert listing[1:3] == ["      ...", "     90  free 90 1"]
    assert listing[-1] == "=>  100  free 100 1"


def test_after_the_last_operation_there_is_nothing_to_point_at() -> None:
    assert not any(line.startswith("=>") for line in MOMENT.listing(4))


def test_it_can_be_saved(tmp_path: Path) -> None:
    MOMENT.save(tmp_path / "moment.json")
    assert Moment.load(tmp_path / "moment.json") == MOMENT


SEVERAL = """\
marionette-scenario 1
lab kvmalloc
scenario several
boot
frames
a = alloc 2
free a
leave 9 1
b = alloc 5
alloc 7
c = alloc 1
unleave
free c
frames
"""


def counted(played: Scenario, losing: tuple[str, ...]) -> Finding | None:
    """The first count of a scenario behind one of the operations that lose something."""
    lost, held = False, False
    for number, operation in enumerate(played.operations, 1):
        held = (held or operation.verb == "leave") and operation.verb != "unleave"
        lost = lost or str(operation) in losing
        if operation.verb == "frames" and lost and not held:
            return Finding(Verdict.FAIL, "any rule", number, "frames")
    return None


def test_of_several_leaks_the_first_is_found_where_memory_is_held_too(tmp_path: Path) -> None:
    """Not the last operation before the next count; and whatever rule each of the counts breaks."""
    path = tmp_path / "several.scenario"
    path.write_text(SEVERAL)
    [several] = scenario.load(path)
    lost = {losing: leak.find(several, Finding(Verdict.FAIL, "another rule", 11, "frames"),
                              lambda played, losing=losing: counted(played, losing))
            for losing in [("free c",), ("alloc 7", "free c"), ("b = alloc 5", "alloc 7"), ("free a", "alloc 7")]}
    assert [(found.lost, found.taken) for found in lost.values()] == [(10, 8), (7, 7), (6, 6), (4, 3)]
