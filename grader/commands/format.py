"""`make format`: results.json for other programs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from grader import commands
from grader.errors import EXIT_BROKEN, GraderError

HELP = "results.json in the formats of other programs"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("names", help="formats, with commas between them")
    parser.add_argument("--results", default="", help="a results.json")
    parser.add_argument("--out", default="", help="a file, or - for standard output")
    commands.gradebook(parser)


def run(options: argparse.Namespace) -> int:
    """Writes every format that was asked for, whatever the results are like; 2 if they could not be
    used, and what was written says so."""
    from grader import formats
    from grader.course import labs
    wanted = formats.named(options.names)
    if not wanted:
        raise GraderError("FORMAT= is missing. There are:\n" + "\n".join(
            f"  {form.name:<20} {form.about}" for form in formats.all_formats().values()))
    if options.out and len(wanted) > 1:
        raise GraderError("OUT= is for one format; without it each has a file beside the results")
    path = Path(options.results) if options.results else labs.ROOT / "build/grade/results.json"
    problem = ""
    for form in wanted:
        text, problem = _text(form, path, options)
        target = options.out or str(path.parent / form.file)
        formats.write(text, target)
        if target != "-":
            print(target)
    problem = f"no results: {problem}" if problem else _without_score(path)
    if problem:
        print(f"\nmarionette: {problem}", file=sys.stderr)
    return EXIT_BROKEN if problem else 0


def _without_score(path: Path) -> str:
    """What is said of results, which can be read, if there is no score in them."""
    from grader.formats import graded
    return graded.NO_SCORE if graded.read(path)["score"] is None else ""


def _text(form, path: Path, options: argparse.Namespace) -> tuple[str, str]:
    """A format's text, and why it says that the grading broke, if it does."""
    from grader import formats
    from grader.formats.format import Context
    try:
        return formats.convert(form, path, commands.context(options))
    except GraderError as error:  # of course.toml, or what was typed
        return form.broken(str(error), Context(os.environ, options.student)), str(error)
