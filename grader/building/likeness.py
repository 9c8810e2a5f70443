"""Whether a student's code is a released object's, taken apart: for a person to look at, never for marks.

Two objects are compared by their instructions, without the addresses and numbers that moving code changes,
without the registers' names, and without what does nothing, in the order in which they are executed: the share of
the runs of eight instructions that both have, of those of whichever has fewer. So code that stands beside hides nothing.
Measured on the kit's own solutions of different designs it is 0.52 at most (107 pairs); what was made from the reference,
with a line changed, mostly lies above 0.6. Small files have little room to differ: that is why a person looks.
"""

from __future__ import annotations

import functools
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

from grader import limits
from grader.building import build, gate, handed_in
from grader.building.toolchain import Toolchain
from grader.course.labs import ROOT, Lab
from grader.errors import Infrastructure

RUN = 8  # instructions
REMARKABLE = 0.6

_PADDING = re.compile(r"nop|(?:mov|xchg) +%(\w+),%\1$|lea +0x0\(|lea +\(%(\w+)\),%\2$")
_LISTED = re.compile(r" *([0-9a-f]+):\t(.*)")
_JUMP = re.compile(r"jmp +([0-9a-f]+) ")
_SECTION = 1 << 32  # from one section's places to the next one's
_REGISTER = re.compile(r"%(?:e?(?:ax|bx|cx|dx|si|di)|[abcd][lh])")  # but those of the stack, which no one can choose


def flags(toolchain: Toolchain, submission: Path, labs: Iterable[Lab],
          released: Callable[[Lab], Sequence[Path]] = lambda lab: ()) -> dict[str, float]:
    """The share for each file of a submission that is remarkably like the reference's, or another object's that was
    `released` of a lab. What does not compile is like nothing."""
    found = {}
    for lab in labs:
        for name, path in handed_in.files(lab, submission).items():
            try:
                mine = build.compile_file(toolchain, name, path)
            except (gate.Rejected, build.BuildError):
                continue
            reference = next(p for p in toolchain.reference if Path(p).stem + ".cpp" == name)
            share = max(likeness(toolchain.tools, mine, theirs) for theirs in (ROOT / reference, *released(lab)))
            if share >= REMARKABLE:
                found[name] = round(share, 2)
    return found


def likeness(tools: str, mine: Path, reference: Path) -> float:
    """The share of the runs of instructions that two objects have, of the fewer: 0 to 1."""
    here, there = _runs(tools, mine), _runs(tools, reference)
    return len(here & there) / min(len(here), len(there)) if here and there else 0.0


class _Instruction(NamedTuple):
    text: str  # without what tells one place, or one choice of registers, from another
    follows: int | None  # where a jump leads that is always taken


def _instructions(tools: str, path: Path) -> dict[int, _Instruction]:
    """An object's instructions by their places, in order: the addresses within its sections, one behind the other."""
    try:
        listing = limits.listed([f"{tools}objdump", "-d", "--no-show-raw-insn", str(path)])
    except (OSError, subprocess.SubprocessError) as error:
        raise Infrastructure(f"objdump can't read {path}: {error}") from error
    found, section = {}, 0
    for line in listing.decode("utf-8", "replace").splitlines():
        section += _SECTION * line.startswith("Disassembly of section")
        if listed := _LISTED.match(line):
            at, text = int(listed[1], 16), listed[2].strip()
            jump = _JUMP.match(text)
            found[section + at] = _Instruction(_bare(text), section + int(jump[1], 16) if jump else None)
    return found


def _bare(instruction: str) -> str:
    """`jne 1f4 <f+0x30>` and `mov 0x8(%ebp),%eax` without what tells one place, or one choice of registers, from
    another; empty if it does nothing."""
    if _PADDING.match(instruction):
        return ""
    name, _, operands = instruction.partition(" ")
    if name.startswith(("j", "call")):
        return name
    return name + " " + _REGISTER.sub("R", re.sub(r"-?0x[0-9a-f]+", "N", operands.strip()))


@functools.lru_cache(maxsize=64)  # a class is compared with the same few
def _runs(tools: str, path: Path) -> set[tuple[str, ...]]:
    """Instructions as they are executed, where no condition jumps: in whatever order their blocks lie."""
    code = _instructions(tools, path)
    behind = dict(pairwise(code))
    ways = (tuple(islice(_way(code, behind, at), RUN)) for at, one in code.items() if _says_something(one))
    return {way for way in ways if len(way) == RUN}


def _way(code: Mapping[int, _Instruction], behind: Mapping[int, int], at: int | None) -> Iterator[str]:
    for _ in range(10 * RUN):  # nops and jumps may go on for ever
        if at not in code:
            return
        if _says_something(code[at]):
            yield code[at].text
        at = behind.get(at) if code[at].follows is None else code[at].follows


def _says_something(instruction: _Instruction) -> bool:
    return instruction.follows is None and instruction.text != ""
