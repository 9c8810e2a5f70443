"""`make doctor`: what is missing here, and how to get it."""

from __future__ import annotations

import argparse
import time

from grader import commands

HELP = "which tools are missing, and how to get them"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--cross", default="i686-linux-gnu-")


def run(options: argparse.Namespace) -> int:
    """Prints a line a tool, and whether the kit works with them; 1 if grading does not."""
    from grader.building import iso
    from grader.student import doctor
    findings = doctor.examine(options.cross)
    for finding in findings:
        _line(finding.name, finding.tool.purpose, finding.problem)
    wrong = [finding for finding in findings if finding.problem]
    if wrong:
        print(f"\nTo get what is missing:\n  {doctor.remedy(doctor.system(), wrong)}\n")
    if any(not finding.tool.optional for finding in wrong):
        return 1
    commands.tell_of_changes()
    works = _tried(options, "qemu")
    if not any(finding.name in ("bochs", iso.maker()) for finding in wrong):
        _tried(options, "bochs")
    if not works:
        return 1
    reason = doctor.boxes()
    print(f"\nGrading works, but: {reason}.\nOn Ubuntu this allows boxes until the next "
          "boot:\n  sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0" if reason else
          "\nGrading works." if wrong else "\nAll is well.")
    return 0


def _tried(options: argparse.Namespace, emulator: str) -> bool:
    """Whether the reference works in an emulator; prints a line, too."""
    from grader.student import doctor
    began = time.monotonic()
    problem = doctor.try_kit(options.build, options.cross, emulator)
    _line("the kit itself", f"the reference, built and booted in {emulator}",
          problem or f"ok ({time.monotonic() - began:.1f} s)")
    return not problem


def _line(name: str, purpose: str, problem: str) -> None:
    print(f"  {name:28} {purpose:44} {problem or 'ok'}", flush=True)
