"""How many instructions the machine had executed when each byte of its log was written, as QEMU counts them for replaying
a run (-icount rr=record). No code in the machine has a hand in that. So a record's own `cost` can be compared with
what there was room for.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from grader.evidence.records import Run

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

_A_LETTER = 110  # instructions that the player takes for one of a record
# The player's part of an operation differs by some hundred instructions between right solutions. Where it takes longer
# than this, it works on what the operation came to: it fills memory, and looks blocks up by their addresses.
_USUAL = 12_000
_MOST_MORE = 4_000


class Unsaid(NamedTuple):
    """What an operation took beside its `cost`: the player's part, if nobody hides anything."""

    instructions: int
    letters: int  # of its record


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
    for before, record in zip(run.records, run.records[1:]):
        cost = record.results.get("sum" if record.verb == "loud" else "cost")
        is_whole = (before.verb == "quiet") == (record.verb == "loud")  # else some are told of in other records
        if cost is None or not is_whole or record.position >= len(counts):
            continue
        passed = counts[record.position] - counts[before.position]
        found[record.number] = Unsaid(passed - cost, len(record.line))
    return found


def hidden(run: Run, seen: dict[int, Unsaid], usual: dict[int, Unsaid]) -> str:
    """The first operation that took more instructions than its record says, in words; empty if there is none. `usual`
    is the reference's in the same scenario."""
    for record in run.records:
        if record.number in seen and record.number in usual:
            (took, letters), (as_usual, usual_letters) = seen[record.number], usual[record.number]
            more = took - as_usual - _A_LETTER * (letters - usual_letters)
            if more > _MOST_MORE + max(0, as_usual - _USUAL) // 2:
                return (f"operation {record.number}, `{record.text}`, took {more:,} instructions more than its record "
                        "says, as counted outside of the machine")
    return ""
