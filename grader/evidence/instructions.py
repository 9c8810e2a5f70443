"""How many instructions the machine had executed when each byte of its log was written, as QEMU counts them for
replaying a run (-icount rr=record). No code in the machine has a hand in that. So a record's own `cost` can be compared
with what there was room for.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from grader.evidence.records import Record, Run, spelled

# Of QEMU's format (replay/replay-internal.h): that of 7.2 and 10.0, and that of 11.1, where these events are the same.
_VERSIONS, _HEADER = (bytes.fromhex("00e0200c"), bytes.fromhex("00e0200e")), 12
_INSTRUCTIONS, _WRITTEN = 0, 22  # events: so many instructions since the one before; a byte went out
_COUNT = struct.Struct(">I")
# Nearly all of it: a byte, the instructions up to the next one, and so on.
_BYTES = re.compile(rb"(?:\x16\0\0\0\x01\0\0\0\x01\0.{4})+", re.DOTALL)
_BYTE = struct.Struct(">10xI")
# What follows an event's number, in bytes. With others (input, audio, disks) this machine has nothing to do.
_EVENTS = {_INSTRUCTIONS: 4, 1: 0, 2: 0, 3: 8, 4: 0, **dict.fromkeys(range(10, 22), 0), _WRITTEN: 8,
           28: 8, 29: 8, **dict.fromkeys(range(30, 40), 0)}

_A_LETTER = 110  # instructions that the player takes for one of a number in a record,
_QUOTED = 3  # and so many times as many more for one that it quotes
# The player's part of an operation differs by some hundred instructions between right solutions. Where it takes longer
# than this, it works on what the operation came to: it fills memory, and looks blocks up by their addresses.
_USUAL = 12_000
_MOST_MORE = 4_000
# Among many operations that evens out: for each of them so many on average, beside the most for one.
_ON_AVERAGE, _ON_AVERAGE_QUIET = 400, 150


Letters = dict[tuple[int, str], int]  # of each number in a record, by the operation's and the number's name


class Unsaid(NamedTuple):
    """What an operation took beside its `cost`: the player's part, if nobody hides anything."""

    instructions: int
    letters: Letters
    operations: int = 1  # that it is of


def at_bytes(recorded: bytes) -> list[int]:
    """For each byte of the serial line how many instructions came before it; none if the format is unknown."""
    counts: list[int] = []
    if not recorded.startswith(_VERSIONS):
        return counts
    at, executed = _HEADER, 0
    while at < len(recorded) and (follows := _EVENTS.get(recorded[at])) is not None:
        if many := _BYTES.match(recorded, at):
            *before, executed = accumulate((count for count, in _BYTE.iter_unpack(many[0])), initial=executed)
            counts += before
            at = many.end()
            continue
        if recorded[at] == _WRITTEN:
            counts.append(executed)
        elif recorded[at] == _INSTRUCTIONS and at + follows < len(recorded):
            executed += _COUNT.unpack_from(recorded, at + 1)[0]
        at += 1 + follows
    return counts


def unsaid(run: Run, counts: Sequence[int]) -> dict[int, Unsaid]:
    """By the numbers of the operations whose records tell what they took; of a quiet stretch that is its `loud`."""
    found: dict[int, Unsaid] = {}
    stretch: list[Record] = []  # from `quiet` on, with what is worth a record all the same
    for before, record in pairwise(run.records):
        if before.verb == "quiet" or stretch:
            stretch.append(before)
        if stretch and record.verb != "loud":
            continue
        told, begin = [*stretch[1:], record], stretch[0] if stretch else before
        costs = [_cost(each, run) for each in told]
        if costs[-1] is not None and record.position < len(counts):
            found[record.number] = Unsaid(
                counts[record.position] - counts[begin.position] - sum(cost or 0 for cost in costs),
                _letters(told, run), record.results.get("operations", 1))
        stretch = []
    return found


def _cost(record: Record, run: Run) -> int | None:
    """The instructions that an operation took, or all of a quiet stretch, as far as it was said."""
    if record.panicked:
        stop = run.stop_at(record.number)
        return stop.cost if stop else None
    if record.verb == "loud":
        return record.results.get("sum", 0) + (record.cost or 0)
    return record.cost


def _letters(told: Iterable[Record], run: Run) -> Letters:
    """Of the numbers that records have, as they are spelled: a submission may have added noughts and words. And all
    that is told of a panic."""
    numbers = {(record.number, str(name)): len(spelled(value)) for record in told
               for name, value in (*enumerate(record.arguments), *record.results.items())}
    stops = {(record.number, "stop"): len(stop.line) + _QUOTED * len(stop.message) for record in told
             if record.panicked and (stop := run.stop_at(record.number))}
    return numbers | stops


def _more_letters(letters: Letters, usual: Letters) -> int:
    """How many more than the reference's records have in the same places; a place that those lack has none."""
    return sum(count - usual[place] for place, count in letters.items() if place in usual)


def hidden(run: Run, seen: dict[int, Unsaid], usual: dict[int, Unsaid]) -> str:
    """The first operation that took more instructions than its record says, or fewer, or all those that took more
    together, in words; empty if none did. `usual` is the reference's in the same scenario."""
    together = most_together = 0
    for record in run.records:
        if record.number in seen and record.number in usual:
            (took, letters, operations), (as_usual, usual_letters, _) = seen[record.number], usual[record.number]
            spelled_out = _A_LETTER * _more_letters(letters, usual_letters)
            more, less = took - as_usual - max(0, spelled_out), as_usual - took + min(0, spelled_out)
            allowed = _of_what_it_works_on(as_usual) if record.verb != "loud" else _ON_AVERAGE_QUIET * operations
            if max(more, less) > _MOST_MORE + allowed:
                return (f"operation {record.number}, `{record.text}`, took {max(more, less):,} instructions "
                        f"{'more' if more > less else 'less'} than its record says, as counted outside of the machine")
            together += max(0, more) * (not record.panicked)  # what one says too much, no other one had
            most_together += allowed + (_ON_AVERAGE if record.verb != "loud" else 0)
    if together > _MOST_MORE + most_together:
        return (f"its operations together took {together:,} instructions more than their records say, as counted outside "
                "of the machine")
    return ""


def _of_what_it_works_on(as_usual: int) -> int:
    return max(0, as_usual - _USUAL) // 16
