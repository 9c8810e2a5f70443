"""The commands behind the Makefile's targets: one module each, named like its command.

A module has `HELP` (a line), `options(parser)` (its own options, beside those that every command takes)
and `run(options)`, which returns the exit status.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import pkgutil
import sys
from datetime import datetime
from pathlib import Path
from types import ModuleType

from grader.course import labs
from grader.course.labs import Lab
from grader.errors import EXIT_BROKEN, EXIT_INTERRUPTED, GraderError

# What a disk, a user or a machine does not have, or a name that stands for something else: nothing to be mended in the
# grader.
_OF_THE_PLACE = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE,
                 errno.ENOMEM, errno.EAGAIN, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP)


def main(arguments: list[str]) -> int:
    """Runs one command; the exit status says whether the grading itself worked."""
    try:
        _check_names(str(labs.ROOT), *arguments)
        options = _parser(arguments).parse_args(arguments)
        return options.run(options)
    except GraderError as error:
        print(f"\nmarionette: {error}", file=sys.stderr)
        return EXIT_BROKEN
    except KeyboardInterrupt as interrupt:  # whoever kept something says so
        print(f"\nmarionette: interrupted; {str(interrupt) or 'nothing was written'}", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN
    except OSError as error:
        if error.errno not in _OF_THE_PLACE:
            raise
        print(f"\nmarionette: {error.filename or 'something'} can't be read or written here: {error.strerror}",
              file=sys.stderr)
        return EXIT_BROKEN


def _check_names(*names: str) -> None:
    """Reports and results have names in them, as UTF-8. Raises GraderError for one that is not."""
    for name in names:
        if any("\udc80" <= c <= "\udcff" for c in name):
            shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            raise GraderError(f"{shown}: a name in UTF-8 was expected; this one can't be shown in a report")


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    """The parser; only the command that was asked for is imported, or all to list them."""
    parser = argparse.ArgumentParser(prog="marionette", description="The commands behind the Makefile's "
                                     "targets; `make help` lists what a person types.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    asked = arguments[:1] if arguments[:1] and arguments[0] in names() else names()
    for name in asked:
        command = module(name)
        subparser = subparsers.add_parser(name, help=command.HELP)
        subparser.set_defaults(run=command.run)
        common(subparser)
        command.options(subparser)
    return parser


def names() -> list[str]:
    """Every command: a new module here is a new command."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def module(name: str) -> ModuleType:
    """The module of one command."""
    return importlib.import_module(f"{__name__}.{name}")


def common(parser: argparse.ArgumentParser) -> None:
    """What every command takes."""
    parser.add_argument("--build", type=Path, default=labs.ROOT / "build" / "0xC0000000",
                        help="Make's build folder")
    parser.add_argument("--submission", default="")
    parser.add_argument("--lab", default="")


def chosen_labs(options: argparse.Namespace) -> list[Lab]:
    """The labs that LAB= names, by slug or number: one, or all."""
    return [labs.find(options.lab)] if options.lab else labs.all_labs()


def submission(options: argparse.Namespace) -> Path:
    """The folder that SUBMISSION= names, or this tree's."""
    return Path(options.submission) if options.submission else labs.ROOT / "kernel" / "mm"


def made(options: argparse.Namespace, name: str) -> Path:
    """Where something is written: what OUT= names, or a place of that name beside Make's build folder."""
    return Path(options.out) if options.out else (labs.ROOT / options.build).parent / name


def moment(parser: argparse.ArgumentParser) -> None:
    """What the commands take that go to one moment of a test or scenario."""
    for name in ("test", "scenario", "at", "seed", "stage", "optimize", "checks"):
        parser.add_argument(f"--{name}", default="")


def gradebook(parser: argparse.ArgumentParser) -> None:
    """What the commands take that can write a gradebook."""
    parser.add_argument("--student", default="", help="whose submission it is")
    parser.add_argument("--submitted", default="", help="when it was handed in")


def context(options: argparse.Namespace):
    """What formats need to know: a grader.formats.format.Context. Raises GraderError."""
    from grader.course import course
    from grader.formats.format import Context
    try:
        submitted = datetime.fromisoformat(options.submitted) if options.submitted else None
    except ValueError:
        submitted = None
    if options.submitted and (not submitted or not submitted.tzinfo):
        raise GraderError(f"SUBMITTED={options.submitted}: a moment was expected, with its offset from "
                          "UTC: 2030-10-19T23:59:00+02:00")
    return Context(os.environ, options.student, submitted, course.load())


def target(options: argparse.Namespace):
    """The moment that was asked for: a grader.debug.target.Target. Raises GraderError."""
    from grader.debug.target import Wish, resolve
    wish = Wish(submission(options), options.test, options.scenario, options.at, options.seed,
                options.stage, options.optimize)
    return resolve(toolchain(options), wish)


def toolchain(options: argparse.Namespace):
    """How the kit was built, with the student's own checks if CHECK= asks for them. Raises GraderError."""
    from grader.building import build
    found = build.Toolchain.load(options.build)
    return found.with_checks() if options.checks else found


def tell_of_changes() -> None:
    """Says which of the kit's own files were changed, in a student's kit."""
    from grader.student import changed
    if remark := changed.remark():
        print(f"\n{remark}", flush=True)
