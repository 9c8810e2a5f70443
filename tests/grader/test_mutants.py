"""The grader is graded, lab by lab: wrong solutions fail where they are wrong, right ones pass.

`make mutants` does the same for many more of them and with many seeds (docs/mutants.md). TESTS=all plays every
written one here, not one for each test.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, sampled

from grader.__main__ import main
from grader.building import build
from grader.course import labs
from grader.errors import EXIT_INTERRUPTED, GraderError
from grader.mutants import campaign, scoring, sources
from grader.mutants.sources import Candidate

LABS = {lab.slug: lab for lab in labs.all_labs()}
WRITTEN = [mutant for lab in LABS.values() for mutant in sources.written(lab)]
ALTERNATIVES = [right for lab in LABS.values() for right in sources.alternatives(lab)]


def named(candidate: Candidate) -> str:
    """A test's name for one of them."""
    return f"{candidate.lab}-{candidate.name}"


@pytest.mark.parametrize("mutant", sampled(WRITTEN, lambda mutant: (mutant.lab, mutant.caught_by)), ids=named)
def test_a_wrong_one_fails_where_it_is_wrong(mutant: Candidate,
                                             toolchain: build.Toolchain) -> None:
    """In the test that it names; what it loses in the others, `make mutants` says."""
    caught, = scoring.marks(LABS[mutant.lab], mutant.text, toolchain, "1", only=mutant.caught_by)
    assert caught.verdict in ("fail", "crash", "hang")
    assert caught.points == 0
    assert caught.headline.startswith(mutant.headline)


@pytest.mark.parametrize("mutant", sampled([next(m for m in WRITTEN if m.lab == slug) for slug in LABS],
                                           lambda mutant: mutant.lab == "vpalloc"), ids=named)
def test_the_command_line_says_the_same(mutant: Candidate, marionette: Callable,
                                        tmp_path: Path) -> None:
    """With its shrinking and its report; a mistake costs points in its own lab only."""
    submission = tmp_path / "submission"
    shutil.copytree(ROOT / "solutions" / "mm", submission)
    (submission / LABS[mutant.lab].files[0]).write_text(mutant.text)
    others = ("--lab", mutant.lab) if mutant.lab != "vpalloc" else ()  # all labs for one of them
    done = marionette("grade", "--submission", str(submission), "--out", str(tmp_path / "out"),
                      *others)
    assert done.returncode == 0, done.stdout + done.stderr
    graded = json.loads((tmp_path / "out" / "results.json").read_text())["labs"]
    assert [lab["lab"] for lab in graded if lab["score"] < lab["max_score"]] == [mutant.lab]
    tests = {test["name"]: test for lab in graded for test in lab["tests"]}
    assert tests[mutant.caught_by]["message"].startswith(mutant.headline)


@pytest.mark.parametrize("mutant", [next(m for m in WRITTEN if m.lab == slug) for slug in LABS],
                         ids=named)
def test_a_mistake_is_in_no_other_labs_image(mutant: Candidate,
                                             toolchain: build.Toolchain) -> None:
    lost = scoring.elsewhere(LABS[mutant.lab], mutant.text, toolchain, "1")
    assert lost == dict.fromkeys(LABS.keys() - {mutant.lab}, 0)


@pytest.mark.parametrize("right", ALTERNATIVES, ids=named)
def test_a_right_one_of_any_design_gets_full_marks(right: Candidate,
                                                   toolchain: build.Toolchain) -> None:
    marks = scoring.marks(LABS[right.lab], right.text, toolchain, "1")
    assert {mark.test: mark.headline for mark in marks
            if mark.verdict != "pass" and mark.test not in right.slow_in} == {}
    assert sum(mark.lost for mark in marks) <= 20  # of efficiency, and no more than that
    assert sum(mark.points + mark.lost for mark in marks) == 100


def test_a_mistake_in_speed_alone_costs_nothing_else(toolchain: build.Toolchain) -> None:
    slow = sources.find(LABS["kvmalloc"], "walks_over_what_lives")
    failed = {mark.test for mark in scoring.marks(LABS["kvmalloc"], slow.text, toolchain, "1") if mark.lost}
    assert failed == {"cost_per_page"}


HEAD = "mistake: a\ncaught by: exhaustion\nheadline: b\n\n"
PATCH = """\
--- solutions/mm/buddy.cpp
+++ solutions/mm/buddy.cpp
@@ -1,3 +1,3 @@
 // something that never stood there
-// in the reference
+// and is not there now
 // either
"""


@pytest.mark.parametrize(("text", "complaint"), [
    (HEAD + PATCH, "does not apply to solutions/mm/buddy.cpp any more"),
    (HEAD + PATCH.replace("buddy.cpp", "nobody.cpp"), "names no file of the kit"),
    (HEAD.replace("headline", "head line") + PATCH, "its first lines have to be"),
    (HEAD.replace("exhaustion", "exhaustoin") + PATCH, "lab buddy has no test 'exhaustoin'"),
])
def test_a_mutant_that_is_out_of_date_says_so(text: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "out_of_date.patch"
    path.write_text(text)
    with pytest.raises(GraderError, match=complaint) as error:
        sources.read(LABS["buddy"], path)
    assert str(path) in str(error.value)


def test_who_interrupts_mutants_is_told_that_they_are_kept(build_folder: Path, monkeypatch: pytest.MonkeyPatch,
                                                          capsys: pytest.CaptureFixture) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt
    monkeypatch.setattr(campaign.Campaign, "run", interrupted)
    status = main(["mutants", "--build", str(build_folder), "--lab", "buddy", "--kind", "alternative"])
    assert status == EXIT_INTERRUPTED
    assert capsys.readouterr().err.strip() == ("marionette: interrupted; what was graded is kept: the next "
                                               "`make mutants` goes on from there")
