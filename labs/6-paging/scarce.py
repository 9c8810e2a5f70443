"""Scenarios made of the contract's numbers, in which memory for page tables runs out."""

from __future__ import annotations

from grader.scenarios.pairs import pairs
from grader.scenarios.scenario import operations

from .contract import ENTRIES, PAGE, SPAN, TABLES, VERY_MANY_TABLES


def scarce(stream, index):
    """Ranges over many page tables, from the user part's beginning on or to its end, with frames for none of them, for
    some, and for all."""
    del index
    lines = ["boot", "f = frame"]
    cases = pairs(stream, tables=TABLES, left=("none", "one", "all but one", "enough"), at=("beginning", "end"),
                  there=("none", "first", "middle", "last"), active=(False, True))
    # What was there stays, however many are made beside it before one can't be had.
    cases += [{"tables": tables, "left": "all but one", "there": there, "at": at, "active": True}
              for tables, there, at in zip(TABLES[-3:], ("first", "last", "first"), ("beginning", "end", "beginning"))]
    cases += [{"tables": VERY_MANY_TABLES, "left": left, "there": "none", "at": at, "active": True}
              for left, at in (("all but one", "beginning"), ("enough", "end"))]
    for case in cases:
        lines += _scarce(case, 0 if case["there"] == "none" else 1)
    return operations("\n".join([*lines, "inspect"]))


def _scarce(case, there):
    """A new directory, in which a page is mapped already or not, and a range that needs page tables: from the first
    one's last page to the last one's."""
    tables = case["tables"] + there
    left = {"none": 0, "one": 1, "all but one": tables - there - 1,
            "enough": 3 * tables + 4}[case["left"]]
    at_end = case["at"] == "end"
    page = {"first": 0, "middle": tables // 2, "last": tables - 1}.get(case["there"])

    def address(table):
        offset = table * SPAN + (SPAN - PAGE if table == 0 else 0)
        return f"base-{tables * SPAN - offset:#x}" if at_end else f"{offset:#x}"

    ends = (address(0), address(tables - 1), "base-0x1000" if at_end else f"{tables * SPAN - PAGE:#x}")
    mapped = [] if page is None else [address(page)]
    what = f"{ends[0]} {(tables - 1) * ENTRIES + 1}"
    return ["junk 8", "d = create", *(["switch d"] if case["active"] else []),
            *(f"map d f {each} 1 7" for each in mapped), "frames", f"leave {left} 1",
            f"map d 0x100000 {what} 1", "unleave", "frames",
            *(f"translate d {each}" for each in (*ends, *mapped)), f"map d 0 {what} 0",
            *(f"translate d {each}" for each in ends), "audit", "switch 1", "destroy d", "frames"]
