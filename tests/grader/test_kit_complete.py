"""Nothing is missing in a student's kit: what is imported, called, linked to and typed is there."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course.labs import ROOT
from grader.kit import cut

ADD = "add it to STUDENTS in grader/kit/contents.py, or what asks for it is the instructor's own"

# What students type, and what is said then; one for each way in which the kit's own parts are used.
TYPED = [
    ("doctor", "the reference, built and booted in qemu      ok ("),
    ("hint LAB=paging N=1", "Hint 1 of"),
    ("editor", "compile_commands.json"),
    ("submit LAB=buddy", "buddy.cpp (not written yet)"),
    ("explain TEST=buddy/exact_counts", "buddy_state_size is not written yet"),
    ("run SCENARIO=labs/1-buddy/scenarios/exact-counts.scenario", "is not written yet"),
    ("examples LAB=paging", "there is no examples/paging.scenario"),
    ("iso", "build/marionette.iso"),
    ("grade LAB=malloc FORMATS=junit", "Score: 0/100"),
    ("platform", "No rule to make target"),
]


def modules(kit: Path) -> Iterator[Path]:
    """The Python files of a kit."""
    for folder in ("grader", "labs", "handouts"):
        yield from sorted((kit / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The kit's own modules that a file imports, anywhere in it, but where it has an answer to one that is not
    there."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    optional = {node for attempt in ast.walk(tree) if isinstance(attempt, ast.Try)
                and any(ast.unparse(handler.type or attempt) == "ModuleNotFoundError" for handler in attempt.handlers)
                for node in attempt.body}
    for node in ast.walk(tree):
        if node in optional:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("grader."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "grader":
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_there(kit: Path, module: str) -> bool:
    """Whether a dotted name is a module of the kit, or something in one."""
    path = kit / module.replace(".", "/")
    if path.with_suffix(".py").exists() or (path / "__init__.py").exists():
        return True
    module_file, package = path.parent.with_suffix(".py"), path.parent / "__init__.py"
    found = module_file if module_file.exists() else package
    return found.exists() and bool(re.search(rf"\b{path.name}\b", found.read_text(encoding="utf-8")))


def test_every_module_that_is_imported_is_there(kit: cut.Kit) -> None:
    missing = [f"{path.relative_to(kit.folder)} imports {name}" for path in modules(kit.folder)
               for name in imported(path) if not is_there(kit.folder, name)]
    assert not missing, ADD


def test_a_module_that_is_missing_is_noticed(kit: cut.Kit) -> None:
    assert not is_there(kit.folder, "grader.kit")
    assert not is_there(kit.folder, "grader.mutants.sources")
    assert not is_there(kit.folder, "grader.building.build.no_such_function")
    assert is_there(kit.folder, "grader.building.build.Toolchain")


def test_every_target_has_its_command_and_every_command_can_be_loaded(kit: cut.Kit) -> None:
    called = set(re.findall(r"\$\(MARIONETTE\) (\w+)", (kit.folder / "Makefile").read_text()))
    done = subprocess.run([kit.folder / "grader" / "marionette", "--help"], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    commands = set(re.findall(r"^    (\w+) ", done.stdout, re.MULTILINE))
    assert called <= commands, ADD
    assert commands - called == {"platform"}, f"no target for it; {ADD}"


def test_no_link_leads_out_of_the_kit(kit: cut.Kit) -> None:
    dangling = []
    for page in sorted(kit.folder.rglob("*.md")):
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in link and not (page.parent / link).exists():
                dangling.append(f"{page.relative_to(kit.folder)}: {link}")
    assert not dangling, ADD


@pytest.mark.parametrize(("typed", "said"), TYPED, ids=[line.split()[0] for line, _ in TYPED])
def test_what_students_type_works(kit: cut.Kit, typed: str, said: str) -> None:
    done = subprocess.run(["make", *typed.split()], cwd=kit.folder, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=900, check=False)
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr


def test_another_kernel_base_is_refused(kit: cut.Kit) -> None:
    """The reference's objects are for one address."""
    done = subprocess.run(["make", "grade", "KERNEL_BASE=0x80000000"], cwd=kit.folder,
                          capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "This kit was cut for KERNEL_BASE=0xC0000000, not for 0x80000000" in done.stderr


def test_what_another_labs_function_is_given_is_where_the_handout_says(kit: cut.Kit, tmp_path: Path) -> None:
    """Its object has no names for a debugger: where `break` stops, the arguments lie behind the frame, in order."""
    (tmp_path / "kvmalloc.cpp").write_text((ROOT / "solutions" / "mm" / "kvmalloc.cpp").read_text())
    (tmp_path / "three.scenario").write_text("marionette-scenario 1\nlab kvmalloc\nscenario three\nboot\nalloc 3\n")
    typed = "break ppalloc\ncontinue\nx/3wx $ebp+8\nfinish\np $eax\nquit\n"
    done = subprocess.run(["make", "gdb", f"SCENARIO={tmp_path}/three.scenario", "AT=2", f"SUBMISSION={tmp_path}"],
                          cwd=kit.folder, input=typed, capture_output=True, text=True, timeout=900, check=False)
    asked = r"in ppalloc\(.*\)\s+\(\)\s+0x\w+:\s+0x0000000(\d)\s+0x0000000(\d)\s+0xc"
    assert (found := re.search(asked, done.stdout.replace("(gdb) ", ""))), done.stdout + done.stderr
    assert (int(found[1]) <= int(found[2]), found[2]) == (True, "3")
    assert "$1 = 3" in done.stdout
    assert "`x/3wx $ebp+8`" in (kit.folder / "handouts" / "4-kvmalloc.adoc").read_text()
