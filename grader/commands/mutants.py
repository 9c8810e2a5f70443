"""`make mutants`: what the graded tests catch of solutions that are wrong, and whether right ones pass."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from grader import commands
from grader.errors import EXIT_BELOW, GraderError

HELP = "grade mutants and alternatives of the reference, and table what caught them"
KINDS = ("written", "generated", "alternative")
OF_DESIGNS = "of-designs"  # generated from the alternatives: a kind that is graded where it is asked for
SAMPLE = 40  # of the generated ones, a lab


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--seeds", default="", help="how many: 1, 2, …")
    parser.add_argument("--kind", default="", help=" or ".join((*KINDS, OF_DESIGNS)))
    parser.add_argument("--per-lab", default="", help="generated mutants a lab, or a design; 0: all there are")
    parser.add_argument("--out", default="", help="where the tables go; build/mutants")


def run(options: argparse.Namespace) -> int:
    """0 if every mutant is caught or explained, in its lab only, and every alternative passes."""
    from rich.console import Console

    from grader.course.labs import ROOT
    from grader.mutants import survivors, tables
    seeds, per_lab = _number("SEEDS", options.seeds, 1), _number("PER_LAB", options.per_lab, SAMPLE)
    if options.kind not in ("", *KINDS, OF_DESIGNS):
        raise GraderError(f"KIND={options.kind}: one of {', '.join((*KINDS, OF_DESIGNS))}")
    kinds = (options.kind,) if options.kind else KINDS
    folder = (ROOT / options.build).parent / "mutants"
    console = Console(highlight=False)
    found = _examine(options, kinds, [str(i + 1) for i in range(seeds or 1)], per_lab, folder,
                     console)
    reasons = survivors.load()
    words = ["make mutants"] + [f"{name}={value}" for name, value in (
        ("LAB", options.lab), ("KIND", options.kind), ("SEEDS", options.seeds),
        ("PER_LAB", options.per_lab)) if value]
    path = Path(options.out or folder) / "mutants-tables.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tables.markdown(found, reasons, " ".join(words)), encoding="utf-8")
    problems = _problems(options, found, reasons, kinds)
    _report(console, found, reasons, problems, path)
    return EXIT_BELOW if problems else 0


def _examine(options: argparse.Namespace, kinds, seeds: list[str], per_lab: int, folder: Path,
             console) -> list:
    """Grades all of them, under a bar that shows how far it is."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from grader.building import build
    from grader.mutants.campaign import Campaign
    from grader.mutants.tables import LabFindings
    toolchain = build.Toolchain.load(options.build)
    campaign = Campaign(toolchain, folder, seeds, os.cpu_count() or 1)
    found = []
    with Progress(TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(),
                  TimeElapsedColumn(), console=console) as progress:
        for lab in commands.chosen_labs(options):
            candidates = _candidates(lab, toolchain, kinds, per_lab)
            task = progress.add_task(lab.slug, total=len(candidates) * len(seeds))
            try:
                found.append(LabFindings(lab, campaign.run(
                    lab, candidates, lambda task=task: progress.advance(task))))
            except KeyboardInterrupt:
                raise KeyboardInterrupt("what was graded is kept: the next `make mutants` goes on from "
                                        "there") from None
    return found


def _candidates(lab, toolchain, kinds, per_lab: int) -> list:
    from grader.mutants import sources
    from grader.mutants.generated import generated
    found = []
    if "written" in kinds:
        found += sources.written(lab)
    if "alternative" in kinds:
        found += sources.alternatives(lab)
    if "generated" in kinds:
        found += generated(lab, toolchain, per_lab)
    if OF_DESIGNS in kinds:
        found += [mutant for design in sources.designs(lab) if not sources.alternative(lab, design).slow_in
                  for mutant in generated(lab, toolchain, per_lab, design)]
    return found


def _problems(options: argparse.Namespace, found, reasons, kinds) -> list[str]:
    """In words: what must not be."""
    from grader.building import build
    from grader.mutants import survivors, tables
    from grader.mutants.generated import generated
    problems = []
    for lab in found:
        problems += [f"{lab.lab.slug}/{e.candidate.name} survives: {e.candidate.about}"
                     for e in lab.unexplained(reasons)]
        problems += [f"{lab.lab.slug}/{e.candidate.name}: {e.refusal}"
                     for e in lab.of("written") if e.refusal]
        problems += [f"{lab.lab.slug}/{e.candidate.name} loses {e.elsewhere:g} points in other labs"
                     for e in lab.examined if e.elsewhere]
        problems += [f"{lab.lab.slug}/{e.candidate.name} is right and fails {test}"
                     for e in lab.of("alternative") for test in e.caught_by
                     if test not in e.candidate.slow_in]
    if "generated" in kinds:
        toolchain = build.Toolchain.load(options.build)
        possible = [(c.lab, c.about) for lab in found for c in generated(lab.lab, toolchain, 0)]
        caught = [tables.key(e) for lab in found for e in lab.of("generated") if e.caught]
        problems += survivors.stale(reasons, possible, caught, [lab.lab.slug for lab in found])
    return problems


def _report(console, found, reasons, problems: list[str], path: Path) -> None:
    from rich.table import Table

    from grader.mutants import tables
    table = Table("lab", "written", "caught", "generated", "graded", "caught", "explained", "open",
                  "agree", box=None, pad_edge=False)  # 79 columns
    for row in tables.summary(found, reasons):
        table.add_row(*row[:4], *row[7:11], row[12])
    console.print(table)
    console.print("open: survived, and nobody explained it; agree: cost the same with each seed",
                  style="dim")
    for problem in problems:
        console.print(problem, style="red", markup=False, soft_wrap=True)
    console.print(f"{path}: every mutant, and what caught it", style="dim", soft_wrap=True)


def _number(name: str, text: str, default: int) -> int:
    if not text:
        return default
    if not text.isdigit():
        raise GraderError(f"{name}={text}: a number is wanted")
    return int(text)
