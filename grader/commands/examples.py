"""`make examples`: a student's examples, on right designs of a lab and on impostors."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader import commands
from grader.course import labs
from grader.course.labs import Lab
from grader.errors import GraderError

HELP = "try the examples of a lab: are they valid, which impostors do they catch?"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""


def run(options: argparse.Namespace) -> int:
    """Tries the examples of a lab, or of all labs that have some."""
    from rich.console import Console

    from grader.building.toolchain import Toolchain
    from grader.examples import attempts, told
    from grader.examples.exercise import exercise
    console = Console(highlight=False)
    toolchain = Toolchain.load(options.build)
    for i, (lab, file) in enumerate(_files(options)):
        called = f"{file.parent.name}/{file.name}"
        done = exercise(lab, toolchain, file, called)
        counted = attempts.escaped(Path(options.build).parent / "examples" / f"{lab.slug}.json", done.content, done.judged)
        if i:
            console.print()
        told.tell(console, called, done, attempts.hints(counted, done.judged,
                                                        [design.hint for design in done.designs.impostors]))
    return 0


def _files(options: argparse.Namespace) -> list[tuple[Lab, Path]]:
    """The labs that were asked for, and their files; without LAB= those there are."""
    from grader.examples import written
    top = Path(options.submission) if options.submission else labs.ROOT
    found = [(lab, written.path(lab, top)) for lab in commands.chosen_labs(options)]
    there = [(lab, file) for lab, file in found if file.exists() or file.is_symlink()]
    if not there:
        lab, file = found[0]
        shown = file.relative_to(labs.ROOT) if top == labs.ROOT else file
        raise GraderError(f"there is no {shown}. Write one: its first lines are\n\n    marionette-scenario 1\n"
                          f"    lab {lab.slug}\n\n    scenario my-first\n\nand then operations, with the answers that you "
                          "expect behind -> (docs/examples.md)")
    return there

