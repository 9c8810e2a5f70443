"""`make package-gradescope` and the like: what a platform takes, ready to be uploaded."""

from __future__ import annotations

import argparse
import shutil

from grader import commands

HELP = "an autograder for Gradescope, Autolab or PrairieLearn"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--out", default="", help="the folder to make")
    parser.add_argument("name", help="the platform")


def run(options: argparse.Namespace) -> int:
    """Makes it, and says what it was cut from."""
    from grader.building import build
    from grader.course import course
    from grader.kit import contents, package
    out = commands.made(options, f"packages/{options.name}")
    if not options.out:
        shutil.rmtree(out, ignore_errors=True)
    made = package.make(options.name, out, build.Toolchain.load(options.build), course.load(),
                        options.lab)
    if lines := contents.uncommitted():
        print("note: what is not committed is not in it:\n  " + "\n  ".join(lines[:10]))
    print(f"{made}: cut from {contents.commit()[:12]}; docs/platforms.md says what to do with it")
    return 0
