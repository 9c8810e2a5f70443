"""`make kit`: a student's kit, cut from what is committed; or one that is out brought up to date."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from grader.errors import GraderError
from grader.points import counted

HELP = "cut a student's kit, or bring one up to date"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--kit", default="", help="the folder to make")
    parser.add_argument("--update", default="", help="the kit to bring up to date")
    parser.add_argument("--date", default="", help="as if it were that moment: 2030-10-05T08:00+02:00")


def run(options: argparse.Namespace) -> int:
    """Cuts or updates, and says what is in the kit and what is not."""
    from grader.building import build
    from grader.course import course, labs, secret
    from grader.kit import contents, cut, update
    toolchain, rules = build.Toolchain.load(options.build), course.load()
    moment = _moment(options.date)
    if lines := contents.uncommitted():
        print("note: what is not committed is not in the kit:\n  " + "\n  ".join(lines[:10]))
    if rules.secret and contents.is_committed(rules.secret):
        print(f"note: the secret {rules.secret} is committed: whoever reads this repository can make official seeds. "
              "Take it out (`git rm --cached`), and make another one")
    if rules.secret and secret.others_may_read(rules.secret):
        print(f"note: whoever has an account here can read the secret {rules.secret}: `chmod 600 {rules.secret}`")
    if options.update:
        kit, changes = update.update(Path(options.update), toolchain, rules, moment)
        _tell_changes(Path(options.update), changes)
    else:
        target = Path(options.kit) if options.kit else (labs.ROOT / options.build).parent / "kit"
        kit = cut.cut(target, toolchain, rules, moment)
        print(f"{target}: cut from {kit.commit[:12]}, a repository with one commit")
    _tell(kit)
    if early := cut.too_early(kit, rules, moment):
        print(f"note: the solutions of {', '.join(early)} are in it as objects, and by course.toml's dates these labs are "
              "still to be handed in. `[dates.LAB] reference` keeps one back; docs/instructor-guide.md, \"Lab 1 late, "
              "lab 2 out\"")
    return 0


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if text else datetime.now(UTC)
    except ValueError:
        moment = None
    if not moment or not moment.tzinfo:
        raise GraderError(f"DATE={text}: a moment with its offset was expected, "
                          "2030-10-05T08:00+02:00")
    return moment


def _tell(kit) -> None:
    print(f"  labs:                  {', '.join(lab.slug for lab in kit.released)}")
    if kit.held_back:
        print(f"  held back until later: {', '.join(lab.slug for lab in kit.held_back)}")
    print(f"  solutions, as objects: {', '.join(kit.objects) or 'none'}")


def _tell_changes(target: Path, changes) -> None:
    if not changes:
        print(f"{target}: up to date")
        return
    print(f"{target}: {counted(len(changes.written), 'file')} written, {len(changes.removed)} removed")
    if back := [Path(path).parent.name for path in changes.removed if Path(path).name == "lab.toml"]:
        print(f"note: {', '.join(back)} was out, and is no more: course.toml holds it back at this moment (DATE= is another)")
    for path in changes.beside:
        print(f"  {path}: changed here, and in the kit: yours stays, the kit's is {path}.new")
