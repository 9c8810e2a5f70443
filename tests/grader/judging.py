"""Judging records that a test wrote by hand: what every lab's oracle is tested with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

from grader.course.labs import ROOT, Lab
from grader.evidence import records
from grader.evidence.records import Record
from grader.evidence.snapshot import Snapshot
from grader.judging.judge import Ending, Finding, judge
from grader.scenarios import scenario


def record(line: str, number: int) -> Record:
    """A record from its text without number and check word: `alloc 1 1 -> count=0`."""
    call, _, outcome = line.partition(" -> ")
    verb, *arguments = call.split()
    results = dict(pair.split("=") for pair in outcome.split() if "=" in pair)
    return Record(number, verb, tuple(int(a, 0) for a in arguments),
                  {name: int(value, 0) for name, value in results.items()}, outcome == "panic",
                  line=f"@{number} {line}")


def played(lab: Lab, text: str, snapshots: Sequence[Snapshot] = (),
           ) -> tuple[scenario.Scenario, records.Run]:
    """A scenario and its run from records, one a line; `; ` separates them too.

    The snapshots are what is seen at the operations `inspect`, in their order.
    """
    lines = [line.strip() for line in re.split(r"[;\n]", text) if line.strip()]
    found = [record(line, n) for n, line in enumerate(lines, 1)]
    wanted = scenario.Scenario(lab.slug, "t", scenario.operations(
        "\n".join(line.split(" -> ")[0] for line in lines)))
    seen = iter(snapshots)
    found = [replace(r, snapshot=next(seen, None)) if r.verb == "inspect" else r for r in found]
    return wanted, records.Run(0, "t", found, finished=True)


def judged(lab: Lab, text: str, snapshots: Sequence[Snapshot] = (),
           kernel_base: int = 0) -> Finding | None:
    """What the lab's oracle finds in records as `played` takes them."""
    wanted, run = played(lab, text, snapshots)
    oracle = lab.new_oracle(kernel_base) if kernel_base else lab.oracle.Oracle()
    return judge(wanted, run, Ending.POWER_OFF, oracle)


def last_of(text: str) -> int:
    """The number of the last record in a text for `judged`."""
    return text.count(";") + 1


def missing_sentences(rules: SimpleNamespace) -> list[str]:
    """The rules whose sentences do not stand in their headers, word for word."""
    return [name for name, rule in vars(rules).items()
            if " ".join(rule.sentence.split()) not in _running_text(rule.header)]


def _running_text(path: str) -> str:
    """A header's comments without comment marks and dashes, with single blanks."""
    comments = re.findall(r"//(.*)", (ROOT / path).read_text())
    return " ".join(" ".join(re.sub(r"^ *- ", " ", comment) for comment in comments).split())
