"""Where results come from: kit, submission, tools. What is needed to grade again and get the same."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from grader import emulators
from grader.building import build, gate, handed_in, sandbox
from grader.course.labs import ROOT, Lab, all_labs

VERSION_FILE = "VERSION"  # of a kit without git: its first line is the commit that it was cut from



def kit(root: Path = ROOT) -> dict:
    """The kit's `commit`, and whether it is `dirty` (files of the kit differ from that commit).

    A version file wins over git: a student's copy lies in the student's own repository. What can't be
    known is None.
    """
    try:
        return {"commit": (root / VERSION_FILE).read_text(encoding="utf-8").split()[0],
                "dirty": None}
    except (OSError, ValueError, IndexError):
        pass
    if _output(["git", "rev-parse", "--show-toplevel"], root).strip() != str(root):
        return {"commit": None, "dirty": None}
    commit = _output(["git", "rev-parse", "HEAD"], root).strip()
    # The stubs are what students write: they are the submission's, not the kit's.
    stubs = [f":(exclude)kernel/mm/{name}" for lab in all_labs(root) for name in lab.files]
    # Without locks: one that is left by a grading that was killed would be in everybody's way.
    changed = _output(["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "status",
                       "--porcelain", "--", ".", *stubs], root)
    return {"commit": commit or None, "dirty": bool(changed)}


def gather(chosen: Sequence[Lab], folder: Path, toolchain: build.Toolchain, emulator: str,
           examples: bool = False) -> dict:
    """All of it, as results.json has it; with `examples` those count among the graded files."""
    kits, versions = around(toolchain, emulator)
    return {"kit": kits, "submission": submission(chosen, folder, examples),
            "kernel_base": f"0x{toolchain.kernel_base:08X}", "tools": versions}


@functools.cache
def around(toolchain: build.Toolchain, emulator: str) -> tuple[dict, dict]:
    """What is the same for every submission: kit and tools."""
    return kit(), tools(toolchain, emulator)


def submission(chosen: Sequence[Lab], folder: Path, examples: bool = False) -> dict:
    """The graded files by name with their SHA-256, and one `hash` of them all.

    A file that the gate does not even read (a link, too large) has None.
    """
    files = {name: _digest_of(path) for lab in chosen
             for name, path in sorted(handed_in.files(lab, folder).items())}
    files |= {lab.examples: _digest_of(path) for lab in chosen if examples
              if (path := handed_in.examples(lab, folder))}
    whole = hashlib.sha256(json.dumps(files, sort_keys=True).encode("ascii"))
    return {"hash": f"sha256:{whole.hexdigest()}", "files": files}


def tools(toolchain: build.Toolchain, emulator: str = "qemu") -> dict:
    """The versions of what compiles, links and boots, and of what judges; None: it did not say."""
    boot = dict.fromkeys(["qemu", emulator])  # QEMU shrinks what fails elsewhere
    return {
        **{name: _version(emulators.find(name).VERSION) for name in boot},
        "g++": _version([toolchain.compile[0], "-dumpfullversion"]),
        "binutils": _version([toolchain.link[0], "--version"]),
        "python": platform.python_version(),
    }


def _digest_of(path: Path) -> str | None:
    try:
        return hashlib.sha256(gate.read_source(path)).hexdigest()
    except gate.Rejected:
        return None


def _version(command: list[str]) -> str | None:
    """The version that a tool gives in the first line with one, and the distribution's own if it is
    there, too."""
    lines = _output(command, ROOT).splitlines()
    found = (re.findall(r"\d+(?:\.\d+)+|\(Debian [^)]*\)", line) for line in lines)
    return next((" ".join(words) for words in found if words), None)


def _output(command: list[str], folder: Path) -> str:
    """What a command says; empty if it is not there or fails."""
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=sandbox.BACKSTOP, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
