"""`make doctor`: which tools are missing or won't do here, and the command that gets them; then whether the kit works.

The tools' part needs nothing but Python itself: it has to work where everything else is missing.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.building import iso, sandbox
from grader.errors import GraderError

ROOT = Path(__file__).resolve().parents[2]
OS_RELEASE = Path("/etc/os-release")
CONTAINER = ("In a container everything is there: `make container` (with podman or docker), or \"Reopen in "
             "Container\" in VS Code")
_TRIAL = "#include <algorithm>\n#include <array>\n#include <span>\n#include <stdint.h>\n"

# How each system installs packages. Debian and Ubuntu are what the kit is tested on.
INSTALL = {"debian": "sudo apt-get install -y", "fedora": "sudo dnf install -y",
           "arch": "sudo pacman -S --needed"}


@dataclass(frozen=True)
class Tool:
    """A program, or a module of Python, that the kit uses.

    `packages` names what holds it, by system. `oldest` is the oldest version that will do.
    """

    name: str
    purpose: str
    packages: Mapping[str, str]
    oldest: tuple[int, ...] = ()
    module: bool = False
    version: str = "--version"  # the option that asks for it
    optional: bool = False
    trial: Callable[[str], str] | None = None  # why the program, which is there, does not do; empty if it does


def _everywhere(package: str) -> dict[str, str]:
    return dict.fromkeys(INSTALL, package)


_COMPILER = {"debian": "g++-i686-linux-gnu", "fedora": "gcc-c++ libstdc++-devel.i686 glibc-devel.i686",
             "arch": "gcc lib32-gcc-libs lib32-glibc"}
_BINUTILS = {"debian": "binutils-i686-linux-gnu", "fedora": "binutils", "arch": "binutils"}

def _compiles(compiler: str) -> str:
    """Why it can't compile for a PC without an operating system; empty if it can."""
    try:
        done = subprocess.run([compiler, "-m32", "-march=i686", "-std=c++20", "-ffreestanding", "-fsyntax-only",
                               "-x", "c++", "-"], input=_TRIAL, capture_output=True, text=True, errors="replace",
                              timeout=sandbox.BACKSTOP, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not run: {error}"
    if done.returncode == 0:
        return ""
    said = next((line for line in done.stderr.splitlines() if "error" in line), f"status {done.returncode}")
    return f"can't compile for 32-bit x86 (-m32): {said}"


def _debugs(debugger: str) -> str:
    """Why it can't debug the kernel; empty if it can. An ARM's own does not know a PC's machine code."""
    program = shutil.which("gdb-multiarch") or debugger  # as grader/debug has it
    try:
        done = subprocess.run([program, "-nx", "-batch", "-ex", "set architecture i386"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", timeout=sandbox.BACKSTOP, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not run: {error}"
    return "does not know 32-bit x86: gdb-multiarch does" if "Undefined item" in done.stderr else ""


TOOLS = (
    Tool("python3", "runs the grader", {"debian": "python3", "fedora": "python3", "arch": "python"},
         (3, 11)),
    Tool("make", "all commands", _everywhere("make"), (4, 0)),
    Tool("{cross}g++", "compiles the kernel", _COMPILER, (12,), version="-dumpfullversion", trial=_compiles),
    Tool("{cross}ld", "links it", _BINUTILS, (2, 38)),
    *(Tool("{cross}" + name, purpose, _BINUTILS) for name, purpose in (
        ("as", "assembles it"), ("objcopy", "takes the symbols out of what is booted"),
        ("objdump", "shows the gate what is in an object"), ("nm", "lists its symbols"),
        ("addr2line", "says in which line it crashed"), ("c++filt", "writes names as people do"))),
    Tool("qemu-system-i386", "boots it", {"debian": "qemu-system-x86",
                                          "fedora": "qemu-system-x86-core",
                                          "arch": "qemu-system-x86"}, (7, 0)),
    Tool("bwrap", "keeps what is graded in a box", _everywhere("bubblewrap")),
    Tool("prlimit", "keeps what is graded within limits", _everywhere("util-linux")),
    Tool("elftools", "reads objects", {"debian": "python3-pyelftools", "fedora": "python3-pyelftools",
                                       "arch": "python-pyelftools"}, module=True),
    Tool("pytest", "runs the tests", {"debian": "python3-pytest", "fedora": "python3-pytest",
                                      "arch": "python-pytest"}, module=True),
    Tool("rich", "prints the results", {"debian": "python3-rich", "fedora": "python3-rich",
                                        "arch": "python-rich"}, module=True),
    Tool("jinja2", "makes the report", {"debian": "python3-jinja2", "fedora": "python3-jinja2",
                                        "arch": "python-jinja"}, module=True),
    Tool("watchdog", "make watch", {"debian": "python3-watchdog", "fedora": "python3-watchdog",
                                    "arch": "python-watchdog"}, module=True, optional=True),
    Tool("gdb", "make gdb", {"debian": "gdb gdb-multiarch", "fedora": "gdb", "arch": "gdb"}, (10,), optional=True,
         trial=_debugs),
    Tool("bochs", "make bochs", {"debian": "bochs bochsbios vgabios bochs-term bochs-x", "fedora": "bochs",
                                 "arch": "bochs"}, version="--help", optional=True),
    Tool(iso.maker(), "make bochs, make iso",
         {"debian": "grub-common grub-pc-bin xorriso mtools",
          "fedora": "grub2-tools-extra grub2-pc-modules xorriso mtools",
          "arch": "grub xorriso mtools"}, optional=True, trial=lambda program: iso.without_modules()),
    Tool("asciidoctor-pdf", "make handouts",
         {"debian": "asciidoctor ruby-asciidoctor-pdf ruby-rouge",
          "fedora": "rubygem-asciidoctor rubygem-asciidoctor-pdf rubygem-rouge",
          "arch": "asciidoctor asciidoctor-pdf ruby-rouge"}, optional=True),
)
# What only a course's own repository uses.
INSTRUCTORS = (
    Tool("git", "make kit, make class REFS=", _everywhere("git"), optional=True),
    Tool("patch", "make mutant, make diagnosis", _everywhere("patch"), optional=True),
    Tool("distributed", "make class SCHEDULER=", {"debian": "python3-distributed", "fedora": "python3-distributed",
                                                  "arch": "python-distributed"}, module=True, optional=True),
)


@dataclass(frozen=True)
class Finding:
    """What is to be said about one tool: empty `problem` where all is well."""

    tool: Tool
    name: str
    problem: str = ""


def system(os_release: Path = OS_RELEASE, platform: str = sys.platform) -> str:
    """debian, fedora, arch, macos, or the empty string for what we do not know."""
    if platform == "darwin":
        return "macos"
    try:
        text = os_release.read_text(encoding="utf-8")
    except OSError:
        return ""
    names = re.findall(r'^ID(?:_LIKE)?="?([^"\n]*)"?$', text, re.MULTILINE)
    kinds = {"ubuntu": "debian", "rhel": "fedora", "archlinux": "arch"}
    for word in " ".join(names).split():
        if (kind := kinds.get(word, word)) in INSTALL:
            return kind
    return ""


def examine(cross: str, ask: Callable[[list[str]], str] | None = None) -> list[Finding]:
    """Every tool, with what is wrong with it. `cross` is what the binutils' names begin with."""
    found = []
    for tool in (*TOOLS, *(INSTRUCTORS if (ROOT / "instructor.mk").exists() else ())):
        name = tool.name.format(cross=cross)
        found.append(Finding(tool, name, _problem(tool, name, ask or _ask)))
    return found


def _problem(tool: Tool, name: str, ask: Callable[[list[str]], str]) -> str:
    if tool.module:
        return "" if importlib.util.find_spec(name) else "is missing"
    if not shutil.which(name):
        return "is missing"
    return _too_old(tool, name, ask) or (tool.trial(name) if tool.trial else "")


def _too_old(tool: Tool, name: str, ask: Callable[[list[str]], str]) -> str:
    if not tool.oldest:
        return ""
    said = ask([name, tool.version])
    version = re.search(r"\d+(\.\d+)+|\d+", said)
    if not version:
        return "does not say its version"
    numbers = tuple(int(part) for part in version[0].split("."))
    if numbers < tool.oldest:
        return f"is too old: {version[0]}; {'.'.join(map(str, tool.oldest))} or newer is needed"
    return ""


def _ask(command: list[str]) -> str:
    """The first line of what a tool says of itself; empty if it fails."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=sandbox.BACKSTOP, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.partition("\n")[0]


def remedy(kind: str, findings: Iterable[Finding]) -> str:
    """The command that gets what is missing, for a kind of system."""
    packages = " ".join(dict.fromkeys(word for finding in findings
                                      for word in finding.tool.packages.get(kind, "").split()))
    if kind == "macos":
        return f"macOS has neither bubblewrap nor such a compiler. {CONTAINER}."
    if not kind:
        return f"This system is not known here. {CONTAINER}."
    command = f"{INSTALL[kind]} {packages}"
    if kind == "debian":
        return f"make setup          (or: {command})"
    return (f"{command}\nand from then on `make CROSS= …`, as the compiler there has no prefix (x86-64 only). "
            f"It was not tried there.\n  {CONTAINER}.")


def try_kit(build: Path, cross: str, emulator: str) -> str:
    """Builds the kernel and has an emulator play some of each lab on the reference: what is wrong, or nothing."""
    made = subprocess.run(["make", "--no-print-directory", "-C", str(ROOT), "kernel", f"CROSS={cross}",
                           f"BUILD_FOLDER={build.parent}", f"KERNEL_BASE={build.name}"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False)
    if made.returncode != 0:
        return "\n".join(["does not build:", *made.stderr.splitlines()[-12:]])
    from grader import emulators
    from grader.building.toolchain import Toolchain
    from grader.grading import trial
    try:
        failed = trial.tried(Toolchain.load(build), emulators.find(emulator).boot)
    except GraderError as error:
        return str(error)
    return "\n".join(["does not work: its own reference fails", *failed]) if failed else ""


def boxes() -> str:
    """Why submissions can't be boxed here, or the emulator's system calls not filtered; empty where they can."""
    return sandbox.degraded() or sandbox.unfiltered()
