"""Small worlds: a list in which every row of so many operations stands, whatever the seed."""

from __future__ import annotations

import pytest

from grader.scenarios.rows import in_every_row
from grader.scenarios.stream import Stream


@pytest.mark.parametrize(("items", "length"), [("ab", 4), ("abcde", 3), ("abcdefghijkl", 2)])
def test_every_row_stands_there_once(items: str, length: int) -> None:
    for seed in range(3):
        found = in_every_row(Stream(seed), items, length)
        rows = [tuple(found[i:i + length]) for i in range(len(found) - length + 1)]
        assert len(set(rows)) == len(rows) == len(items) ** length


def test_the_order_is_the_seeds() -> None:
    assert in_every_row(Stream(1), "abcdef", 2) != in_every_row(Stream(2), "abcdef", 2)
