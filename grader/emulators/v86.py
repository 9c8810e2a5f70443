"""v86: a PC in WebAssembly, as it runs in a browser; here in Node. docs/emulators.md says what differs from QEMU.

The machine itself is web/machine/; it needs what `make -C web setup` gets from npm.
"""

from __future__ import annotations

import json
import shutil
import signal
import struct
import tempfile
from pathlib import Path

from grader.building import build, sandbox
from grader.course.labs import ROOT
from grader.emulators import machine
from grader.emulators.machine import MEMORY, Boot
from grader.errors import Infrastructure
from grader.evidence.snapshot import Snapshot
from grader.judging.judge import Ending

PROGRAM = "node"
VERSION = [PROGRAM, "-p", "require('./web/node_modules/v86/package.json').version"]  # says which it is
CPU_SECONDS = 120  # the backstop behind the machine's own count of instructions
FILE_SIZE = 160 << 20  # bytes: web/machine/play.mjs keeps 128 MiB of looks at most
ADDRESS_SPACE = 64 << 30  # bytes: of which WebAssembly reserves 10 GiB for each memory, and uses little

_MACHINE = ROOT / "web" / "machine"
_CPU = ROOT / "web" / "node_modules" / "v86" / "build" / "v86.wasm"
_HEAD = struct.Struct("<5I")
_PAGE = struct.Struct("<I4096s")
_ENTRIES = struct.Struct("<1024I")


def boot(image: Path, script: str, memory: int = MEMORY, trace: bool = False, inspect: bool = False,
         contents: int = 0, hurry: bool = False, watched: bool = True) -> Boot:
    """Boots an image and waits for its end (machine.Emulator). It costs nothing to ask for a trace or a look;
    the memory's contents and the code that ran are not to be had, and it counts instructions, not time."""
    del trace, inspect, contents, hurry, watched
    program = machine.program(PROGRAM)
    if not _MACHINE.is_dir():
        raise Infrastructure("EMULATOR=v86 takes web/, which a student's kit does not have. QEMU grades as well.")
    if not _CPU.exists():
        raise Infrastructure(f"{_CPU.relative_to(ROOT)} is missing. `make -C web setup` gets it.")
    with tempfile.TemporaryDirectory(prefix="marionette-") as name:
        folder = Path(name)
        for file in (*_MACHINE.glob("*.mjs"), _CPU):
            shutil.copyfile(file, folder / file.name)
        shutil.copyfile(build.stripped(image), folder / "kernel")
        (folder / "script").write_text(script, encoding="ascii")
        status, errors, _ = machine.run([program, "boot.mjs", ".", str(memory)], folder,
                                     sandbox.Limits(CPU_SECONDS, FILE_SIZE, ADDRESS_SPACE))
        if status in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
            return Boot(b"", Ending.CPU_TIME)
        if status:
            raise Infrastructure(f"v86 failed (status {status}): {_complaint(errors)}")
        end = json.loads(machine.read(folder / "end"))
        return left(machine.read(folder / "log"), end["ending"], end["fault"], machine.read(folder / "looks"))


def left(log: bytes, ending: str, fault: int | None, looks: bytes) -> Boot:
    """What web/machine/play.mjs returns, as a boot."""
    return Boot(log, Ending[ending], fault, _snapshots(looks))


def _snapshots(looks: bytes) -> list[Snapshot]:
    found, at = [], 0
    while at < len(looks):
        cr0, cr3, cr4, log_size, count = _HEAD.unpack_from(looks, at)
        begin, at = at + _HEAD.size, at + _HEAD.size + count * _PAGE.size
        pages = dict(_PAGE.iter_unpack(looks[begin:at]))
        registers = {"CR0": cr0, "CR3": cr3, "CR4": cr4}
        found.append(Snapshot.read(registers, lambda frame: _entries(pages.get(frame)), log_size))
    return found


def _entries(page: bytes | None) -> tuple[int, ...] | None:
    return page and _ENTRIES.unpack(page)


def _complaint(errors: str) -> str:
    lines = [line for line in errors.splitlines() if "Error" in line] or errors.split("\n")
    return lines[0].strip() or "no message"
