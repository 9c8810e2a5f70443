"""`make iso`: an image that GRUB boots anywhere."""

from __future__ import annotations

import argparse

from grader import commands

HELP = "a GRUB image"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--scenario", default="")


def run(options: argparse.Namespace) -> int:
    """Writes build/marionette.iso."""
    from grader.course import labs
    from grader.debug import interactive
    return interactive.cd(options.build, commands.submission(options), options.scenario,
                          (labs.ROOT / options.build).parent / "marionette.iso")
