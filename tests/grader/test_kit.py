"""Students' kits: what is in them, what is not, and how one that is out is brought up to date."""

from __future__ import annotations

import errno
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import FULL_MARKS, NOW, ROOT

from grader.building import build
from grader.commands import kit as command
from grader.course import course, labs
from grader.errors import GraderError
from grader.examples import designs
from grader.kit import contents, cut, leaks, manifest, objects, update
from grader.mutants import impostors, sources
from grader.student import changed


def test_the_stubs_are_worth_nothing_and_the_solutions_everything(kit: cut.Kit,
                                                                  tmp_path: Path) -> None:
    """With the reference of other labs as objects only, the verdicts are the same."""
    for submission, score, verdict in (("", 0, "todo"), (str(ROOT / "solutions"), FULL_MARKS, "pass")):
        done = subprocess.run(["make", "-s", "grade", f"SUBMISSION={submission}",
                               f"OUT={tmp_path / 'out'}"], cwd=kit.folder, capture_output=True,
                              text=True, check=False)
        assert f"Score: {score}/{FULL_MARKS}" in done.stdout, done.stdout + done.stderr
        results = json.loads((tmp_path / "out" / "results.json").read_text())
        tests = [test for lab in [*results["labs"], results["integrated"]] for test in lab["tests"]]
        assert {test["verdict"] for test in tests} == {verdict}


def test_a_students_own_file_is_in_no_other_labs_stage(kit: cut.Kit, a_copy: Path) -> None:
    if (built := kit.folder / "build").exists():  # nothing is compiled twice
        shutil.copytree(built, a_copy / "build")
    (a_copy / "kernel/mm/malloc.cpp").write_text("this does not compile")
    done = subprocess.run(["make", "-s", "grade", "LAB=vpalloc", f"SUBMISSION={ROOT / 'solutions'}"],
                          cwd=a_copy, capture_output=True, text=True, check=False)
    assert "Score: 100/100" in done.stdout, done.stdout + done.stderr


def test_examples_are_tried_on_what_lies_in_it(kit: cut.Kit) -> None:
    done = subprocess.run(["make", "-s", "examples", "LAB=buddy", f"SUBMISSION={ROOT / 'solutions'}"], cwd=kit.folder,
                          capture_output=True, text=True, check=False)
    assert "12 of 12 impostors caught" in done.stdout, done.stdout + done.stderr


def test_right_designs_and_impostors_look_alike(kit: cut.Kit, toolchain: build.Toolchain) -> None:
    """Their names are digests, in the order of which nothing is to be read; they have one size, and no names inside."""
    mistakes = {candidate.name for lab in kit.released for candidate, _ in impostors.chosen(lab)}
    for lab in kit.released:
        found = sorted(designs.folder(kit.folder / "reference", toolchain, lab).glob("*.o"))
        assert len(found) == len(sources.alternatives(lab)) + 12
        assert len({path.stat().st_size for path in found}) == 1
        assert all(re.fullmatch("[0-9a-f]{16}", path.stem) for path in found)
        assert not any(name.encode() in path.read_bytes() for path in found for name in mistakes)
        symbols = subprocess.run(["nm", *found], capture_output=True, text=True, check=True).stdout
        assert re.findall(r" [a-z] \S+", symbols) == []


def test_designs_are_held_back_as_long_as_the_solution_is() -> None:
    rules = course.Course(dates={"buddy": course.Dates(reference=NOW)})
    buddy, malloc = labs.find("buddy"), labs.find("malloc")
    assert not cut.shows_designs(rules, buddy, NOW.replace(year=NOW.year - 1))
    assert cut.shows_designs(rules, buddy, NOW) and cut.shows_designs(rules, malloc, NOW.replace(year=NOW.year - 1))


def test_a_clone_has_its_line_ends_whatever_git_is_told(kit: cut.Kit, tmp_path: Path) -> None:
    """As by Git for Windows: with others there is no shell for setup.sh."""
    there = tmp_path / "clone"
    subprocess.run(["git", "-c", "core.autocrlf=true", "clone", "-q", kit.folder, there], check=True)
    assert (there / "setup.sh").read_bytes() == (kit.folder / "setup.sh").read_bytes()
    assert not changed.remark(there)


def test_what_is_the_instructors_is_not_in_it(kit: cut.Kit) -> None:
    assert not [path for path in manifest.files(kit.folder)
                if {"solutions", "mutants", "tests", "cohort"} & set(Path(path).parts)]
    assert not (kit.folder / "instructor.mk").exists()
    history = subprocess.run(["git", "log", "--all", "--format=%s"], cwd=kit.folder, text=True,
                             capture_output=True, check=True).stdout.splitlines()
    assert history == [f"kit: as of {kit.commit[:12]}"]


# What an instructor may have committed, with what is in it: none of it is named as the students'.
OWN = ("roster.csv", "secret.key", "private/answers.md", "docs/exam.md", "grader/notes.txt",
       "labs/1-buddy/answers.md", "labs/1-buddy/scenarios/secret.txt", "kernel/mm/roster.csv",
       "grader/commands/official.py", "handouts/figures/exam.svg", "docs/report/marks.csv")


def test_nothing_that_is_committed_beside_the_students_files_leaves(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an instructor adds stays, unless it is named as the students'."""
    here = tmp_path / "here"
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, here], check=True)
    for path in OWN:
        (here / path).parent.mkdir(exist_ok=True)
        (here / path).write_text("mine")
    cut.git(here, "add", "--all", "--force")
    cut.git(here, "commit", "-q", "-m", "the instructor's own")
    monkeypatch.setattr(contents, "ROOT", here)
    contents.lay_out(tmp_path / "kit", labs.all_labs())
    given = {path.relative_to(tmp_path / "kit").as_posix() for path in (tmp_path / "kit").rglob("*")}
    assert not given & {*OWN, "private", "docs/trust.md", "docs/attacks.md"}
    assert {"kernel/mm/buddy.h", "labs/1-buddy/lab.toml", "README.md"} <= given


def test_what_a_kit_will_lack_is_said_and_so_is_a_secret_that_is_committed(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new lab that nobody committed is named; a table of the instructor's that lies beside it is not."""
    here = tmp_path / "here"
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, here], check=True)
    for path in ("labs/7-pool/lab.toml", "times.csv", "secret.key"):
        (here / path).parent.mkdir(exist_ok=True)
        (here / path).write_text("mine")
    (here / "kernel/mm/buddy.h").write_text("// another contract")
    monkeypatch.setattr(contents, "ROOT", here)
    assert contents.uncommitted() == [" M kernel/mm/buddy.h", "?? labs/7-pool/lab.toml"]
    cut.git(here, "add", "--all")  # which leaves the secret out: it is ignored
    assert not contents.is_committed(here / "secret.key") and not contents.is_committed(Path("/elsewhere/secret.key"))
    cut.git(here, "add", "--force", "secret.key")
    assert contents.is_committed(here / "secret.key")


def test_its_help_has_what_works_there_and_its_editor_knows_the_commands(kit: cut.Kit, toolchain: build.Toolchain) -> None:
    """It was cut for one KERNEL_BASE, however that is spelled."""
    base = f"0x{toolchain.kernel_base:08x}"
    said = [subprocess.run(["make", *words], cwd=kit.folder, capture_output=True, text=True, check=True).stdout
            for words in (("help",), ("help", f"KERNEL_BASE={base}"))]
    assert said[0] == said[1] and "KERNEL_BASE" not in said[0] and "STAGE=integrated" in said[0]
    for name, key in (("tasks", "tasks"), ("launch", "configurations")):
        text = (kit.folder / ".vscode" / f"{name}.json").read_text(encoding="utf-8")
        asked = json.loads("\n".join(line for line in text.splitlines() if not line.startswith("//")))
        targets = {entry["command"].split()[1] for entry in asked[key]}
        assert targets and all(f"\n  {target} " in said[0] for target in targets)


def test_malloc_is_no_object_since_no_other_lab_needs_it(kit: cut.Kit, toolchain: build.Toolchain,
                                                         ) -> None:
    assert kit.objects == ["buddy.cpp", "ppalloc.cpp", "vpalloc.cpp", "kvmalloc.cpp", "paging.cpp"]
    base = f"0x{toolchain.kernel_base:08X}"
    strings = (kit.folder / "reference" / base / "malloc.o").read_bytes()
    assert b"_Z4todo" in strings


def test_an_object_has_no_names_but_the_contracts(kit: cut.Kit, toolchain: build.Toolchain) -> None:
    for path in (kit.folder / "reference").rglob("*.o"):
        listed = subprocess.run([f"{toolchain.tools}nm", "-a", str(path)], capture_output=True,
                                text=True, check=True).stdout
        local = {line.split()[-1] for line in listed.splitlines() if line.split()[-2].islower()}
        assert {name for name in local if not name.startswith(".")} == set()
        assert b"solutions" not in path.read_bytes()
        assert b".debug" not in path.read_bytes()


@pytest.mark.parametrize("where", ["docs/notes.md", "labs/1-buddy/oracle.py", ".git/history"])
def test_a_line_of_a_solution_is_found_wherever_it_is(a_copy: Path, where: str) -> None:
    leaks.check(a_copy)
    line = "    // " + next(text for text in (ROOT / "solutions/mm/buddy.cpp").read_text()
                            .splitlines() if "candidates = s.sizes" in text)
    if where == ".git/history":
        subprocess.run(["git", "-C", str(a_copy), "hash-object", "-w", "--stdin"], input=line,
                       text=True, capture_output=True, check=True)
    else:
        with (a_copy / where).open("a") as file:
            file.write(line)
    with pytest.raises(GraderError, match="give the solutions away"):
        leaks.check(a_copy)


def test_course_toml_holds_labs_back(toolchain: build.Toolchain, tmp_path: Path) -> None:
    """A lab that is not out is not there, and the solutions that only it needs are not either."""
    later = course.Dates(release=datetime(2030, 11, 1, tzinfo=UTC))
    rules = course.Course(dates={lab.slug: later for lab in labs.all_labs()
                                if lab.slug not in ("buddy", "ppalloc")})
    early = cut.lay_out(tmp_path / "early", toolchain, rules, NOW)
    assert [lab.slug for lab in early.released] == ["buddy", "ppalloc"]
    assert not (early.folder / "labs" / "6-paging").exists()
    assert set(early.objects) == {f"{slug}.cpp" for slug in objects.needed(early.released)}
    assert "malloc.cpp" not in early.objects

    mine = early.folder
    (mine / "kernel/mm/buddy.cpp").write_text("// mine\n")
    _, changes = update.update(mine, toolchain, rules, datetime(2030, 12, 1, tzinfo=UTC))
    assert (mine / "labs" / "6-paging" / "lab.toml").exists()
    assert (mine / "kernel/mm/buddy.cpp").read_text() == "// mine\n"
    assert changes.beside == []


def test_a_moment_of_its_own_for_a_solution(toolchain: build.Toolchain) -> None:
    every = labs.all_labs()
    rules = course.Course(dates={
        "paging": course.Dates(reference=datetime(2030, 11, 1, tzinfo=UTC)),
        "malloc": course.Dates(reference=datetime(2030, 9, 1, tzinfo=UTC))})
    assert cut.solutions_out(rules, every, every, NOW) == {"buddy", "ppalloc", "vpalloc", "kvmalloc",
                                                           "malloc"}


def test_a_solution_that_is_out_while_its_lab_is_taken_is_said(kit: cut.Kit) -> None:
    def early(**dates: datetime) -> list[str]:
        return cut.too_early(kit, course.Course(dates={slug: course.Dates(**dates) for slug in ("buddy", "malloc")}), NOW)

    day = timedelta(days=1)
    assert early(due=NOW + day) == early(release=NOW + day) == early(due=NOW - day, late=NOW + day) == ["buddy"]
    assert early() == early(release=NOW - day, due=NOW - day, late=NOW) == []


def test_an_update_leaves_what_is_the_students(a_copy: Path, toolchain: build.Toolchain) -> None:
    """As if this kit had been cut earlier, with other texts in some files."""
    before = manifest.read(a_copy)
    for path, text in (("kernel/mm/buddy.cpp", "// the old stub"), ("docs/records.md", "old"),
                       ("setup.sh", "old"), ("gone.txt", "was in the kit once")):
        (a_copy / path).write_text(text)
        before[path] = manifest.digest(a_copy / path)
    (a_copy / manifest.NAME).write_text("".join(f"{d}  {p}\n" for p, d in before.items()))
    cut.record(a_copy, "kit: the earlier one")
    (a_copy / "kernel/mm/buddy.cpp").write_text("// my buddy")
    (a_copy / "setup.sh").write_text("changed by me")
    (a_copy / "mine.txt").write_text("mine")

    _, changes = update.update(a_copy, toolchain, course.Course(), NOW)
    assert (a_copy / "kernel/mm/buddy.cpp").read_text() == "// my buddy"
    assert (a_copy / "kernel/mm/buddy.cpp.new").read_text() == (
        ROOT / "kernel/mm/buddy.cpp").read_text()
    assert (a_copy / "setup.sh").read_text() == "changed by me"
    assert (a_copy / "docs/records.md").read_text() == (ROOT / "docs/records.md").read_text()
    assert not (a_copy / "gone.txt").exists()
    assert (a_copy / "mine.txt").read_text() == "mine"
    assert changes.written == ["docs/records.md"]
    assert changes.removed == ["gone.txt"]
    assert sorted(changes.beside) == ["kernel/mm/buddy.cpp", "setup.sh"]
    last = cut.git(a_copy, "log", "-1", "--format=%s", "--name-only").split()
    assert last[:3] == ["kit:", "update", "to"]
    assert set(last[4:]) == {".kit", "docs/records.md", "gone.txt"}


def test_an_update_says_that_it_takes_a_lab_back(capsys: pytest.CaptureFixture) -> None:
    """As after a kit that was cut for a later DATE; files alone do not say it."""
    command._tell_changes(Path("kit"), update.Changes(removed=["labs/1-buddy/lab.toml", "labs/1-buddy/oracle.py"]))
    command._tell_changes(Path("kit"), update.Changes(removed=["labs/1-buddy/oracle.py"]))
    said = capsys.readouterr().out
    assert said.count("note:") == 1 and "note: 1-buddy was out" in said


def merge_commands() -> list[str]:
    """What students type for an update, as the page has it: those of a clone first, then those of a template's copy."""
    page = (ROOT / "docs/kit.md").read_text()
    return re.findall(r"^    (git (?:pull|fetch|merge) .*)", page, re.MULTILINE)


@pytest.mark.parametrize("template", [False, True])
def test_a_student_merges_an_update_and_keeps_the_work(a_copy: Path, toolchain: build.Toolchain,
                                                       tmp_path: Path, template: bool) -> None:
    """The course's copy is brought up to date; students, who have it as it was by cloning it or by a template, take it
    twice."""
    before = manifest.read(a_copy)
    for path in ("docs/records.md", "docs/results.md"):
        (a_copy / path).write_text("old")
        before[path] = manifest.digest(a_copy / path)
    (a_copy / manifest.NAME).write_text("".join(f"{d}  {p}\n" for p, d in before.items()))
    cut.record(a_copy, "kit: the earlier one")
    mine = tmp_path / "clone"
    cut.git(a_copy, "clone", "-q", str(a_copy), str(mine))
    was = cut.git(mine, "rev-parse", "HEAD").strip()
    if template:
        shutil.rmtree(mine / ".git")
        cut.git(mine, "init", "-q", "-b", "main")
        cut.record(mine, "Initial commit")
    (mine / "kernel/mm/buddy.cpp").write_text("// my buddy\n")
    cut.record(mine, "my work")

    update.update(a_copy, toolchain, course.Course(), NOW)
    pull, *first_of_template = merge_commands()
    for commands in (first_of_template if template else [pull], [pull]):
        for command_ in commands:
            typed = command_.replace("https://example.org/the/kit", str(a_copy)).replace("COMMIT", was)
            subprocess.run(["bash", "-c", f"export GIT_{{AUTHOR,COMMITTER}}_{{NAME,EMAIL}}=me; {typed}"], cwd=mine,
                           check=True)
        assert (mine / "kernel/mm/buddy.cpp").read_text() == "// my buddy\n"
        assert (mine / "docs/records.md").read_text() == (ROOT / "docs/records.md").read_text()
        assert cut.git(mine, "status", "--porcelain") == ""
        (a_copy / "docs/results.md").write_text("newer")
        cut.record(a_copy, "kit: a later one")
    assert (mine / "docs/results.md").read_text() == "newer"


def test_a_second_update_does_nothing(a_copy: Path, toolchain: build.Toolchain) -> None:
    _, changes = update.update(a_copy, toolchain, course.Course(), NOW)
    assert not changes


def test_what_is_no_kit_is_not_updated(tmp_path: Path, toolchain: build.Toolchain) -> None:
    with pytest.raises(GraderError, match="is no kit"):
        update.update(tmp_path, toolchain, course.Course(), NOW)


def test_of_the_courses_rules_a_kit_has_what_results_and_handouts_show(toolchain: build.Toolchain,
                                                                       tmp_path: Path) -> None:
    """When its labs are due its README says, too, and where they can be tried; of one that is held back, nothing."""
    later = NOW.replace(year=NOW.year + 1)
    due = course.Dates(due=NOW, late=later)
    rules = course.Course(integrated_weight=60, site="https://labs.example.org/", roster=({"id": "u1", "name": "Ann"},), dates={
        "buddy": due, "malloc": course.Dates(release=later, due=later), "paging": course.Dates(release=NOW)})
    cut.lay_out(tmp_path / "kit", toolchain, rules, NOW)
    assert course.load(tmp_path / "kit" / "course.toml") == course.Course(
        integrated_weight=60, site=rules.site, dates={"buddy": due})
    readme = (tmp_path / "kit" / "README.md").read_text(encoding="utf-8")
    assert readme.endswith(f"| lab | due |\n| --- | --- |\n| 1 {labs.find('buddy').title} | {due.in_words} |\n")
    assert "nothing installed: <https://labs.example.org/>\n\nOn Debian" in readme


def test_what_a_cut_that_was_killed_left_goes_with_the_next_one(tmp_path: Path, toolchain: build.Toolchain,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    """Not what another one is making, nor a folder that only has such a name."""
    killed, others = tmp_path / ".marionette-kit-abcdefgh", tmp_path / ".kit-students"
    (killed / "kit").mkdir(parents=True)
    (killed / ".lock").touch()
    others.mkdir()

    def fails(folder: Path, *_: object) -> None:
        works.append(folder.parent)
        if len(works) == 1:
            with pytest.raises(GraderError, match="kit can't be made: No space left on device"):
                cut.cut(tmp_path / "kit", toolchain, course.Course(), NOW)
            assert not killed.exists() and works[0].exists() and not works[1].exists()
        raise OSError(errno.ENOSPC, "No space left on device")

    works: list[Path] = []
    monkeypatch.setattr(cut, "lay_out", fails)
    with pytest.raises(GraderError, match="kit can't be made: No space left on device"):
        cut.cut(tmp_path / "kit", toolchain, course.Course(), NOW)
    assert list(tmp_path.iterdir()) == [others]


def test_a_kit_that_is_there_is_not_cut_over(kit: cut.Kit, toolchain: build.Toolchain) -> None:
    with pytest.raises(GraderError, match="is there already"):
        cut.cut(kit.folder, toolchain, course.Course(), NOW)
