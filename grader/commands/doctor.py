"""`make doctor`: what is missing here, and how to get it."""

from __future__ import annotations

import argparse

HELP = "which tools are missing, and how to get them"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--cross", default="i686-linux-gnu-")


def run(options: argparse.Namespace) -> int:
    """Prints a line a tool; 1 if something is missing that grading needs."""
    from grader.student import doctor
    findings = doctor.examine(options.cross)
    for finding in findings:
        state = finding.problem or "ok"
        print(f"  {finding.name:28} {finding.tool.purpose:40} {state}")
    wrong = [finding for finding in findings if finding.problem]
    if wrong:
        print(f"\nTo get what is missing:\n  {doctor.remedy(doctor.system(), wrong)}")
    elif reason := doctor.boxes():
        print(f"\nGrading works, but: {reason}.\nOn Ubuntu 24.04 this allows boxes until the next "
              "boot:\n  sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0")
    else:
        print("\nAll is well.")
    return 1 if any(not finding.tool.optional for finding in wrong) else 0
