"""Makes the pictures of docs/ anew: `make kernel`, then `python3 docs/make_pictures.py`.

Nothing in them is made up: each is what the terminal, or Chromium, shows of a real grading.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402
from rich.text import Text  # noqa: E402

from grader import build, grade, labs  # noqa: E402
from grader.mutants import sources  # noqa: E402

BUILD = ROOT / "build" / "0xC0000000"
MISTAKES = {"buddy": "no_coalescing", "ppalloc": "two_halves", "kvmalloc": "one_frame_for_all",
            "malloc": "realloc_copies_half", "paging": "half_mapped"}


def graded(folder: Path, slugs: list[str]) -> str:
    """Grades one mistake in each of some labs; returns what the terminal showed."""
    submission = folder / "mine"
    submission.mkdir(exist_ok=True)
    chosen = [labs.find(slug) for slug in slugs]
    for lab in chosen:
        (submission / lab.files[0]).write_text(sources.find(lab, MISTAKES[lab.slug]).text)
    console = Console(record=True, width=112, file=io.StringIO(), force_terminal=True)
    request = grade.Request(submission, build.Toolchain.load(BUILD), folder / "out", chosen,
                            called="mine", out_called="build/grade")
    grade.grade(request, console)
    return console.export_text(styles=True).replace(str(folder / "out"), "build/grade")


def terminal() -> None:
    """A buddy allocator that does not coalesce: the first tests, and the first story."""
    with tempfile.TemporaryDirectory() as folder:
        lines = graded(Path(folder), ["buddy"]).splitlines()
    shown = Console(record=True, width=112, file=io.StringIO(), force_terminal=True)
    shown.print("[bold]$ make grade LAB=buddy SUBMISSION=mine", highlight=False)
    for line in lines[:34]:
        shown.print(Text.from_ansi(line), soft_wrap=True)
    shown.save_svg(str(ROOT / "docs" / "pictures" / "grade.svg"), title="Marionette Labs")


def report() -> None:
    """The report on a submission with a mistake in each of five labs."""
    with tempfile.TemporaryDirectory() as folder:
        graded(Path(folder), list(MISTAKES))
        subprocess.run(["node", ROOT / "tests" / "browser" / "shoot.mjs",
                        Path(folder) / "out" / "report.html", ROOT / "docs" / "report"], check=True)


if __name__ == "__main__":
    terminal()
    report()
