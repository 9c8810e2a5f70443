"""`make submit`: packs what is handed in, and says whether it would be taken."""

from __future__ import annotations

import argparse

from grader import commands

HELP = "pack what is handed in"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--out", default="", help="the archive to write")


def run(options: argparse.Namespace) -> int:
    """Writes the archive; 1 if something in it would be worth nothing."""
    from grader.building import build
    from grader.student import submit
    target = commands.made(options, "submission.zip")
    archive = submit.pack(target, commands.submission(options), commands.chosen_labs(options),
                          build.Toolchain.load(options.build))
    for name in archive.names:
        note = " (not written yet)" if name in archive.untouched else ""
        print(f"  {name}{note}")
    for name, why in archive.refused.items():
        print(f"\n{name} would be worth nothing as it is:\n{why}")
    commands.tell_of_changes()
    print(f"\n{target}\nsha256 {archive.digest}")
    return 1 if archive.refused else 0
