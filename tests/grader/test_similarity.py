"""The export for programs that look for copies: the right files, no names, nothing sent anywhere."""

from __future__ import annotations

import csv
import shutil
import stat
from pathlib import Path

import pytest
from conftest import ROOT

from grader.building.comments import blanked
from grader.cohort.intake import gather
from grader.cohort.telling import similarity
from grader.course import labs
from grader.errors import GraderError

LABS = [labs.find("buddy"), labs.find("malloc")]


@pytest.fixture
def classes(tmp_path: Path) -> dict[str, Path]:
    """Two terms' submissions."""
    for path, text in {"now/anna/buddy.cpp": "// Anna Lind, anna@example.org\nint x; /* Anna */\n",
                       "now/anna/malloc.cpp": "int y;\n", "now/anna/diary.txt": "Anna's\n",
                       "now/ben/mm/buddy.cpp": "int z;\n", "before/carl/buddy.cpp": "int x;\n",
                       "now/dora/readme": "sorry\n"}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "now" / "emil").mkdir()
    shutil.copy(ROOT / "kernel" / "mm" / "buddy.cpp", tmp_path / "now" / "emil" / "buddy.cpp")
    (tmp_path / "now" / "fritz.zip").write_bytes(b"no zip")
    return {"now": tmp_path / "now", "before": tmp_path / "before"}


@pytest.fixture
def exported(classes: dict[str, Path], tmp_path: Path) -> similarity.Export:
    """Both, exported to tmp_path/out/export."""
    return similarity.export(gather.from_folder(classes["now"], LABS).entries,
                             {"2029": gather.from_folder(classes["before"], LABS).entries}, LABS,
                             tmp_path / "out" / "export")


def identities(tmp_path: Path) -> dict[tuple[str, str], str]:
    """The names that the export gave, by term and student."""
    with (tmp_path / "out" / "export-identities.csv").open(newline="") as file:
        return {(row["term"], row["id"]): row["name"] for row in csv.DictReader(file)}


def test_the_layout_is_what_the_programs_take(exported: similarity.Export, tmp_path: Path) -> None:
    out, name = tmp_path / "out" / "export", identities(tmp_path)
    files = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    anna, ben, carl = name["", "anna"], name["", "ben"], name["2029", "carl"]
    assert files == {
        "buddy/base/buddy.cpp", "malloc/base/malloc.cpp", f"buddy/submissions/{anna}/buddy.cpp",
        f"buddy/submissions/{ben}/buddy.cpp", f"malloc/submissions/{anna}/malloc.cpp",
        f"buddy/archive/2029/{carl}/buddy.cpp"}
    assert (exported.submissions, exported.archived) == (2, 1)
    assert (out / "buddy/base/buddy.cpp").read_bytes() == (ROOT / "kernel/mm/buddy.cpp").read_bytes()


def test_no_name_is_in_it(exported: similarity.Export, tmp_path: Path) -> None:
    for path in (tmp_path / "out" / "export").rglob("*"):
        assert "anna" not in str(path.relative_to(tmp_path / "out")).lower()
        assert path.is_dir() or b"anna" not in path.read_bytes().lower()


def test_who_is_who_is_for_the_instructor_alone(exported: similarity.Export, tmp_path: Path) -> None:
    assert exported.identities == tmp_path / "out" / "export-identities.csv"
    assert stat.S_IMODE(exported.identities.stat().st_mode) == 0o600
    assert sorted(identities(tmp_path).values()) == ["s001", "s002", "s003"]


def test_who_is_left_out_is_said(exported: similarity.Export) -> None:
    said = [line.rpartition("/")[2] for line in exported.left_out]
    assert [line.partition(":")[0] for line in said] == ["dora", "emil", "fritz.zip"]


def test_an_export_that_is_there_is_kept(exported: similarity.Export, tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="is there already: name a new folder with OUT="):
        similarity.export([], {}, LABS, tmp_path / "out" / "export")


def test_the_command_says_what_to_type_next(classes: dict[str, Path], tmp_path: Path, marionette) -> None:
    done = marionette("similarity", "--submissions", str(classes["now"]), "--out",
                      str(tmp_path / "export"), "--archive", f"2029={classes['before']}")
    assert done.returncode == 0, done.stderr
    assert f"jplag -l cpp -bc {tmp_path}/export/LAB/base" in done.stdout
    assert "compare50" in done.stdout and "moss" in done.stdout
    wrong = marionette("similarity", "--submissions", str(classes["now"]), "--archive", "../x=y")
    assert "ARCHIVE=../x=y: TERM=folder was expected" in wrong.stderr


@pytest.mark.parametrize(("source", "expected"), [
    ("int a; // Anna\nint b;\n", "int a;  \nint b;\n"),
    ("a /* Anna\n Lind */ b\n", "a  \n b\n"),
    ("// Anna \\\n Lind\nb\n", " \n\nb\n"),
    ('s = "// no"; // Anna', 's = "// no";  '),
    ('s = "\\"// no"; /* Anna', 's = "\\"// no";  '),
    ("c = '\"'; // Anna", "c = '\"';  "),
    ("n = 1'000'000; // Anna's", "n = 1'000'000;  "),
    ('r = R"x(// no )" )x"; // Anna', 'r = R"x(// no )" )x";  '),
    ('#include "mm/buddy.h" // Anna\n', '#include "mm/buddy.h"  \n'),
    ("a / b * c", "a / b * c"),
    ("unterminated ' // Anna's\nx // Anna\n", "unterminated ' // Anna's\nx  \n"),
])
def test_comments_become_spaces(source: str, expected: str) -> None:
    assert blanked(source.encode()) == expected.encode()


@pytest.mark.parametrize("piece", [b"/*", b"//", b'"', b"'", b'R"(', b"\\", b"/", b'R"x', b"1'"])
def test_text_that_is_never_closed_is_read_once(piece: bytes) -> None:
    text = piece * (250_000 // len(piece)) + b"\nx"  # quadratic, this would take hours
    assert blanked(text).count(b"\n") == 1
