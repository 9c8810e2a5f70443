"""What a debugger shows of the scenario: what was played, what comes, what was expected of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grader.debug.moment import Moment

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
