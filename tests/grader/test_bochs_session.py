"""`make bochs`, as a person at a terminal sees it: Bochs's debugger, standing where the test fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from conftest import ROOT, mutant_text

from grader.building import build, symbols
from grader.course import labs
from grader.emulators import bochs

pytestmark = pytest.mark.skipif(not shutil.which(bochs.PROGRAM), reason="Bochs is not installed")

PROMPT = r"<bochs:\d+> "
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "DISPLAY"}


class Session:
    """A terminal in which somebody typed `make bochs` with a mutant of a lab as the submission."""

    def __init__(self, folder: Path, slug: str, name: str, *words: str) -> None:
        (folder / f"{slug}.cpp").write_text(mutant_text(slug, name))
        self.terminal = pexpect.spawn(
            "make", ["bochs", f"SUBMISSION={folder}", *words], cwd=str(ROOT), encoding="utf-8",
            dimensions=(50, 120), timeout=900, env={**ENVIRONMENT, "TERM": "dumb"})
        self.terminal.expect(PROMPT)
        self.introduction = self.terminal.before.replace("\r\n", "\n")

    def ask(self, command: str) -> str:
        """What is shown up to the next prompt."""
        self.terminal.sendline(command)
        self.terminal.expect(PROMPT)
        return self.terminal.before

    def leave(self, command: str) -> tuple[str, int]:
        """What is shown until make ends, and its exit status."""
        self.terminal.sendline(command)
        self.terminal.expect(pexpect.EOF)
        self.terminal.close()
        return self.terminal.before, self.terminal.exitstatus


@pytest.fixture
def sessions() -> Iterator[list[Session]]:
    """Those that are open; none stays so."""
    found: list[Session] = []
    yield found
    for session in found:
        session.terminal.close(force=True)


def test_it_stands_where_the_test_fails(build_folder: Path, tmp_path: Path,
                                        sessions: list[Session]) -> None:
    session = Session(tmp_path, "buddy", "forgets_the_rest", "TEST=buddy/rest_of_block")
    sessions.append(session)
    story, _, guide = session.introduction.partition("At Bochs's prompt")
    assert "buddy/rest_of_block (fail): the rest is freed again\n" in story
    assert "=>    4  alloc 4 4\n" in story
    for command, _ in labs.find("buddy").bochs:
        assert f"  {command} " in guide
    assert re.search(r"\(buddy_alloc\+0+\)", guide.splitlines()[-4])  # of 1 or, from Bochs 3.1 on, 16 digits
    arguments = re.findall(r"\t(0x[0-9a-f]{8})", session.introduction)
    assert [int(word, 16) for word in arguments[-4:-2]] == [4, 4]
    assert "<ours+40>:\t0x00000008" in session.ask("x /2wx *(esp+4)")
    assert "Num" in session.ask("blist") and "breakpoint" not in session.ask("blist")
    end, status = session.leave("c")
    assert status == 0
    assert "  @4 alloc 4 4 -> count=0 ~" in end
    assert "The scenario came to its end, and the kernel switched the machine off." in end


def test_ctrl_c_stops_an_endless_loop_and_nothing_else(build_folder: Path, tmp_path: Path,
                                                       sessions: list[Session]) -> None:
    """No watchdog takes it away, and neither the grader nor make is interrupted."""
    session = Session(tmp_path, "buddy", "loops_when_full", "TEST=buddy/exhaustion")
    sessions.append(session)
    assert "buddy/exhaustion (hang): it does not come back" in session.introduction
    before = int(session.ask("ptime").split()[-1])
    session.terminal.sendline("c")
    session.terminal.expect_exact("c\r\n")
    time.sleep(1)  # long enough for the watchdog, were there one
    session.terminal.sendintr()
    session.terminal.expect(PROMPT)
    assert "(buddy_alloc+" in session.terminal.before
    assert int(session.ask("ptime").split()[-1]) > before + 1000
    end, status = session.leave("q")
    assert status == 0
    assert "Interrupt" not in end and "hang" not in end


def test_a_display_that_is_not_there_is_named(build_folder: Path, tmp_path: Path) -> None:
    if not list(Path("/usr/lib").glob("*/bochs/plugins/libbx_x_gui.so")):
        pytest.skip("bochs-x is not installed")
    (tmp_path / "t.scenario").write_text(
        "marionette-scenario 1\nlab buddy\nscenario t\ninit 8\n")
    done = subprocess.run(
        ["make", "bochs", "SUBMISSION=solutions", f"SCENARIO={tmp_path}/t.scenario"], cwd=ROOT,
        input="q\n", env={**ENVIRONMENT, "DISPLAY": ":2099"}, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "cannot connect to X server :2099 (`DISPLAY= make bochs" in done.stderr


def test_names_are_those_of_the_sources(reference_image: Path, toolchain: build.Toolchain) -> None:
    """As Bochs's ldsym takes them: functions and variables without parameters, and their addresses."""
    readable, linked = symbols.readable(reference_image), symbols.table(reference_image)
    assert readable["about_to_play"] == linked["about_to_play"]
    assert readable["kernel_pagedir"] == linked["kernel_pagedir"]
    assert readable["call::run"] > toolchain.kernel_base
    by_name = {name: address for name, address in linked.items() if name.startswith("_Z11buddy_alloc")}
    assert [readable["buddy_alloc"]] == list(by_name.values())
    assert not any("(" in name or "<" in name for name in readable)
