"""`make mutant`: one of the wrong solutions, as a submission: to look for its mistake."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.errors import GraderError

HELP = "a wrong solution, as a submission"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--name", default="")
    parser.add_argument("--out", default="")


def run(options: argparse.Namespace) -> int:
    """Writes the file; says neither what is wrong nor where."""
    from grader.course import labs
    from grader.mutants import sources
    if not options.lab:
        raise GraderError("LAB= is missing: of which lab?")
    lab = labs.find(options.lab)
    known = {mutant.name: mutant for mutant in sources.written(lab)}
    if options.name not in known:
        raise GraderError(f"NAME={options.name}: lab {lab.slug} has {', '.join(known)}")
    folder = Path(options.out) if options.out else options.build.parent / "mutant" / options.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / lab.files[0]).write_text(known[options.name].text, encoding="utf-8")
    print(f"{folder / lab.files[0]}: make grade LAB={lab.slug} SUBMISSION={folder}")
    return 0
