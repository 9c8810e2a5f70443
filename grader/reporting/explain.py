"""A finding as a text that teaches: what broke, where, expected against seen, the memory, what next."""

from __future__ import annotations

import textwrap
from pathlib import Path

from grader.building import symbols
from grader.judging.judge import Finding
from grader.judging.verdict import Verdict

_OUTPUT_LINES = 12
_WIDTH = 104


def locate(finding: Finding, image: Path, fault: int | None) -> list[symbols.Place]:
    """Where a crash or hang happened: the call chain, innermost first; empty if unknown."""
    if finding.stop:
        return symbols.backtrace(image, finding.stop.eip, finding.stop.trace)
    return [] if fault is None else symbols.backtrace(image, fault, ())


def headline(finding: Finding, places: list[symbols.Place]) -> str:
    """One line: the rule that broke, and for a crash or hang where."""
    if finding.verdict is Verdict.TODO and places:
        return f"{places[0].function} is not written yet ({places[0].file}:{places[0].line})"
    if places and finding.verdict in (Verdict.CRASH, Verdict.HANG):
        return f"{finding.rule}, in {places[0]}"
    return finding.rule


def message(finding: Finding, places: list[symbols.Place], commands: list[str]) -> str:
    """The whole text, the headline first."""
    parts = [headline(finding, places)]
    if finding.verdict is not Verdict.TODO:
        parts += ([f"operation {finding.operation}:  {finding.text}"] if finding.operation else [])
        parts += story(finding)
        if places:
            parts.append("called by\n" + "\n".join(f"  {place}" for place in places))
        if finding.output:
            parts.append(_output(finding.output))
        parts.append("\n".join(commands))
    return "\n".join(part for part in parts if part)


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
        lines.append("\nBefore this operation:\n" + textwrap.indent(finding.picture, "  ") + "\n")
    return lines


def _wrapped(word: str, text: str) -> str:
    """A line that begins with the word; one that is too long goes on below its text."""
    first, *rest = text.splitlines() or [""]
    filled = textwrap.fill(first, _WIDTH, initial_indent=f"{word:<14}", subsequent_indent=" " * 14)
    return "\n".join([filled, *rest])


def _output(output: list[str]) -> str:
    shown = output[-_OUTPUT_LINES:]
    more = len(output) - len(shown)
    head = "your kernel printed" + (f" ({more} lines before these)" if more else "")
    return head + ":\n" + "\n".join(f"  | {line}" for line in shown)
