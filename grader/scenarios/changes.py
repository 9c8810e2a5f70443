"""Scenarios changed here and there, at random: an operation said once more, another number, a stretch left out.

What may be changed a lab says itself (`search` in lab.toml): operations that its contract answers for wherever they
stand, and of each the arguments that may be any number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.scenarios.scenario import Operation, number
from grader.scenarios.stream import Stream

_SMALL = 64  # numbers up to which are as good as any
_LARGEST = (1 << 32) - 1
_BORDERS = tuple((1 << order) + step for order in (5, 10, 12, 16, 20, 31) for step in (-1, 0)) + (_LARGEST,)
_LONG = 6  # operations that are left out at a time, at most

Operations = tuple[Operation, ...]
May = Mapping[str, Sequence[int]]


def changed(stream: Stream, operations: Operations, may: May) -> Operations:
    """One change of a scenario's operations; none if nothing of them may be changed."""
    places = [i for i, operation in enumerate(operations) if operation.verb in may]
    if not places:
        return operations
    i = stream.choice(places)
    return stream.choice((_again, _renumbered, _renumbered, _renumbered, _without))(stream, operations, i, may)


def _again(stream: Stream, operations: Operations, i: int, may: May) -> Operations:
    """The operation once more, anywhere behind; it names nothing, but for what it names anew."""
    del may
    copy = operations[i]
    if copy.name not in copy.names_used:
        copy = replace(copy, name="")
    at = stream.between(i + 1, len(operations))
    return operations[:at] + (copy,) + operations[at:]


def _without(stream: Stream, operations: Operations, i: int, may: May) -> Operations:
    end = i + stream.between(1, _LONG)
    return operations[:i] + tuple(o for o in operations[i:end] if o.verb not in may) + operations[end:]


def _renumbered(stream: Stream, operations: Operations, i: int, may: May) -> Operations:
    """One of its numbers becomes one beside it, one that another such operation has, a small one or a border."""
    operation = operations[i]
    numbers = [(place, n) for place in may[operation.verb] if (n := _number_at(operation, place)) is not None]
    if not numbers:
        return operations
    place, old = stream.choice(numbers)
    others = [n for other in operations
              if other.verb == operation.verb and (n := _number_at(other, place)) is not None]
    new = stream.choice((old + 1, max(old - 1, 0), 2 * old, old // 2, stream.choice(others), stream.below(_SMALL),
                         stream.choice(_BORDERS)))
    arguments = list(operation.arguments)
    arguments[place] = str(min(new, _LARGEST))
    return operations[:i] + (replace(operation, arguments=tuple(arguments)),) + operations[i + 1:]


def _number_at(operation: Operation, place: int) -> int | None:
    """The argument there, if it is a number."""
    argument = operation.arguments[place] if place < len(operation.arguments) else ""
    return number(argument) if argument[:1].isdigit() else None
