"""Makes the pictures of docs/ anew: `make kernel`, then `python3 docs/make_pictures.py`.

Nothing in them is made up: each is what the terminal, or Chromium, shows of a real grading.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pexpect  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.text import Text  # noqa: E402

from grader import grade  # noqa: E402
from grader.building import build  # noqa: E402
from grader.course import labs# noqa: E402
from grader.mutants import sources  # noqa: E402
from grader.reporting import report as terminal_report  # noqa: E402

BUILD = ROOT / "build" / "0xC0000000"
WIDTH = 112
MISTAKES = {"buddy": "no_coalescing", "ppalloc": "two_halves", "kvmalloc": "one_frame_for_all",
            "malloc": "realloc_copies_half", "paging": "half_mapped"}


def graded(folder: Path, slugs: list[str]) -> str:
    """Grades one mistake in each of some labs; returns what the terminal showed."""
    submission = folder / "mine"
    submission.mkdir(exist_ok=True)
    chosen = [labs.find(slug) for slug in slugs]
    for lab in chosen:
        (submission / lab.files[0]).write_text(sources.find(lab, MISTAKES[lab.slug]).text)
    terminal_report.PATIENCE = 600  # on a busy machine, too, no picture has a sign of waiting
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    request = grade.Request(submission, build.Toolchain.load(BUILD), folder / "out", chosen,
                            called="mine", out_called="build/grade")
    grade.grade(request, console)
    return console.export_text(styles=True).replace(str(folder / "out"), "build/grade")


def terminal() -> None:
    """A buddy allocator that does not coalesce: the first tests, and the first story."""
    with tempfile.TemporaryDirectory() as folder:
        lines = graded(Path(folder), ["buddy"]).splitlines()
    save("grade.svg", ["$ make grade LAB=buddy SUBMISSION=mine", *lines[:34]])


def save(name: str, lines: list[str]) -> None:
    """What a terminal showed, as a picture; a line that begins with $ or a prompt was typed."""
    shown = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for line in lines:
        typed = line.startswith(("$ ", "<bochs:"))
        shown.print(Text.from_ansi(line, style="bold" if typed else ""), soft_wrap=True)
    shown.save_svg(str(ROOT / "docs" / "pictures" / name), title="Marionette Labs")


def in_bochs() -> None:
    """A buddy allocator that forgets the rest of a block, in Bochs's debugger."""
    typed = ["x /2wx *(esp+4)", "x /8wx *(*(esp+4)+4)", "c"]
    with tempfile.TemporaryDirectory() as folder:
        mine = Path(folder) / "mine"
        mine.mkdir()
        (mine / "buddy.cpp").write_text(sources.find(labs.find("buddy"), "forgets_the_rest").text)
        text = session(f"SUBMISSION={mine}", typed).replace(folder + "/", "").replace("\r", "")
    banner = ("=====", "Bochs x86", "Built from", "Timestamp")
    lines = [line for line in text.splitlines() if not line.strip().startswith(banner)]
    save("bochs.svg", ["$ make bochs TEST=buddy/rest_of_block SUBMISSION=mine", *lines])


def session(submission: str, typed: list[str]) -> str:
    """What a terminal shows of `make bochs` when that is typed, the last of it ending the session."""
    bochs = pexpect.spawn("make", ["bochs", "TEST=buddy/rest_of_block", submission], cwd=str(ROOT),
                          dimensions=(60, WIDTH), encoding="utf-8",
                          env={**os.environ, "TERM": "dumb", "DISPLAY": ""})
    text = ""
    for answer in typed:
        bochs.expect(r"<bochs:\d+> ")
        text += bochs.before + bochs.after
        bochs.sendline(answer)
    bochs.expect(pexpect.EOF)
    return text + bochs.before


def report() -> None:
    """The report on a submission with a mistake in each of five labs."""
    with tempfile.TemporaryDirectory() as folder:
        graded(Path(folder), list(MISTAKES))
        subprocess.run(["node", ROOT / "tests" / "browser" / "shoot.mjs",
                        Path(folder) / "out" / "report.html", ROOT / "docs" / "report"], check=True)


if __name__ == "__main__":
    terminal()
    in_bochs()
    report()
