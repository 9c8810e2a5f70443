"""Whether a student's code is a released object's, taken apart: for a person to look at, never for marks.

Two objects are compared by their instructions, without the addresses and numbers that moving code changes,
without the registers' names, and without what does nothing: the share of the student's runs of eight instructions that
the reference has as well. Measured on the kit's own solutions of other designs it is 0.33 at most; what was made from
the reference, with a line changed, mostly lies above 0.5. Small files have little room to differ: that is why a person looks.
"""

from __future__ import annotations

import functools
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from grader import limits
from grader.building import build, gate, handed_in
from grader.building.toolchain import Toolchain
from grader.course.labs import ROOT, Lab
from grader.errors import Infrastructure

RUN = 8  # instructions
REMARKABLE = 0.5

_PADDING = re.compile(r"nop|(?:mov|xchg) +%(\w+),%\1$|lea +0x0\(|lea +\(%(\w+)\),%\2$")
_REGISTER = re.compile(r"%(?:e?(?:ax|bx|cx|dx|si|di)|[abcd][lh])")  # but those of the stack, which no one can choose


def flags(toolchain: Toolchain, submission: Path, labs: Iterable[Lab]) -> dict[str, float]:
    """The share for each file of a submission that is remarkably like the reference's. What does not
    compile is like nothing."""
    found = {}
    for lab in labs:
        for name, path in handed_in.files(lab, submission).items():
            try:
                mine = build.compile_file(toolchain, name, path)
            except (gate.Rejected, build.BuildError):
                continue
            reference = next(p for p in toolchain.reference if Path(p).stem + ".cpp" == name)
            share = likeness(toolchain.tools, mine, ROOT / reference)
            if share >= REMARKABLE:
                found[name] = round(share, 2)
    return found


def likeness(tools: str, mine: Path, reference: Path) -> float:
    """The share of an object's runs of instructions that another has, too: 0 to 1."""
    here, there = _runs(tools, mine), _runs(tools, reference)
    return len(here & there) / len(here) if here else 0.0


def instructions(tools: str, path: Path) -> list[str]:
    """An object's instructions, without padding, addresses and numbers."""
    try:
        listing = limits.listed([f"{tools}objdump", "-d", "--no-show-raw-insn", str(path)])
    except (OSError, subprocess.SubprocessError) as error:
        raise Infrastructure(f"objdump can't read {path}: {error}") from error
    lines = (line.partition("\t")[2].strip() for line in listing.decode("utf-8", "replace").splitlines())
    return [_bare(line) for line in lines if line and not _PADDING.match(line)]


def _bare(instruction: str) -> str:
    """`jne 1f4 <f+0x30>` and `mov 0x8(%ebp),%eax` without what tells one place, or one choice of registers, from
    another."""
    name, _, operands = instruction.partition(" ")
    if name.startswith(("j", "call")):
        return name
    return name + " " + _REGISTER.sub("R", re.sub(r"-?0x[0-9a-f]+", "N", operands.strip()))


@functools.lru_cache(maxsize=32)  # a class is compared with the same few
def _runs(tools: str, path: Path) -> set[tuple[str, ...]]:
    code = instructions(tools, path)
    return {tuple(code[i:i + RUN]) for i in range(len(code) - RUN + 1)}
