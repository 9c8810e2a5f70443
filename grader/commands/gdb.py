"""`make gdb`: a scenario in GDB, stopped at an operation."""

from __future__ import annotations

import argparse

from grader import commands

HELP = "a scenario in GDB, stopped at an operation"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--scenario", required=True)
    parser.add_argument("--at", default="")


def run(options: argparse.Namespace) -> int:
    """GDB's own exit status."""
    from grader import interactive
    return interactive.gdb(options.build, commands.submission(options), options.scenario,
                           options.at)
