"""make doctor: each missing or old tool is named, with the command that gets it on this system."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT

from grader.building import build, iso
from grader.emulators import machine, qemu
from grader.errors import Infrastructure
from grader.grading import trial
from grader.judging.judge import Ending
from grader.student import doctor

CROSS = "i686-linux-gnu-"
EVERY = (*doctor.TOOLS, *doctor.INSTRUCTORS)


def broken(monkeypatch: pytest.MonkeyPatch, missing: str) -> list[doctor.Finding]:
    """What is wrong when a program is not to be found."""
    which = doctor.shutil.which
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None if name == missing else which(name))
    return [finding for finding in doctor.examine(CROSS, lambda command: "99.0") if finding.problem]


def test_here_all_is_well(marionette: Callable) -> None:
    done = marionette("doctor")
    assert done.returncode == 0, done.stdout
    assert "All is well." in done.stdout or "Grading works, but" in done.stdout


@pytest.mark.parametrize("tool", [t for t in EVERY if not t.module], ids=lambda t: t.name)
def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch, tool: doctor.Tool) -> None:
    name = tool.name.format(cross=CROSS)
    assert [(f.name, f.problem) for f in broken(monkeypatch, name)] == [(name, "is missing")]


def test_a_missing_module_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)
    assert {f.name for f in doctor.examine(CROSS, lambda command: "99.0") if f.problem} == {
        tool.name for tool in EVERY if tool.module}


@pytest.mark.parametrize(("said", "problem"), [
    ("QEMU emulator version 7.2.9 (Debian 1:7.2+dfsg-7)", ""),
    ("QEMU emulator version 10.0.2", ""),
    ("QEMU emulator version 6.2.0", "is too old: 6.2.0; 7.0 or newer is needed"),
    ("", "does not say its version")])
def test_versions_are_compared_as_numbers(said: str, problem: str) -> None:
    findings = doctor.examine(CROSS, lambda command: said)
    assert next(f.problem for f in findings if f.name == "qemu-system-i386") == problem


def test_a_compiler_that_makes_no_32_bit_code_will_not_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "g++").write_text("#!/bin/sh\necho \"error: no such thing as $1\" >&2; exit 1\n")
    (tmp_path / "g++").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    problem = next(f.problem for f in doctor.examine("", lambda command: "99.0") if f.name == "g++")
    assert problem == "can't compile for 32-bit x86 (-m32): error: no such thing as -m32"


def test_an_arms_own_debugger_and_boot_loader_will_not_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gdb = tmp_path / "gdb"
    gdb.write_text("#!/bin/sh\necho 'Undefined item: \"i386\".' >&2; exit 1\n")
    gdb.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "grub-mkrescue").symlink_to("/bin/true")
    monkeypatch.setattr(iso, "_MODULES", tmp_path / "i386-pc")
    problems = {f.name: f.problem for f in doctor.examine(CROSS, lambda command: "99.0")}
    assert problems["gdb"] == "does not know 32-bit x86: gdb-multiarch does"
    assert "grub-pc-bin" in problems["grub-mkrescue"]
    with pytest.raises(Infrastructure, match="has no modules for a PC"):
        iso.write(tmp_path / "cd.iso", tmp_path / "kernel")


def test_where_grub_is_called_grub2_it_makes_the_cd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "grub2-mkrescue"
    program.write_text(f"#!/bin/sh\necho \"$@\" >{tmp_path}/said\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(iso, "_MODULES", tmp_path)
    (tmp_path / "kernel").touch()
    iso.write(tmp_path / "cd.iso", tmp_path / "kernel")
    assert f"-o {tmp_path}/cd.iso" in (tmp_path / "said").read_text()


def test_a_students_kit_has_no_need_of_what_only_a_course_uses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named = {finding.name for finding in doctor.examine(CROSS, lambda command: "99.0")}
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    assert named - {f.name for f in doctor.examine(CROSS, lambda command: "99.0")} == {"git", "patch", "distributed"}


def test_a_machine_on_which_the_reference_works_is_told_from_one_on_which_it_does_not(
        toolchain: build.Toolchain) -> None:
    def breaks(*arguments: object, **options: object) -> machine.Boot:
        return machine.Boot(b"", Ending.RESET)

    assert trial.tried(toolchain, qemu.boot) == []
    assert all("its own reference" in line for line in trial.tried(toolchain, breaks))
    assert trial.tried(toolchain, breaks)


@pytest.mark.parametrize(("text", "kind"), [
    ("ID=debian\n", "debian"), ("ID=ubuntu\nID_LIKE=debian\n", "debian"),
    ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "debian"), ("ID=fedora\n", "fedora"),
    ("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "fedora"), ("ID=arch\n", "arch"),
    ("ID=nixos\n", ""), ("", "")])
def test_systems(tmp_path: Path, text: str, kind: str) -> None:
    (tmp_path / "os-release").write_text(text)
    assert doctor.system(tmp_path / "os-release", "linux") == kind


def test_a_mac_is_known() -> None:
    assert doctor.system(platform="darwin") == "macos"


@pytest.mark.parametrize(("kind", "expected"), [
    ("debian", "apt-get install -y qemu-system-x86"), ("fedora", "dnf install -y qemu-system-x86-core"),
    ("arch", "pacman -S --needed qemu-system-x86"), ("macos", "make container"),
    ("", "make container")])
def test_the_remedy_is_a_command(monkeypatch: pytest.MonkeyPatch, kind: str, expected: str) -> None:
    assert expected in doctor.remedy(kind, broken(monkeypatch, "qemu-system-i386"))


def test_everything_that_setup_installs_is_looked_for() -> None:
    """packages.txt and the doctor know of the same tools."""
    lines = (ROOT / "packages.txt").read_text().splitlines()
    listed = [{name.strip() for name in line.partition("?")[0].split("|")} for line in lines if not line.startswith("#")]
    known = {word for tool in doctor.TOOLS for word in tool.packages["debian"].split()}
    assert [names for names in listed if not names & known] == []


def test_it_needs_nothing_but_python() -> None:
    """None of the modules that may be missing is imported on the way."""
    code = ("import sys; sys.path.insert(0, sys.argv[1])\n"
            "for name in ('rich', 'pytest', 'jinja2', 'elftools', 'watchdog'): sys.modules[name] = None\n"
            "from grader.__main__ import main; sys.exit(main(['doctor', '--build', 'none']))")
    done = subprocess.run([sys.executable, "-I", "-c", code, str(ROOT)], capture_output=True,
                          text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    assert "python3-rich" in done.stdout
    assert done.returncode == 1
