"""A person at the kernel: the prompt, a scenario played again, GDB at an operation, a GRUB image."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from pathlib import Path

from grader import build, explain, gate, labs, machine, scenario
from grader.errors import BadScenario, GraderError, Infrastructure, Unplayable
from grader.judge import judge
from grader.play import Player


def run(folder: Path, submission: Path, slug: str, scenario_file: str) -> int:
    """The prompt; or, with a scenario, what each of its operations does and whether that is right."""
    if scenario_file:
        return _replay(folder, submission, Path(scenario_file))
    lab = f"lab={labs.find(slug).slug} " if slug else ""
    image = _image(folder, submission, [labs.find(slug)] if slug else labs.all_labs())
    arguments = [*machine.command(build.stripped(image.resolve())), "-append",
                 f"{lab}tsc-shift={machine.TSC_SHIFT}",
                 "-chardev", "stdio,id=terminal,signal=off", "-serial", "chardev:terminal"]
    with _terminal_restored():
        return _success(subprocess.run(arguments, check=False).returncode)


def _replay(folder: Path, submission: Path, path: Path) -> int:
    for wanted in scenario.load(path):
        lab = _lab(wanted, path)
        image = _image(folder, submission, [lab])
        played = Player(image).play_alone(wanted)
        print(f"scenario {wanted.title}")
        if played.run:
            for record in played.run.records:
                print(f"  {record.number:4}  {record.text:<28} {record.outcome}")
        oracle = lab.new_oracle(build.Toolchain.load(folder).kernel_base)
        try:
            finding = judge(wanted, played.run, played.ending, oracle)
        except Unplayable as error:
            raise BadScenario(str(path), error.line, error.why) from None
        if finding:
            places = explain.locate(finding, image, played.trace)
            print(f"\n{finding.verdict.value}: {explain.message(finding, places, [])}")
            return 1
        print("  pass: every sentence of the contract was kept\n")
    return 0


def _lab(wanted: scenario.Scenario, path: Path) -> labs.Lab:
    try:
        return labs.find(wanted.lab)
    except GraderError as error:
        raise BadScenario(str(path), wanted.lab_line, str(error)) from None


def gdb(folder: Path, submission: Path, scenario_file: str, at: str) -> int:
    """GDB on QEMU, standing where the player is about to call the student's function."""
    if not scenario_file:
        raise GraderError("SCENARIO= is missing: the last line of a failed test's message has it")
    if not shutil.which("gdb"):
        raise Infrastructure("gdb is not installed. `make setup` installs it.")
    if at and not at.isdigit():
        raise GraderError(f"AT={at}: the number of an operation was expected")
    wanted = scenario.load(Path(scenario_file))
    lab = labs.find(wanted[0].lab)
    toolchain = build.Toolchain.load(folder)
    image = _image(folder, submission, [lab])
    sources = build.student_files(lab, submission)
    with tempfile.TemporaryDirectory(prefix="marionette-") as work:
        (Path(work) / "script").write_text(scenario.script(wanted), encoding="ascii")
        socket = Path(work) / "gdb"
        arguments = [*machine.command(build.stripped(image.resolve())), "-append",
                     f"tsc-shift={machine.TSC_SHIFT}", "-initrd", "script", "-serial", "file:log",
                     "-S", "-chardev", f"socket,path={socket},server=on,wait=off,id=gdb",
                     "-gdb", "chardev:gdb"]
        emulator = subprocess.Popen(arguments, cwd=work, stdin=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            command = _gdb_command(image, socket, at, lab, toolchain, sources)
            # Not in the kit's folder: there the stub has the name of the student's file.
            return subprocess.run(command, cwd=work, check=False).returncode
        finally:
            emulator.kill()
            emulator.wait()


def _gdb_command(image: Path, socket: Path, at: str, lab: labs.Lab, toolchain: build.Toolchain,
                 sources: dict[str, Path]) -> list[str]:
    """Runs to the player's call of operation `at`, and from there to the student's own function."""
    where = f"about_to_play if number == {at}" if at else "about_to_play"
    commands = ["set confirm off", "set pagination off", "set architecture i386",
                *(f"directory {path.resolve().parent}" for path in sources.values()),
                f"target remote {socket}", f"hbreak {where}", "continue", "delete",
                *(f"tbreak {function}" for function in _functions(lab, toolchain)), "continue"]
    return ["gdb", "-q", str(image.resolve()), *(a for c in commands for a in ("-ex", c))]


def _functions(lab: labs.Lab, toolchain: build.Toolchain) -> list[str]:
    """The functions of a lab's contract, by name."""
    objects = [labs.ROOT / path for path in toolchain.reference
               if Path(path).stem + ".cpp" in lab.files]
    symbols = [symbol for path in objects for symbol in gate.defined(path, toolchain.tools)]
    return [name.split("(")[0] for name in gate.demangled(symbols, toolchain.tools)]


def iso(folder: Path, submission: Path, scenario_file: str, target: Path) -> int:
    """Writes an image that GRUB boots, with the scenario as its module if there is one."""
    if not shutil.which("grub-mkrescue"):
        raise Infrastructure("grub-mkrescue is not installed. `make setup` installs it.")
    image = _image(folder, submission, labs.all_labs())
    with tempfile.TemporaryDirectory(prefix="marionette-") as work:
        boot = Path(work) / "boot"
        (boot / "grub").mkdir(parents=True)
        shutil.copy(image, boot / "kernel")
        lines = ["set timeout=0", "menuentry marionette {", "  multiboot /boot/kernel"]
        if scenario_file:
            wanted = scenario.load(Path(scenario_file))
            (boot / "script").write_text(scenario.script(wanted), encoding="ascii")
            lines.append("  module /boot/script")
        (boot / "grub" / "grub.cfg").write_text("\n".join([*lines, "}"]) + "\n")
        done = subprocess.run(["grub-mkrescue", "-o", str(target), work], capture_output=True,
                              text=True, check=False)
    if done.returncode != 0:
        raise Infrastructure(f"grub-mkrescue failed:\n{done.stderr.strip()}")
    print(f"{target}: boot it with  qemu-system-i386 -cdrom {target} -serial stdio")
    return 0


def _image(folder: Path, submission: Path, chosen: list[labs.Lab]) -> Path:
    """The image with the student's files of some labs, as far as they are there, and the reference
    for everything else: for a single lab, the one that it is graded on."""
    sources = {name: path for lab in chosen
               for name, path in build.student_files(lab, submission).items()}
    if not sources:
        names = ", ".join(name for lab in chosen for name in lab.files)
        raise GraderError(f"{submission} has none of {names}")
    try:
        return build.image(build.Toolchain.load(folder), sources)
    except gate.Rejected as error:
        raise GraderError(f"the submission is rejected: {error}") from error
    except build.BuildError as error:
        raise GraderError(f"the submission does not compile:\n{error}") from error


def _success(status: int) -> int:
    """isa-debug-exit's status for a power_off(0) is 1."""
    return 0 if status == 1 else status


@contextlib.contextmanager
def _terminal_restored() -> Iterator[None]:
    """The terminal as it was, however the emulator left it."""
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
        os.write(sys.stdout.fileno(), b"\n")
