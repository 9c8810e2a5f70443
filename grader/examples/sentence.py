"""The sentence of a lab's contract by which an expected answer is wrong: the one that a right design would break if it
answered so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from grader.course.labs import Lab
from grader.evidence.records import Record
from grader.examples.expected import Choice, Expected
from grader.judging.judge import UNREADABLE
from grader.judging.oracle import Oracle, Rule


def decisive(lab: Lab, kernel_base: int, records: list[Record], expected: Expected,
             names: Mapping[str, int]) -> Rule | None:
    """The rule that forbids the expected answer to the last of a right design's records; None if none does, or the
    oracle can't say."""
    oracle = lab.new_oracle(kernel_base)
    *before, last = records
    try:
        for record in before:
            _follow(oracle, record)
        return _broken_by(oracle, last, expected, names, lab)
    except UNREADABLE:
        return None


def _follow(oracle: Oracle, record: Record) -> None:
    if not oracle.must_panic(record) and not record.refused:
        oracle.check(record)


def _broken_by(oracle: Oracle, record: Record, expected: Expected, names: Mapping[str, int], lab: Lab) -> Rule | None:
    must_panic = oracle.must_panic(record)
    returns = next((choice for choice in expected.choices if not choice.panic), None)
    if must_panic or not returns:
        return must_panic
    violation = oracle.check(replace(record, results=_as_expected(record, returns, names, lab.complaints)))
    return violation.rule if violation else None


def _as_expected(record: Record, expected: Choice, names: Mapping[str, int],
                 complaints: Collection[str]) -> dict[str, int]:
    """The record's results, changed as little as the expected answer wants them to be."""
    results = dict(record.results)
    for name, _, fine in (entry.partition("=") for entry in complaints if expected.ok):
        if name in results:
            del results[name]
            results |= {name: int(fine)} if fine else {}
    for term in expected.terms:
        value = term.an_example(results.get(term.result), names)
        if value is not None:
            results[term.result] = value
    if results.get("count") and not record.results.get("count"):
        results.setdefault("start", 0)  # who says how many says where
    return results
