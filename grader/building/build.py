"""Compiling a submission, and linking it with the kit into an image that boots.

The kit's own objects and the reference's are Make's business (kernel/kernel.mk); this compiles the
student's files with the same flags and keeps what it made under the content's name, so that an
unchanged file is not compiled twice.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.building import gate, prelude, room, sandbox
from grader.course import labs
from grader.course.labs import ROOT
from grader.errors import GraderError, Infrastructure
from grader.evidence import binutils
from grader.scenarios.stream import Stream

INSIDE = "/marionette"  # where the compiler finds a submission, and debuggers think it was
_NO_CLOCK = {"SOURCE_DATE_EPOCH": "0"}  # for __DATE__ and __TIME__: the same file has the same object, whenever
PROBE = {"kvmalloc.cpp": Path(__file__).with_name("probe.cpp")}  # what any machine can build that can grade
COMPILER_LIMITS = sandbox.Limits(cpu_seconds=20, file_size=64 << 20)

# The files of kernel/lib that stand in for the C and C++ libraries.
_OWN = ("atomic", "library", "runtime", "string")

_SAID, _WARNINGS = "said", ".warnings"  # what the compiler said last, below its folder and beside the object

_UNPRINTABLE = re.compile(r"[^\n\t\x20-\x7e‘’]")
_QUOTED = re.compile(r" *\d+ \| (.*)")  # a line of a file in a compiler's message,
_BELOW = re.compile(r" *\|.*| *\+\+\+ *\|.*")  # and what it has to say there


class BuildError(Exception):
    """A submission does not compile or link; the text is what the compiler said, made printable."""


@dataclass(frozen=True)
class Toolchain:
    """How the kit was built, as kernel/kernel.mk wrote it down."""

    folder: Path
    compiler: str  # its name and version
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
            toolchain = cls(folder, table["compiler"], *(tuple(shlex.split(table[key])) for key in (
                "compile", "link", "libraries", "kit", "reference")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GraderError(f"{folder}/toolchain.json can't be read ({error}): "
                              "`make kernel` makes it anew") from error
        binutils.are_called(toolchain.tools)
        return toolchain

    def for_debugging(self) -> Toolchain:
        """The same, but what it compiles keeps its variables and calls, for a debugger (-Og)."""
        return replace(self, compile=(*self.compile, "-Og"))

    @property
    def tools(self) -> str:
        """What the names of the binutils begin with: `i686-linux-gnu-`."""
        return self.link[0].removesuffix("ld")

    @property
    def kernel_base(self) -> int:
        """Where the kernel's addresses begin in what this compiles."""
        define = "-DKERNEL_BASE="
        return next(int(a.removeprefix(define), 0) for a in self.compile if a.startswith(define))


def image(toolchain: Toolchain, sources: dict[str, Path], gated: bool = True,
          layout: str = "") -> Path:
    """Compiles the given files, and links an image of the kit, them, and the reference for all others.

    `sources` has the file names of kernel/mm/ (`buddy.cpp`) and where each comes from; `gated` is
    false only in the kit's own tests; another `layout` puts everything at other addresses. Raises
    BuildError, or gate.Rejected. The image's name is its content's: the same files give the same path.
    """
    try:
        return _image(toolchain, sources, gated, layout)
    except (BuildError, gate.Rejected):
        prove(toolchain)
        raise


@functools.cache
def prove(toolchain: Toolchain) -> None:
    """Raises Infrastructure if a file of the kit's own can't be built here either, in the way of a submission: then
    the machine is to blame, whatever is wrong with it."""
    try:
        _image(toolchain, PROBE)
    except (BuildError, gate.Rejected) as error:
        raise Infrastructure(f"{toolchain.compiler} can't build the kit's own code on this machine, so nothing is "
                             f"said of what was handed in: {error}\n`make doctor` looks for the cause") from error


def _image(toolchain: Toolchain, sources: dict[str, Path], gated: bool = True, layout: str = "") -> Path:
    reference = {Path(path).stem + ".cpp": path for path in toolchain.reference}
    own = {name: compile_file(toolchain, name, sources[name], gated) for name in reference if name in sources}
    objects = [*toolchain.kit, *map(str, (reference | own).values())]
    if layout:
        objects = Stream(layout, "layout").shuffled(objects)
    key = _digest(*(_file(ROOT / o) for o in objects), _file(ROOT / "kernel" / "kernel.ld"), *(a.encode() for a in toolchain.link),
                  gate.policy() if gated else b"")
    target = toolchain.folder / "images" / f"{key}.elf"
    if not target.exists():
        with _appearing(target) as new:
            _link(toolchain, objects, own, new)
    if not stripped(target).exists():
        if sources and gated:
            gate.check_image(target, _image(toolchain, {}))
        with _appearing(stripped(target)) as new:
            _run([toolchain.tools + "objcopy", "--strip-all", str(target), new], ROOT,
                 sandbox.BINUTILS)
    return target


def _link(toolchain: Toolchain, objects: list[str], own: dict[str, Path], target: str) -> None:
    try:
        _run([*toolchain.link, *objects, *toolchain.libraries, "-o", target], ROOT, sandbox.BINUTILS)
    except BuildError as error:
        raise BuildError(room.told(str(error), own, toolchain.tools)) from None


def stripped(image: Path) -> Path:
    """The image that is booted: without symbols, which emulators read and do not need."""
    return image.with_suffix(".boot")


def compile_file(toolchain: Toolchain, name: str, source: Path, gated: bool = True) -> Path:
    """Compiles one of the student's files, as kernel/mm/NAME, in a box that holds the compiler and
    the headers, and returns the object's path: as the gate let it in, with nothing global but what
    the contract names."""
    text = gate.read_source(source)
    target = _object(toolchain, name, text, gated)
    if target.exists():
        return target
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder, _appearing(target) as new:
        work = Path(folder)
        _lay_out(work, name, text)
        assembly = _compile(toolchain, work, name, text, gated)
        if gated:
            gate.check_assembly(assembly.read_bytes())
        compiled = _assemble(toolchain, work)
        if gated:
            gate.check_object(compiled, labs.may_call(name), library(toolchain), toolchain.tools)
        _keep_global(toolchain, name, compiled, new)
        with _appearing(target.with_suffix(_WARNINGS)) as warnings:
            shutil.copyfile(work / _SAID, warnings)
    return target


def _object(toolchain: Toolchain, name: str, text: bytes, gated: bool) -> Path:
    """Where a student's file goes that is compiled; the name is that of all it is made of."""
    key = _digest(text, name.encode(), _headers(), gate.policy() if gated else b"",
                  toolchain.compiler.encode(), *(a.encode() for a in toolchain.compile))
    return toolchain.folder / "objects" / f"{key}.o"


def warnings(toolchain: Toolchain, name: str, source: Path, gated: bool = True) -> str:
    """What the compiler had to say of a student's file that it compiled; empty if nothing."""
    try:
        return _object(toolchain, name, gate.read_source(source), gated).with_suffix(_WARNINGS).read_text("utf-8")
    except (OSError, gate.Rejected):
        return ""


def own_object(toolchain: Toolchain, source: Path) -> Path:
    """Compiles a file of the kit's that no stage has as the kernel is compiled, and returns the object's
    path. Its headers are the kernel's, and those beside it."""
    headers = sorted(source.parent.glob("*.h"))
    key = _digest(*(path.read_bytes() for path in (source, *headers)), _headers(),
                  toolchain.compiler.encode(), *(a.encode() for a in toolchain.compile))
    target = toolchain.folder / "objects" / f"{key}.o"
    if not target.exists():
        with _appearing(target) as new:
            _run([*toolchain.compile, "-c", str(source), "-o", new], ROOT, COMPILER_LIMITS)
    return target


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
        gate.check_preprocessed(seen.read_bytes(), f"{header}.gch".encode())
    seen = seen.rename(work / seen.name)  # where no box writes to
    try:
        return compiler.run(["-S", seen.name], "out/student.s")
    except BuildError as error:
        if "error: " in str(error):  # then macros, and the places in a line, are told as the student wrote them
            compiler.run(["-S", *first, source], "out/student.s")
        raise


@dataclass(frozen=True)
class _Compiler:
    """The kit's compiler in a box, with the files below `work`, which it knows as INSIDE, and a prelude."""

    toolchain: Toolchain
    work: Path
    before: Path | None

    def run(self, what: list[str], output: str) -> Path:
        """Has it make `output`, below `work`. Raises BuildError."""
        program = self.toolchain.compile[0]
        _need(program)
        readable = {self.work: INSIDE, **({self.before: prelude.INSIDE} if self.before else {})}
        command = [*self.toolchain.compile,
                   *(f"-ffile-prefix-map={path}={inside}" for path, inside in readable.items()),
                   "-fdiagnostics-color=never", *what, "-o", output]
        box = sandbox.Box(readable, {self.work / "out": f"{INSIDE}/out"}, INSIDE, _NO_CLOCK,
                          sandbox.of_compilers(program), processes=False)
        try:
            said = _run(box.command(command) if _boxed() else sandbox.with_environment(command, _NO_CLOCK), self.work,
                 COMPILER_LIMITS)
        except BuildError as error:
            raise BuildError(_quoting(str(error), self.work)) from None
        (self.work / _SAID).write_text(_quoting(said, self.work), "utf-8")
        return self.work / output


def _assemble(toolchain: Toolchain, work: Path) -> Path:
    """The object of the assembly, by an assembler that can read nothing else."""
    program = toolchain.tools + "as"
    command = [program, "--32", "out/student.s", "-o", "out/student.o"]
    if _boxed():
        _need(program)
        files = sandbox.of_program(program)
        box = sandbox.Box({work: INSIDE}, {work / "out": f"{INSIDE}/out"}, INSIDE, {}, files, processes=False)
        command = box.command([str(files[0]), *command[1:]])
    try:
        _run(command, work, COMPILER_LIMITS)
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
    return " ".join(_UNPRINTABLE.sub("?", line).split())


@functools.cache
def library(toolchain: Toolchain) -> frozenset[str]:
    """The symbols that any lab's file may use (gate.libraries)."""
    own = [str(ROOT / path) for path in toolchain.kit if Path(path).match("kernel/lib/*") and Path(path).stem in _OWN]
    return gate.libraries(own, toolchain.libraries, toolchain.tools)


@functools.cache
def contract(reference: str, tools: str) -> list[str]:
    """The symbols that a file of kernel/mm/ must define: those of the reference's object."""
    return gate.defined(ROOT / reference, tools)


def _keep_global(toolchain: Toolchain, name: str, compiled: Path, target: str) -> None:
    """Makes everything local but what the reference's file of that name has global, too."""
    reference = next(path for path in toolchain.reference if Path(path).stem + ".cpp" == name)
    wanted = contract(reference, toolchain.tools)
    if missing := set(wanted) - set(gate.defined(compiled, toolchain.tools)):
        functions = ", ".join(sorted(gate.demangled(missing, toolchain.tools)))
        raise BuildError(f"kernel/mm/{name}: error: not defined: {functions}")
    grouped = compiled.with_suffix(".grouped")
    _run([toolchain.tools + "ld", "-m", "elf_i386", "-r", "--force-group-allocation",
          str(compiled), "-o", str(grouped)], compiled.parent, sandbox.BINUTILS)
    keep = [f"--keep-global-symbol={symbol}" for symbol in wanted]
    _run([toolchain.tools + "objcopy", *keep, str(grouped), target], compiled.parent, sandbox.BINUTILS)


@functools.cache
def _headers() -> bytes:
    return b"".join(_file(path) for path in sorted((ROOT / "kernel").glob("**/*.h")))


@functools.lru_cache(maxsize=256)
def _file(path: Path) -> bytes:
    """A file of the kit, which does not change while it grades, or an object named by its content."""
    return path.read_bytes()


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()[:24]


@contextlib.contextmanager
def _appearing(target: Path) -> Iterator[str]:
    """A name to write to; what is there at the end becomes `target`, whole, if nothing went wrong. Raises
    Infrastructure where nothing can be written."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=target.suffix)
    except OSError as error:
        raise Infrastructure(f"can't write to {target.parent}: {error.strerror}") from error
    os.close(handle)
    try:
        yield temporary
        os.replace(temporary, target)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _run(command: list[str], folder: Path, limits: sandbox.Limits | None = None) -> str:
    """Runs a compiler or one of the binutils, and returns its warnings; raises BuildError with what it complained of."""
    _need(command[0])
    try:
        done = subprocess.run(limits.around(command) if limits else command, cwd=folder,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=sandbox.BACKSTOP, check=False)
    except subprocess.TimeoutExpired:
        raise Infrastructure(f"{command[0]} made no end of it in {sandbox.BACKSTOP} s, and used little "
                             "processor time: the machine stands still") from None
    if done.returncode != 0:
        raise BuildError(clean(done.stderr) or f"the compiler ended with status {done.returncode}, "
                         "without a word: it may have needed too much time or memory")
    return clean(done.stderr)


def _need(program: str) -> None:
    if not shutil.which(program):
        raise Infrastructure(f"{program} is not installed. `make setup` installs it.")


def clean(output: bytes, limit: int = 40) -> str:
    """A compiler's output for people's eyes: printable, and not endless."""
    text = output[:1 << 20].decode("utf-8", "replace")
    text = _UNPRINTABLE.sub("?", text)
    lines = [line.rstrip() for line in text.strip().splitlines()]
    more = len(lines) - limit
    return "\n".join(lines[:limit] + ([f"… and {more} lines more"] if more > 0 else []))
