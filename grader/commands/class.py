"""`make class`: everybody's submissions."""

from __future__ import annotations

import argparse
import os

from grader import commands
from grader.errors import GraderError

HELP = "grade a whole class"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    for name in ("submissions", "repo", "refs", "jobs", "seed", "secret", "attempt", "out",
                 "scheduler", "compare", "times", "shard"):
        parser.add_argument(f"--{name}", default="")


def run(options: argparse.Namespace) -> int:
    """Grades; 0 when everybody has a score."""
    from rich.console import Console

    from grader.building import build
    from grader.cohort import session
    request = session.Request(
        build.Toolchain.load(options.build), commands.chosen_labs(options), options.lab,
        commands.made(options, "class"),
        options.submissions, options.repo, options.refs, _jobs(options.jobs), options.seed,
        options.secret, options.attempt, options.scheduler, options.compare, options.times,
        options.shard)
    return session.grade_class(request, Console(highlight=False))


def _jobs(text: str) -> int:
    if not text:
        return os.cpu_count() or 1
    if not text.isdecimal() or int(text) < 1:
        raise GraderError(f"JOBS={text}: how many to grade at a time was expected, 1 or more")
    return int(text)
