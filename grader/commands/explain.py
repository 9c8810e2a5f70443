"""`make explain`: why a test has the points that it has."""

from __future__ import annotations

import argparse

from grader import commands
from grader.errors import GraderError

HELP = "why a test has its points: record, sentence of the contract, points"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    for name in ("test", "seed", "stage"):
        parser.add_argument(f"--{name}", default="")


def run(options: argparse.Namespace) -> int:
    """Grades the test, and prints the explanation; 0 whatever it has earned."""
    from grader.appeal import appeal
    from grader.building import build
    from grader.grading.one_test import grade_one
    if not options.test:
        raise GraderError("TEST= is missing: a lab and a test, as in TEST=buddy/starts_empty")
    one = grade_one(build.Toolchain.load(options.build), commands.submission(options), options.test,
                    options.seed, options.stage)
    print(appeal.text(one))
    return 0
