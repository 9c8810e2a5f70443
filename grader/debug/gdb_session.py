"""GDB on QEMU's own stub, standing at the moment that was asked for."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader import build, gate, labs
from grader.debug.target import Target
from grader.emulators import qemu
from grader.errors import Infrastructure


def run(target: Target) -> int:
    """Opens GDB in this terminal until the person leaves it; its exit status."""
    if not shutil.which("gdb"):
        raise Infrastructure("gdb is not installed. `make setup` installs it.")
    print(f"{target.headline}\n  operation {target.operation} of {len(target.scenario.operations)}: "
          f"{target.scenario.operations[target.operation - 1]}", flush=True)
    with tempfile.TemporaryDirectory(prefix="marionette-") as work, \
            _emulator(target, Path(work)) as socket:
        # Not in the kit's folder: there the stub has the name of the student's file.
        return subprocess.run(_command(target, socket), cwd=work, check=False).returncode


@contextlib.contextmanager
def _emulator(target: Target, work: Path) -> Iterator[Path]:
    """QEMU, stopped before its first instruction; the socket where it waits for GDB."""
    (work / "script").write_text(target.script, encoding="ascii")
    socket = work / "gdb"
    image = build.stripped(target.stage.image.resolve())
    arguments = [*qemu.command(image), "-append", f"tsc-shift={qemu.TSC_SHIFT}",
                 "-initrd", "script", "-serial", "file:log", "-S",
                 "-chardev", f"socket,path={socket},server=on,wait=off,id=gdb",
                 "-gdb", "chardev:gdb"]
    emulator = subprocess.Popen(arguments, cwd=work, stdin=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield socket
    finally:
        emulator.kill()
        emulator.wait()


def _command(target: Target, socket: Path) -> list[str]:
    """Runs to the operation, and from there to the student's own function if it calls one."""
    sources = [path.resolve().parent for path in target.stage.sources.values()]
    commands = ["set confirm off", "set pagination off", "set architecture i386",
                *(f"directory {folder}" for folder in sources),
                f"target remote {socket}",
                f"hbreak about_to_play if number == {target.operation}", "continue", "delete"]
    if target.calls_student:
        commands += [*(f"tbreak {name}" for name in contract(target.lab, target.toolchain)),
                     "continue"]
    return ["gdb", "-q", str(target.stage.image.resolve()),
            *(argument for command in commands for argument in ("-ex", command))]


def contract(lab: labs.Lab, toolchain: build.Toolchain) -> list[str]:
    """The functions of a lab's contract, by name."""
    objects = [labs.ROOT / path for path in toolchain.reference
               if Path(path).stem + ".cpp" in lab.files]
    symbols = [symbol for path in objects for symbol in gate.defined(path, toolchain.tools)]
    return [name.split("(")[0] for name in gate.demangled(symbols, toolchain.tools)]
