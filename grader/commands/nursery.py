"""What `make class` starts to grade one submission after the other: nothing for a person to type."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress

from grader import commands

HELP = "grade as standard input says (for `class`)"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""


def run(options: argparse.Namespace) -> int:
    """Loads what every grading needs, and grades until nobody asks any more. What can't be had, each
    grading will miss and tell."""
    from grader.building import build
    from grader.cohort.work import nursery
    with suppress(Exception):
        nursery.load(build.Toolchain.load(options.build), commands.chosen_labs(options))
    nursery.serve(sys.stdin, sys.stdout, lambda arguments: commands.main(["grade", *arguments]))
    return 0
