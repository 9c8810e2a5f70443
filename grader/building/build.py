"""Compiling a submission, and linking it with the kit into an image that boots.

The kit's own objects and the reference's are Make's business (kernel/kernel.mk); this compiles the
student's files with the same flags and keeps what it made under the content's name, so that an
unchanged file is not compiled twice.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from grader.building import advice, compiler, gate, room, sandbox
from grader.building.toolchain import BuildError, Toolchain, run
from grader.course import labs
from grader.course.labs import ROOT
from grader.errors import Infrastructure
from grader.scenarios.stream import Stream

PROBE = {"kvmalloc.cpp": Path(__file__).with_name("probe.cpp")}  # what any machine can build that can grade

# The files of kernel/lib that stand in for the C and C++ libraries.
_OWN = ("atomic", "library", "runtime", "string")

_WARNINGS = ".warnings"  # what the compiler said, beside the object

# Why a file has no object, by where that would be, once the machine was not to blame: it is not compiled again for the
# integrated stage, however long it took.
_refused: dict[Path, BuildError | gate.Rejected] = {}


def image(toolchain: Toolchain, sources: dict[str, Path], gated: bool = True,
          layout: str = "") -> Path:
    """Compiles the given files, and links an image of the kit, them, and the reference for all others.

    `sources` has the file names of kernel/mm/ (`buddy.cpp`) and where each comes from; `gated` is
    false only in the kit's own tests; another `layout` puts everything at other addresses. Raises
    BuildError, or gate.Rejected. The image's name is its content's: the same files give the same path.
    """
    try:
        return _image(toolchain, sources, gated, layout)
    except (BuildError, gate.Rejected) as error:
        target = getattr(error, "target", None)
        if target not in _refused:
            prove(toolchain)
        if target:
            _refused[target] = error
        raise


def prove(toolchain: Toolchain) -> None:
    """Raises Infrastructure if a file of the kit's own can't be built here either, in the way of a submission: then
    the machine is to blame, whatever is wrong with it. Nothing is taken that was built before: it may have been
    before a disk was full, or a limit was set."""
    try:
        toolchain.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="proof-", dir=toolchain.folder) as anew:
            _image(replace(toolchain, folder=Path(anew)), PROBE)
    except OSError as error:
        raise Infrastructure(f"can't write to {toolchain.folder}: {error.strerror}") from error
    except (BuildError, gate.Rejected) as error:
        raise Infrastructure(f"{toolchain.compiler} can't build the kit's own code on this machine, so nothing is "
                             f"said of what was handed in: {error}\n`make doctor` looks for the cause") from error


def _image(toolchain: Toolchain, sources: dict[str, Path], gated: bool = True, layout: str = "") -> Path:
    own = {name: compile_file(toolchain, name, sources[name], gated)
           for name in _references(toolchain) if name in sources}
    checked = bool(sources) and gated
    return linked(toolchain, own, layout, gate.policy() if gated else b"",
                  lambda target: gate.check_image(target, _image(toolchain, {})) if checked else None)


def linked(toolchain: Toolchain, own: dict[str, Path], layout: str = "", policy: bytes = b"",
           check: Callable[[Path], None] = lambda target: None) -> Path:
    """Links an image of the kit, objects that are there already, by their files' names, and the reference for all
    others. It is given out once `check` has looked at it."""
    objects = [*toolchain.kit, *map(str, (_references(toolchain) | own).values())]
    if layout:
        objects = Stream(layout, "layout").shuffled(objects)
    key = _digest(*(_file(ROOT / o) for o in objects), _file(ROOT / "kernel" / "kernel.ld"),
                  *(a.encode() for a in toolchain.link), policy)
    target = toolchain.folder / "images" / f"{key}.elf"
    if not target.exists():
        with _appearing(target) as new:
            link(toolchain, objects, own, new)
    if not stripped(target).exists():
        check(target)
        with _appearing(stripped(target)) as new:
            run([toolchain.tools + "objcopy", "--strip-all", str(target), new], ROOT,
                 sandbox.BINUTILS)
    return target


def _references(toolchain: Toolchain) -> dict[str, str]:
    """The reference's objects, by the names of the files whose place they take."""
    return {Path(path).stem + ".cpp": path for path in toolchain.reference}


def link(toolchain: Toolchain, objects: list[str], own: dict[str, Path], target: str) -> None:
    """Links the objects into `target`. Raises BuildError, which says what of the `own` files is too large, if that is
    why."""
    try:
        run([*toolchain.link, *objects, *toolchain.libraries, "-o", target], ROOT, sandbox.BINUTILS)
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
    if known := _refused.get(target):
        raise known.with_traceback(None)
    try:
        _compile(toolchain, name, text, gated, target)
    except (BuildError, gate.Rejected) as error:
        error.target = target
        raise
    return target


def _compile(toolchain: Toolchain, name: str, text: bytes, gated: bool, target: Path) -> None:
    """Makes the object of a file, and what was said of it, where they belong. Raises BuildError, or gate.Rejected."""
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder, _appearing(target) as new:
        compiled, said = compiler.compiled(toolchain, name, text, Path(folder), gated)
        if gated:
            # What the contract names is missed below, where it is told what is there instead of it.
            own = contract(_references(toolchain)[name], toolchain.tools)
            gate.check_object(compiled, labs.may_call(name), library(toolchain).union(own), toolchain.tools)
        _keep_global(toolchain, name, compiled, new)
        said += _of_other_labs(toolchain, name, compiled)
        with _appearing(target.with_suffix(_WARNINGS)) as warnings:
            Path(warnings).write_text(said, "utf-8")


def _object(toolchain: Toolchain, name: str, text: bytes, gated: bool) -> Path:
    """Where a student's file goes that is compiled; the name is that of all it is made of."""
    key = _digest(text, name.encode(), _headers(), gate.policy() if gated else b"",
                  toolchain.compiler.encode(), *(a.encode() for a in toolchain.compile), b"checks" * toolchain.checks)
    return toolchain.folder / "objects" / f"{key}.o"


def warnings(toolchain: Toolchain, name: str, source: Path, gated: bool = True) -> str:
    """What the compiler had to say of a student's file that it compiled; empty if nothing."""
    try:
        said = _object(toolchain, name, gate.read_source(source), gated).with_suffix(_WARNINGS).read_text("utf-8")
    except (OSError, gate.Rejected):
        return ""
    return "\n".join(line + advice.on(line) for line in said.splitlines())


def own_object(toolchain: Toolchain, source: Path) -> Path:
    """Compiles a file of the kit's that no stage has as the kernel is compiled, and returns the object's
    path. Its headers are the kernel's, and those beside it."""
    headers = sorted(source.parent.glob("*.h"))
    key = _digest(*(path.read_bytes() for path in (source, *headers)), _headers(),
                  toolchain.compiler.encode(), *(a.encode() for a in toolchain.compile))
    target = toolchain.folder / "objects" / f"{key}.o"
    if not target.exists():
        with _appearing(target) as new:
            run([*toolchain.compile, "-c", str(source), "-o", new], ROOT, compiler.LIMITS)
    return target


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
    wanted = contract(_references(toolchain)[name], toolchain.tools)
    if missing := set(wanted) - set(gate.defined(compiled, toolchain.tools)):
        raise BuildError(f"kernel/mm/{name}: error: not defined: {_missing(missing, compiled, toolchain.tools)}")
    grouped = compiled.with_suffix(".grouped")
    # A common variable is anybody's until it has a place (-d): the linker would give it the kit's of that name.
    run([toolchain.tools + "ld", "-m", "elf_i386", "-r", "-d", "--force-group-allocation",
          str(compiled), "-o", str(grouped)], compiled.parent, sandbox.BINUTILS)
    if toolchain.checks:
        wanted = [*wanted, *_own_check(name, compiled, toolchain.tools)]
    keep = [f"--keep-global-symbol={symbol}" for symbol in wanted]
    run([toolchain.tools + "objcopy", *keep, str(grouped), target], compiled.parent, sandbox.BINUTILS)


def _of_other_labs(toolchain: Toolchain, name: str, compiled: Path) -> str:
    """A warning of each function that an object defines though it is another lab's: then its own calls go there."""
    own = contract(_references(toolchain)[name], toolchain.tools)
    more = set(gate.defined(compiled, toolchain.tools)) - set(own)
    others = {symbol for reference in toolchain.reference for symbol in contract(reference, toolchain.tools)} if more else ()
    return "".join(f"\nkernel/mm/{name}: warning: it defines {function}, which is another lab's: what is called here is "
                   "this one, not the kit's" for function in gate.demangled(sorted(more & set(others)), toolchain.tools))


def _missing(wanted: set[str], compiled: Path, tools: str) -> str:
    """The functions that an object lacks; and what it has instead, where only a signature differs."""
    functions = sorted(gate.demangled(wanted, tools))
    there = gate.demangled(gate.defined(compiled, tools), tools)
    instead = [spelled for spelled in sorted(there) if spelled not in functions
               and spelled.split("(")[0] in {function.split("(")[0] for function in functions}]
    return ", ".join(functions) + (f"; defined instead: {', '.join(instead)}. The header says which types the "
                                   "parameters have" if instead else
                                   "; what is static, or in an unnamed namespace, only this file can call")


def _own_check(name: str, compiled: Path, tools: str) -> list[str]:
    """The symbol of the student's own check in an object: none, or one. Raises BuildError if nobody would call it."""
    function = f"{Path(name).stem}_check"
    wanted = f"{function}({'buddy*' if name == 'buddy.cpp' else ''})"
    symbols = gate.defined(compiled, tools)
    found = {spelled: symbol for symbol, spelled in zip(symbols, gate.demangled(symbols, tools), strict=True)
             if spelled.split("(")[0] == function}
    if found and wanted not in found:
        raise BuildError(f"kernel/mm/{name}: error: {next(iter(found))} is not called: expected void {wanted}")
    return [found[wanted]] if found else []


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
