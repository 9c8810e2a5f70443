"""`make gdb`: GDB stands just before the operation, and shows the kernel's memory in words."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from conftest import ROOT, mutant_text

REST = """\
marionette-scenario 1
lab buddy
scenario rest
init 8
free 0 8
alloc 3 3
alloc 4 4
"""

FULL = """\
marionette-scenario 1
lab buddy
scenario full
init 8
alloc 1 1
"""

STALE = """\
marionette-scenario 1
lab paging
scenario stale
boot
d = create
f = frame
g = frame
poke f 0xf0
poke g 0x60
switch d
map d f 0x400000 1 5
read 0x400000 0
map d g 0x400000 1 5
read 0x400000 0
"""

PROMPT = "(gdb) "

pytestmark = pytest.mark.skipif(not shutil.which("gdb"), reason="gdb is not installed")


@pytest.fixture
def gdb(build_folder: Path, tmp_path: Path) -> Callable[..., str]:
    """Types commands to GDB at a moment of a scenario, on a mutant; what was on the screen."""
    def run(scenario: str, lab: str, mutant: str, at: str, *typed: str, text: str = "", optimize: str = "") -> str:
        (tmp_path / f"{lab}.cpp").write_text(text or mutant_text(lab, mutant))
        (tmp_path / "my.scenario").write_text(scenario)
        done = subprocess.run(
            [ROOT / "grader" / "marionette", "gdb", "--build", build_folder,
             "--submission", tmp_path, "--scenario", tmp_path / "my.scenario", "--at", at,
             "--optimize", optimize],
            cwd=ROOT, input="\n".join(["set width 0", *typed, "quit"]) + "\n", capture_output=True,
            text=True, timeout=900, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr
    return run


def test_it_stands_in_the_students_function_and_file(gdb: Callable, tmp_path: Path) -> None:
    screen = gdb(REST, "buddy", "forgets_the_rest", "4", "info source", "print min", "print *b",
                 "play")
    assert "rest (fail): the rest is freed again\n" in screen
    assert "=>    4  alloc 4 4\n" in screen
    assert "seen:         0: nothing" in screen
    assert "\n#0  buddy_alloc (" in screen
    assert f"Located in {tmp_path / 'buddy.cpp'}" in screen
    assert "$1 = 4" in screen
    assert "$2 = 8 units, state at 0x" in screen
    assert "4  alloc 4 4 -> count=0\nThat was the last operation." in screen


def test_it_shows_page_tables_in_words(gdb: Callable) -> None:
    """The tables say one thing, the CPU does another: the TLB."""
    screen = gdb(STALE, "paging", "no_flush", "10", "print *pd", "print pd->directory[1]",
                 "print physical", "walk virtual_address", "xp $physical 2", "play", "walk 0x400000 2", "operation",
                 "play", "walk nothing", "walk 0x400000 1", "walk 0x400000 31")
    assert "page directory at physical 0x" in screen
    assert ", the active one = {" in screen
    assert "  tables[1] = page table at 0xf" in screen
    directory, before, after = (line for line in screen.splitlines() if "present, read-only" in line
                                or "$2 = " in line)
    assert directory.endswith(": present, writable, user, accessed")
    assert before.endswith(": present, read-only, user, accessed")
    assert after.endswith(": present, read-only, user")
    assert "ring 0 may only read, ring 3 may only read" in screen
    assert screen.count(": that page table") == 2
    assert "=>   11  read 0x400000 0" in screen
    assert "seen:         the page at 0x400000 was touched" in screen
    assert "11  read 0x400000 0 -> value=0xf0" in screen
    assert "tables[1].table          = 0x00000000: no page table" in screen  # of directory 1
    assert ": 0xf0\n" in screen  # in the frame that the page was mapped to first
    assert 'No symbol "nothing" in current context.\n' in screen
    assert "there is no page directory 31\n" in screen


def test_a_span_shows_its_elements(gdb: Callable) -> None:
    script = "marionette-scenario 1\nlab ppalloc\nscenario map\nregion 0 0x10000 1\nregion 0x10000 0x8000 2\ninit\n"
    screen = gdb(script, "ppalloc", "", "3", "print map", text=(ROOT / "solutions" / "mm" / "ppalloc.cpp").read_text())
    assert " = 2 elements at 0x" in screen and "[1] = {" in screen
    assert "_M_ptr" not in screen


def test_a_breakpoint_of_ones_own_ends_a_play_early(gdb: Callable) -> None:
    screen = gdb(STALE, "paging", "no_flush", "9", "break map_mem", "play", "play", "play", "play")
    assert "9  read 0x400000 0 -> value=0xf0" in screen
    assert "Breakpoint 1, map_mem (pd=0x" in screen
    assert "10  map 2 0x" in screen
    assert "11  read 0x400000 0 -> value=0xf0\nThat was the last operation." in screen


KEPT = """\
marionette-scenario 1
lab kvmalloc
scenario kept
boot
frames
a = alloc 8
free a
b = alloc 1
free b
frames
"""

SCARCE = """\
marionette-scenario 1
lab kvmalloc
scenario scarce
boot
alloc 1
frames
leave 1 1
alloc 3
alloc 3
unleave
frames
"""


MAPPED = """\
marionette-scenario 1
lab kvmalloc
scenario mapped
boot
alloc 1
mapped
a = alloc 8
leave 3 2
alloc 5
unleave
free a
mapped
"""

SPACES = """\
marionette-scenario 1
lab vpalloc
scenario spaces
boot
kvpages
u = create 0 1000
v = create 0 9
destroy u
destroy v
alloc 0 1 1
kvpages
"""

BLOCKS = """\
marionette-scenario 1
lab malloc
scenario blocks
boot
kvpages
a = malloc 100000
b = malloc 5
a = realloc a 300000
free a
free b
kvpages
"""


@pytest.mark.parametrize(("scenario", "lab", "mutant", "operation", "where"), [
    (KEPT, "kvmalloc", "one_frame_too_few", 4, "kvfree (address="),
    (SCARCE, "kvmalloc", "leaks_frames_on_failure", 5, "kvmalloc (n_pages=3)"),
    (MAPPED, "kvmalloc", "stays_mapped_on_failure", 6, "kvmalloc (n_pages=5)"),
    (SPACES, "vpalloc", "keeps_the_state", 6, "vpdestroy (vpa="),
    (BLOCKS, "malloc", "realloc_keeps_the_old_block", 7, "free (block=")])
def test_of_something_lost_it_stops_where_it_was_lost(gdb: Callable, scenario: str, lab: str, mutant: str, operation: int,
                                                      where: str) -> None:
    """Not where it is counted, operations later; and once all was played, no command says anything of a connection."""
    screen = gdb(scenario, lab, mutant, "", "continue", "continue", "next", "finish")
    assert f"is wrong from operation {operation} on: that one " in screen
    assert f"\n=>{operation:5}  " in screen
    assert f"\n#0  {where}" in screen
    assert screen.count("was played to its end: there is nothing left to run.") == 3
    assert "Remote connection" not in screen and "Traceback" not in screen


def test_a_triple_fault_is_the_end_of_the_machine(gdb: Callable) -> None:
    no_handlers = ("python gdb.selected_inferior().write_memory(int(gdb.lookup_static_symbol("
                   "'(anonymous namespace)::idt').value().address), bytes(2048))")
    screen = gdb(REST, "buddy", "forgets_the_rest", "4", no_handlers, "set $eip = 0x10", "continue",
                 "info registers eip", "play", "next", "operation", "walk 0", "xp 0 1 2")
    assert "4  wrote nothing down\n" in screen
    assert "The machine reset itself: a triple fault" in screen
    assert re.search(r"eip +0x10\b", screen)  # it can be looked at
    assert screen.count("the machine reset itself: there is nothing left to run.") == 2
    assert "Remote connection" not in screen and "Traceback" not in screen
    assert "xp ADDRESS [COUNT]\n" in screen
    assert "Error" not in screen


@pytest.mark.parametrize(("fault", "said"), [
    ("*(volatile int *)0xd0001234 = 3;", "exception: page fault address=0xd0001234\n"),
    ('panic("no %d", 8);', "panic: no 8\n"),
    ("volatile char large[1 << 20]; large[0] = 1;", "exception: stack overflow"),
])
def test_who_lets_it_run_stands_at_the_fault(gdb: Callable, fault: str, said: str) -> None:
    """With the stack of who did it, without the player's; and at the scenario's end."""
    begin = "void buddy_free(buddy *b, size_t start, size_t count)\n{"
    right = (ROOT / "solutions" / "mm" / "buddy.cpp").read_text()
    assert begin in right
    wrong = f"[[gnu::noinline]] static void fault()\n{{\n{fault}\n}}\n{begin}\nfault();"
    screen = gdb(REST, "buddy", "", "1", "continue", "bt", "continue", "continue", text=right.replace(begin, wrong))
    at_the_fault = screen.split("Continuing.")[1]
    assert said in at_the_fault
    for name in "fault", "buddy_free":
        assert re.search(rf"^#\d+ .*\b{name} \(", at_the_fault, re.MULTILINE), at_the_fault
    assert "player" not in at_the_fault
    assert "That was the last operation." in screen
    assert "Remote" not in screen.split("That was the last")[0]


def test_a_backtrace_leaves_out_arguments_that_the_compiler_kept_nothing_of(gdb: Callable) -> None:
    """Of functions of the library that are inlined, mostly."""
    screen = gdb(REST, "buddy", "", "1", "continue", "bt", text=mutant_text("buddy", "state_too_small"))
    assert re.search(r"^#\d+ .*\bbuddy_init", screen.split("Continuing.")[1], re.MULTILINE), screen
    assert "Python Exception" not in screen


def test_what_is_compiled_for_debugging_keeps_its_variables(gdb: Callable) -> None:
    """And plays the same scenario to the same end."""
    right = mutant_text("buddy", "forgets_the_rest")
    begin = "void buddy_free(buddy *b, size_t start, size_t count)\n{"
    assert begin in right
    text = right.replace(begin, f"{begin}\n    panic(\"%zu\", count);")
    screens = [gdb(REST, "buddy", "", "2", "continue", "up 0", "info source", "continue", text=text, optimize=level)
               for level in ("", "g")]
    assert ["-Og" in screen for screen in screens] == [False, True]
    assert "start=0, count=8) at kernel/mm/buddy.cpp" in screens[1]
    assert all("panic: 8" in screen and "2  free 0 8" in screen for screen in screens)


def test_an_endless_loop_is_stopped_once_and_then_by_ctrl_c(build_folder: Path, tmp_path: Path) -> None:
    """One stands in it, with its own registers, and can look around."""
    (tmp_path / "buddy.cpp").write_text(mutant_text("buddy", "loops_when_full"))
    (tmp_path / "my.scenario").write_text(FULL)
    terminal = pexpect.spawn(
        str(ROOT / "grader" / "marionette"),
        ["gdb", "--build", str(build_folder), "--submission", str(tmp_path),
         "--scenario", str(tmp_path / "my.scenario")], cwd=str(ROOT), env={**os.environ, "TERM": "dumb"},
        timeout=900, encoding="utf-8", dimensions=(50, 120))
    terminal.expect_exact(PROMPT)
    terminal.sendline("play")
    terminal.expect_exact(PROMPT)
    assert re.search(r"hang: it did not come back within 3500000 instructions\s+It stands in the loop\..*\s+"
                     r"#0 .*(?:buddy_alloc|operator\(\)) \(", terminal.before), terminal.before
    terminal.sendline("stepi 100")  # which leads to none of the player's
    terminal.expect_exact(PROMPT)
    terminal.sendline("info symbol $eip")
    terminal.expect_exact(PROMPT)
    assert "buddy_alloc" in terminal.before
    terminal.sendline("continue")
    with pytest.raises(pexpect.TIMEOUT):
        terminal.expect_exact(PROMPT, timeout=1)  # it loops, for ever
    terminal.sendintr()
    terminal.expect_exact(PROMPT)
    assert "SIGINT" in terminal.before
    terminal.sendline("operation")
    terminal.expect_exact(PROMPT)
    assert "=>    2  alloc 1 1" in terminal.before
    terminal.sendline("quit")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_nothing_is_left_when_it_is_killed(build_folder: Path, tmp_path: Path) -> None:
    """GDB would read an ended terminal for ever, and the emulator wait for GDB."""
    (tmp_path / "my.scenario").write_text(REST)
    command = [ROOT / "grader" / "marionette", "gdb", "--build", build_folder, "--submission",
               ROOT / "solutions", "--scenario", tmp_path / "my.scenario", "--at", "4"]
    shell = pexpect.spawn("/bin/sh", ["-c", shlex.join(map(str, command)) + "; sleep 300"], cwd=ROOT,
                          timeout=900, encoding="utf-8")  # as make does: another leads the session
    shell.expect_exact(PROMPT)
    [(session, _)] = children(shell.pid)
    begun = children(session)
    assert {name for _, name in begun} >= {"gdb", "qemu-system-i38"}
    os.kill(session, signal.SIGKILL)
    deadline = time.monotonic() + 900
    while any(alive(pid, name) for pid, name in begun):
        assert time.monotonic() < deadline, begun
        time.sleep(0.05)
    shell.close(force=True)


def children(pid: int) -> list[tuple[int, str]]:
    """The processes that one has begun: number and name."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [(int(number), Path(f"/proc/{number}/comm").read_text().strip()) for number in listed]


def alive(pid: int, name: str) -> bool:
    """Whether a process of that name still runs."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    return f"Name:\t{name}\n" in status and "State:\tZ" not in status
