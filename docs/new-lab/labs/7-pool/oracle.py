"""The oracle of lab 7: what kernel/mm/pool.h promises, checked record by record."""

from __future__ import annotations

from types import SimpleNamespace

from grader.evidence.records import Record
from grader.judging import fences
from grader.judging.oracle import Rule, Violation, rules

RULE = SimpleNamespace(**rules(
    "kernel/mm/pool.h",
    keeps_to_its_memory="no byte outside of them is written to.",
    hands_out_its_objects="Hands out a free object: returns the address of its first byte,",
    null_only_if_none_is_free="or null if no object is free.",
    one_owner_at_a_time="An object is never handed out twice at a time.",
    leaves_objects_alone="As long as it is handed out no function of the pool changes its bytes.",
    wrong_addresses_panic="Panics if `object` is not the address of the first byte of one of the "
                          "pool's objects.",
))


class Oracle:
    """Follows one pool: where its objects lie, which are handed out, what was written to them."""

    kernel_base = 0  # nothing in this lab depends on it

    def __init__(self) -> None:
        self.objects = range(0)  # the addresses of their first bytes
        self.taken: set[int] = set()
        self.filled: dict[int, tuple[int, int]] = {}  # address -> how many words, their value

    def must_panic(self, record: Record) -> Rule | None:
        """Freeing what is neither null nor an object."""
        if record.verb != "free" or record.arguments[0] in (0, *self.objects):
            return None
        return RULE.wrong_addresses_panic

    def check(self, record: Record) -> Violation | None:
        """Each verb has a method of its own."""
        beside = fences.violation(record, damage=(RULE.keeps_to_its_memory, "the objects"))
        return beside or getattr(self, f"_{record.verb}")(record)

    def _init(self, record: Record) -> None:
        size, count = record.arguments
        start = record.results["memory"]
        self.objects = range(start, start + size * count, size)

    def _alloc(self, record: Record) -> Violation | None:
        address = record.results["address"]
        free = len(self.objects) - len(self.taken)
        if address == 0:
            return Violation(RULE.null_only_if_none_is_free, f"an object: {free} are free",
                             "null") if free else None
        if address not in self.objects:
            return Violation(RULE.hands_out_its_objects, self._where(), f"{address:#x}")
        if address in self.taken:
            return Violation(RULE.one_owner_at_a_time, "an object that is free, or null",
                             f"{address:#x}, which is object {self.objects.index(address)}: "
                             "it is handed out")
        self.taken.add(address)
        return None

    def _free(self, record: Record) -> None:
        self.taken.discard(record.arguments[0])
        self.filled.pop(record.arguments[0], None)

    def _fill(self, record: Record) -> None:
        address, _, value = record.arguments
        self.filled[address] = record.results["words"], value

    def _read(self, record: Record) -> Violation | None:
        address, _ = record.arguments
        if address not in self.filled:
            return None
        words, value = self.filled[address]
        expected = 0
        for _ in range(words):
            expected = (expected * 31 + value) & 0xFFFFFFFF
        if record.results["sum"] == expected:
            return None
        return Violation(RULE.leaves_objects_alone, f"{words} words of {value}, as they were written",
                         "other bytes")

    def _where(self) -> str:
        last = f" to {self.objects[-1]:#x}" if len(self.objects) > 1 else ""
        return f"one of {self.objects[0]:#x}{last}, {self.objects.step} bytes apart"

    def picture(self, record: Record) -> str:
        """A character for each object."""
        del record
        marks = "".join("#" if address in self.taken else "." for address in self.objects[:64])
        return f"objects, from 0 on (# handed out, . free)\n{marks}"
