"""Scenarios: lists of operations for the player, in the format of docs/scenarios.md, version 1."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from grader.errors import BadScenario, GraderError

FIRST_LINE = "marionette-scenario 1"
MAX_SCRIPT = 256 * 1024  # bytes that the kernel takes at a boot (kernel/arch/multiboot.h)

PREDEFINED = ("base",)  # names that stand for something without a result: kernel_base

_WORD = re.compile(r"[^ \t\r]+")
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,6}")
_TITLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,59}")
_VERB = re.compile(r"[a-z_]+")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-fA-F]+")
_ARGUMENT = re.compile(r"([a-z_][a-z0-9_]*)(?:[+-](?:[0-9]+|0x[0-9a-fA-F]+))?")


@dataclass(frozen=True)
class Operation:
    """One line of a scenario: `name = verb arguments`, the name empty where there is none.

    `line` is its number in the file that it comes from, 0 if it comes from none.
    """

    verb: str
    arguments: tuple[str, ...]
    name: str = ""
    line: int = field(default=0, compare=False)
    _text: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        text = " ".join((self.verb, *self.arguments))
        object.__setattr__(self, "_text", f"{self.name} = {text}" if self.name else text)

    def __str__(self) -> str:
        return self._text

    @cached_property
    def names_used(self) -> set[str]:
        """The results of earlier operations that the arguments refer to."""
        return {
            match[1]
            for argument in self.arguments
            if (match := _ARGUMENT.fullmatch(argument)) and not _NUMBER.fullmatch(argument)
        }


@dataclass(frozen=True)
class Scenario:
    """Operations to be played, in this order, by a freshly started kernel.

    `measure` asks for the instructions each operation takes; `limit` is the number it may take
    (None: the kernel's own limit), for all operations or only those in `limited`.
    """

    lab: str
    title: str
    operations: tuple[Operation, ...]
    measure: bool = False
    limit: int | None = None
    limited: tuple[str, ...] = ()
    lab_line: int = field(default=0, compare=False)  # where its file says what lab it is for
    test: str = field(default="", compare=False)  # once one could not be finished, no more of it
    shrinks: bool = field(default=False, compare=False)  # a shorter one would tell more

    @cached_property
    def content(self) -> str:
        """What is played: the scenario's lines but for the first one."""
        head = []
        if self.limit is not None:
            head.append(" ".join(["limit", str(self.limit), *self.limited]))
        if self.measure:
            head.append("measure")
        return "\n".join(head + [str(operation) for operation in self.operations])

    @property
    def tells_costs(self) -> bool:
        """Whether its records say what operations took: each, or those of a quiet stretch in one sum."""
        return self.measure or any(operation.verb == "loud" for operation in self.operations)

    @property
    def text(self) -> str:
        """The scenario as a script has it, from `scenario TITLE` on."""
        return f"scenario {self.title}\n{self.content}"


def script(scenarios: Iterable[Scenario], key: int = 0, patience: int = 1, budget: int = 0,
           apart: bool = False) -> str:
    """The text of a script that plays the scenarios (one or more).

    Limits are multiplied by `patience`; after `budget` instructions (0: ever so many) no other scenario
    is begun; `apart` stops the machine before each: as docs/scenarios.md has it.
    """
    scenarios = list(scenarios)
    lines = [FIRST_LINE, f"lab {scenarios[0].lab}", f"key 0x{key:08x}", f"patience {patience}",
             *([f"budget {budget}"] if budget else []), *(["apart"] if apart else [])]
    lab, test = scenarios[0].lab, ""
    for scenario in scenarios:
        if scenario.lab != lab:
            lab = scenario.lab
            lines.append(f"lab {lab}")
        if scenario.test != test:
            test = scenario.test
            lines.append(f"test {test}")
        lines.append(scenario.text)
    return "\n".join(lines) + "\n"


def is_number(word: str) -> bool:
    """Whether a word is a number in a scenario."""
    return bool(_NUMBER.fullmatch(word))


def number(word: str) -> int:
    """A number as the kernel reads it: decimal, whatever it begins with, or with 0x."""
    return int(word, 16 if word.startswith("0x") else 10)


def operations(text: str) -> tuple[Operation, ...]:
    """The operations of a text, one a line; for scenarios written in a test."""
    return tuple(_operation("test", n, words) for n, line in enumerate(text.split("\n"), 1)
                 if (words := _words(line)))


def load(path: Path) -> list[Scenario]:
    """Reads a scenario file. Raises BadScenario, which names the line and what was expected."""
    try:
        content = path.read_bytes().removeprefix(codecs.BOM_UTF8)  # what some editors begin with
    except OSError as error:
        raise GraderError(f"{path} can't be read: {error.strerror}") from None
    try:
        return parse(content.decode("ascii"), str(path))
    except UnicodeDecodeError as error:
        line = content[:error.start].count(b"\n") + 1
        raise BadScenario(str(path), line, "expected: plain ASCII text") from None


def parse(text: str, where: str) -> list[Scenario]:
    """Reads a script's text; `where` is what messages call it."""
    lab, lab_line = "", 0
    found: list[dict] = []
    lines = text.removesuffix("\n").split("\n")
    for n, line in enumerate(lines, 1):
        words = _words(line)
        if n == 1:
            _expect(words == FIRST_LINE.split(), where, 1, f"expected: {FIRST_LINE}")
        elif not words:
            continue
        elif words[0] == "lab":
            _expect(len(words) == 2, where, n, "expected: lab NAME")
            lab, lab_line = words[1], n
        elif words[0] == "test":
            _expect(lab and len(words) == 2, where, n, "expected: test NAME, after lab NAME")
        elif words[0] == "scenario":
            _expect(len(words) == 2 and _TITLE.fullmatch(words[1]), where, n,
                    "expected: scenario NAME (up to 60 letters, digits and . _ / -)")
            _expect(lab, where, n, "expected before the first scenario: lab NAME")
            found.append({"lab": lab, "title": words[1], "operations": [], "lab_line": lab_line})
        elif not found:
            _expect(_is_setting(words), where, n,
                    "expected: lab NAME, key NUMBER, patience NUMBER, budget NUMBER, apart, test NAME or "
                    "scenario NAME")
        else:
            _body(words, found[-1], where, n)
    _expect(found, where, len(lines), "expected: scenario NAME; there is none")
    return [Scenario(**{**entry, "operations": tuple(entry["operations"])}) for entry in found]


def without_comment(line: str) -> tuple[str, str]:
    """What of a line is played; and the answer that is expected of it, if one is written down behind `->`."""
    played, _, expected = line.partition("#")[0].partition("->")
    return played, expected


def _words(line: str) -> list[str]:
    return _WORD.findall(without_comment(line)[0])


def _expect(condition: object, where: str, line: int, problem: str) -> None:
    if not condition:
        raise BadScenario(where, line, problem)


def _is_setting(words: list[str]) -> bool:
    if words == ["apart"]:
        return True
    return words[0] in ("key", "patience", "budget") and len(words) == 2 and bool(_NUMBER.fullmatch(words[1]))


def _body(words: list[str], entry: dict, where: str, line: int) -> None:
    if words == ["measure"] or words[0] == "limit":
        _expect(not entry["operations"], where, line,
                f"expected before the scenario's first operation: {words[0]}")
    if words == ["measure"]:
        entry["measure"] = True
    elif words[0] == "limit":
        _expect(len(words) > 1 and _NUMBER.fullmatch(words[1])
                and all(_VERB.fullmatch(word) for word in words[2:]), where, line,
                "expected: limit INSTRUCTIONS, then the operations it is for (none: all)")
        entry["limit"], entry["limited"] = number(words[1]), tuple(words[2:])
    else:
        entry["operations"].append(_operation(where, line, words))


def _operation(where: str, line: int, words: list[str]) -> Operation:
    name = ""
    if len(words) > 2 and words[1] == "=":
        name, _, *words = words
        _expect(_NAME.fullmatch(name), where, line,
                f"'{name}' is no name: a small letter, then up to 6 small letters and digits")
    verb, *arguments = words
    for argument in arguments:
        _expect(_NUMBER.fullmatch(argument) or _ARGUMENT.fullmatch(argument), where, line,
                f"'{argument}' is neither a number nor the name of a result (with +N or -N)")
    return Operation(verb, tuple(arguments), name, line)
