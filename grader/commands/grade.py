"""`make grade`: one submission, one or all labs."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from grader import commands, limits
from grader.errors import EXIT_BELOW, EXIT_BROKEN, GraderError
from grader.reporting.results import Results, write_whole

if TYPE_CHECKING:
    from rich.console import Console

    from grader.building.build import Toolchain
    from grader.grade import Request  # slow to import

HELP = "grade a submission"
SITE = "site"  # of FORMATS=: no text made of results.json, but pages in which the kernels can be played

# New objects before Python looks for garbage among them: a grading keeps what it reads, and looking took a tenth of
# its own time.
_SELDOM = 20_000


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--emulator", default="qemu")
    parser.add_argument("--seed", default="")
    parser.add_argument("--out", default="")
    parser.add_argument("--search", default="", help="search each submission by its own code, too, if not empty")
    parser.add_argument("--checks", default="", help="call the student's own checks, if not empty")
    parser.add_argument("--diagnosis", default="", help="tell which known mistakes it behaves like, if not empty")
    parser.add_argument("--remember", default="",
                        help="if not empty: a stage is not played again of which nothing has changed")
    parser.add_argument("--require", default="")
    parser.add_argument("--formats", default="", help="what to write beside results.json, too")
    commands.gradebook(parser)
    official = parser.add_argument_group("for an official run of STUDENT")
    official.add_argument("--secret", default="", help="a file; else what course.toml says")
    official.add_argument("--attempt", default="", help="1 if not given")
    parser.add_argument("--for-students", action="store_true",
                        help="what is printed does not tell how well the grading was protected")
    one_of_a_class = parser.add_argument_group("for a submission of a class")
    # While some labs are judged, by one Python, the emulators of others have the other processors.
    one_of_a_class.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1))
    one_of_a_class.add_argument("--may-be-empty", action="store_true")
    one_of_a_class.add_argument("--refusal", default="", help="why nothing of it can be taken")
    one_of_a_class.add_argument("--called", default="", help="the submission's name in messages")
    one_of_a_class.add_argument("--out-called", default="", help="the output folder's")
    one_of_a_class.add_argument("--diagnose", action="store_true",
                                help="say in diagnosis.json which known mistakes it behaves like")
    one_of_a_class.add_argument("--likeness", action="store_true",
                                help="say in likeness.json which files are like the reference's")


def run(options: argparse.Namespace) -> int:
    """Grades; the exit status says whether the grading itself worked. The formats that were asked for
    are written also when it did not."""
    asked = [name for name in options.formats.split(",") if name]
    plays = SITE in asked
    if not asked or asked == [SITE]:
        return _grade(options, plays)
    from grader import formats
    from grader.formats.format import Context
    wanted = formats.named(",".join(name for name in asked if name != SITE))
    context = Context(os.environ, options.student)
    try:
        context = commands.context(options)
        status = _grade(options, plays)
    except Exception as error:
        with suppress(GraderError):  # where nothing can be written, it is `error` that says why
            formats.write_broken(wanted, _out(options), context, str(error) or type(error).__name__)
        raise
    formats.write_beside(wanted, _out(options), context)
    return status


def _out(options: argparse.Namespace) -> Path:
    return commands.made(options, "grade")


def _console() -> Console:
    """What the report is printed on. What that is, is found out once: Rich would ask several times a line."""
    from rich.console import Console
    asked = Console()
    return Console(highlight=False, force_terminal=asked.is_terminal, width=asked.width, height=asked.height)


def _player(out: Path, toolchain: Toolchain) -> Callable[[Mapping[str, Path]], Mapping[str, str]]:
    """What leaves images beside the report, to be played in a page (grader.grade.Request.plays)."""
    try:
        from grader.site import player
    except ModuleNotFoundError:
        raise GraderError("FORMATS=site takes grader/site/ and web/, which a student's kit does not have") from None
    player.check(toolchain)
    return lambda images: player.write_beside(out, images)


def _grade(options: argparse.Namespace, plays: bool = False) -> int:
    from grader import emulators, grade
    limits.of_this_process()
    gc.set_threshold(_SELDOM)
    emulators.find(options.emulator)
    request = _request(options, plays)
    required = _points(options.require)
    found = grade.grade(request, _console())
    commands.tell_of_changes()
    if options.likeness:
        _write_likeness(request, found)
    if found.score is None:
        print("\nmarionette: no score: the grading broke (see `infra` above)", file=sys.stderr)
        return EXIT_BROKEN
    if required is not None and found.score < required:
        print(f"\nmarionette: {found.score} points, {options.require} were required",
              file=sys.stderr)
        return EXIT_BELOW
    return 0


def _request(options: argparse.Namespace, plays: bool) -> Request:
    from grader import grade
    seed, toolchain, out = _seed(options), commands.toolchain(options), _out(options)
    return grade.Request(
        submission=commands.submission(options), toolchain=toolchain, out=out,
        plays=_player(out, toolchain) if plays else None,
        labs=commands.chosen_labs(options), integrated=not options.lab, seed=seed or grade.PUBLIC_SEED,
        emulator=options.emulator, jobs=options.jobs,
        may_be_empty=options.may_be_empty, refusal=options.refusal, called=options.called,
        out_called=options.out_called, for_students=options.for_students,
        student=options.student, attempt=options.attempt, search=bool(options.search),
        diagnose=options.diagnose, tell_diagnosis=bool(options.diagnosis), remember=bool(options.remember))


def _seed(options: argparse.Namespace) -> str:
    from grader.course import course, secret
    if options.secret and not options.student:
        raise GraderError("SECRET= goes with STUDENT=: an official run is somebody's")
    return secret.seed(options.seed, Path(options.secret) if options.secret else course.load().secret,
                       options.student, options.attempt)


def _write_likeness(request: Request, found: Results) -> None:
    """Only of files that earned something: what does not compile has cost its time once already."""
    from grader.building import likeness
    from grader.examples import designs
    earned = [lab for lab, result in zip(request.labs, found.labs, strict=True) if result.score]
    alike = likeness.flags(request.toolchain, request.submission, earned,
                           lambda lab: designs.right(lab, request.toolchain))
    write_whole(request.out / "likeness.json", json.dumps(alike))


def _points(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        raise GraderError(f"REQUIRE={text}: a number of points was expected") from None
