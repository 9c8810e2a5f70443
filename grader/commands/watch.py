"""`make watch`: grades a lab again on every save."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from grader import commands

HELP = "grade a lab whenever its file is saved, or try its examples"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--examples", default="", help="if not empty: try the lab's examples instead")


def run(options: argparse.Namespace) -> int:
    """Grades until Ctrl-C, which is the way to end it."""
    from grader.course import labs
    from grader.student import watch
    command, folder, names = _examples(options) if options.examples else _files(options)
    asked = [command, "--build", str(options.build), "--submission", options.submission,
             "--lab", options.lab, *(["--remember", "1"] if command == "grade" else [])]

    def grade() -> None:
        if sys.stdout.isatty():
            print("\x1b[2J\x1b[H", end="", flush=True)  # before what the grading prints
        subprocess.run([labs.ROOT / "grader" / "marionette", *asked], check=False)
        print(f"\nSave to {'grade' if command == 'grade' else 'try'} again; Ctrl-C ends.", flush=True)

    try:
        watch.watch(folder, names, grade)
    except KeyboardInterrupt:
        print()
    return 0


def _files(options: argparse.Namespace) -> tuple[str, Path, list[str]]:
    """What is called, and when: the labs' files, in the folder where the first of them is."""
    from grader.building import handed_in
    from grader.course import labs
    chosen = commands.chosen_labs(options)
    found = [path for lab in chosen
             for path in handed_in.files(lab, commands.submission(options)).values()]
    folder = found[0].parent if found else labs.ROOT / "kernel" / "mm"
    return "grade", folder, [name for lab in chosen for name in lab.files]


def _examples(options: argparse.Namespace) -> tuple[str, Path, list[str]]:
    """The same for examples, whose folder is made if need be."""
    from grader.course import labs
    from grader.examples import written
    top = Path(options.submission) if options.submission else labs.ROOT
    files = [written.path(lab, top) for lab in commands.chosen_labs(options)]
    files[0].parent.mkdir(parents=True, exist_ok=True)
    return "examples", files[0].parent, [file.name for file in files]
