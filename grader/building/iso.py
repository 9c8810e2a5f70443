"""A CD that GRUB boots: the kernel, its command line, and a script as its module."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from grader.errors import Infrastructure

# All that GRUB needs for this: with its other modules, fonts and languages a CD has ten times the size.
_AS_LITTLE_AS_POSSIBLE = ["--install-modules=multiboot normal", "--locales=", "--themes=", "--fonts="]

_MODULES = Path("/usr/lib/grub/i386-pc")


def maker() -> str:
    """The program's name here: Fedora calls everything of GRUB 2 grub2."""
    return "grub2-mkrescue" if shutil.which("grub2-mkrescue") else "grub-mkrescue"


def without_modules() -> str:
    """Why GRUB can't boot a PC from a CD here; empty where it can. An ARM's own has no modules for that."""
    return "" if _MODULES.is_dir() else f"has no modules for a PC ({_MODULES}): they are in grub-pc-bin, where there is one"


def write(target: Path, kernel: Path, options: str = "", script: str = "") -> None:
    """Writes the CD's image. `options` is the kernel's command line; without a script the kernel
    comes up with its prompt. Raises Infrastructure if GRUB's tools are missing or fail."""
    if shutil.which(maker()) and without_modules():
        raise Infrastructure(f"{maker()} {without_modules()}")
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        boot = Path(folder) / "boot"
        (boot / "grub").mkdir(parents=True)
        shutil.copyfile(kernel, boot / "kernel")
        lines = ["set timeout=0", "menuentry marionette {", f"  multiboot /boot/kernel {options}"]
        if script:
            (boot / "script").write_text(script, encoding="ascii")
            lines.append("  module /boot/script")
        (boot / "grub" / "grub.cfg").write_text("\n".join([*lines, "}"]) + "\n", encoding="ascii")
        _run([maker(), *_AS_LITTLE_AS_POSSIBLE, "-o", str(target), folder])


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", check=False)
    except FileNotFoundError:
        raise Infrastructure(f"{command[0]} is not installed. `make setup` installs it.") from None
    if done.returncode != 0:
        raise Infrastructure(f"{command[0]} failed:\n{done.stderr.strip()}")
