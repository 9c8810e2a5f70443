"""`make handouts`: the assignments as HTML and PDF."""

from __future__ import annotations

import argparse

from grader import commands

HELP = "the assignments as HTML and PDF"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--out", default="")


def run(options: argparse.Namespace) -> int:
    """Writes build/handouts, or the folder that OUT= names; with LAB= that lab's handout only."""
    from grader.course import course, handouts, labs
    lab = labs.find(options.lab) if options.lab else None
    chosen = [h for h in handouts.all_handouts() if not lab or h.lab == lab]
    out = commands.made(options, "handouts").resolve()
    handouts.build(chosen, out, lambda line: print(line, flush=True), site=course.load().site)
    print(f"{out / 'index.html'}: begin here")
    return 0
