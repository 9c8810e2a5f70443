"""Scenarios by construction: the numbers at which a contract's counts go wrong, and all pairs of them.

A lab says its contract's parameters as data, each with the values that matter. To try all of their
combinations takes too long; most mistakes need one value, or two of different parameters together:

    for case in pairs(stream, units=around(1, 32, 64), verb=("alloc", "free"), side=("first", "last")):
        ... case["units"], case["verb"], case["side"] ...
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from grader.scenarios.stream import Stream


def around(*borders: int, lowest: int = 0, highest: int | None = None) -> tuple[int, ...]:
    """Each border, the number before it and the one behind it: those from `lowest` to `highest`."""
    near = {border + step for border in borders for step in (-1, 0, 1)}
    return tuple(sorted(n for n in near if n >= lowest and (highest is None or n <= highest)))


def powers(low: int, high: int) -> tuple[int, ...]:
    """2^low, 2^(low + 1), …, 2^high."""
    return tuple(1 << order for order in range(low, high + 1))


def pairs(stream: Stream, **parameters: Sequence[object]) -> list[dict[str, object]]:
    """Few combinations of the parameters' values, so that any two values of different parameters are
    together in one of them. Which others come together, and in what order, is the seed's choice.

    Each begins with two that were not together yet; the others are those that add most to them.
    """
    missing = set(_pairs({name: range(len(values)) for name, values in parameters.items()}))
    found = []
    while missing:
        chosen = dict(stream.choice(sorted(missing)))
        for name in stream.shuffled([name for name in parameters if name not in chosen]):
            chosen[name] = max(stream.shuffled(range(len(parameters[name]))),
                               key=lambda i, name=name: _new(missing, chosen, name, i))
        missing -= set(_pairs({name: [i] for name, i in chosen.items()}))
        found.append({name: values[chosen[name]] for name, values in parameters.items()})
    return found


def _pairs(indexes: dict[str, Iterable[int]]) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    for one, other in combinations(sorted(indexes), 2):
        yield from (((one, i), (other, j)) for i in indexes[one] for j in indexes[other])


def _new(missing: set, chosen: dict[str, int], name: str, i: int) -> int:
    """How many of the missing pairs the value makes with those that are chosen."""
    return sum(tuple(sorted([(name, i), (other, j)])) in missing for other, j in chosen.items())
