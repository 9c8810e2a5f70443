"""Compiling a submission, and linking it with the kit into an image that boots.

The kit's own objects and the reference's are Make's business (kernel/kernel.mk); this compiles the
student's files with the same flags and keeps what it made under the content's name, so that an
unchanged file is not compiled twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderError, Infrastructure
from grader.labs import ROOT, Lab

COMPILE_SECONDS = 60


class BuildError(Exception):
    """A submission does not compile or link; the text is what the compiler said, made printable."""


@dataclass(frozen=True)
class Toolchain:
    """How the kit was built, as kernel/kernel.mk wrote it down."""

    folder: Path
    compile: tuple[str, ...]
    link: tuple[str, ...]
    libraries: tuple[str, ...]
    kit: tuple[str, ...]
    reference: tuple[str, ...]

    @classmethod
    def load(cls, folder: Path) -> Toolchain:
        """Reads toolchain.json of a build folder (build/KERNEL_BASE)."""
        try:
            table = json.loads((folder / "toolchain.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise GraderError(f"{folder}/toolchain.json can't be read ({error}): "
                              "`make kernel` makes it") from error
        return cls(folder, *(tuple(shlex.split(table[key]))
                             for key in ("compile", "link", "libraries", "kit", "reference")))


    @property
    def kernel_base(self) -> int:
        """Where the kernel's addresses begin in what this compiles."""
        define = "-DKERNEL_BASE="
        return next(int(a.removeprefix(define), 0) for a in self.compile if a.startswith(define))


def image(toolchain: Toolchain, sources: dict[str, Path]) -> Path:
    """Links an image of the kit, the given files, and the reference for all others.

    `sources` has the file names of kernel/mm/ (`buddy.cpp`) and where each comes from. Raises
    BuildError. The image's name is its content's: the same files give the same path.
    """
    objects = list(toolchain.kit)
    for path in toolchain.reference:
        name = Path(path).stem + ".cpp"
        objects.append(str(compile_file(toolchain, name, sources[name]))
                       if name in sources else path)
    key = _digest(*(_file(ROOT / o) for o in objects), *(a.encode() for a in toolchain.link))
    target = toolchain.folder / "images" / f"{key}.elf"
    if not target.exists():
        _run([*toolchain.link, *objects, *toolchain.libraries], target)
    if not stripped(target).exists():
        _run([toolchain.link[0].replace("-ld", "-objcopy"), "--strip-all", str(target)],
             stripped(target), output="")
    return target


def stripped(image: Path) -> Path:
    """The image that is booted: without symbols, which emulators read and do not need."""
    return image.with_suffix(".boot")


def compile_file(toolchain: Toolchain, name: str, source: Path) -> Path:
    """Compiles one of the student's files, as kernel/mm/NAME, and returns the object's path."""
    try:
        text = source.read_bytes()
    except OSError as error:
        raise BuildError(f"{name} can't be read: {error.strerror}") from error
    key = _digest(text, name.encode(), _headers(), *(a.encode() for a in toolchain.compile))
    target = toolchain.folder / "objects" / f"{key}.o"
    if not target.exists():
        # Messages and debug information name the file as the student knows it.
        map_prefix = f"-ffile-prefix-map={source}=kernel/mm/{name}"
        _run([*toolchain.compile, map_prefix, "-fdiagnostics-color=never", "-c", str(source)],
             target, {str(source): f"kernel/mm/{name}"})
    return target


def _headers() -> bytes:
    return b"".join(_file(path) for path in sorted((ROOT / "kernel").glob("**/*.h")))


def _file(path: Path) -> bytes:
    return path.read_bytes()


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()[:24]


def _run(command: list[str], target: Path, names: dict[str, str] | None = None,
         output: str = "-o") -> None:
    """Runs a tool that writes `target`, which appears whole or not at all; `output` is the option that
    names it, if the tool has one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=target.suffix)
    os.close(handle)
    try:
        done = subprocess.run([*command, *filter(None, [output]), temporary], cwd=ROOT, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=COMPILE_SECONDS, check=False)
        if done.returncode != 0:
            raise BuildError(clean(done.stderr, names or {}))
        os.replace(temporary, target)
    except FileNotFoundError as error:
        raise Infrastructure(f"{command[0]} is not installed. `make setup` installs it.") from error
    except subprocess.TimeoutExpired:
        raise BuildError(f"the compiler did not come to an end in {COMPILE_SECONDS} s") from None
    finally:
        Path(temporary).unlink(missing_ok=True)


def clean(output: bytes, names: dict[str, str], limit: int = 40) -> str:
    """A compiler's output for people's eyes: printable, files by their names, not endless."""
    text = output.decode("utf-8", "replace")
    for path, name in names.items():
        text = text.replace(path, name)
    text = re.sub(r"[^\n\t\x20-\x7e‘’]", "?", text)
    lines = [line.rstrip() for line in text.strip().splitlines()]
    more = len(lines) - limit
    return "\n".join(lines[:limit] + ([f"… and {more} lines more"] if more > 0 else []))


def student_files(lab: Lab, submission: Path) -> dict[str, Path]:
    """The lab's files in a submission: below kernel/mm/, mm/, or the submission itself."""
    found = {}
    for name in lab.files:
        for folder in ("kernel/mm", "mm", "."):
            path = submission / folder / name
            if path.is_file():
                found[name] = path
                break
    return found
