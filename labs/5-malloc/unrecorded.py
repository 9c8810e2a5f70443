"""What is known of blocks whose operations left no record: their names and sizes, from the scenario; and at a glance,
where the player keeps them (live_blocks in player.cpp)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import count, pairwise

from grader.evidence.records import Record
from grader.evidence.snapshot import Snapshot
from grader.judging.oracle import Violation
from grader.points import counted
from grader.scenarios.scenario import Operation, number

from .blocks import Block
from .rules import RULE

_ENTRY = struct.Struct("<III4x")  # start, size, tag


class Unrecorded:
    """Follows a scenario by the names of its blocks, as if all of them had been had that no record denies."""

    def __init__(self) -> None:
        self._named: dict[str, int] = {}  # which block a name stands for; another may have had it before, and still live
        self._sizes: dict[int, int] = {}  # of live blocks
        self._numbers = count(1)

    def follow(self, operation: Operation, record: Record | None) -> None:
        """Notes what an operation does to the blocks; without a record, what it was to do."""
        if not operation.arguments or (record and (record.panicked or record.refused)):
            return
        size = asked(operation, record)
        failed = size and record is not None and not record.results.get("address")
        if operation.verb in ("realloc", "free") and not failed:
            self._sizes.pop(self._named.get(operation.arguments[0], 0), None)
        if size and not failed:
            self._named[operation.name] = following = next(self._numbers)
            self._sizes[following] = size

    def judge(self, seen: Snapshot) -> Violation | None:
        """Whether the player has just these blocks, with memory of their own behind each."""
        blocks = sorted(_blocks(seen.blocks))
        sizes = sorted(self._sizes.values())
        if sorted(block.size for block in blocks) != sizes:
            return Violation(RULE.at_least_size_bytes, _together(sizes), _together([block.size for block in blocks]))
        for block, following in pairwise(blocks):
            if following.address < block.end:
                return Violation(RULE.live_blocks_do_not_overlap, f"bytes apart from {_spelled(block)}", _spelled(following))
        return next(filter(None, (_judge_memory(block, seen) for block in blocks)), None)


def asked(operation: Operation, record: Record | None) -> int:
    """How many bytes an operation asks for: its last argument; what stands there may be a name, which only a record tells
    the value of."""
    if operation.verb not in ("malloc", "reserve", "realloc"):
        return 0
    text = operation.arguments[-1]
    return record.arguments[-1] if record and record.arguments else number(text) if text[0].isdigit() else 0


def _blocks(table: bytes) -> Iterator[Block]:
    return (Block(start, size, 0, tag) for start, size, tag in _ENTRY.iter_unpack(table) if start and size)


def _judge_memory(block: Block, seen: Snapshot) -> Violation | None:
    if not block.has_memory(seen):
        return Violation(RULE.at_least_size_bytes, f"memory behind {_spelled(block)}", "the machine's page tables have none")
    if not block.bears_its_pattern(seen):
        return Violation(RULE.contents_are_kept, f"no byte changed of {_spelled(block)}",
                         "the machine's memory holds something else")
    return None


def _together(sizes: list[int]) -> str:
    return f"{counted(len(sizes), 'live block')}, of {counted(sum(sizes), 'byte')} together"


def _spelled(block: Block) -> str:
    return f"{counted(block.size, 'byte')} at {block.address:#x}"
