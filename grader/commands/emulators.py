"""`make emulators`: every hand-written mutant in QEMU and in the others, and whether they agree."""

from __future__ import annotations

import argparse
import os

from grader import commands
from grader.errors import EXIT_BELOW

HELP = "grade every hand-written mutant in every emulator, and compare"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--seed", default="")
    parser.add_argument("--emulator", default="qemu", help="compared with QEMU; that itself: with all")


def run(options: argparse.Namespace) -> int:
    """0 if all verdicts, points and headlines are the same."""
    from grader import emulators
    from grader.building import build
    from grader.grading.stage_grading import PUBLIC_SEED
    from grader.mutants import both_machines
    emulators.find(options.emulator)
    machines = emulators.NAMES if options.emulator == "qemu" else ("qemu", options.emulator)
    chosen = commands.chosen_labs(options)
    total = sum(len(both_machines.candidates(lab)) for lab in chosen)
    different = 0
    found = both_machines.compare(build.Toolchain.load(options.build), chosen,
                                  options.seed or PUBLIC_SEED, os.cpu_count() or 1, machines)
    for count, compared in enumerate(found, 1):
        candidate, differences = compared.candidate, compared.differences
        says = "DIFFERENT" if differences else f"alike: {compared.failed} tests do not pass"
        print(f"{count:4}/{total}  {candidate.lab}/{candidate.name:<28} {says}", flush=True)
        for difference in differences:
            print(f"           {difference}")
        different += bool(differences)
    print(f"\n{total} solutions, {different} with another verdict, headline or points in "
          f"{' or '.join(machines[1:])}")
    return EXIT_BELOW if different else 0
