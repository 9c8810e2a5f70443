"""Makes the pictures of docs/pictures/ anew: `make kernel`, then `python3 docs/make_pictures.py`.

Nothing in them is made up: each is what the terminal shows of a real run.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402
from rich.text import Text  # noqa: E402

from grader import build, grade, labs  # noqa: E402

BUILD = ROOT / "build" / "0xC0000000"
WRONG = ROOT / "tests" / "grader" / "wrong" / "buddy" / "no_coalescing.cpp"


def grading() -> None:
    """A buddy allocator that does not coalesce: the first tests, and the first story."""
    console = Console(record=True, width=112, file=io.StringIO(), force_terminal=True)
    with tempfile.TemporaryDirectory() as folder:
        submission = Path(folder) / "mine"
        submission.mkdir()
        shutil.copy(WRONG, submission / "buddy.cpp")
        request = grade.Request(submission, build.Toolchain.load(BUILD), Path(folder) / "out",
                                [labs.find("buddy")])
        grade.grade(request, console)
    lines = console.export_text(styles=True).replace(folder + "/", "").splitlines()
    shown = Console(record=True, width=112, file=io.StringIO(), force_terminal=True)
    shown.print("[bold]$ make grade LAB=buddy SUBMISSION=mine", highlight=False)
    for line in lines[:34]:
        shown.print(Text.from_ansi(line), soft_wrap=True)
    shown.save_svg(str(ROOT / "docs" / "pictures" / "grade.svg"), title="Marionette Labs")


if __name__ == "__main__":
    grading()
