"""The documentation holds together: what its pages link to, name and tell people to type is there."""

from __future__ import annotations

import ast
import re
import runpy
import shlex
import subprocess
from pathlib import Path

import doc_pages
import pytest
from doc_pages import ROOT, all_pages

from grader.course import labs

RULES = "".join((ROOT / name).read_text(encoding="utf-8")
                for name in ("Makefile", "instructor.mk", "kernel/kernel.mk"))
TARGETS = {target for names in re.findall(r"^\.PHONY: (.+)$", RULES, re.MULTILINE)
           for target in names.split()}
VARIABLES = set(re.findall(r"^(\w+) *[?:]=", RULES, re.MULTILINE))

# Files that a page names and the kit has not: a student's, a course's, a platform's, another program's.
ELSEWHERE = re.compile(r"""
    (build|reference|students|submission|questions|students/ID|scenarios/(LAB|integrated))/.*
    | (results|gradescope|result|prairielearn|compile_commands|info|graded|toolchain|dask)\.\w+
    | (report|index)\.html | .*\.csv | .*\.key | conftest\.py | bochsrc\.txt
    | (OUT|LAB|SLUG|NAME|TEST)/?.*\.(new|scenario) | doejane_.* | (autolab|annotations)\.txt | summary\.md | autograder\.py
    | .*\bpool\b.* | .*test_pool.* | \.github/workflows/grade\.yml
    """, re.VERBOSE)

each_page = pytest.mark.parametrize("page", all_pages(), ids=lambda page: str(page.relative_to(ROOT)))


def text_of(page: Path) -> str:
    """A page's text."""
    return page.read_text(encoding="utf-8")


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in doc_pages.links(text_of(page)):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in doc_pages.anchors(text_of(target)), link


@each_page
def test_every_file_that_is_named_exists(page: Path) -> None:
    missing = [word for word in doc_pages.in_code(text_of(page))
               if is_a_file(word) and not ELSEWHERE.fullmatch(word) and not is_there(word, page)]
    assert missing == []


def is_a_file(word: str) -> bool:
    """Whether it looks like a path of the kit: with a folder of its top, or a suffix."""
    tops = "|".join(path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != ".")
    return bool(re.fullmatch(rf"({tops}|\.github)/[\w./*{{}},-]*|[\w*-]+\.(h|cpp|py|toml|md|mk|S|sh|txt|json)",
                             word))


def is_there(word: str, page: Path) -> bool:
    """Whether a path is the kit's. `*`, LAB and the like stand for names; a bare name may be anywhere."""
    pattern = re.sub(r"\{[^}]*\}|\b(N|NUMBER)-|SLUG|NAME|LAB|TEST|KIND", "*", word).rstrip("/")
    pattern = re.sub(r"\*+", "*", pattern)
    if any(ROOT.glob(pattern)) or any(page.parent.glob(pattern)):
        return True
    return "/" not in word and any(
        path for top in ("kernel", "labs", "solutions", "grader", "tests", "docs", "handouts")
        for path in (ROOT / top).rglob(pattern) if "node_modules" not in path.parts)


@each_page
def test_every_command_is_one_that_make_has(page: Path) -> None:
    slugs = {"", "…", "SLUG", "slug", "pool", *(lab.slug for lab in labs.all_labs())}
    for command in doc_pages.commands(text_of(page)):
        words = shlex.split(re.split(r"[|;&>,()]|   ", command)[0].replace("\\", ""))
        for word in words[1:]:
            name, equals, value = word.partition("=")
            if not equals:
                assert name in TARGETS or not re.fullmatch(r"[a-z-]+", name), command
            else:
                assert name in VARIABLES, command
            if name == "LAB":
                assert value in slugs, command


@pytest.fixture(scope="module")
def helped() -> str:
    """What `make help` says."""
    return subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, timeout=900, check=True).stdout


@each_page
def test_every_setting_that_a_page_names_is_in_makes_help(page: Path, helped: str) -> None:
    named = {word for command in [*doc_pages.commands(text_of(page)), *doc_pages.in_code(text_of(page))]
             for word in re.findall(r"\b([A-Z_]{2,})=", command)}
    assert [word for word in sorted(named & VARIABLES) if f"{word}=" not in helped] == []


@each_page
def test_every_key_of_course_toml_that_a_page_names_exists(page: Path) -> None:
    keys = re.findall(r"^\| `(\[.+?\] \w+)`", text_of(ROOT / "docs" / "course.md"), re.MULTILINE)
    plain = {re.sub(r"\.\w+\]", "]", key) for key in keys}  # of one lab or student as of any
    tables = {key.split()[0] for key in plain}
    named = {re.sub(r"\.\w+\]", "]", word) for word in doc_pages.in_code(text_of(page))}
    named = {word for word in named if word.split()[0] in tables and " " in word}
    assert len(keys) > 20 and named <= plain


@each_page
def test_every_graded_test_that_a_command_names_exists(page: Path) -> None:
    tests = {f"{lab.slug}/{test.name}" for lab in labs.all_labs() for test in lab.tests}
    assert set(re.findall(r"TEST=([a-z]+/\w+)", text_of(page))) <= tests | {"lab/test", "lab/name"}


def test_the_index_has_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link.partition("#")[0]).resolve()
              for link in doc_pages.links(text_of(index)) if "://" not in link}
    assert [str(page) for page in all_pages() if page != index and page not in linked] == []


ONE_FOR_EACH = {"commands", "formats"}  # whose modules are many of a kind: a command, a format


def test_the_architecture_has_every_room() -> None:
    text = text_of(ROOT / "docs" / "architecture.md")
    rooms = {path.stem for path in (ROOT / "grader").iterdir()
             if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert [name for name in sorted(rooms) if name[0] != "_"
            and not re.search(rf"`{name}\b", text)] == []


def test_there_is_one_conftest() -> None:
    """Which of two `from conftest import` takes depends on the order in which a file system lists folders."""
    assert [path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("conftest.py")
            if "node_modules" not in path.parts] == ["tests/grader/conftest.py"]


@pytest.mark.parametrize("room", [path.parent for path in sorted((ROOT / "grader").rglob("*/__init__.py"))
                                  if path.parent.name not in ONE_FOR_EACH], ids=lambda room: room.name)
def test_a_room_says_what_its_modules_do(room: Path) -> None:
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8")))
    modules = {path.stem for path in room.glob("*.py")} - {"__init__"}
    assert {name for name in modules if f"`{name}`" not in said} == set()
    rooms = {path.parent.name for path in room.glob("*/__init__.py")}
    assert set(re.findall(r"`([a-z_]+)`", said)) <= modules | rooms


def imported(room: Path) -> set[str]:
    """The rooms of the grader that a room takes something from."""
    files = [room] if room.suffix else room.rglob("*.py")
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name for node in found if node.module and node.module.split(".")[0] == "grader"
            for name in (node.module.split(".")[1:2] or [alias.name for alias in node.names])}


def test_imports_lead_up_the_architectures_table() -> None:
    table = re.findall(r"^\| (`.*?) \|", text_of(ROOT / "docs" / "architecture.md"), re.MULTILINE)
    floors = {name: floor for floor, row in enumerate(table)
              for name in re.findall(r"`(\w+)/?`", row)}
    assert {"errors", "judging", "commands"} <= floors.keys()
    for name, floor in floors.items():
        room = ROOT / "grader" / name
        for other in imported(room if room.is_dir() else room.with_suffix(".py")) - {name}:
            assert floors[other] <= floor, f"{name} takes something from {other}"


def test_decisions_have_numbers_of_their_own() -> None:
    numbers = [path.name.partition("-")[0] for path in (ROOT / "docs" / "decisions").glob("*.md")]
    assert sorted(map(int, numbers)) == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "CONTRIBUTING.md"],
                         ids=lambda page: page.name)
def test_what_a_console_shows_is_what_is_said(page: Path) -> None:
    for command, shown in doc_pages.sessions(text_of(page)):
        with doc_pages.lock():
            done = subprocess.run(shlex.split(command), cwd=ROOT, stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=900, check=False)
        said = (done.stdout + done.stderr).splitlines()
        wanted = [line for line in shown if line != "..."]
        positions = [said.index(line) for line in wanted if line in said]
        assert len(positions) == len(wanted) and positions == sorted(positions), f"{command}: {said}"


def test_the_picture_of_the_architecture_is_as_it_is_drawn() -> None:
    drawing = runpy.run_path(str(ROOT / "docs" / "draw_architecture.py"))
    assert drawing["TARGET"].read_text(encoding="utf-8") == drawing["architecture"]()


def test_a_page_that_is_wrong_is_noticed() -> None:
    page = "See [here](gone.md) and `[no](link.md)`.\n\n    make nothing   # a comment\n\n```text a.h\n[x](y)\n```\n"
    assert doc_pages.links(page) == ["gone.md"]
    assert doc_pages.commands(page) == ["make nothing"]
    assert doc_pages.files(page) == {"a.h": "[x](y)\n"}
    assert doc_pages.anchors("## Two words, *one* `idea`\n") == {"two-words-one-idea"}
    assert is_a_file("kernel/mm/gone.h") and not is_there("kernel/mm/gone.h", ROOT / "README.md")
    assert is_there("labs/*/lab.toml", ROOT / "README.md")
    assert is_there("labs/NUMBER-SLUG/test_SLUG.py", ROOT / "README.md")
    assert not is_there("tests/grader/wrong/SLUG/", ROOT / "README.md")
