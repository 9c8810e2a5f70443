"""The prompt of `make run`, as somebody at a terminal has it.

The line editor draws the line anew at each key, so that what is typed appears many times: the tests
match on what comes of it, in lines of their own.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest
from conftest import ROOT, skeleton

from grader.building import symbols
from grader.debug.follower import Follower

LEFT, RIGHT, UP, DOWN = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B"
HOME, END, DELETE, BACKSPACE = "\x1b[H", "\x1b[F", "\x1b[3~", "\x7f"
BANNER = "Type `help` for what you can do here, `quit` to leave."


def control(letter: str) -> str:
    """The character that Ctrl with a letter sends."""
    return chr(ord(letter) & 0x1F)


class Prompt:
    """A person at a terminal, at the prompt of lab 1."""

    def __init__(self, build_folder: Path, submission: Path) -> None:
        self.child = pexpect.spawn(
            str(ROOT / "grader" / "marionette"),
            ["run", "--build", str(build_folder), "--lab", "buddy", "--submission",
             str(submission)], cwd=ROOT, encoding="ascii", timeout=900, dimensions=(40, 100))
        self.child.delaybeforesend = None
        self.child.expect_exact(BANNER)

    def type(self, keys: str, *answers: str) -> str:
        """Types a line, waits for the answers; returns what came between it and the last."""
        self.child.send(keys + "\r")
        self.child.expect("\x1b\\[K\r\x1b\\[[0-9]+C\r\n")  # the line as it is when it is ended
        between = ""
        for answer in answers:
            self.child.expect_exact(answer)
            between += self.child.before
        return between

    def leave(self, keys: str = "quit\r") -> int:
        """Leaves; returns the exit status."""
        self.child.send(keys)
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


@pytest.fixture
def prompt(build_folder: Path) -> Iterator[Prompt]:
    """The prompt, with the reference in the kernel and 16 units free."""
    found = Prompt(build_folder, ROOT / "solutions")
    found.type("init 16", "size=")
    found.type("free 0 16", "ok\r\n")
    yield found
    found.child.close(force=True)


@pytest.fixture
def prompt_of(build_folder: Path, submission: Callable) -> Iterator[Callable[[str], Prompt]]:
    """Makes a prompt with a submission's text in the kernel."""
    made = []

    def make(text: str) -> Prompt:
        made.append(Prompt(build_folder, submission(text)))
        return made[-1]
    yield make
    for found in made:
        found.child.close(force=True)


def test_what_is_typed_before_it_listens_is_not_lost(build_folder: Path) -> None:
    child = pexpect.spawn(str(ROOT / "grader" / "marionette"), ["run", "--build", str(build_folder), "--lab", "1",
                          "--submission", str(ROOT / "solutions")], cwd=ROOT, encoding="ascii", timeout=900)
    child.send("init 16\r")
    child.expect_exact("size=")
    child.send("restart\rinit 32\r")
    child.expect_exact("size=")
    child.send("quit\r")
    child.expect(pexpect.EOF)


def test_lines_from_a_pipe_are_answered_without_a_terminals_codes(build_folder: Path) -> None:
    """And that is the end, though nobody typed `quit`; what a panic says of addresses is told in words."""
    typed = "init 16\nfree 0 4\nfree 0 4\n\x1b[A\tcheck\n"
    done = subprocess.run(
        [ROOT / "grader" / "marionette", "run", "--build", build_folder, "--lab", "buddy",
         "--submission", ROOT / "solutions"], cwd=ROOT, input=typed, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and "\x1b" not in done.stdout
    for line in ("buddy> init 16", "size=", "buddy> free 0 4", "ok", "panic: buddy_free(0, 4)", "  in buddy_free at "):
        while lines and not lines[0].startswith(line):
            lines.pop(0)
        assert lines, line


def _answers(build_folder: Path, submission: Path, typed: str) -> str:
    """What somebody gets who pipes lines into lab 1's prompt."""
    return subprocess.run(
        [ROOT / "grader" / "marionette", "run", "--build", build_folder, "--lab", "buddy",
         "--submission", submission], cwd=ROOT, input=typed, capture_output=True, text=True, check=True).stdout


def test_maps_draws_the_labs_own_memory_and_no_page_tables(build_folder: Path) -> None:
    said = _answers(build_folder, ROOT / "solutions", "init 40000\nfree 0 16\nalloc 3 3\nmaps\n")
    assert "By what was answered so far" in said and "Address space" not in said
    assert "free blocks  3, 4-7, 8-15" in said and "held         0-2 by operation 3" in said


def test_answers_are_judged_on_request(build_folder: Path, submission: Callable) -> None:
    """A wrong one is told with the sentence that it breaks; then nothing is claimed until a restart."""
    wrong = submission(skeleton("return *start = 0, 1;"))
    typed = "init 8\nalloc 1 1\nrestart\njudge on\ninit 8\nalloc 1 1\nalloc 1 1\nrestart\nfree 0 1\nfree 0 1\njudge off\n"
    said = _answers(build_folder, wrong, typed)
    before, _, after = said.partition("each answer is judged")
    assert "broken" not in before
    assert after.count("broken: starts empty") == 1
    assert "expected:     0: no unit is free" in after and "can't be judged any more" in after
    assert "broken" not in _answers(build_folder, ROOT / "solutions", typed)


def test_overwritten_bytes_and_those_beside_a_fault_are_shown(build_folder: Path, submission: Callable) -> None:
    beside_start = submission(skeleton("start[1] = 7; return 0;"))
    said = _answers(build_folder, beside_start, "init 8\nalloc 1 1\nrestart\njudge on\ninit 8\nalloc 1 1\n")
    title = "  address     should be                is\n"
    assert f" start_damage=4 behind=0\n{title}" in said and said.count(title) == 2 and "memory=" not in said
    beyond = submission(skeleton("static_cast<volatile char *>(b->state)[4096 + 5] = 1; return 0;"))
    said = _answers(build_folder, beyond, "init 8\nalloc 1 1\n")
    assert re.search(r"^  address=0x\w+ lent_end=0x\w+ vector=14 .*\n  address     is\n  0x\w+  \w\w ", said, re.MULTILINE), said
    assert "memory=" not in said


def test_make_run(build_folder: Path) -> None:
    child = pexpect.spawn("make", ["run", "LAB=buddy", "SUBMISSION=solutions"], cwd=ROOT,
                          encoding="ascii", timeout=900)
    child.expect_exact("Marionette Labs: lab buddy. " + BANNER)
    child.send("init 8\r")
    child.expect("\r\nsize=[0-9]+\r\n")
    child.send("quit\r")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_help_lists_the_operations(prompt: Prompt) -> None:
    said = prompt.type("help", "Tab completes a word")
    for usage in ("init UNITS", "alloc MIN MAX", "free START COUNT", "measure", "quit"):
        assert usage in said


def test_operations_and_names(prompt: Prompt) -> None:
    prompt.type("a = alloc 3 3", "count=3 start=0\r\n")
    prompt.type("free a+1 2", "ok\r\n")
    prompt.type("alloc 0x2 2", "count=2 start=2\r\n")
    prompt.type("alloc 9 16", "count=0\r\n")
    prompt.type("  b  =  alloc 8 8  # the half", "count=8 start=8\r\n")
    prompt.type("free b", "ok\r\n")


@pytest.mark.parametrize(("line", "answer"), [
    ("nonsense", "lab buddy has no operation 'nonsense'"),
    ("alloc 1", "too few words; expected: alloc MIN MAX"),
    ("alloc 1 2 3", "too many words; expected: alloc MIN MAX"),
    ("alloc one 1", "'one' is no number, and no result has that name"),
    ("alloc 1 99999999999", "'99999999999' exceeds 32 bits"),
    ("alloc -1 1", "'-1' is no number"),
    ("Name = alloc 1 1", "'Name' is no name"),
    ("init 8", "the allocator is there already"),
])
def test_a_wrong_line_is_answered_and_the_prompt_goes_on(prompt: Prompt, line: str,
                                                         answer: str) -> None:
    prompt.type(line, answer, "`help` lists what can be typed here.")
    prompt.type("alloc 16 16", "count=16 start=0\r\n")


def test_an_empty_line_does_nothing(prompt: Prompt) -> None:
    assert "operation" not in prompt.type("", "buddy> ")
    prompt.type("   # only a remark", "buddy> ")
    prompt.type("alloc 16 16", "count=16 start=0\r\n")


@pytest.mark.parametrize("keys", [
    "aloc 4 4" + LEFT * 6 + "l",
    "alloc 4 45" + BACKSPACE,
    "alloc 4 45\b",
    "lloc 4 4" + control("A") + "a",
    "lloc 4 4" + HOME + "a",
    "alloc 4 " + HOME + END + "4",
    "alloc 4 " + control("A") + control("E") + "4",
    "xalloc 4 4" + HOME + DELETE,
    "xalloc 4 4" + HOME + control("D"),
    "nonsense" + control("U") + "alloc 4 4",
    "alloc 4 4 and more" + LEFT * 9 + control("K"),
    "alloc 4 nonsense" + control("W") + "4",
    "alloc 4 4" + LEFT * 20 + RIGHT * 20 + BACKSPACE + "4",
    "alloc" + control("B") + control("F") + " 4 4",
    "nonsense" + control("C") + "alloc 4 4",
    "alloc 4" + control("L") + " 4",
    "alloc 4 4\x1b[15~\x01\x05",
    "al\t4 4",
    "  al\t4 4",
    "alloc 4 4\x07\x1a",
], ids=repr)
def test_line_editing(prompt: Prompt, keys: str) -> None:
    prompt.child.send(keys + "\r")
    prompt.child.expect("\r\n(count=[^\r]*|lab buddy has no[^\r]*|too [^\r]*|'[^\r]*)\r\n")
    assert prompt.child.match[1] == "count=4 start=0"


def test_history(prompt: Prompt) -> None:
    prompt.type("alloc 1 1", "count=1 start=0\r\n")
    prompt.type(UP, "count=1 start=1\r\n")
    prompt.type("alloc 2 2", "count=2 start=2\r\n")
    prompt.type(UP + UP, "count=1 start=4\r\n")
    prompt.type(UP + UP + DOWN, "count=1 start=5\r\n")
    prompt.type("nonse" + UP + DOWN + "alloc 8 8", "count=8 start=8\r\n")
    prompt.type(UP * 40 + BACKSPACE + "7", "the allocator is there already")  # init 17
    prompt.type("alloc 1 1", "count=1 start=6\r\n")


def test_a_line_that_is_too_long_is_cut(prompt: Prompt) -> None:
    prompt.type("x" * 300, "lab buddy has no operation 'xxx")
    prompt.type("alloc 16 16", "count=16 start=0\r\n")


def test_tab_completes_only_what_is_certain(prompt: Prompt) -> None:
    prompt.type("x\talloc", "no operation 'xalloc'")
    prompt.type("\talloc 16 16", "count=16 start=0\r\n")


def test_measure(prompt: Prompt) -> None:
    prompt.type("measure", "buddy> ")
    prompt.type("alloc 1 1", "count=1 start=0 cost=")
    prompt.type("free 1 1", "panic: ", " cost=")
    prompt.type("measure", "buddy> ")
    prompt.type("alloc 1 1", "count=1 start=1\r\n")
    assert "cost=" not in prompt.type("free 2 1", "panic: ", "buddy> ")


def test_a_panic_is_told_and_the_prompt_goes_on(prompt: Prompt) -> None:
    said = prompt.type("free 0 1", "panic: buddy_free(0, 1): some of these units are free already",
                       "called from 0x")
    assert "starts again" not in said
    prompt.type("alloc 16 16", "count=16 start=0\r\n")


@pytest.mark.parametrize(("body", "answer"), [
    ("*reinterpret_cast<volatile int *>(0x7f000000) = 1; return 0;", "exception: page fault"),
    ("volatile size_t n = buddy_alloc(b, min, max, start); return n + 1;",
     "exception: stack overflow"),
    ('for (;;) asm volatile("");', "hang: it did not come back"),
    ('for (;;) print("much\\n");', "hang: it did not come back"),  # also when all that is printed has been
    ("todo();", "todo: kernel/mm/buddy.cpp:8"),
], ids=["exception", "stack overflow", "hang", "hang that prints", "todo"])
def test_what_can_go_wrong_is_told_and_the_kernel_starts_again(prompt_of: Callable, body: str,
                                                               answer: str) -> None:
    prompt = prompt_of(skeleton(body))
    for _ in range(2):
        prompt.type("init 16", "size=16\r\n")
        prompt.type("alloc 1 1", answer, "The kernel starts again.", BANNER)
    assert prompt.leave() == 0


def test_what_has_no_frame_yet_is_told_with_its_caller(reference_image: Path) -> None:
    """At a function's first instruction the chain of frames lacks whoever called it: that is on top of the stack, which
    the next line has."""
    known = symbols.table(reference_image)
    at, caller = (next(known[mangled] for mangled in known if name in mangled) for name in ("_Z5printPKcz", "_Z10buddy_free"))
    follower = Follower(reference_image, 0xC0000000)
    told = [follower.shown(line.encode() + b"\n").decode() for line in (
        "hang: it did not come back", f"  at {at:#x}, called from ", f"  top={caller + 8:#x} next=0x0", "panic: no", "buddy> ")]
    assert told[1].count("\n") == 1 and told[2].startswith("  top=") and re.search(r"\n  (in|by) print at ", told[2])
    assert "\n  by buddy_free at " in told[2]
    assert told[3:] == ["panic: no\n", "buddy> \n"]


def test_restart_forgets_everything(prompt: Prompt) -> None:
    prompt.type("a = alloc 1 1", "count=1 start=0\r\n")
    prompt.type("restart", BANNER)
    prompt.type("free a", "'a' is no number")
    prompt.type("alloc 1 1", "there is no allocator yet: init UNITS")
    prompt.type("init 4", "size=")


@pytest.mark.parametrize("keys", ["quit\r", "exit\r", control("D")], ids=repr)
def test_leaving(prompt: Prompt, keys: str) -> None:
    assert prompt.leave(keys) == 0


def test_ctrl_c_abandons_the_line_only(prompt: Prompt) -> None:
    prompt.child.send("alloc 1" + control("C"))
    prompt.child.expect_exact("^C\r\n")
    prompt.type("alloc 16 16", "count=16 start=0\r\n")
    assert prompt.leave() == 0
