"""`make similarity`: a class's files, for programs that look for copies."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from grader import commands
from grader.errors import GraderError

HELP = "a class's files, for programs that look for copies"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    for name in ("submissions", "repo", "refs", "archive", "out"):
        parser.add_argument(f"--{name}", default="")


def run(options: argparse.Namespace) -> int:
    """Lays the files out, and says what to do with them."""
    from rich.console import Console

    from grader.cohort.intake import gather
    from grader.cohort.telling import similarity
    from grader.points import counted
    chosen = commands.chosen_labs(options)
    out = commands.made(options, "similarity")
    gathered = gather.find(options.submissions, options.repo, options.refs, chosen)
    entries = gathered.entries
    archive = {term: gather.from_folder(folder, chosen).entries
               for term, folder in _terms(options.archive).items()}
    with Console().status(f"reading {counted(len(entries) + sum(map(len, archive.values())), 'submission')}"):
        done = similarity.export(entries, archive, chosen, out)
    for line in [f"{one.name}: {one.why}" for one in gathered.not_taken] + done.left_out:
        print(f"left out: {line}")
    print(f"{counted(done.submissions, 'submission')}, {done.archived} of earlier terms, for "
          f"{', '.join(done.labs)}: {out}\nWho is who: {done.identities}\n\n"
          "With LAB for one of them (nothing was sent anywhere; the last one sends it to Stanford):\n")
    for command in similarity.commands(done, out):
        print(f"  {command}")
    return 0


def _terms(text: str) -> dict[str, Path]:
    """ARCHIVE='2029=folder 2028=folder' as a table."""
    found = {}
    for word in text.split():
        term, equals, folder = word.partition("=")
        if not equals or not re.fullmatch(r"[\w][\w.-]*", term) or term in found:
            raise GraderError(f"ARCHIVE={word}: TERM=folder was expected, each term once")
        found[term] = Path(folder)
    return found
