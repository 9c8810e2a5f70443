"""An expected answer, behind `->` in a file of examples: what it says, and whether an operation's record is so."""

from __future__ import annotations

import operator
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from grader.evidence.records import Record
from grader.scenarios.scenario import is_number, number

PANIC, OK = "panic", "ok"
_ANSWERS = "`ok`, `panic`, or results like count=3 and count>=4, without blanks (and `or` between two answers)"
_HOW = {"=": operator.eq, "!=": operator.ne, "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
_TERM = re.compile(r"([a-z][a-z0-9_]*)(?:%([0-9a-fx]+))?(!=|<=|>=|=|<|>)([a-z0-9_]+)(?:([+-])([0-9a-fx]+))?")
# The results that a name stands for: the first of them that a record has; else the first that it has at all.
_KEPT = ("start", "address", "number", "base", "free", "pages", "physical", "first", "value")


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
    """A result of that name is `how` (`=`, `>=` …) a value; or what is left of it when it is divided is."""

    result: str
    divisor: int | None
    how: str
    value: Value

    def holds(self, record: Record, names: Mapping[str, int]) -> bool:
        """Whether it is so. A result that is not there is no number at all."""
        there, value = record.results.get(self.result), self.value.among(names)
        return there is not None and value is not None and _HOW[self.how](self._compared(there), value)

    def _compared(self, there: int) -> int:
        return there % self.divisor if self.divisor else there

    def an_example(self, there: int | None, names: Mapping[str, int]) -> int | None:
        """A number that it holds for: the one that is there, if it does, else the nearest."""
        value = self.value.among(names)
        if value is None or there is not None and _HOW[self.how](self._compared(there), value):
            return there
        return max(value + {">": 1, "<": -1, "!=": 1}.get(self.how, 0), 0)


@dataclass(frozen=True)
class Choice:
    """One answer: a panic; or that the operation returns, with results of which these terms hold. `ok`: and with none
    of its lab's `complaints`."""

    panic: bool = False
    ok: bool = False
    terms: tuple[Term, ...] = ()

    def holds(self, record: Record, names: Mapping[str, int], complaints: Collection[str]) -> bool:
        """Whether an operation's record is that."""
        if self.panic or record.panicked or record.refused:
            return self.panic and record.panicked
        return (not self.ok or not complaining(record.results, complaints)) and all(
            term.holds(record, names) for term in self.terms)


@dataclass(frozen=True)
class Expected:
    """An expected answer: one of some choices."""

    text: str
    choices: tuple[Choice, ...]

    def holds(self, record: Record, names: Mapping[str, int], complaints: Collection[str]) -> bool:
        """Whether an operation's record is as expected."""
        return any(choice.holds(record, names, complaints) for choice in self.choices)

    @property
    def terms(self) -> list[Term]:
        """Those of all its choices."""
        return [term for choice in self.choices for term in choice.terms]

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
    found = next((name for name in _KEPT if name in record.results), next(iter(record.results), None))
    return record.results.get(found)


def parse(text: str) -> Expected:
    """An expected answer. Raises NoAnswer."""
    words = text.split()
    return Expected(" ".join(words), tuple(_choice(part.split()) for part in f" {' '.join(words)} ".split(" or ")))


def _choice(words: list[str]) -> Choice:
    _expect(words, f"an answer is missing: expected is {_ANSWERS}")
    if PANIC in words:
        _expect(words == [PANIC], "`panic` stands alone: an operation that panics has no results")
        return Choice(panic=True)
    return Choice(False, OK in words, tuple(_term(word) for word in words if word != OK))


def _term(word: str) -> Term:
    match = _TERM.fullmatch(word)
    _expect(match, f"'{word}' is no answer: expected is {_ANSWERS}")
    result, divisor, how, value, sign, more = match.groups()
    _expect(divisor is None or is_number(divisor) and _number(divisor), f"'{word}': behind % a number was expected, not 0")
    divisor = _number(divisor) if divisor else None
    if more is None and is_number(value):
        return Term(result, divisor, how, Value("", _number(value)))
    _expect(not value[0].isdigit() and (more is None or is_number(more)),
            f"'{word}': behind {how} a number was expected, or the name of a result (with +N or -N)")
    return Term(result, divisor, how, Value(value, (-1 if sign == "-" else 1) * _number(more or "0")))


def _number(word: str) -> int:
    value = number(word)
    _expect(value < 1 << 64, f"{word}: no result has more than 64 bits")
    return value


def _expect(condition: object, problem: str) -> None:
    if not condition:
        raise NoAnswer(problem)
