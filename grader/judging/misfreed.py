"""What went back to kvfree otherwise than it came, as the records of what calls it have it
(kernel/player/between.cpp)."""

from __future__ import annotations

from grader.evidence.records import Record
from grader.judging.oracle import Rule, Violation


def violation(record: Record, rule: Rule) -> Violation | None:
    """The rule broken if a record tells of a kvfree that no kvmalloc stands behind."""
    address = record.results.get("misfreed")
    if address is None:
        return None
    return Violation(rule, "kvfree of what one kvmalloc returned, and of as many pages",
                     f"kvfree({address:#x}, …), which is no block of kvmalloc's, or not the whole of one")
