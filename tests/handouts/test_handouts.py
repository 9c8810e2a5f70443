"""The handouts: they build, what they show is what happens, and what they name is there."""

from __future__ import annotations

import fcntl
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pexpect
import pytest

import handout_text
from built import build_folder  # noqa: F401: a fixture
from handout_text import Command, Session

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from grader.course import course, handouts, labs  # noqa: E402: needs the path above
from grader.course.labs import ROOT  # noqa: E402
from grader.errors import GraderError  # noqa: E402
from grader.mutants import sources  # noqa: E402

ALL = handouts.all_handouts()
SESSIONS = [session for handout in ALL for session in handout_text.sessions(handout.path)]
MARIONETTE = str(ROOT / "grader" / "marionette")
MAKE_RULES = "".join(path.read_text(encoding="utf-8")
                     for path in (ROOT / "Makefile", ROOT / "kernel" / "kernel.mk"))
# Programs of a reader's own machine that the handouts use, beside make.
PROGRAMS = ("git", "./setup.sh")

each_handout = pytest.mark.parametrize("handout", ALL, ids=lambda handout: handout.name)


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the handouts were built into; several test processes share it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    out = shared / "handouts"
    with (shared / "handouts-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (out / "done").exists():
            handouts.build(ALL, out, lambda line: None)
            (out / "done").touch()
    return out


@pytest.fixture
def submission(tmp_path: Path) -> Callable[[Session], Path]:
    """The folder with the files that a session is played with."""
    def make(session: Session) -> Path:
        if not session.by.startswith("mutants/"):
            return ROOT / "solutions" / "mm" if session.by == "solutions" else ROOT / "kernel" / "mm"
        _, slug, name = session.by.split("/")
        lab, folder = labs.find(slug), tmp_path / "mutant"
        folder.mkdir()
        (folder / lab.files[0]).write_text(sources.find(lab, name).text)
        return folder
    return make


class Page(HTMLParser):
    """An HTML page: what can be linked to, and what is linked."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.add(given["href"])


def test_every_lab_has_a_handout_and_the_tools_come_first() -> None:
    assert ALL[0].lab is None
    assert [handout.lab for handout in ALL[1:]] == labs.all_labs()
    for handout in ALL[1:]:
        assert handout.title == f"Lab {handout.lab.number}: {handout.lab.title}"


def test_all_links_lead_somewhere(pages: Path) -> None:
    """Building them is an error if Asciidoctor has anything to complain of."""
    found = {path.name: Page(path) for path in pages.glob("*.html")}
    assert found.keys() == {"index.html", *(f"{handout.name}.html" for handout in ALL)}
    for name, page in found.items():
        for link in page.links:
            target = urlsplit(link)
            if target.scheme:
                assert target.scheme == "https" and target.netloc, link
                continue
            file = target.path or name
            assert (pages / file).is_file(), f"{name}: {link}"
            assert not target.fragment or target.fragment in found[file].ids, f"{name}: {link}"


def test_where_a_prompt_is_shown_a_page_leads_to_the_courses_site(tmp_path: Path) -> None:
    (buddy,) = [handout for handout in ALL if handout.name == "1-buddy"]
    handouts.build([buddy], tmp_path, lambda line: None, printed=False, site="https://labs.example.org/")
    text = (tmp_path / "1-buddy.html").read_text(encoding="utf-8")
    assert '<a href="https://labs.example.org/try.html#lab=buddy&amp;next=init%2016%0A' in text


@each_handout
def test_the_pdf_has_pages_and_every_figure_is_in_it(handout: handouts.Handout, pages: Path) -> None:
    pdf = (pages / f"{handout.name}.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", pdf)) >= 1
    source = handout.path.read_text(encoding="utf-8")
    assert source.count("\nimage::") == len(Page(pages / f"{handout.name}.html").text.split("<svg")) - 1


def lines_of_the_last_page(pdf: bytes) -> int:
    """How many lines of text there are on it, its foot among them: places that text was put at, from page to stream."""
    objects = dict(re.findall(rb"\n(\d+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL))
    page = [text for text in objects.values() if re.search(rb"/Type /Page\n", text)][-1]
    content = objects[re.search(rb"/Contents (\d+) 0 R", page)[1]]
    return len(set(re.findall(rb" ([\d.]+) Td\n", content)))


@each_handout
def test_the_last_page_of_the_pdf_is_more_than_a_few_lines(handout: handouts.Handout, pages: Path) -> None:
    """Else its words, or its `:pdf-page-margin:` (as in 6-paging.adoc), are to be less."""
    assert lines_of_the_last_page((pages / f"{handout.name}.pdf").read_bytes()) >= 8


@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.slug)
def test_the_points_are_those_of_the_lab(lab: labs.Lab, pages: Path) -> None:
    text = Page(pages / f"{lab.folder.name}.html").text
    rows = re.findall(r"<code>(\w+)</code></p></td>\s*<td[^>]*><p[^>]*>(\d+)</p>", text)
    assert rows == [(test.name, str(test.points)) for test in lab.tests]
    assert f"{lab.points} points" in text
    assert f"about {lab.hours} hours" in text


def test_due_dates_are_those_of_the_course() -> None:
    """In the handout and in the index; where a course has none, there is no column for them."""
    dates = course.Dates(due=datetime.fromisoformat("2030-10-19T23:59:00+02:00"),
                         late=datetime.fromisoformat("2030-10-26T23:59:00+02:00"))
    said = "Saturday, 19 October 2030, 23:59 (UTC+0200); taken until Saturday, 26 October 2030, 23:59 (UTC+0200)"
    lab = labs.find("buddy")
    assert f"|*Due* |{said}\n" in handouts.glance(lab, dates) and "Due" not in handouts.glance(lab)
    rows = [row for row in handouts.index(ALL, {"buddy": dates}).splitlines() if said in row]
    assert len(rows) == 1 and "link:1-buddy.html" in rows[0] and "|due" not in handouts.index(ALL)


def test_no_figure_is_drawn_for_nobody() -> None:
    from handouts import figures
    used = {name for handout in ALL for name in
            re.findall(r"^image::([\w-]+)\.svg\[", handout.path.read_text(encoding="utf-8"), re.MULTILINE)}
    assert used == figures.all_figures().keys()


def test_a_warning_of_asciidoctor_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "9-wrong.adoc"
    path.write_text("= Wrong\n\nSee <<nowhere>>.\n")
    with pytest.raises(GraderError, match="possible invalid reference: nowhere"):
        handouts.build([handouts.Handout("9-wrong", path, "Wrong", None)], tmp_path, lambda line: None)


@each_handout
def test_files_that_it_names_are_there(handout: handouts.Handout) -> None:
    written = handout_text.files(handout.path)
    for word in handout_text.in_code(handout.path):
        if re.fullmatch(r"[\w.-]+(/[\w.-]*)+|\w+\.(h|cpp|toml|md|txt)", word) and word not in written:
            assert word.startswith("build/") or (ROOT / word).exists(), word


@each_handout
def test_names_in_code_are_names_of_the_kit(handout: handouts.Handout) -> None:
    """A function, test or operation that was renamed is renamed here, too."""
    known = set(re.findall(r"\w+", "".join(
        path.read_text(encoding="utf-8") for folder in ("kernel", "labs", "grader")
        for path in (ROOT / folder).rglob("*") if path.suffix in (".h", ".cpp", ".S", ".py", ".toml"))))
    for word in handout_text.in_code(handout.path):
        for name in re.findall(r"\b[a-z]\w*_\w+", re.sub(r"[\w.-]+/[\w./-]*|std::\w+", "", word)):
            assert name in known, f"{name} in `{word}`"


@each_handout
def test_each_command_is_one_that_make_has(handout: handouts.Handout) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", MAKE_RULES, re.MULTILINE))
    variables = set(re.findall(r"^(\w+) *\?=", MAKE_RULES, re.MULTILINE))
    inline = [Command(word) for word in handout_text.in_code(handout.path) if word.startswith("make ")]
    shown = [command for session in SESSIONS if session.handout == handout.path.name
             for command in session.commands]
    for command in inline + shown:
        program, *more = command.words
        assert program in ("make", *PROGRAMS), command.line
        if program == "make":
            assert more[0] in targets, command.line
            assert command.settings.keys() <= variables, command.line
            slug = command.settings.get("LAB") or command.settings.get("TEST", "").partition("/")[0]
            assert slug in {"", "…", *(lab.slug for lab in labs.all_labs())}, command.line


@each_handout
def test_tests_that_it_wants_debugged_exist(handout: handouts.Handout) -> None:
    tests = {f"{lab.slug}/{test.name}" for lab in labs.all_labs() for test in lab.tests}
    text = handout.path.read_text(encoding="utf-8")
    assert set(re.findall(r"TEST=(\w+/\w+)", text)) <= tests


@pytest.mark.parametrize("session", [s for s in SESSIONS if any(c.output for c in s.commands)], ids=str)
def test_what_it_shows_is_what_happens(session: Session, submission: Callable, build_folder: Path,
                                       tmp_path: Path) -> None:
    for command in session.commands:
        target, settings = command.words[1], command.settings
        options = ["--build", str(build_folder)]
        if target in ("grade", "run"):
            options += ["--submission", str(submission(session)), "--lab", settings.get("LAB", "")]
        if target == "run" and "SCENARIO" not in settings:
            play(session, command, options)
            continue
        if target == "grade":
            options += ["--out", str(tmp_path / "out")]
        if target == "hint":
            options += ["--lab", settings["LAB"], "--number", settings["N"]]
        if target == "examples":
            options += ["--submission", str(tmp_path), "--lab", settings["LAB"]]
            (tmp_path / "examples").mkdir()
            for name, text in handout_text.files(ROOT / "handouts" / session.handout).items():
                (tmp_path / name).write_text(text)
        if name := settings.get("SCENARIO"):
            (tmp_path / name).write_text(handout_text.files(ROOT / "handouts" / session.handout)[name])
            options += ["--scenario", str(tmp_path / name)]
        done = subprocess.run([MARIONETTE, target, *options], cwd=ROOT, capture_output=True, text=True,
                              timeout=900, check=False)
        assert done.returncode in (0, 1), done.stderr
        assert_shown(command.output, done.stdout.splitlines(), session.loose)


def assert_shown(shown: list[str], happened: list[str], loose: bool) -> None:
    """Each line that is shown happened, in this order; where there is no `...`, nothing between them."""
    at, skipping = 0, True
    for line in shown:
        if line == "...":
            skipping = True
            continue
        wanted = re.compile(handout_text.pattern(line, loose) + r"\s*")
        left = happened[at:] if skipping else happened[at:at + 1]
        matches = [i for i, real in enumerate(left) if wanted.fullmatch(real)]
        assert matches, f"shown: {line}\nhappened: {happened[at:at + 12]}"
        at, skipping = at + matches[0] + 1, False


def play(session: Session, command: Command, options: list[str]) -> None:
    """Types at the kernel's prompt what is typed there, and waits for what is shown to come of it."""
    child = pexpect.spawn(MARIONETTE, ["run", *options], cwd=str(ROOT), encoding="utf-8", timeout=900,
                          dimensions=(60, 132))
    child.delaybeforesend = None
    child.expect_exact("`quit` to leave.")
    assert command.shown[0][1][:1] in ([], ["..."]) or "`quit` to leave." in command.shown[0][1][0]
    for typed, lines in command.shown[1:]:
        child.send(typed + "\r")
        child.expect("\x1b\\[K\r\x1b\\[[0-9]+C\r\n" if typed != "quit" else "quit")
        for line in lines:
            if line.strip() not in ("", "..."):
                child.expect(handout_text.pattern(line, session.loose) + r"\s*?\r\n")
    child.close(force=True)


@each_handout
def test_common_mistakes_are_those_that_the_grader_finds(handout: handouts.Handout) -> None:
    for mutant, said in handout_text.mistakes(handout.path):
        slug, name = mutant.split("/")
        assert slug == handout.lab.slug
        candidate = sources.find(handout.lab, name)
        assert f"`{candidate.headline}`" in said, mutant
        assert f"`{candidate.caught_by}`" in said, mutant
    if handout.lab:
        there_are = len(sources.written(handout.lab))
        assert len(handout_text.mistakes(handout.path)) >= min(5, there_are)


# How a handout spells the limits of growth.
TIMES = {"2": "twice", "2.5": "2.5 times", "3": "three times", "4": "four times", "5": "five times",
         "12": "twelve times"}


@pytest.mark.parametrize("handout", ALL[1:], ids=lambda handout: handout.name)
def test_the_steps_of_efficiency_tests_are_told(handout: handouts.Handout) -> None:
    text = " ".join(handout.path.read_text(encoding="utf-8").split())
    steps = re.findall(r"([\d.]+): Fraction\(", handout.lab.test_file.read_text(encoding="utf-8"))
    for step in steps:
        words = TIMES.get(step, step)
        assert re.search(rf"\b{words}\b", text), step


@each_handout
def test_addresses_of_the_web_are_whole(handout: handouts.Handout) -> None:
    for link in handout_text.links(handout.path):
        assert re.fullmatch(r"https://[a-z0-9.-]+\.[a-z]+/[\w/.~%+-]*", link), link


def test_a_lab_that_there_is_not_is_refused(build_folder: Path) -> None:
    done = subprocess.run([MARIONETTE, "handouts", "--build", build_folder, "--lab", "nonsense"],
                          cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 2
    assert "there is no lab 'nonsense'" in done.stderr
