"""QEMU: boots a kernel image with a script and returns what came out of its serial port."""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import Infrastructure
from grader.judge import Ending

TSC_SHIFT = 8  # the time stamp counter advances by 2^8 for each instruction (-icount shift=8)
MEMORY = 32  # MiB
CPU_SECONDS = 20  # the backstop behind the kernel's own watchdog
WALL_SECONDS = 300  # the backstop behind that one: the host is to blame, not the kernel
MAX_OUTPUT = 8 << 20  # bytes of serial log

_PROGRAM = "qemu-system-i386"

# The fastest machine that has all the kernel needs. Determinism: instructions are the clock, and
# no host device or thread can be seen from inside.
_MACHINE = ["-accel", "tcg", "-M", "isapc", "-cpu", "qemu32,-apic", "-bios", "qboot.rom",
            "-nodefaults", "-no-user-config", "-display", "none", "-monitor", "none",
            "-no-reboot", "-icount", f"shift={TSC_SHIFT},sleep=off",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            "-device", "ib700", "-watchdog-action", "inject-nmi"]


@dataclass(frozen=True)
class Boot:
    """What is left of one boot."""

    log: bytes
    ending: Ending
    trace: bytes = b""  # QEMU's own log of CPU exceptions, where it was asked for
    command: list[str] = field(default_factory=list)


def command(image: Path, memory: int = MEMORY) -> list[str]:
    """The command that boots an image, but for the serial port and the script."""
    return [program(), *_MACHINE, "-m", str(memory), "-kernel", str(image)]


def program() -> str:
    """QEMU's path. Raises Infrastructure if it isn't there."""
    path = shutil.which(_PROGRAM)
    if not path:
        raise Infrastructure(f"{_PROGRAM} is not installed. `make setup` installs it.")
    return path


def boot(image: Path, script: str, memory: int = MEMORY, trace: bool = False) -> Boot:
    """Boots an image and waits for its end. `script` becomes the Multiboot module.

    Raises Infrastructure when the emulator could not do its work.
    """
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        # The module's string begins with the path as given, so that is always the same.
        (Path(folder) / "script").write_text(script, encoding="ascii")
        arguments = [*command(image.resolve(), memory), "-append", f"tsc-shift={TSC_SHIFT}",
                     "-initrd", "script", "-serial", "file:log"]
        if trace:
            arguments += ["-d", "int,cpu_reset", "-D", "trace"]
        status, errors = _run(arguments, folder)
        log = _read(Path(folder) / "log")
        return Boot(log, _ending(status, log, errors), _read(Path(folder) / "trace")[-65536:],
                    arguments)


def _run(arguments: list[str], folder: str) -> tuple[int, str]:
    try:
        done = subprocess.run(arguments, cwd=folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              timeout=WALL_SECONDS, preexec_fn=_limit, check=False)
    except subprocess.TimeoutExpired:
        raise Infrastructure(f"the emulator made no end of it in {WALL_SECONDS} s, and used little "
                             "processor time: the machine is overloaded") from None
    except OSError as error:
        raise Infrastructure(f"{arguments[0]} can't be started: {error.strerror}") from error
    return done.returncode, done.stderr.decode("utf-8", "replace")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_OUTPUT, MAX_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _ending(status: int, log: bytes, errors: str) -> Ending:
    if status in (-signal.SIGXCPU, -signal.SIGKILL) and status == -signal.SIGXCPU:
        return Ending.CPU_TIME
    if len(log) >= MAX_OUTPUT or status == -signal.SIGXFSZ:
        return Ending.OUTPUT
    if status < 0:
        raise Infrastructure(f"the emulator was ended by signal {-status}: somebody killed it, or "
                             "the machine ran out of memory")
    if status == 0:
        return Ending.RESET
    if status & 1 and (log or not errors):
        return Ending.POWER_OFF
    raise Infrastructure(f"the emulator failed (status {status}): {errors.strip() or 'no message'}")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
