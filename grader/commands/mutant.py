"""`make mutant`: one of the wrong solutions, as a submission, to look for its mistake; or a submission, as a new
one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from grader.errors import GraderError

HELP = "a wrong solution, as a submission; or a submission, as a wrong solution"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--name", default="")
    parser.add_argument("--out", default="")
    parser.add_argument("--from", dest="origin", default="", help="a submission that is to become one")
    parser.add_argument("--mistake", default="", help="what is wrong with it, in words")
    parser.add_argument("--like", default="", help="a mutant of the same kind")


def run(options: argparse.Namespace) -> int:
    """Writes the file."""
    from grader.course import labs
    if not options.lab:
        raise GraderError("LAB= is missing: of which lab?")
    lab = labs.find(options.lab)
    return _add(options, lab) if options.origin else _show(options, lab)


def _show(options: argparse.Namespace, lab) -> int:
    """Says neither what is wrong nor where."""
    from grader.mutants import sources
    known = {mutant.name: mutant for mutant in sources.written(lab)}
    if options.name not in known:
        raise GraderError(f"NAME={options.name}: lab {lab.slug} has {', '.join(known)}")
    folder = Path(options.out) if options.out else options.build.parent / "mutant" / options.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / lab.files[0]).write_text(known[options.name].text, encoding="utf-8")
    print(f"{folder / lab.files[0]}: make grade LAB={lab.slug} SUBMISSION={folder}")
    return 0


def _add(options: argparse.Namespace, lab) -> int:
    from grader.building import build
    from grader.mutants import added, sources
    submission, folder = Path(options.origin), Path(options.out) if options.out else sources.FOLDER
    wrong = added.examine(lab, submission, options.name, options.like, build.Toolchain.load(options.build), folder)
    new = added.add(lab, submission, wrong, options.mistake.strip() or _asked(), options.name, options.like, folder)
    print(f"{new.path}: {f'its difference to {new.base}' if new.base else 'the whole file: it is like no right solution'}")
    for mark in new.lost:
        print(f"  caught by {mark.test}: {mark.verdict}, {mark.headline}")
    for line in new.look_at:
        print(f"  is there a name in line {line}")
    print(f"Read it before you commit it. `make diagnosis LAB={lab.slug}` lets diagnoses know it"
          + (f", once it lies in {sources.FOLDER / lab.slug}." if options.out else "."))
    return 0


def _asked() -> str:
    """The mistake, as a person says it."""
    if not sys.stdin.isatty():
        raise GraderError("MISTAKE= is missing: what is wrong with it, in words, as in MISTAKE='joins a block once only'")
    words = input("The mistake, in words (what does it do that is wrong?): ").strip()
    if not words:
        raise GraderError("a mutant without a mistake in words teaches nobody anything: nothing was written")
    return words
