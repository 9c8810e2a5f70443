"""setup.sh, with packages lists of its own and an apt that only writes down what it is asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from conftest import ROOT

# What stands in for Debian's tools: files in $STATE say what the release has, what is installed, and what fails.
TOOLS = {
    "id": "echo 0",
    "dpkg-query": 'cat "$STATE/installed"',
    "apt-cache": 'grep -qx "$2" "$STATE/release"',
    "apt-get": """
case "$*" in *update) exit 0 ;; esac
for word; do case $word in -*|install) ;; *) set -- "$@" "=$word" ;; esac; done
for word; do case $word in =*) ! grep -qx "${word#=}" "$STATE/broken" || exit 100 ;; esac; done
for word; do case $word in =*) echo "ii , ${word#=}, " >> "$STATE/installed" ;; esac; done
""",
}


@dataclass
class Machine:
    """A machine whose release has some packages, of which some can't be installed."""

    folder: Path
    release: str
    installed: list[str] = field(default_factory=list)
    broken: str = ""

    def setup(self, packages: str) -> subprocess.CompletedProcess:
        """Runs setup.sh with a packages.txt."""
        tools = self.folder / "bin"
        tools.mkdir()
        for name, text in TOOLS.items():
            (tools / name).write_text(f"#!/bin/sh\n{text}\n")
            (tools / name).chmod(0o755)
        (self.folder / "installed").write_text("".join(f"ii , {line}\n" for line in ["dpkg, ", *self.installed]))
        for name, words in (("release", self.release), ("broken", self.broken)):
            (self.folder / name).write_text("".join(f"{word}\n" for word in words.split()))
        (self.folder / "packages.txt").write_text(packages)
        shutil.copy(ROOT / "setup.sh", self.folder)
        return subprocess.run(["sh", "setup.sh"], cwd=self.folder, capture_output=True, text=True, check=False,
                              env={"PATH": f"{tools}:{os.environ['PATH']}", "STATE": str(self.folder)})

    def has(self) -> list[str]:
        """What is installed in the end."""
        return [line.split(", ")[1].strip() for line in (self.folder / "installed").read_text().splitlines()[1:]]


@pytest.fixture
def machine(tmp_path: Path) -> Callable[..., Machine]:
    return lambda *words, **more: Machine(tmp_path, *words, **more)


def test_of_several_names_the_first_that_the_release_has_is_installed(machine: Callable) -> None:
    old, lists = machine("gcc heap4"), "gcc  # compiles\n\nheap4t64 | heap4\n"
    done = old.setup(lists)
    assert (done.returncode, old.has()) == (0, ["gcc", "heap4"]), done.stderr
    assert done.stdout.endswith("setup: done\n")


def test_a_name_that_another_package_provides_is_installed(machine: Callable) -> None:
    new = machine("", installed=["heap4t64, heap4 (= 2.16-1), heap-minimal"])
    done = new.setup("heap4\n")
    assert (done.returncode, done.stdout) == (0, "setup: everything is installed\n")


def test_what_can_be_done_without_stops_nothing_and_is_said(machine: Callable) -> None:
    arm = machine("gcc mtools")
    done = arm.setup("grub-pc-bin ? make iso\ngcc\nmtools ? make iso\n")
    assert (done.returncode, arm.has()) == (0, ["gcc", "mtools"]), done.stderr
    assert "setup: without grub-pc-bin, which could not be installed here: make iso\n" in done.stdout


def test_one_that_fails_does_not_take_the_others_with_it(machine: Callable) -> None:
    unstable = machine("gcc bochs gdb", broken="bochs")
    done = unstable.setup("gcc\nbochs ? make bochs\ngdb ? make gdb\n")
    assert (done.returncode, unstable.has()) == (0, ["gcc", "gdb"]), done.stderr
    assert "without bochs" in done.stdout


def test_what_is_needed_and_not_there_stops_it(machine: Callable) -> None:
    strange = machine("gdb")
    done = strange.setup("gcc | cc\ngdb ? make gdb\n")
    assert done.returncode == 1
    assert "setup: still missing: gcc | cc\n" in done.stderr


@pytest.mark.parametrize("name", ["packages.txt", "tests/packages.txt"])
def test_the_kits_own_lists_have_this_form(name: str) -> None:
    for line in (ROOT / name).read_text().splitlines():
        packages, mark, without = line.partition("?")
        if not line.startswith("#"):
            assert all(word.strip() and " " not in word.strip() for word in packages.split("|")), line
            assert bool(mark) == bool(without.strip()), line
