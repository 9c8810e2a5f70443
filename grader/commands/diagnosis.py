"""`make diagnosis`: plays the known mistakes once, so that a failed test can be told which of them it behaves like."""

from __future__ import annotations

import argparse
import os

from grader import commands
from grader.errors import EXIT_BELOW

HELP = "play the known mistakes once, for diagnoses"
SHARE = 0.9  # of the names that are given, so many have to be right


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--measure", default="", help="say how good diagnoses are, too, if not empty")


def run(options: argparse.Namespace) -> int:
    """Makes each lab's table; 0, or EXIT_BELOW if it was measured and names too much that is wrong."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from grader.building import build
    from grader.diagnosis import table
    from grader.mutants import known, measured
    toolchain, jobs = build.Toolchain.load(options.build), os.cpu_count() or 1
    console, tried = Console(highlight=False), []
    with Progress(TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                  console=console) as progress:
        for lab in commands.chosen_labs(options):
            task = progress.add_task(lab.slug, total=known.candidates(lab))
            made = known.make(lab, toolchain, jobs, lambda task=task: progress.advance(task))
            path = table.save(toolchain.folder, made)
            console.print(f"{path}: {len(made.known)} known mistakes", style="dim", soft_wrap=True)
            if options.measure:
                tried += measured.measure(lab, toolchain, made, jobs)
    return _report(console, tried) if options.measure else 0


def _report(console, tried) -> int:
    from rich.table import Table

    from grader.mutants import measured
    shown = Table("", "tried", "first", "of 2", "of 3", "named", "rightly", "unknown", "no kin", box=None, pad_edge=False)
    for row in measured.summary(tried):
        shown.add_row(*row)
    console.print(shown)
    for one in tried:
        if one.named and not one.right:
            console.print(f"{one.kind} {one.name}: named {one.named}", style="dim", soft_wrap=True)
    named = [one for one in tried if one.named]
    return 0 if sum(one.right for one in named) >= SHARE * len(named) else EXIT_BELOW
