"""Makes the pages that are pictured in docs/: `pictured.py FOLDER [SIZE]`, after `make kernel`.

FOLDER/report.html   a submission with a mistake in each of five labs
FOLDER/class/        a class of SIZE (24, if not given) by tests/grader/class_maker.py, graded
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "grader")]

import class_maker  # noqa: E402

MISTAKES = {"buddy": "no_coalescing", "ppalloc": "two_halves", "kvmalloc": "one_frame_for_all",
            "malloc": "realloc_copies_half", "paging": "half_mapped"}


def marionette(command: str, **options: str) -> None:
    """Runs one of the grader's commands; whatever it writes is shown."""
    subprocess.run([str(ROOT / "grader" / "marionette"), command,
                    *(f"--{name.replace('_', '-')}={value}" for name, value in options.items())],
                   cwd=ROOT, check=True)


def main(folder: Path, size: int) -> None:
    """Makes them all."""
    shutil.rmtree(folder, ignore_errors=True)
    mine, handed_in = folder / "mine", folder / "handed-in"
    shutil.copytree(ROOT / "solutions" / "mm", mine)
    for lab, name in MISTAKES.items():
        marionette("mutant", lab=lab, name=name, out=str(mine))
    marionette("grade", submission=str(mine), out=str(folder), called="mine", out_called="build/grade")
    class_maker.make(handed_in, size)
    marionette("class", submissions=str(handed_in), out=str(folder / "class"))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int((sys.argv[2:] or ["24"])[0]))
