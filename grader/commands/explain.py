"""`make explain`: why a test has the points that it has."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader import commands
from grader.course.labs import ROOT
from grader.errors import GraderError

HELP = "why a test has its points: record, sentence of the contract, points"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    for name in ("test", "seed", "stage"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--cost", default="", help="count the instructions of a test that does not, too, if not empty")


def run(options: argparse.Namespace) -> int:
    """Grades the test, and prints the explanation; 0 whatever it has earned."""
    from grader.appeal import appeal
    from grader.building import build
    from grader.grading.one_test import grade_one
    if not options.test:
        raise GraderError("TEST= is missing: a lab and a test, as in TEST=buddy/starts_empty")
    one = grade_one(build.Toolchain.load(options.build), commands.submission(options), options.test,
                    options.seed, options.stage, bool(options.cost))
    print(appeal.text(one))
    if one.finding and not one.graded.stage.integrated:
        _print_diagnosis(one, options.build)
    return 0


def _print_diagnosis(one, build_folder: Path) -> None:
    """Which known mistake it behaves like; in a student's kit nothing is known of that."""
    from grader.diagnosis import table
    from grader.diagnosis.submission import diagnosed
    if found := diagnosed(one.lab, one.graded, {one.name: one.outcome}, build_folder):
        print("\nWhich known mistake it is\n" + "\n".join(f"  {line}" for line in found.words))
    elif not table.load(build_folder, one.lab) and (ROOT / "grader" / "mutants").is_dir():
        print("\nWhich known mistake it is\n  Nobody can tell here yet: `make diagnosis` plays them all, once, in some minutes.")
