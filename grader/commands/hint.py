"""`make hint`: one hint at a time."""

from __future__ import annotations

import argparse

from grader.errors import GraderError

HELP = "the next hint for a lab"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--number", default="")


def run(options: argparse.Namespace) -> int:
    """Prints the hint, and how to get the next."""
    from grader.course import labs
    if not options.lab:
        for lab in labs.all_labs():
            print(f"Lab {lab.number} has {len(lab.hints)} hints: make hint LAB={lab.slug} N=1")
        return 0
    lab = labs.find(options.lab)
    try:
        number = int(options.number or "1")
        hint = lab.hints[number - 1] if number > 0 else None
    except ValueError:
        raise GraderError(f"N={options.number}: the number of a hint was expected") from None
    except IndexError:
        hint = None
    if not hint:
        print(f"Lab {lab.slug} has {len(lab.hints)} hints: N=1 to N={len(lab.hints)}.")
        return 0
    print(f"Hint {number} of {len(lab.hints)}: {hint}")
    if number < len(lab.hints):
        print(f"The next one: make hint LAB={lab.slug} N={number + 1}")
    return 0
