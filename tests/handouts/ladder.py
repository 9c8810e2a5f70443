"""The steps of a handout as solutions: the reference, as far as a student has come with it.

Above a step, in comments that no reader sees, stands what is still missing after it:

    // todo: map_mem
    // todo: translate if !is_kernel(virtual_address)

The function begins with `todo();` then, or does so under a condition, which may go on in the next line,
indented. `// from: mutants/LAB/NAME`, or `alternatives/LAB/NAME`, takes another solution than the
reference. A step with the same comments as the next one is no stage of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course.labs import Lab
from grader.mutants import sources

_STEP = re.compile(r"^(?P<comments>(?://[^\n]*\n)*)\. (?P<text>.*?)(?=^(?://[^\n]*\n)*\. |^TIP: |\Z)",
                   re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^----\n.*?^----\n", re.MULTILINE | re.DOTALL)
_TODO = re.compile(r"^// todo: (\w+)(?: if (.+(?:\n//  .+)*))?$", re.MULTILINE)
_FROM = re.compile(r"^// from: (\w+)/\w+/(\w+)$", re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """A step: `text` is the solution that somebody has after it, `named` the tests that the handout names by
    then, in this step or before."""

    number: int
    text: str
    named: frozenset[str]


def has_steps(path: Path) -> bool:
    """Whether a handout goes step by step: a course's own need not."""
    return "\n== Steps\n" in path.read_text(encoding="utf-8")


def steps(lab: Lab, path: Path) -> Iterator[Step]:
    """The steps that need new code."""
    section = path.read_text(encoding="utf-8").split("\n== Steps\n")[1].split("\n== ")[0]
    found = list(_STEP.finditer(section))
    named: set[str] = set()
    for number, step in enumerate(found, 1):
        named |= {test.name for test in lab.tests} & set(re.findall(r"`(\w+)`", _BLOCK.sub("", step["text"])))
        if number == len(found) or step["comments"] != found[number]["comments"]:
            yield Step(number, _solution(lab, step["comments"]), frozenset(named))


def _solution(lab: Lab, comments: str) -> str:
    text = _base(lab, _FROM.search(comments))
    for name, condition in _TODO.findall(comments):
        condition = condition.replace("\n//", "\n")
        missing = f"    if ({condition})\n        todo();\n" if condition else "    todo();\n"
        text, times = re.subn(rf"^(\S.*\b{name}\([^{{}};]*\)\n{{\n)", lambda head, more=missing: head[1] + more,
                              text, flags=re.MULTILINE)
        assert times == 1, f"{name} is defined {times} times"
    return f'#include "lib/todo.h"\n{text}'


def _base(lab: Lab, named: re.Match | None) -> str:
    if named and named[1] == "mutants":
        return sources.find(lab, named[2]).text
    candidates = {candidate.name: candidate.text for candidate in sources.alternatives(lab)}
    return candidates[named[2]] if named else sources.reference(lab).read_text(encoding="utf-8")
