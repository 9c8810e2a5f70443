"""What the terminal says at the end of a grading, to go on from: where to begin, what is new since the last one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from grader.judging.verdict import Verdict
from grader.reporting.results import Results, kept

_NO_ANSWER = (Verdict.INFRA.value, Verdict.NOT_RUN.value)  # nothing is known of the submission


def verdicts(folder: Path) -> dict[str, str]:
    """Those of the grading whose results are in an output folder, by `lab/test`; none if there is none to be read."""
    try:
        table = kept(folder / "results.json")
        return {f"{lab['lab']}/{test['name']}": str(test["verdict"]) for lab in table["labs"] for test in lab["tests"]}
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def told(before: dict[str, str], found: Results) -> Iterator[str]:
    """Lines: the first test that is not passed, and the tests that another verdict than before came of."""
    now = {f"{lab.lab}/{test.name}": test.verdict.value for lab in found.labs for test in lab.tests}
    if first := next((test for test, verdict in now.items() if verdict not in (Verdict.PASS.value, *_NO_ANSWER)), None):
        yield f"Begin with {first}"
    known = {test for test in now if test in before and not {now[test], before[test]} & set(_NO_ANSWER)}
    yield from _listed("passed now", [test for test in now if test in known and _became(test, before, now)], now)
    yield from _listed("no longer passed", [test for test in now if test in known and _became(test, now, before)
                                            and now[test] != Verdict.TODO.value], now)  # a stub: others' files were graded


def _became(test: str, before: dict[str, str], after: dict[str, str]) -> bool:
    return before[test] != after[test] == Verdict.PASS.value


def _listed(how: str, tests: list[str], every: Iterable[str]) -> Iterator[str]:
    """Tests, by name; a lab's as "all of" it, where they are `every` one that it has: a file that did not compile,
    say."""
    by_lab = {lab: list(found) for lab, found in groupby(tests, _lab)}
    counts = Counter(map(_lab, every))
    if tests:
        named = (f"all of {lab}" if len(found) == counts[lab] > 1 else ", ".join(found) for lab, found in by_lab.items())
        yield f"Since the last grading {how}: {', '.join(named)}"


def _lab(test: str) -> str:
    return test.split("/")[0]
