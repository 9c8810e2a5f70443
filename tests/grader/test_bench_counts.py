"""The regression guard: the reference takes as many instructions as bench/counts.toml says, within 2 %.

The counts are exact, however busy the machine is; but they are those of one compiler's code.
"""

from __future__ import annotations

import pytest
from grader.bench import guard
from grader.bench.guard import Count, Record
from grader.building import build
from grader.course.labs import ROOT

RECORDED = Record("12.2.0", (Count("one", 100.0, "why"), Count("two", 50.0, "why")))


def test_the_reference_takes_as_many_instructions_as_recorded(toolchain: build.Toolchain) -> None:
    record = guard.Record.load()
    if not record.is_of(toolchain):
        pytest.skip(f"the counts in {guard.RECORD.relative_to(ROOT)} are those of g++ "
                    f"{record.compiler}, and this is {toolchain.compiler}: nothing was compared. "
                    "Take them anew when that is the kit's compiler.")
    changes = record.changes(guard.count(toolchain))
    assert not changes, "\n".join([
        "the reference's instruction counts changed. Was that meant? Then write them into "
        f"{guard.RECORD.relative_to(ROOT)}, with the reason:", *changes])


def test_every_recorded_count_has_a_reason() -> None:
    assert all(len(count.reason.split()) >= 4 for count in guard.Record.load().counts)


@pytest.mark.parametrize(("now", "said"), [
    ({"one": 100.0, "two": 50.0}, []),
    ({"one": 101.9, "two": 49.1}, []),
    ({"one": 102.1, "two": 50.0}, ["one: 100.0 instructions are recorded, 102.1 are counted"]),
    ({"one": 100.0, "two": 48.9}, ["two: 50.0 instructions are recorded, 48.9 are counted"]),
    ({"one": 100.0}, ["two: 50.0 instructions are recorded, None are counted"]),
    ({"one": 100.0, "two": 50.0, "new": 1.0}, ["new: None instructions are recorded, 1.0 are counted"]),
], ids=["same", "within", "slower", "faster", "gone", "new"])
def test_two_per_cent_are_allowed_in_either_direction(now: dict[str, float], said: list[str]) -> None:
    assert RECORDED.changes(now) == said
