"""The command line behind the Makefile's targets; `make help` lists what a person types."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from grader import commands
from grader.errors import EXIT_BROKEN, EXIT_INTERRUPTED, GraderError


def main(arguments: list[str]) -> int:
    """Runs one command; the exit status says whether the grading itself worked."""
    try:
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


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    """The parser; only the command that was asked for is imported, or all to list them."""
    parser = argparse.ArgumentParser(prog="marionette", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    asked = arguments[:1] if arguments[:1] and arguments[0] in commands.names() else commands.names()
    for name in asked:
        module = commands.module(name)
        subparser = subparsers.add_parser(name, help=module.HELP)
        subparser.set_defaults(run=module.run)
        commands.common(subparser)
        module.options(subparser)
    return parser


def entry() -> None:
    """Where grader/marionette begins: being told to stop is like Ctrl-C, also in the background of a
    script, where Ctrl-C is ignored."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
