"""`make gradebook`: the term's, from class runs; or its points put into a course site's table."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader import commands
from grader.errors import GraderError

HELP = "one gradebook from several class runs"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    for name in ("runs", "into", "column", "figure", "out"):
        parser.add_argument(f"--{name}", default="")


def run(options: argparse.Namespace) -> int:
    """Writes the gradebook, and the course site's table if there is one."""
    from grader.cohort.telling import term
    from grader.course import course
    from grader.formats import gradebook
    from grader.reporting.results import write_whole
    runs = [Path(word) for word in options.runs.split()]
    if not runs:
        raise GraderError("RUNS='build/class-1 build/class-2': the OUT= of class runs was expected, the newest last")
    if bool(options.into) != bool(options.column):
        raise GraderError("INTO=table.csv goes with COLUMN=name: the column of that table that gets the points")
    rules = course.load()
    out = commands.made(options, "gradebook")
    table = gradebook.table(term.entries(runs, rules), rules)
    write_whole(out / "gradebook.csv", table)
    print(out / "gradebook.csv")
    if options.into:
        into = Path(options.into)
        text, left = term.filled(into, options.column, term.points(table, options.figure or "total"), rules)
        write_whole(out / into.name, text)
        print(out / into.name)
        if left:
            print(f"not in {into}: {', '.join(left)}")
    return 0
