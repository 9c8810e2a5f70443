"""docs/instructor-guide.md and new-lab.md tell the truth: the new lab, whose files docs/new-lab/ has, works."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from doc_pages import GUIDE, NEW_LAB, ROOT, files, lock

from grader.appeal import contract
from grader.course import course, labs

RULES = "course.toml"  # the course's own; all other files are the new lab's
FILES = files(GUIDE.read_text(encoding="utf-8")) | {
    path.relative_to(NEW_LAB).as_posix(): path.read_text(encoding="utf-8") for path in NEW_LAB.rglob("*.*") if path.is_file()}
MUTANT = "any_address_inside"


@pytest.fixture(scope="session")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the kit, with what is built of it, to which the page's files were added."""
    copy = tmp_path_factory.mktemp("guide") / "kit"
    with lock():
        subprocess.run(["make", "kernel"], cwd=ROOT, capture_output=True, check=True)
        for name in ("kernel", "labs", "solutions", "grader", "handouts"):
            shutil.copytree(ROOT / name, copy / name)
        for name in ("kernel", "labs", "solutions"):
            shutil.copytree(ROOT / "build" / "0xC0000000" / name, copy / "build" / "0xC0000000" / name)
        for name in ("compiler", "prelude.h", "prelude.h.gch"):
            shutil.copy2(ROOT / "build" / "0xC0000000" / name, copy / "build" / "0xC0000000" / name)
        for name in ("Makefile", "instructor.mk", RULES):
            shutil.copy2(ROOT / name, copy / name)
    shutil.copytree(NEW_LAB, copy, dirs_exist_ok=True)
    return copy


def make(kit: Path, *words: str, typed: str = "") -> str:
    """What make says there."""
    done = subprocess.run(["make", *words], cwd=kit, input=typed, capture_output=True,
                          text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def graded(kit: Path, *settings: str) -> dict[str, tuple[str, int]]:
    """The verdict and the points of each of the new lab's tests."""
    make(kit, "grade", "LAB=pool", *settings)
    table = json.loads((kit / "build" / "grade" / "results.json").read_text(encoding="utf-8"))
    assert [lab["lab"] for lab in table["labs"]] == ["pool"]
    return {test["name"]: (test["verdict"], test["score"]) for test in table["labs"][0]["tests"]}


def new_lab(kit: Path) -> labs.Lab:
    """The page's lab, as its lab.toml describes it."""
    return labs.find("pool", kit)


def test_a_new_lab_changes_no_file_that_is_there() -> None:
    added = FILES.keys() - {RULES}
    assert len(added) == 11
    assert [name for name in added if (ROOT / name).exists()] == []


def test_its_reference_has_full_marks(kit: Path) -> None:
    tests = {test.name: ("pass", test.points) for test in new_lab(kit).tests}
    assert graded(kit, "SUBMISSION=solutions") == tests
    assert sum(points for _, points in tests.values()) == 100


def test_its_stub_is_todo_in_every_test(kit: Path) -> None:
    assert graded(kit) == {test.name: ("todo", 0) for test in new_lab(kit).tests}


def test_its_mutant_fails_the_test_that_it_names_and_no_other(kit: Path) -> None:
    make(kit, "mutant", "LAB=pool", f"NAME={MUTANT}")
    tests = graded(kit, f"SUBMISSION=build/mutant/{MUTANT}")
    assert [name for name, (verdict, _) in tests.items() if verdict != "pass"] == ["wrong_addresses"]
    assert tests["wrong_addresses"] == ("fail", 0)
    results = (kit / "build" / "grade" / "results.json").read_text(encoding="utf-8")
    assert '"message": "wrong addresses panic\\n' in results
    head = FILES[f"grader/mutants/pool/{MUTANT}.patch"].splitlines()[1:3]
    assert head == ["caught by: wrong_addresses", "headline: wrong addresses panic"]


def test_its_prompt_draws_and_judges_by_its_oracle(kit: Path) -> None:
    said = make(kit, "run", "LAB=pool", "SUBMISSION=solutions", typed="init 32 4\na = alloc\nmaps\njudge on\nfree a\n")
    assert "objects, from 0 on (# handed out, . free)\n...#\n" in said
    assert "each answer is judged" in said and "broken" not in said


def test_every_rule_of_its_oracle_stands_in_its_header(kit: Path) -> None:
    rules = vars(new_lab(kit).oracle.RULE).values()
    assert len(rules) == 6
    assert [rule.name for rule in rules if not contract.line_of(rule.header, rule.sentence, kit)] == []


def test_its_handout_is_typeset(kit: Path) -> None:
    if not shutil.which("asciidoctor"):
        pytest.skip("asciidoctor is not installed")
    make(kit, "handouts", "LAB=pool")
    page = (kit / "build" / "handouts" / "7-pool.html").read_text(encoding="utf-8")
    for test in new_lab(kit).tests:
        assert f"<code>{test.name}</code>" in page


def test_the_kits_own_tests_ask_of_it_what_holds_for_any_lab(kit: Path) -> None:
    """What the six owe beyond that (mutants by the dozen, steps) is not asked of a course's own lab."""
    for name in ("tests", "docs"):
        shutil.copytree(ROOT / name, kit / name, ignore=shutil.ignore_patterns("node_modules"))
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "pool",
                           *(f"tests/{name}.py" for name in ("grader/test_mutation", "grader/test_efficiency",
                                                             "grader/test_examples", "handouts/test_ladders"))],
                          cwd=kit, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode in (0, 5) and "error" not in done.stdout, done.stdout  # 5: nothing is asked at all


def test_the_course_of_the_calendar_can_be_loaded(tmp_path: Path) -> None:
    (tmp_path / RULES).write_text(FILES[RULES], encoding="utf-8")
    rules = course.load(tmp_path / RULES)
    assert sum(rules.weights.values()) == 100
    assert rules.weights.keys() == {lab.slug for lab in labs.all_labs()}
    assert rules.dates["buddy"].due == datetime(2030, 10, 20, 21, 59, tzinfo=UTC)
    assert rules.late.percent_per_day == Fraction(10)


def test_the_hours_of_both_calendars_are_those_of_the_labs() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for lab in labs.all_labs():
        assert f"| {lab.number} {lab.slug} | {lab.hours} |" in text
    assert "38 hours" in text and "one about allocators (26)" in text
