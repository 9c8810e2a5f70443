"""Hostile submissions, graded end to end: what must come of each stands in its file (attacks/)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT, skeleton
from corpus import OFFICIAL, Attack, attacks, complaints, grade, lay_out, sample, works

from grader.building import build, sandbox
from grader.course import labs
from grader.emulators import qemu
from grader.evidence import records
from grader.grading.lab_grading import PUBLIC_SEED, LabGrading
from grader.grading.outcome import Outcome

CORPUS = attacks()
# What only the compiler's box keeps from a submission.
NEEDS_A_BOX = {"include_by_path", "include_neighbour", "include_host_file", "has_include",
               "incbin_in_a_name", "include_processes"}


def tree(folder: Path, *without: str) -> dict[str, tuple[int, int]]:
    """Size and time of every file in a folder, and which folders there are, but in those of these names."""
    found = {}
    for top, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in without]
        found.update((os.path.join(top, name), (0, 0)) for name in folders)
        for name in files:
            status = os.lstat(os.path.join(top, name))
            found[os.path.join(top, name)] = (status.st_size, status.st_mtime_ns)
    return found


def kit() -> dict[str, tuple[int, int]]:
    """What decides about grades."""
    return {path: facts for name in ("grader", "kernel", "labs", "solutions")
            for path, facts in tree(ROOT / name, "__pycache__").items()}


@pytest.mark.parametrize("attack", CORPUS, ids=[attack.name for attack in CORPUS])
def test_an_attack(attack: Attack, tmp_path: Path, toolchain: build.Toolchain, build_folder: Path,
                   monkeypatch: pytest.MonkeyPatch) -> None:
    """A few tests of its lab, or all by the command; `make attacks` plays all of everything."""
    if attack.path.stem in NEEDS_A_BOX and sandbox.degraded():
        pytest.skip(sandbox.degraded())
    monkeypatch.setattr(qemu, "CPU_SECONDS", 3)
    monkeypatch.setattr(qemu, "HURRIED_SECONDS", 1)
    submission = lay_out(attack, tmp_path, toolchain)
    before = tree(tmp_path), kit()
    came = (grade(attack, submission, build_folder) if attack.whole else
            sample(attack, submission, toolchain))
    assert complaints(attack, came) == []
    assert (tree(tmp_path, "out"), kit()) == before


def test_the_corpus_is_complete() -> None:
    """What the table in docs/trust.md is made of."""
    assert len(CORPUS) >= 40
    for attack in CORPUS:
        assert attack.head.keys() >= {"attack", "route", "class", "verdict", "message"}, attack.name
        assert attack.kind in ("stopped", "detected", "residual"), attack.name
        assert attack.kind == "residual" or attack.points == 0, attack.name
        assert attack.kind == "residual" or "pass" not in attack.verdicts, attack.name


# A buddy allocator that knows answers by heart: ANSWERS has a number made from all calls so far, what is
# to be returned, and the first unit; 0xffffffff units stand for a panic.
BY_HEART = """\
#include "mm/buddy.h"
#include "lib/panic.h"

#include <initializer_list>

const unsigned answers[][3] = {ANSWERS};
unsigned so_far;

void note(unsigned verb, unsigned first, unsigned second)
{
    for (unsigned word : {verb, first, second})
        so_far = (so_far ^ word) * 16777619u + 1;
}

const unsigned *answer()
{
    unsigned low = 0, high = sizeof answers / sizeof *answers;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (answers[middle][0] == so_far)
            return answers[middle];
        (answers[middle][0] < so_far ? low : high) = answers[middle][0] < so_far ? middle + 1 : middle;
    }
    return nullptr;
}

size_t buddy_state_size(size_t units) { return units; }

void buddy_init(buddy *b, size_t units, void *state)
{
    *b = {units, state};
    note(0, units, 0);
}

size_t buddy_alloc(buddy *, size_t min, size_t max, size_t *start)
{
    note(1, min, max);
    const unsigned *known = answer();
    if (!known)
        return *start = 0, max;
    if (known[1] > 0)
        *start = known[2];
    return known[1];
}

void buddy_free(buddy *, size_t start, size_t count)
{
    unsigned before = so_far;
    note(2, start, count);
    const unsigned *known = answer();
    if (known && known[1] == 0xffffffff) {
        so_far = before;
        panic("free already");
    }
}
"""


def mixed(so_far: int, *words: int) -> int:
    """`note`, in Python."""
    for word in words:
        so_far = ((so_far ^ word) * 16777619 + 1) & 0xFFFFFFFF
    return so_far


def answers_of(run: records.Run) -> Iterator[tuple[int, int, int]]:
    """What there is to know by heart of one scenario."""
    so_far = 0
    for record in run.records:
        if record.verb == "init":
            so_far = mixed(so_far, 0, record.arguments[0], 0)
        elif record.verb in ("alloc", "ask"):
            so_far = mixed(so_far, 1, *record.arguments)
            yield so_far, record.results["count"], record.results.get("start", 0)
        elif record.verb == "free" and record.panicked:
            yield mixed(so_far, 2, *record.arguments), 0xFFFFFFFF, 0
        elif record.verb == "free":
            so_far = mixed(so_far, 2, *record.arguments)
        elif record.verb == "beside":
            units = record.results["count"]
            so_far = mixed(so_far, 0, units, 0, 2, 0, units, 1, 1, units)
            yield so_far, units, record.results["start"]
        else:
            first, step, count = record.arguments
            for i in range(count):
                so_far = mixed(so_far, 2, first + i * step, 1)


def graded_buddy(toolchain: build.Toolchain, submission: Path, seed: str) -> dict[str, Outcome]:
    """Lab 1, and the outcomes by test."""
    lab = labs.find("buddy")
    return LabGrading(lab, submission, toolchain, seed, [lab], rounds=0).run(works(lab, seed))


def test_answers_known_by_heart_are_worth_little_with_another_seed(toolchain: build.Toolchain,
                                                                   tmp_path: Path) -> None:
    """All tests with the public seed; with a student's own, those whose scenarios stand in files."""
    honest = graded_buddy(toolchain, ROOT / "solutions", PUBLIC_SEED)
    known = {answer[0]: answer for outcome in honest.values() for played in outcome.played
             for answer in answers_of(played.run)}
    table = ",\n".join("{%u, %u, %u}" % known[key] for key in sorted(known))
    (tmp_path / "buddy.cpp").write_text(BY_HEART.replace("ANSWERS", table))

    def passed(seed: str) -> set[str]:
        return {name for name, outcome in graded_buddy(toolchain, tmp_path, seed).items()
                if not outcome.finding}

    lab = labs.find("buddy")
    assert passed(PUBLIC_SEED) == {test.name for test in lab.tests}
    same = {ours.test for ours, theirs in zip(works(lab, PUBLIC_SEED), works(lab, OFFICIAL), strict=True)
            if ours.scenarios == theirs.scenarios}
    assert passed(OFFICIAL) == same
    assert sum(test.points for test in lab.tests if test.name not in same) >= 20


def test_a_compilation_that_takes_for_ever_is_ended(toolchain: build.Toolchain, tmp_path: Path,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "COMPILER_LIMITS", sandbox.Limits(cpu_seconds=1, file_size=64 << 20))
    doubling = "".join(f"#define m{i} m{i + 1} m{i + 1}\n" for i in range(30))
    source = tmp_path / "buddy.cpp"
    source.write_text(f"{doubling}#define m30 +1\nint many = m0;\n{skeleton('return 0;')}")
    with pytest.raises(build.BuildError):
        build.image(toolchain, {"buddy.cpp": source})
