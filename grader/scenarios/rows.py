"""Small worlds whole: whatever few operations there are, each follows each, in every state that brings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from grader.scenarios.stream import Stream

T = TypeVar("T")


def in_every_row(stream: Stream, items: Sequence[T], length: int) -> list[T]:
    """A list in which every row of `length` items stands somewhere, each once: n^length + length - 1 of them.

    Such a list is a de Bruijn sequence. Here it begins with the first item of an order that the seed chooses, and goes
    on with the last one that makes a new row (M. H. Martin: A problem in arrangements, 1934).
    """
    order = stream.shuffled(range(len(items)))
    row = [order[0]] * (length - 1)
    seen: dict[tuple[int, ...], int] = {}
    found = list(row)
    while True:
        before = tuple(found[len(found) - length + 1:])
        turn = seen.get(before, 0)
        if turn == len(items):
            return [items[i] for i in found]
        seen[before] = turn + 1
        found.append(order[len(items) - 1 - turn])
