"""Scenarios: lists of operations for the player, in the format of docs/scenarios.md, version 1."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.errors import BadScenario

FIRST_LINE = "marionette-scenario 1"
MAX_SCRIPT = 256 * 1024  # bytes that the kernel takes at a boot (kernel/arch/multiboot.h)

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,6}")
_TITLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,59}")
_ASSIGNMENT = re.compile(r"\s*(\S+)\s*=\s+(.*)")
_NUMBER = re.compile(r"\d+|0x[0-9a-fA-F]+")
_ARGUMENT = re.compile(r"([a-z_][a-z0-9_]*)(?:[+-](?:\d+|0x[0-9a-fA-F]+))?")


@dataclass(frozen=True)
class Operation:
    """One line of a scenario: `name = verb arguments`, the name empty where there is none."""

    verb: str
    arguments: tuple[str, ...]
    name: str = ""

    def __str__(self) -> str:
        text = " ".join((self.verb, *self.arguments))
        return f"{self.name} = {text}" if self.name else text

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
    (None: the kernel's own limit).
    """

    lab: str
    title: str
    operations: tuple[Operation, ...]
    measure: bool = False
    limit: int | None = None

    def lines(self) -> list[str]:
        """The scenario's lines, the first of them `scenario TITLE`."""
        head = [f"scenario {self.title}"]
        if self.limit is not None:
            head.append(f"limit {self.limit}")
        if self.measure:
            head.append("measure")
        return head + [str(operation) for operation in self.operations]


def script(scenarios: Iterable[Scenario], key: int = 0) -> str:
    """The text of a script that plays the scenarios (one or more, all of one lab)."""
    scenarios = list(scenarios)
    lines = [FIRST_LINE, f"lab {scenarios[0].lab}", f"key 0x{key:08x}"]
    for scenario in scenarios:
        lines += scenario.lines()
    return "\n".join(lines) + "\n"


def operations(text: str) -> tuple[Operation, ...]:
    """The operations of a text, one a line; for scenarios written in a test."""
    return tuple(_operation("test", n, line) for n, line in enumerate(text.splitlines(), 1)
                 if _words(line))


def load(path: Path) -> list[Scenario]:
    """Reads a scenario file. Raises BadScenario, which names the line and what was expected."""
    try:
        text = path.read_text(encoding="ascii")
    except UnicodeDecodeError:
        raise BadScenario(str(path), 1, "a scenario is plain ASCII text") from None
    except OSError as error:
        raise BadScenario(str(path), 0, f"can't be read: {error.strerror}") from None
    return parse(text, str(path))


def parse(text: str, where: str) -> list[Scenario]:
    """Reads a script's text; `where` is what messages call it."""
    lab = ""
    found: list[dict] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = _words(line)
        if number == 1:
            if words != FIRST_LINE.split():
                raise BadScenario(where, 1, f"expected: {FIRST_LINE}")
        elif not words:
            continue
        elif words[0] == "scenario":
            _expect(len(words) == 2 and _TITLE.fullmatch(words[1]), where, number,
                    "expected: scenario NAME")
            found.append({"title": words[1], "operations": [], "measure": False, "limit": None})
        elif not found:
            lab = _header(words, lab, where, number)
        else:
            _body(words, line, found[-1], where, number)
    if not lab:
        raise BadScenario(where, 2, "expected: lab NAME, before the first scenario")
    if not found:
        raise BadScenario(where, len(text.splitlines()), "expected: scenario NAME; there is none")
    return [Scenario(lab, entry["title"], tuple(entry["operations"]), entry["measure"],
                     entry["limit"]) for entry in found]


def _words(line: str) -> list[str]:
    return line.split("#", 1)[0].split()


def _expect(condition: object, where: str, line: int, problem: str) -> None:
    if not condition:
        raise BadScenario(where, line, problem)


def _header(words: list[str], lab: str, where: str, line: int) -> str:
    if len(words) == 2 and words[0] == "lab":
        return words[1]
    _expect(len(words) == 2 and words[0] == "key" and _NUMBER.fullmatch(words[1]), where, line,
            "expected: lab NAME, key NUMBER or scenario NAME")
    return lab


def _body(words: list[str], line: str, entry: dict, where: str, number: int) -> None:
    if words == ["measure"]:
        entry["measure"] = True
    elif words[0] == "limit":
        _expect(len(words) == 2 and _NUMBER.fullmatch(words[1]), where, number,
                "expected: limit INSTRUCTIONS")
        entry["limit"] = int(words[1], 0)
    else:
        entry["operations"].append(_operation(where, number, line))


def _operation(where: str, number: int, line: str) -> Operation:
    text = line.split("#", 1)[0].strip()
    name = ""
    if match := _ASSIGNMENT.fullmatch(text):
        name, text = match.groups()
        _expect(_NAME.fullmatch(name), where, number,
                f"'{name}' is no name: a small letter, then up to 6 small letters and digits")
    verb, *arguments = text.split()
    for argument in arguments:
        _expect(_NUMBER.fullmatch(argument) or _ARGUMENT.fullmatch(argument), where, number,
                f"'{argument}' is neither a number nor the name of a result (with +N or -N)")
    return Operation(verb, tuple(arguments), name)
