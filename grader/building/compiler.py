"""One of the student's files, compiled in a box that holds the compiler, the headers and nothing else.

It is done in three steps, with a look between them: what the gate saw preprocessed is what is compiled, what it saw of
the assembly is what is assembled.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from grader.building import gate, prelude, sandbox
from grader.building.toolchain import BuildError, Toolchain, need, run, shown
from grader.course.labs import ROOT

INSIDE = "/marionette"  # where the compiler finds a submission, and debuggers think it was
LIMITS = sandbox.Limits(cpu_seconds=10, file_size=64 << 20)
AGAIN = replace(LIMITS, cpu_seconds=3)  # once more, for nothing but what is said of it

_NO_CLOCK = {"SOURCE_DATE_EPOCH": "0"}  # for __DATE__ and __TIME__: the same file has the same object, whenever
_TOO_LONG = "CPU time limit exceeded"  # GCC's driver, of the compiler proper
_TOO_LARGE = "cc1plus: out of memory"  # its own words
_TO_ASSEMBLY = ["-S", "-Wstack-usage=8192"]  # bytes, a quarter of the kernel's stack (kernel/arch/selectors.h)
_TRAP = b"\tud2\n"  # perhaps where a `return` is missing: while GCC puts one there, it doesn't warn of that
_SAID = "said"  # what the compiler said last, below its folder
_QUOTED = re.compile(r" *\d+ \| (.*)")  # a line of a file in a compiler's message,
_BELOW = re.compile(r" *\|.*| *\+\+\+ *\|.*")  # and what it has to say there


def compiled(toolchain: Toolchain, name: str, text: bytes, work: Path, gated: bool) -> tuple[Path, str]:
    """Compiles a text as kernel/mm/NAME in the empty folder `work`: the object, below it, and the compiler's
    warnings. `gated` is false only in the kit's own tests. Raises BuildError, or gate.Rejected."""
    _lay_out(work, name, text)
    assembly = _compile(toolchain, work, name, text, gated)
    if gated:
        gate.check_assembly(assembly.read_bytes())
    return assemble(toolchain, work), (work / _SAID).read_text("utf-8")


def _lay_out(work: Path, name: str, text: bytes) -> None:
    """What the compiler may see: the headers that the labs offer, and the student's file."""
    for path in sorted(ROOT.glob("kernel/mm/*.h")) + sorted(ROOT.glob("kernel/lib/*.h")) + [
            ROOT / "kernel" / "arch" / "multiboot.h"]:
        copy = work / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    source = work / "kernel" / "mm" / name
    source.write_bytes(text)
    os.utime(source, (0, 0))  # __TIMESTAMP__, too, is the same each time
    (work / "out").mkdir()
    for folder in (work, work / "out"):
        folder.chmod(0o777 if folder.name == "out" else 0o755)


def _compile(toolchain: Toolchain, work: Path, name: str, text: bytes, gated: bool) -> Path:
    """The assembly of a file that lies below `work`: what is compiled is what the gate saw preprocessed."""
    before = prelude.of(text, toolchain.compile, toolchain.folder.resolve() / "preludes")
    source, header = f"kernel/mm/{name}", f"{prelude.INSIDE if _boxed() else before}/{prelude.NAME}"
    first = ["-include", header] if before else []
    compiler = _Compiler(toolchain, work, before)
    seen = compiler.run(["-E", "-fpch-preprocess", *first, source], "out/student.ii")
    if gated:
        try:
            gate.check_preprocessed(seen.read_bytes(), f"{header}.gch".encode())
        except gate.Unread:  # a quotation mark was forgotten, mostly
            compiler.run([*_TO_ASSEMBLY, *first, source], "out/student.s")
            raise
    seen = seen.rename(work / seen.name)  # where no box writes to
    try:
        assembly = compiler.run([*_TO_ASSEMBLY, seen.name], "out/student.s")
    except _GaveUp:
        raise
    except BuildError as error:
        if "error: " in str(error):  # then macros, and the places in a line, are told as the student wrote them
            with suppress(_GaveUp):
                compiler.run([*_TO_ASSEMBLY, *first, source], "out/student.s", AGAIN)
        raise
    if _TRAP in assembly.read_bytes():
        with suppress(_GaveUp):
            compiler.run([*_TO_ASSEMBLY, "-fno-sanitize=return", seen.name], "out/warned.s", AGAIN)
    return assembly


class _GaveUp(BuildError):
    """The compiler reached a limit; what it had to say of the file, nobody knows."""


@dataclass(frozen=True)
class _Compiler:
    """The kit's compiler in a box, with the files below `work`, which it knows as INSIDE, and a prelude."""

    toolchain: Toolchain
    work: Path
    before: Path | None

    def run(self, what: list[str], output: str, limits: sandbox.Limits | None = None) -> Path:
        """Has it make `output`, below `work`, within LIMITS or others. Raises BuildError."""
        limits = limits or LIMITS
        program = self.toolchain.compile[0]
        need(program)
        readable = {self.work: INSIDE, **({self.before: prelude.INSIDE} if self.before else {})}
        command = [*self.toolchain.compile,
                   *(f"-ffile-prefix-map={path}={inside}" for path, inside in readable.items()),
                   "-fdiagnostics-color=never", *what, "-o", output]
        box = sandbox.Box(readable, {self.work / "out": f"{INSIDE}/out"}, INSIDE, _NO_CLOCK,
                          sandbox.of_compilers(program), processes=False)
        try:
            said = run(box.command(command) if _boxed() else sandbox.with_environment(command, _NO_CLOCK), self.work,
                 limits)
        except BuildError as error:
            if _TOO_LONG in str(error):
                raise _GaveUp(f"error: the compiler was not done with it after {limits.cpu_seconds} s of processor time; "
                              "what is there that takes it so long?") from None
            if _TOO_LARGE in str(error):
                raise _GaveUp("error: the compiler ran out of memory; what is there that is so large?") from None
            raise BuildError(_quoting(str(error), self.work)) from None
        (self.work / _SAID).write_text(_quoting(said, self.work), "utf-8")
        return self.work / output


def assemble(toolchain: Toolchain, work: Path) -> Path:
    """The object of the assembly, by an assembler that can read nothing else."""
    program = toolchain.tools + "as"
    command = [program, "--32", "out/student.s", "-o", "out/student.o"]
    if _boxed():
        need(program)
        files = sandbox.of_program(program)
        box = sandbox.Box({work: INSIDE}, {work / "out": f"{INSIDE}/out"}, INSIDE, {}, files, processes=False)
        command = box.command([str(files[0]), *command[1:]])
    try:
        run(command, work, LIMITS)
    except BuildError:
        raise BuildError("error: the assembler does not take what the compiler made of it") from None
    return work / "out/student.o"


def _boxed() -> bool:
    return not sandbox.degraded()


def _quoting(message: str, work: Path) -> str:
    """A compiler's message, without lines of any file but those below `work` that it was given: `#line` names others as
    it likes."""
    own = {_bare(line) for path in work.glob("kernel/**/*.*")
           for line in path.read_bytes().decode("utf-8", "replace").splitlines()}
    kept, shown = [], True
    for line in message.splitlines():
        if quoted := _QUOTED.fullmatch(line):
            shown = _bare(quoted[1]) in own
        elif not _BELOW.fullmatch(line):
            shown = True
        if shown:
            kept.append(line)
    return "\n".join(kept)


def _bare(line: str) -> str:
    return " ".join(shown(line).split())
