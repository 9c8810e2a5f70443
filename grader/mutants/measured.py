"""How good a diagnosis is: of solutions whose mistake is known, how often it is said rightly, and how often not at all.

Three kinds of solutions, none of which is in the table that they are compared with:
- twins: a known mistake, made again in a solution of another design;
- left out: each known mistake, as if nobody knew it: a name is right if it is one of the same misconception;
- generated: mistakes made by rule, which sorted.toml has sorted by hand.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from grader.building import build
from grader.course.labs import Lab
from grader.diagnosis import answers, match
from grader.diagnosis.match import AllSymptoms
from grader.diagnosis.table import Known, Misconception, Table
from grader.errors import GraderError
from grader.mutants import generated, known, sources
from grader.mutants.sources import Candidate

SORTED = Path(__file__).with_name("sorted.toml")
KINDS = ("twin", "left out", "generated")


@dataclass(frozen=True)
class Tried:
    """A solution that was diagnosed: the first three that are alike, whether one was `named`, and whether that was
    `right`; `kin`: whether there is a right name for it at all."""

    kind: str
    name: str
    first: Sequence[str]
    named: str
    right: bool
    kin: bool


def measure(lab: Lab, toolchain: build.Toolchain, table: Table, jobs: int) -> Iterator[Tried]:
    """Diagnoses all of them, a lab's."""
    for one in table.known:
        others = replace(table, known=[other for other in table.known if other is not one])
        yield _tried("left out", one.name, one.symptoms, others, {one.behind})
    by_name = {one.name: one for one in table.known}
    asked = [(twin, {by_name[twin.name].behind}) for twin in sources.twins(lab)]
    asked += [(one, {by_name[name].behind for name in like}) for one, like in _sorted(lab, toolchain)]
    with ThreadPoolExecutor(jobs) as pool:
        shown = pool.map(_shown(lab, toolchain, table), [candidate for candidate, _ in asked])
        for (candidate, kin), symptoms in zip(asked, shown, strict=True):
            if symptoms:
                yield _tried(candidate.kind, candidate.name, symptoms, table, kin)


def _shown(lab: Lab, toolchain: build.Toolchain, table: Table) -> Callable[[Candidate], AllSymptoms]:
    return lambda candidate: answers.symptoms(known.played(lab, candidate, toolchain), table.right)


def _tried(kind: str, name: str, symptoms: AllSymptoms, table: Table, kin: set[Misconception]) -> Tried:
    ranked: list[tuple[float, Known]] = match.rank(table.known, symptoms)
    found = match.diagnose(table, symptoms)
    return Tried(kind, name, [one.name for _, one in ranked[:3]], found.named[0][0] if found.named else "",
                 found.behind in kin, any(one.behind in kin for one in table.known))


def _sorted(lab: Lab, toolchain: build.Toolchain) -> Iterator[tuple[Candidate, list[str]]]:
    """The mistakes of sorted.toml that can still be made, with those that they are like. Raises GraderError."""
    try:
        entries = tomllib.loads(SORTED.read_text(encoding="utf-8"))["generated"]
        like = {generated.about(e.get("in", ""), e["line"], e["becomes"]): e["like"]
                for e in entries if e["lab"] == lab.slug}
    except (OSError, ValueError, KeyError) as error:
        raise GraderError(f"{SORTED}: no list of [[generated]] with lab, in, line, becomes and like: {error}") from error
    for candidate in generated.generated(lab, toolchain, 0) if like else ():
        if candidate.about in like:
            yield candidate, like.pop(candidate.about)


def summary(tried: Sequence[Tried]) -> list[tuple[str, ...]]:
    """A row a kind: how many, the true one first, among two, three; named, and rightly; unknown, and rightly so."""
    return [_row(kind, [one for one in tried if one.kind == kind]) for kind in KINDS]


def _row(kind: str, some: Sequence[Tried]) -> tuple[str, ...]:
    among = [str(sum(one.name in one.first[:n] for one in some)) if kind == "twin" else "" for n in (1, 2, 3)]
    named = [one for one in some if one.named]
    return (kind, str(len(some)), *among, str(len(named)), str(sum(one.right for one in named)),
            str(len(some) - len(named)), str(sum(not one.kin for one in some if not one.named)))
