"""`make feedback`: what students get back of a class run, without seeds."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.course import labs
from grader.errors import GraderError

HELP = "a zip of reports to hand back"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    for name in ("run-folder", "out"):
        parser.add_argument(f"--{name}", default="")


def run(options: argparse.Namespace) -> int:
    """Writes the zip."""
    from grader.cohort.telling import feedback
    from grader.points import counted
    folder = Path(options.run_folder or labs.ROOT / "build" / "class")
    made, many = feedback.bundle(folder)
    out = Path(options.out) if options.out else folder / "feedback.zip"
    try:
        out.write_bytes(made)
    except OSError as error:
        raise GraderError(f"can't write {out}: {error.strerror}") from error
    print(f"{out}: {counted(many, 'report')} to hand back, without seeds")
    return 0
