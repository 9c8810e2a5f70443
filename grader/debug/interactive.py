"""A person at the kernel: the prompt, a scenario played again, a GRUB image."""

from __future__ import annotations

import contextlib
import os
import sys
import termios
import tty
from collections.abc import Iterator
from pathlib import Path

from grader.building import build, iso, stage
from grader.course import labs
from grader.debug import prompt as at_prompt
from grader.debug import target
from grader.debug.follower import OPTION, Follower
from grader.emulators import qemu
from grader.grading import stage_grading
from grader.grading.play import Player
from grader.reporting import explain
from grader.scenarios import scenario


def prompt(folder: Path, submission: Path, slug: str) -> int:
    """The prompt of a lab."""
    lab = labs.find(slug)
    toolchain = build.Toolchain.load(folder).with_checks()
    image = stage.image(toolchain, submission, [lab]).image
    arguments = [*qemu.command(build.stripped(image.resolve())), "-append",
                 f"lab={lab.slug} {OPTION} tsc-shift={qemu.TSC_SHIFT}",
                 "-chardev", "stdio,id=terminal,signal=off", "-serial", "chardev:terminal"]
    follower, screen = Follower(image, toolchain.kernel_base), sys.stdout.buffer
    sys.stdout.flush()
    if not sys.stdin.isatty():
        return _success(at_prompt.piped(arguments, follower, iter(sys.stdin.buffer), screen))
    with _raw_terminal():
        return _success(at_prompt.at_a_terminal(arguments, follower, sys.stdin.buffer, screen))


def replay(folder: Path, submission: Path, path: Path, stage_name: str) -> int:
    """Plays a file's scenarios: what each of their operations does, and whether that is right."""
    toolchain = build.Toolchain.load(folder).with_checks()
    for wanted in scenario.load(path):
        lab = target.lab_of(wanted, path)
        chosen = stage.named(lab, stage_name)
        built = stage.image(toolchain, submission, chosen.labs)
        played = Player(built.image, patience=stage_grading.patience(chosen)).play_alone(wanted)
        print(f"scenario {wanted.title}")
        if played.run:
            for record in played.run.records:
                print(f"  {record.number:4}  {record.text:<28} {record.outcome}")
        finding = target.judged(toolchain, lab, played, path)
        if finding:
            places = explain.locate(finding, built.image, played.fault)
            print(f"\n{finding.verdict.value}: {explain.message(finding, places, [], built.sources)}")
            return 1
        print("  pass: every sentence of the contract was kept\n")
    return 0


def _image(folder: Path, submission: Path, chosen: list[labs.Lab]) -> Path:
    return stage.image(build.Toolchain.load(folder), submission, chosen).image


def cd(folder: Path, submission: Path, scenario_file: str, target: Path) -> int:
    """Writes an image that GRUB boots, with the scenario as its module if there is one."""
    image = _image(folder, submission, labs.all_labs())
    script = scenario.script(scenario.load(Path(scenario_file))) if scenario_file else ""
    iso.write(target, build.stripped(image), script=script)
    print(f"{target}: boot it with  qemu-system-i386 -cdrom {target} -serial stdio")
    return 0


def _success(status: int) -> int:
    """isa-debug-exit's status for a power_off(0) is 1."""
    return 0 if status == 1 else status


@contextlib.contextmanager
def _raw_terminal() -> Iterator[None]:
    """The terminal gives each key as it is pressed; afterwards it is as it was."""
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setraw(sys.stdin, termios.TCSANOW)  # and what was typed before is not thrown away
        raw = termios.tcgetattr(sys.stdin)
        raw[1] |= termios.OPOST  # a line's end is the kernel's \n alone
        termios.tcsetattr(sys.stdin, termios.TCSANOW, raw)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
        os.write(sys.stdout.fileno(), b"\n")
