"""What a test's oracle looked at: the sentences of the contract that were held against the records.

A rule is consulted by the functions of an oracle that name it (`RULE.coalescing`). Which of them judge
an operation follows from its verb; so a lab's rules need no second list that could go out of date.
"""

from __future__ import annotations

import dis
import inspect
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from types import CodeType, ModuleType

from grader.course.labs import Lab
from grader.evidence.records import Record
from grader.judging.oracle import Oracle, Rule, Violation


@dataclass
class Watch:
    """An oracle that counts what it was asked: how many operations of each verb it judged, and how
    often each rule called for a panic."""

    oracle: Oracle
    judged: Counter[str] = field(default_factory=Counter)
    panics: Counter[Rule] = field(default_factory=Counter)

    def must_panic(self, record: Record) -> Rule | None:
        """As the oracle says."""
        rule = self.oracle.must_panic(record)
        if rule:
            self.panics[rule] += 1
        return rule

    def check(self, record: Record) -> Violation | None:
        """As the oracle says."""
        self.judged[record.verb] += 1
        return self.oracle.check(record)

    def picture(self, record: Record) -> str:
        """As the oracle draws it."""
        return self.oracle.picture(record)


def rules_for(lab: Lab, verb: str) -> list[Rule]:
    """The rules that an operation of this verb can be found to break, in the order of the lab's list."""
    return _consulted(lab, "check", f"_{verb}")


def panic_rules(lab: Lab) -> list[Rule]:
    """The rules that can call for a panic."""
    return _consulted(lab, "must_panic")


def _consulted(lab: Lab, *begin: str) -> list[Rule]:
    """The rules named by some functions of an oracle, and by those that they call, and so on."""
    functions, lent = _functions(lab.oracle), getattr(lab.oracle, "LENT", {})
    todo, seen, named = list(begin), set(), set()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            for code in functions.get(name, ()):
                named |= set(_rules_in(code))
                if "LENT" in _names_in(code):  # what is looked at around whatever was lent
                    named |= {key for key, rule in vars(lab.oracle.RULE).items()
                              if rule in [lent_rule for lent_rule, _ in lent.values()]}
                todo += [called for called in _names_in(code) if called in functions]
    return [rule for key, rule in vars(lab.oracle.RULE).items() if key in named]


def _functions(oracle: ModuleType) -> dict[str, list[CodeType]]:
    """The code of all functions and methods of an oracle, and of what it takes from its lab's other
    modules and from the grader."""
    found: dict[str, list[CodeType]] = {}
    for thing in vars(oracle).values():
        owners = inspect.getmro(thing) if inspect.isclass(thing) else ()
        members = [member for owner in owners for member in vars(owner).values()]
        for member in [thing, *members]:
            function = inspect.unwrap(getattr(member, "__func__", member))
            if inspect.isfunction(function) and _is_ours(function.__module__, oracle):
                found.setdefault(function.__name__, []).append(function.__code__)
    return found


def _is_ours(module: str, oracle: ModuleType) -> bool:
    return module.partition(".")[0] in (oracle.__name__.partition(".")[0], "grader")


def _nested(code: CodeType) -> Iterator[CodeType]:
    """A function's code, and that of the functions and comprehensions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


def _rules_in(code: CodeType) -> Iterator[str]:
    """The rules that a function names: `RULE.name`, `self.rule.name`."""
    for part in _nested(code):
        for before, after in pairwise(dis.get_instructions(part)):
            if before.argval in ("RULE", "rule") and after.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                yield after.argval


def _names_in(code: CodeType) -> Iterator[str]:
    for part in _nested(code):
        yield from part.co_names
