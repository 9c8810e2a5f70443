"""`make bochs`: a failed test in Bochs's debugger, just before the operation that fails."""

from __future__ import annotations

import argparse

from grader import commands

HELP = "a failed test in Bochs's debugger, just before the operation that fails"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    commands.moment(parser)


def run(options: argparse.Namespace) -> int:
    """0 when the debugger stood at the moment."""
    from grader.debug import bochs_session
    return bochs_session.run(commands.target(options))
