"""A file of examples, as a student wrote it. It is a stranger's: what it may hold is limited."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course.labs import Lab
from grader.errors import BadScenario, GraderError, printable
from grader.examples import expected
from grader.examples.expected import Expected, NoAnswer
from grader.scenarios import scenario
from grader.scenarios.scenario import PREDEFINED, Scenario

FOLDER = "examples"
MAX_FILE = 64 * 1024  # bytes
MAX_LINE = 200
MAX_EXAMPLES, MAX_OPERATIONS = 64, 400  # in a file
_SETTINGS = ("key", "patience", "budget", "apart", "dealt", "test", "limit", "measure")  # the grader's business
_UNANSWERED = ("quiet", "loud", "inspect")  # which make records fewer, or ask for a look from outside


@dataclass(frozen=True)
class Example:
    """A scenario, and the answers that are expected of its operations, by their numbers from 1."""

    scenario: Scenario
    expected: dict[int, Expected]


def path(lab: Lab, folder: Path) -> Path:
    """Where a lab's examples lie in a folder."""
    return folder / FOLDER / lab.examples


def read(file: Path, called: str) -> bytes:
    """A file of examples, which messages call `called`. Raises GraderError if it is a link, no plain file, or too
    large."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        why = "is a link: the file itself was expected" if file.is_symlink() else f"can't be read: {error.strerror}"
        raise GraderError(f"{called} {why}") from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise GraderError(f"{called} is no plain file")
    with os.fdopen(handle, "rb") as opened:
        content = opened.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise GraderError(f"{called} has more than {MAX_FILE // 1024} KiB, which are the most")
    return content


def parse(lab: Lab, content: bytes, called: str) -> list[Example]:
    """The examples in a text. Raises BadScenario."""
    lines = _lines(content, called)
    answers = dict(_answers(lines, called))
    scenarios = scenario.parse("\n".join(lines), called)
    operations = sum(len(each.operations) for each in scenarios)
    last = len(lines)
    _expect(len(scenarios) <= MAX_EXAMPLES, called, last, f"{len(scenarios)} examples; {MAX_EXAMPLES} are the most")
    _expect(operations <= MAX_OPERATIONS, called, last, f"{operations} operations; {MAX_OPERATIONS} are the most")
    titles = [each.title for each in scenarios]
    for title in titles:
        _expect(titles.count(title) == 1, called, last, f"there are several examples called {title}")
    for each in scenarios:
        _expect(each.lab == lab.slug, called, each.lab_line, f"expected: lab {lab.slug}")
    examples = [_example(each, answers, called) for each in scenarios]
    for line in answers:
        raise BadScenario(called, line, "an answer is expected of what is no operation")
    return examples


def _lines(content: bytes, called: str) -> list[str]:
    lines = content.removeprefix(codecs.BOM_UTF8).removesuffix(b"\n").split(b"\n")
    for n, line in enumerate(lines, 1):
        plain = line.isascii() and not set(line) - set(b"\t\r") - set(range(32, 127))
        _expect(plain, called, n, "expected: plain ASCII text")
        _expect(len(line) <= MAX_LINE, called, n, f"a line of {len(line)} characters; {MAX_LINE} are the most")
    return [line.decode("ascii") for line in lines]


def _answers(lines: list[str], called: str) -> Iterator[tuple[int, Expected]]:
    """The expected answers, by their lines; what of a line is the grader's to say is refused."""
    for n, line in enumerate(lines, 1):
        played, answer = scenario.without_comment(line)
        words = played.split()
        if words and words[0] in _SETTINGS:
            raise BadScenario(called, n, f"`{words[0]}` is no part of examples: expected is lab, scenario or an operation")
        if words and words[0] in _UNANSWERED:
            raise BadScenario(called, n, f"`{words[0]}` is no part of examples, in which every operation answers")
        if "->" in line.partition("#")[0]:
            try:
                yield n, expected.parse(answer)
            except NoAnswer as error:
                raise BadScenario(called, n, printable(str(error), MAX_LINE)) from None


def _example(each: Scenario, answers: dict[int, Expected], called: str) -> Example:
    known, found = set(PREDEFINED), {}
    for number, operation in enumerate(each.operations, 1):
        answer = answers.pop(operation.line, None)
        if answer:
            found[number] = answer
            for name in sorted(answer.names - known):
                raise BadScenario(called, operation.line, f"no earlier result is called '{name}'")
        known.add(operation.name)
    return Example(each, found)


def _expect(condition: object, called: str, line: int, problem: str) -> None:
    if not condition:
        raise BadScenario(called, line, problem)
