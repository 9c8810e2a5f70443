"""The reference as a student's kit has it: objects that link, without names and without source.

A lab's stage runs other labs' solutions (`needs` in lab.toml). Of a lab that no released one needs, the
kit has the stub's object in that place, so that an image always links.
"""

from __future__ import annotations

import subprocess
from collections.abc import Collection
from pathlib import Path

from grader.building import gate
from grader.building.toolchain import Toolchain
from grader.course.labs import ROOT, Lab
from grader.errors import Infrastructure


def needed(released: Collection[Lab]) -> set[str]:
    """The labs whose solutions the stages of some labs run."""
    return {slug for lab in released for slug in lab.needs}


def write(folder: Path, toolchain: Toolchain, labs: Collection[Lab], wanted: set[str]) -> list[str]:
    """Writes an object for each of the labs' files to a folder; the names of those with the solution.

    `wanted` are the labs whose solutions are to be there. Raises Infrastructure.
    """
    folder.mkdir(parents=True)
    solved = []
    for lab in labs:
        for name in lab.files:
            reference = ROOT / next(p for p in toolchain.reference if Path(p).stem + ".cpp" == name)
            target = folder / reference.name
            if lab.slug in wanted:
                strip(toolchain.tools, reference, target)
                solved.append(name)
            else:
                stub = target.with_suffix(".stub")
                _run([*toolchain.compile, "-c", f"kernel/mm/{name}", "-o", str(stub)])
                strip(toolchain.tools, stub, target)
                stub.unlink()
    return solved


def strip(tools: str, source: Path, target: Path) -> None:
    """Leaves the contract's functions, under their names, and nothing else that has one."""
    keep = [f"--keep-global-symbol={symbol}" for symbol in gate.defined(source, tools)]
    _run([f"{tools}ld", "-m", "elf_i386", "-r", "--force-group-allocation", str(source), "-o",
          str(target)])
    _run([f"{tools}objcopy", *keep, str(target)])
    _run([f"{tools}objcopy", "--strip-unneeded", "--discard-all", "--remove-section=.comment",
          str(target)])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise Infrastructure(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
