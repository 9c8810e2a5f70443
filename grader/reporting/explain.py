"""A finding as a text that teaches: what broke, where, expected against seen, the memory, what next."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from grader.building import gate, symbols
from grader.errors import printable
from grader.judging.judge import Finding
from grader.judging.verdict import Verdict
from grader.points import counted

_AROUND = 2  # lines of a file before and behind the one that is meant
_OUTPUT_LINES = 12
_WIDTH = 104
_LONGEST_CYCLE = 8  # functions that call each other
# A fault there is of the instruction behind the one that loads cr3.
_RESET, _LOADS = "triple fault", "load_directory"  # of kernel/mm/page_tables.cpp
_NOT_THE_KERNELS = ("The CPU could not go on once that directory was active: it does not map the kernel itself, or cr3 was not "
                    "given its\nphysical address.\n")
_NUMBER = re.compile(r"\b(0x[0-9a-f]+|[0-9]+)\b")


def locate(finding: Finding, image: Path, fault: int | None) -> list[symbols.Place]:
    """Where a crash or hang happened: the call chain, innermost first; empty if unknown."""
    if finding.stop:
        stop = finding.stop
        stack = [stop.registers[name] for name in ("top", "next") if name in stop.registers]
        return symbols.backtrace(image, stop.eip, stop.trace, stack, called=stop.kind in ("panic", "todo"))
    return [] if fault is None else symbols.backtrace(image, fault, ())


def cause(finding: Finding, image: Path) -> str:
    """What tells two stops apart whose rule is the same: the function, and what a panic said, but for its numbers. Of
    what does not come back the outermost function: it may be caught anywhere in its loop."""
    stop = finding.stop
    if not stop:
        return ""
    chain = symbols.backtrace(image, stop.eip, stop.trace)
    place = chain[-1 if finding.verdict is Verdict.HANG else 0].function if chain else ""
    return f"{place}: {_NUMBER.sub('#', stop.message)}"


def headline(finding: Finding, places: list[symbols.Place]) -> str:
    """One line: the rule that broke, and for a crash or hang where."""
    if finding.verdict is Verdict.TODO and places:
        return f"{places[0].function} is not written yet ({places[0].file}:{places[0].line})"
    if places and finding.verdict in (Verdict.CRASH, Verdict.HANG):
        own = _own(places)
        # What does not come back may be caught anywhere in its loop.
        called = own and finding.verdict is Verdict.CRASH
        return f"{finding.rule}, in " + f"{places[0].function}, called by " * bool(called) + f"{places[own]}"
    return finding.rule


def _own(places: list[symbols.Place]) -> int:
    """Which place of a call chain is to be told first: in another lab's function, whose source students don't have, or
    in one that the kit lends them (memset, print), the one that called it."""
    return next((i for i, place in enumerate(places) if not place.in_reference and not place.is_lent), 0)


def message(finding: Finding, places: list[symbols.Place], commands: list[str],
            sources: Mapping[str, Path] = MappingProxyType({})) -> str:
    """The whole text, the headline first. `sources` are the student's files by their names, for the lines around a
    crash."""
    parts = [headline(finding, places)]
    if finding.verdict is not Verdict.TODO:
        parts += ([f"operation {finding.operation}:  {finding.text}"] if finding.operation else [])
        parts += story(finding)
        if finding.rule == _RESET and places and places[0].function == _LOADS:
            parts.append(_NOT_THE_KERNELS)
        parts.append(code(finding, places, sources))
        stopped = finding.verdict in (Verdict.CRASH, Verdict.HANG)
        if callers := places[_own(places) + 1:] if stopped else places:  # what is before them is in the headline
            parts.append("called by\n" + "\n".join(f"  {line}" for line in collapsed(list(map(str, callers)))) + "\n")
        if finding.output:
            parts.append(_output(finding.output))
        parts.append("\n".join(commands))
    return "\n".join(part for part in parts if part)


def code(finding: Finding, places: list[symbols.Place], sources: Mapping[str, Path]) -> str:
    """The student's lines where a crash or hang happened. In a function of the kit's, as memset, those that called it:
    what the student gave it says more."""
    stopped = finding.verdict in (Verdict.CRASH, Verdict.HANG)
    return next(filter(None, (lines_around(place, sources) for place in places if stopped)), "")


def lines_around(place: symbols.Place, sources: Mapping[str, Path]) -> str:
    """The lines of a student's file around a place in it; "" if it is in none of them."""
    path = next((path for name, path in sources.items() if place.file == f"kernel/mm/{name}"), None)
    if not path or not place.line:
        return ""
    try:
        lines = gate.read_source(path).decode("utf-8", "replace").splitlines()
    except gate.Rejected:
        return ""
    first, last = max(1, place.line - _AROUND), min(len(lines), place.line + _AROUND)
    return "\n".join(f"{'->' if number == place.line else '  '}{number:5}  "
                     f"{printable(lines[number - 1].expandtabs(4), _WIDTH)}".rstrip() for number in range(first, last + 1))


def collapsed(lines: list[str]) -> list[str]:
    """A call chain in which a part that comes again and again, as in a recursion, stands once."""
    shown, at = [], 0
    while at < len(lines):
        length, times = max(((size, _repeated(lines, at, size)) for size in range(1, _LONGEST_CYCLE + 1)),
                            key=lambda found: (found[1] - 1) * found[0])
        length = length if times > 2 else 1
        shown += lines[at:at + length]
        if times > 2:
            shown.append(f"… and the same {times - 1} times more")
        at += length * (times if times > 2 else 1)
    return shown


def _repeated(lines: list[str], at: int, size: int) -> int:
    """How many times the lines from `at` on repeat the first `size` of them, the first time included."""
    times = 1
    while lines[at:at + size] == lines[at + times * size:at + (times + 1) * size] != []:
        times += 1
    return times


def story(finding: Finding) -> list[str]:
    """Expected against seen, the sentence of the contract, the memory before the operation."""
    lines = []
    if finding.expected:
        lines.append(_wrapped("expected:", finding.expected))
    if finding.seen:
        lines.append(_wrapped("seen:", finding.seen))
    if finding.sentence:
        lines.append(_wrapped("contract:", f'"{finding.sentence}" ({finding.header})'))
    if finding.picture:
        lines.append("\nBefore this operation, by what was answered so far:\n" + textwrap.indent(finding.picture, "  ") + "\n")
    if finding.found:
        title, _, rest = finding.found.partition("\n")
        lines.append(("" if finding.picture else "\n") + f"{title}\n{textwrap.indent(rest, '  ')}\n")
    return lines


def _wrapped(word: str, text: str) -> str:
    """A line that begins with the word; one that is too long goes on below its text."""
    first, *rest = text.splitlines() or [""]
    filled = textwrap.fill(first, _WIDTH, initial_indent=f"{word:<14}", subsequent_indent=" " * 14)
    return "\n".join([filled, *rest])


def _output(output: list[str]) -> str:
    shown = output[-_OUTPUT_LINES:]
    more = len(output) - len(shown)
    head = "your kernel printed" + (f" ({counted(more, 'line')} before these)" if more else "")
    return head + ":\n" + "\n".join(f"  | {line}" for line in shown)
