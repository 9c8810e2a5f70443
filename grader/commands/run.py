"""`make run`: the operations of a lab at a prompt, or a scenario played."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader import commands

HELP = "the operations of a lab at a prompt, or a scenario"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--scenario", default="")
    parser.add_argument("--stage", default="")


def run(options: argparse.Namespace) -> int:
    """Boots; 0 when the kernel powered off in order, and the scenario's contract was kept."""
    from grader.course import labs
    from grader.debug import interactive
    submission = commands.submission(options)
    if options.scenario:
        return interactive.replay(options.build, submission, Path(options.scenario), options.stage)
    if not options.lab:  # as `make hint` has it
        for lab in labs.all_labs():
            print(f"Lab {lab.number}, {lab.title}: make run LAB={lab.slug}")
        return 0
    return interactive.prompt(options.build, submission, options.lab)
