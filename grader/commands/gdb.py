"""`make gdb`: a failed test in GDB, just before the operation that fails."""

from __future__ import annotations

import argparse

from grader import commands

HELP = "a failed test in GDB, just before the operation that fails"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    commands.moment(parser)


def run(options: argparse.Namespace) -> int:
    """GDB's own exit status."""
    from grader.debug import gdb_session
    return gdb_session.run(commands.target(options))
