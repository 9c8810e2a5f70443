"""An expected answer, behind `->` in a file of examples: what it says, and whether an operation's record is so."""

from __future__ import annotations

import operator
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from grader.evidence.records import Record
from grader.scenarios.scenario import is_number, number

PANIC, OK = "panic", "ok"
_HOW = {"=": operator.eq, "!=": operator.ne, "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
_TERM = re.compile(r"([a-z][a-z0-9_]*)(!=|<=|>=|=|<|>)([a-z0-9_]+)(?:([+-])([0-9a-fx]+))?")
# The results that a name stands for: the first of them that a record has (docs/scenarios.md, Names).
_KEPT = ("start", "address", "number", "base", "pages")


class NoAnswer(ValueError):
    """What stands behind an arrow can't be understood; the text says what was expected."""


@dataclass(frozen=True)
class Value:
    """A number; or what a name stands for, and so many more or less."""

    name: str
    offset: int

    def among(self, names: Mapping[str, int]) -> int | None:
        """The number, where names stand for these; None if this one stands for nothing."""
        if not self.name:
            return self.offset
        return names[self.name] + self.offset & 0xFFFFFFFF if self.name in names else None


@dataclass(frozen=True)
class Term:
    """A result of that name is `how` (`=`, `>=` …) a value."""

    result: str
    how: str
    value: Value

    def holds(self, record: Record, names: Mapping[str, int]) -> bool:
        """Whether it is so. A result that is not there is no number at all."""
        there, value = record.results.get(self.result), self.value.among(names)
        return there is not None and value is not None and _HOW[self.how](there, value)

    def an_example(self, there: int | None, names: Mapping[str, int]) -> int | None:
        """A number that it holds for: the one that is there, if it does, else the nearest."""
        value = self.value.among(names)
        if value is None or there is not None and _HOW[self.how](there, value):
            return there
        return max(value + {">": 1, "<": -1, "!=": 1}.get(self.how, 0), 0)


@dataclass(frozen=True)
class Expected:
    """An answer: a panic; or that the operation returns, with results of which these terms hold. `ok`: and
    with none of its lab's `complaints`."""

    text: str
    panic: bool = False
    ok: bool = False
    terms: tuple[Term, ...] = ()

    def holds(self, record: Record, names: Mapping[str, int], complaints: Collection[str]) -> bool:
        """Whether an operation's record is as expected."""
        if self.panic or record.panicked or record.refused:
            return self.panic and record.panicked
        return (not self.ok or not complaining(record.results, complaints)) and all(
            term.holds(record, names) for term in self.terms)

    @property
    def names(self) -> set[str]:
        """The names of earlier results that it refers to."""
        return {term.value.name for term in self.terms if term.value.name}


def complaining(results: Mapping[str, int], complaints: Collection[str]) -> list[str]:
    """Those of an operation's results that say that something is wrong: by being there, or where a lab says
    `changed=0`, by being another number."""
    fine = dict(entry.partition("=")[::2] for entry in complaints)
    return [name for name, value in results.items() if name in fine and (not fine[name] or value != int(fine[name]))]


def kept(record: Record) -> int | None:
    """What a name stands for that this operation's result was given."""
    return next((record.results[name] for name in _KEPT if name in record.results), None)


def parse(text: str) -> Expected:
    """An expected answer. Raises NoAnswer."""
    words = text.split()
    if not words:
        raise NoAnswer("behind -> there is nothing: expected is `ok`, `panic`, or results like count=3 and count>=4")
    if PANIC in words:
        _expect(words == [PANIC], "`panic` stands alone: an operation that panics has no results")
        return Expected(PANIC, panic=True)
    terms = [_term(word) for word in words if word != OK]
    return Expected(" ".join(words), False, OK in words, tuple(terms))


def _term(word: str) -> Term:
    match = _TERM.fullmatch(word)
    _expect(match, f"'{word}' is no answer: expected is `ok`, `panic`, or results like count=3 and count>=4 "
                   "(no blanks within)")
    result, how, value, sign, more = match.groups()
    if more is None and is_number(value):
        return Term(result, how, Value("", _number(value)))
    _expect(not value[0].isdigit() and (more is None or is_number(more)),
            f"'{word}': behind {how} a number was expected, or the name of a result (with +N or -N)")
    return Term(result, how, Value(value, (-1 if sign == "-" else 1) * _number(more or "0")))


def _number(word: str) -> int:
    value = number(word)
    _expect(value < 1 << 64, f"{word}: no result has more than 64 bits")
    return value


def _expect(condition: object, problem: str) -> None:
    if not condition:
        raise NoAnswer(problem)
