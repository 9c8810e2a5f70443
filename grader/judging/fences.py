"""What was written to around that which the player lent to the code under test, as its records have it.

`damage=4 behind=0`: four bytes have changed, the nearest right behind the end of what was lent. In front of
`damage` the name of what it was may stand: `start_damage`.
"""

from __future__ import annotations

from grader.evidence.records import Record
from grader.judging.oracle import Rule, Violation


def violation(record: Record, **lent: tuple[Rule, str]) -> Violation | None:
    """The rule broken where one of the results named so is there; with each rule, what was lent, in words."""
    for result, (rule, thing) in lent.items():
        if count := record.results.get(result):
            return Violation(rule, f"no byte outside {thing} is written to",
                             f"{count} of the bytes around it have changed"
                             + _where(record))
    return None


def _where(record: Record) -> str:
    before, behind = record.results.get("before"), record.results.get("behind")
    if before is not None:
        return f", the nearest {before} {'byte' if before == 1 else 'bytes'} before it"
    if behind is not None:
        return f", the nearest {behind} bytes behind its end" if behind else ", from its very end on"
    return ""
