"""Nothing that `make test` runs needs a host that executes 32-bit programs.

On a host that would execute one, too, it is killed there (tests/native_only.py): that is what is tested here,
and then all other tests that pass show it of themselves.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from grader.building import build
from grader.course.labs import ROOT

EXIT = ".globl _start\n_start: mov $1, %eax\nxor %ebx, %ebx\nint $0x80\n"  # exit(0)


@pytest.fixture(scope="module")
def program(toolchain: build.Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A 32-bit program that ends at once, with status 0, where one can be executed."""
    path = tmp_path_factory.mktemp("program") / "program"
    subprocess.run([toolchain.compile[0], "-m32", "-nostdlib", "-static", "-x", "assembler", "-",
                    "-o", path], input=EXIT, text=True, check=True)
    return path


def make_test(first: str | Path) -> subprocess.CompletedProcess:
    """`make test` with another program in the place of the `make` that it begins with."""
    return subprocess.run(["make", "--no-print-directory", "test", f"MAKE={first}"], cwd=ROOT,
                          env={**os.environ, "MAKEFLAGS": ""}, capture_output=True, text=True, check=False)


def test_whatever_make_test_starts_is_no_32_bit_program(program: Path, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\n{program}\n")
    script.chmod(0o755)
    assert make_test("true").returncode == 0
    assert make_test(program).returncode != 0
    assert make_test(script).returncode != 0, "a 32-bit program that another program started came to its end"
