"""Which browser the tests of pages are run in, or that they are left out (tests/chromium.mk)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT


def what_make_does(folder: str, programs: Path) -> str:
    """What `make test` would do in a folder where these programs are first in PATH."""
    return subprocess.run(["make", "-n", "test"], cwd=ROOT / folder, capture_output=True, text=True, check=True, env={
        "PATH": f"{programs}:{os.environ['PATH']}", "MAKEFLAGS": ""}).stdout


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """All of Chromium's names, none of which runs."""
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("folder", ["tests/browser", "web"])
def test_one_that_does_not_run_is_none(folder: str, programs: Path) -> None:
    assert "SKIP" in what_make_does(folder, programs)
    (programs / "chromium-browser").write_text("#!/bin/sh\nexit 0\n")
    assert "node --test" in what_make_does(folder, programs)
