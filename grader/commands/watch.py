"""`make watch`: grades a lab again on every save."""

from __future__ import annotations

import argparse
import subprocess
import sys

from grader import commands

HELP = "grade a lab whenever its file is saved"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""


def run(options: argparse.Namespace) -> int:
    """Grades until Ctrl-C, which is the way to end it."""
    from grader.building import handed_in
    from grader.course import labs
    from grader.student import watch
    chosen = commands.chosen_labs(options)
    found = [path for lab in chosen
             for path in handed_in.files(lab, commands.submission(options)).values()]
    folder = found[0].parent if found else labs.ROOT / "kernel" / "mm"
    asked = ["grade", "--build", str(options.build), "--submission", options.submission,
             "--lab", options.lab]

    def grade() -> None:
        if sys.stdout.isatty():
            print("\x1b[2J\x1b[H", end="", flush=True)  # before what the grading prints
        subprocess.run([labs.ROOT / "grader" / "marionette", *asked], check=False)
        print("\nSave to grade again; Ctrl-C ends.", flush=True)

    try:
        watch.watch(folder, [name for lab in chosen for name in lab.files], grade)
    except KeyboardInterrupt:
        print()
    return 0
