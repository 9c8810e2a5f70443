"""The command line behind the Makefile's targets; `make help` lists what a person types."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from grader.errors import GraderError

EXIT_BROKEN = 2  # the grading did not work
EXIT_BELOW = 3  # it worked, and REQUIRE was not reached
EXIT_INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Runs one command; the exit status says whether the grading itself worked."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except GraderError as error:
        print(f"\nmarionette: {error}", file=sys.stderr)
        return EXIT_BROKEN
    except KeyboardInterrupt:
        print("\nmarionette: interrupted; nothing was written", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="marionette", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = _command(commands, "grade", _grade, "grade a submission")
    command.add_argument("--emulator", default="qemu")
    command.add_argument("--seed", default="")
    command.add_argument("--out", default="")
    command.add_argument("--require", default="")
    command.add_argument("--ungated", action="store_true",
                         help="let everything in: for the kit's own tests of what comes after")

    command = _command(commands, "run", _run, "the operations of a lab at a prompt, or a scenario")
    command.add_argument("--scenario", default="")

    command = _command(commands, "gdb", _gdb, "a scenario in GDB, stopped at an operation")
    command.add_argument("--scenario", required=True)
    command.add_argument("--at", default="")

    command = _command(commands, "iso", _iso, "a GRUB image")
    command.add_argument("--scenario", default="")

    command = _command(commands, "hint", _hint, "the next hint for a lab")
    command.add_argument("--number", default="")
    return parser


def _command(commands, name: str, run, text: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text)
    command.set_defaults(run=run)
    command.add_argument("--build", type=Path, required=True, help="Make's build folder")
    command.add_argument("--submission", default="")
    command.add_argument("--lab", default="")
    return command


def _labs(slug: str) -> list:
    from grader import labs
    return [labs.find(slug)] if slug else labs.all_labs()


def _submission(text: str) -> Path:
    from grader import labs
    return Path(text) if text else labs.ROOT / "kernel" / "mm"


def _grade(options: argparse.Namespace) -> int:
    from rich.console import Console

    from grader import build, grade, labs
    if options.emulator != "qemu":
        raise GraderError(f"EMULATOR={options.emulator}: this version grades in qemu only")
    request = grade.Request(
        submission=_submission(options.submission),
        toolchain=build.Toolchain.load(options.build),
        out=Path(options.out) if options.out else labs.ROOT / "build" / "grade",
        labs=_labs(options.lab), seed=options.seed or grade.PUBLIC_SEED,
        emulator=options.emulator, gated=not options.ungated)
    required = _points(options.require)
    found = grade.grade(request, Console(highlight=False))
    if found.score is None:
        print("\nmarionette: no score: the grading broke (see `infra` above)", file=sys.stderr)
        return EXIT_BROKEN
    if required is not None and found.score < required:
        print(f"\nmarionette: {found.score} points, {options.require} were required",
              file=sys.stderr)
        return EXIT_BELOW
    return 0


def _points(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        raise GraderError(f"REQUIRE={text}: a number of points was expected") from None


def _run(options: argparse.Namespace) -> int:
    from grader import interactive
    return interactive.run(options.build, _submission(options.submission), options.lab,
                           options.scenario)


def _gdb(options: argparse.Namespace) -> int:
    from grader import interactive
    return interactive.gdb(options.build, _submission(options.submission), options.scenario,
                           options.at)


def _iso(options: argparse.Namespace) -> int:
    from grader import interactive, labs
    return interactive.iso(options.build, _submission(options.submission), options.scenario,
                           labs.ROOT / "build" / "marionette.iso")


def _hint(options: argparse.Namespace) -> int:
    from grader import labs
    lab = labs.find(options.lab or labs.all_labs()[0].slug)
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


def entry() -> None:
    """Where grader/marionette begins: being told to stop is like Ctrl-C."""
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    sys.exit(main(sys.argv[1:]))
