"""A submission that fails, made into a mutant: the difference to the nearest right solution, and no comments.

What people write about themselves they write into comments, so none is kept; what else may be a name is pointed at.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.building import build, gate, handed_in
from grader.building.comments import blanked
from grader.course.labs import ROOT, Lab
from grader.errors import GraderError
from grader.grading.stage_grading import PUBLIC_SEED
from grader.judging.verdict import Verdict
from grader.mutants import scoring, sources
from grader.mutants.scoring import Mark
from grader.mutants.sources import Candidate
from grader.reporting.results import write_whole

NEAR_ENOUGH = 0.5  # of the lines in common: otherwise the mistake took a design of its own, and the file is kept whole
LONGEST_NAME = 40
_OF_NO_PERSON = {"submission", "submissions", "students", "kernel", "build", "class", "mutant", "handed"}


@dataclass(frozen=True)
class Added:
    """The new mutant's file, the solution that it is a difference to ("" where it is kept whole), what it loses, and
    the lines that somebody should read, as words of the submission's own path stand in them."""

    path: Path
    base: str
    lost: Sequence[Mark]
    look_at: Sequence[str]


@dataclass(frozen=True)
class Wrong:
    """What a new mutant is made of, before anybody has said what is wrong with it: its text, the solution that it is a
    difference to, what it loses, and the test that has to catch it."""

    text: str
    base: str
    lost: Sequence[Mark]
    caught: Mark


def examine(lab: Lab, submission: Path, name: str, like: str, toolchain: build.Toolchain,
            folder: Path = sources.FOLDER) -> Wrong:
    """Everything that speaks against it, so that nobody is asked for words first. Raises GraderError where it is no
    mutant: it is not there, passes everything, is not written, or does not compile."""
    if name:
        _free(folder / lab.slug, name)
    if like and like not in {known.name for known in sources.written(lab)}:
        raise GraderError(f"LIKE={like}: lab {lab.slug} has no mistake of that name")
    text, base = nearest(_read(lab, submission), sources.alternatives(lab), lab)
    lost = [mark for mark in scoring.marks(lab, text, toolchain, PUBLIC_SEED) if mark.lost]
    return Wrong(text, base, lost, _caught_by(lab, lost))


def add(lab: Lab, submission: Path, wrong: Wrong, mistake: str, name: str, like: str,
        folder: Path = sources.FOLDER) -> Added:
    """Writes it, with the mistake in words. Raises GraderError where there is one of that name."""
    (folder / lab.slug).mkdir(parents=True, exist_ok=True)
    path = _free(folder / lab.slug, name or re.sub(r"[^a-z0-9]+", "_", mistake.lower()).strip("_")[:LONGEST_NAME].strip("_"))
    head = [f"mistake: {mistake}", f"caught by: {wrong.caught.test}", f"headline: {wrong.caught.headline}"]
    head += [f"like: {like}"] if like else []
    if wrong.base:
        path = path.with_suffix(".patch")
        write_whole(path, "\n".join(head) + "\n\n" + difference(wrong.text, wrong.base))
    else:
        path = path.with_suffix(".cpp")
        write_whole(path, "\n".join(f"// {line}" for line in head) + "\n\n" + wrong.text)
    return Added(path, wrong.base, wrong.lost, list(_names_in(wrong.text, submission)))


def _free(folder: Path, name: str) -> Path:
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise GraderError(f"NAME={name}: small letters, digits and _ were expected")
    if any(folder.glob(f"{name}.*")):
        raise GraderError(f"{folder / name} is there already: name another one with NAME=")
    return folder / name


def _read(lab: Lab, submission: Path) -> str:
    if not submission.is_dir():
        raise GraderError(f"FROM={submission}: there is no such folder")
    files = handed_in.files(lab, submission)
    if lab.files[0] not in files:
        raise GraderError(f"FROM={submission}: there is no {lab.files[0]} in it")
    try:
        return gate.read_source(files[lab.files[0]]).decode("utf-8", "replace")
    except gate.Rejected as error:
        raise GraderError(f"FROM={submission}: {error}") from error


def _caught_by(lab: Lab, lost: Sequence[Mark]) -> Mark:
    """The test that is named: the first that gives nothing for it. Raises GraderError where it is no mutant."""
    odd = next((mark for mark in lost if mark.verdict not in
                (Verdict.FAIL.value, Verdict.CRASH.value, Verdict.HANG.value)), None)
    if odd:
        raise GraderError(f"it is no mutant: {odd.test} is `{odd.verdict}`: {odd.headline}")
    if not lost:
        raise GraderError(f"it is no mutant: it passes all tests of lab {lab.slug}. If it is wrong all the same, that is "
                          "a test that is missing (CONTRIBUTING.md)")
    whole = [mark for mark in lost if not mark.points]
    if not whole:
        raise GraderError(f"it is no mutant: no test gives nothing for it; {lost[0].test} gives {lost[0].points:g} points")
    return whole[0]


def nearest(text: str, right: Sequence[Candidate], lab: Lab) -> tuple[str, str]:
    """The text without its comments, but with those of the right solution that has most of its lines, and that
    solution's path; "" where none has enough of them."""
    code = _code(text)
    matched = [(difflib.SequenceMatcher(None, [line for _, line in _code(one.text)], [line for _, line in code], False),
                one) for one in right]
    best, one = max(matched, key=lambda entry: entry[0].ratio())
    if best.ratio() < NEAR_ENOUGH:
        return "\n".join(line for _, line in code) + "\n", ""
    base = (sources.reference(lab) if one.name == "reference"
            else ROOT / "solutions" / "alternatives" / lab.slug / f"{one.name}.cpp")
    return "".join(_merged(one.text, best.get_opcodes(), code)), str(base.relative_to(ROOT))


def _code(text: str) -> list[tuple[int, str]]:
    """The lines with any code, without comments, and where each stands."""
    lines = blanked(text.encode()).decode().split("\n")
    return [(at, line.rstrip()) for at, line in enumerate(lines) if line.strip()]


def _merged(base: str, opcodes: Sequence[tuple], code: Sequence[tuple[int, str]]) -> Iterator[str]:
    """The base's own lines where the code is the same, so that what differs is the mistake."""
    lines, at = base.splitlines(keepends=True), [number for number, _ in _code(base)]
    done = 0
    for what, first, end, begin, stop in opcodes:
        last = at[end - 1] + 1 if end else 0
        if what == "equal":
            yield from lines[done:last]
        else:
            yield from (f"{line}\n" for _, line in code[begin:stop])
        done = max(done, last)
    yield from lines[done:]


def difference(text: str, base: str) -> str:
    """The difference of a text to a file of the kit, as `diff -u` has it."""
    before = (ROOT / base).read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(difflib.unified_diff(before, text.splitlines(keepends=True), base, base))


def _names_in(text: str, submission: Path) -> Iterator[str]:
    """The lines in which words of the submission's path stand, which mostly are who it is from."""
    words = {word.lower() for part in submission.parts[-3:] for word in re.findall(r"[A-Za-z]{4,}", part)} - _OF_NO_PERSON
    for number, line in enumerate(text.splitlines(), 1):
        if any(word in line.lower() for word in words):
            yield f"{number}: {line.strip()}"
