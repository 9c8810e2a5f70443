"""The model of free units, beside a plain set of them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judging.free_units import FreeUnits, aligned_blocks

UNITS = 70  # more than two words, and no power of two
ranges = st.tuples(st.integers(0, UNITS - 1), st.integers(1, UNITS)).map(lambda r: (r[0], min(UNITS, sum(r))))
combs = st.builds(range, st.integers(0, UNITS - 1), st.integers(1, UNITS), st.integers(2, 9)).filter(len)


def runs_of(units: set[int]) -> list[tuple[int, int]]:
    starts = sorted(unit for unit in units if unit - 1 not in units)
    return [(start, next(end for end in range(start, UNITS + 1) if end not in units)) for start in starts]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(st.one_of(ranges, combs), max_size=30))
def test_runs_and_blocks_are_those_of_the_set(changes: list[tuple[int, int] | range]) -> None:
    """Each range is freed where nothing of it is free, and allocated where all of it is; a comb is freed where it may
    be."""
    model, free = FreeUnits(), set()
    for change in changes:
        touched = set(range(*change)) if isinstance(change, tuple) else set(change)
        if isinstance(change, range):
            if not free & {unit + beside for unit in range(change[0], change[-1] + 1) for beside in (-1, 0, 1)}:
                model.add_each(range(change[0], change[-1] + change.step, change.step))
                free |= touched
        elif not free & touched:
            model.add(*change)
            free |= touched
        elif touched <= free:
            model.remove(*change)
            free -= touched
        assert model.runs() == runs_of(free)
        blocks = {(start, size) for size, starts in model.blocks.items() for start in starts}
        assert blocks == {block for run in model.runs() for block in aligned_blocks(*run)}
        assert all(model.blocks.values())
