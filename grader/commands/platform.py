"""`marionette platform NAME`: the whole of a platform's run script (docs/formats.md)."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "grade where a platform put the submission, and leave what it reads"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--out", default="", help="another place for the file that it reads")
    parser.add_argument("--work", default="", help="where results.json goes, if not to build/grade")
    parser.add_argument("name", help="the platform")
    parser.add_argument("more", nargs=argparse.REMAINDER, help="options of `marionette grade`")


def run(options: argparse.Namespace) -> int:
    """The status that the platform expects."""
    from grader import platforms
    return platforms.run(platforms.named(options.name), options.out,
                         Path(options.work) if options.work else platforms.WORK, options.more)
