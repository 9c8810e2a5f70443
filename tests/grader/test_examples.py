"""Students' examples: what a file of them may say, what of it is valid, and what catches an impostor."""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import OWN, ROOT

from grader import commands
from grader.building import build
from grader.course import labs
from grader.errors import BadScenario, GraderError
from grader.evidence import executed
from grader.evidence.records import Record, Run, Stop
from grader.examples import attempts, designs, expected, judged, kernels_own, points, told, tried, written
from grader.examples.exercise import exercise
from grader.examples.expected import NoAnswer
from grader.examples.judged import Catch, Judged, Objection
from grader.examples.tried import Tried
from grader.scenarios.stream import Stream

BASE = 0xC0000000
HEAD = "marionette-scenario 1\nlab buddy\nscenario one\n"
BUDDY = labs.find("buddy")


def holds(answer: str, results: dict | None = None, names: dict | None = None, **more: object) -> bool:
    record = Record(1, "alloc", (1, 8), results or {}, **more)
    return expected.parse(answer).holds(record, names or {}, ("changed=0", "damage"))


@pytest.mark.parametrize("answer", ["count=3", "count=3 start=0", "count>=3 count<=3", "count!=4", "start<1", "ok",
                                    "ok count>2", "start=a-5", "start!=a", "count%2=1", "panic or count=3"])
def test_an_answer_that_is_so(answer: str) -> None:
    assert holds(answer, {"count": 3, "start": 0}, {"a": 5})


@pytest.mark.parametrize("answer", ["count=4", "count=3 start=1", "count>3", "count<3", "count!=3", "size=0", "size!=9",
                                    "panic", "start=a", "start=b", "count%2=0", "panic or count=4"])
def test_an_answer_that_is_not_so(answer: str) -> None:
    """What is not there is no number, and so neither equal to one nor different from it."""
    assert not holds(answer, {"count": 3, "start": 0}, {"a": 5})


def test_ok_is_an_answer_without_complaints() -> None:
    assert holds("ok", {"changed": 0}) and holds("ok", {"size": 64})
    assert not holds("ok", {"changed": 2}) and not holds("ok", {"damage": 0}) and not holds("ok", panicked=True)
    assert holds("panic", panicked=True) and not holds("panic", refused="no such name")


@pytest.mark.parametrize("answer", ["", "count = 3", "count", "=3", "count=", "panic ok", "count=3 or", "or", "ok or or ok",
                                    "count==3", "count=3x", "count=-1", "count=a+", "Count=3", "count%0=1", "count%=1",
                                    "count=18446744073709551616"])
def test_an_answer_that_says_nothing_is_refused(answer: str) -> None:
    with pytest.raises(NoAnswer):
        expected.parse(answer)


REFUSED = [
    (b"init 8 -> count = 8", ":4: 'count' is no answer"),
    (b"init 8 -> start=x", ":4: no earlier result is called 'x'"),
    (b"x = init 8 -> start=x", ":4: no earlier result is called 'x'"),
    (b"-> count=8", ":4: an answer is expected of what is no operation"),
    (b"scenario two -> ok", ":4: an answer is expected of what is no operation"),
    (b"scenario one", "there are several examples called one"),
    (b"limit 4000000000 init", ":4: `limit` is no part of examples"),
    (b"patience 99", ":4: `patience` is no part of examples"),
    (b"quiet", ":4: `quiet` is no part of examples"),
    (b"lab malloc\nscenario other", ":4: expected: lab buddy"),
    (b"init 8 # \xc3\xa9", ":4: expected: plain ASCII text"),
    (b"init 8\x1b[2J", ":4: expected: plain ASCII text"),
    (b"init 8" + b" " * 200, ":4: a line of 206 characters; 200 are the most"),
    (b"free 0 1\n" * 401, ":404: 401 operations; 400 are the most"),
    (b"".join(b"scenario s%d\n" % n for n in range(64)), "65 examples; 64 are the most"),
    (b"init 8 -> size=" + b"9" * 150, "no result has more than 64 bits"),
]


@pytest.mark.parametrize(("lines", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_examples_may_not_hold_is_said_with_its_line(lines: bytes, message: str) -> None:
    with pytest.raises(BadScenario) as refusal:
        written.parse(BUDDY, HEAD.encode() + lines, "examples/buddy.scenario")
    said = str(refusal.value)
    assert said.startswith("examples/buddy.scenario:") and message in said and "\n" not in said


def test_another_systems_line_ends_and_mark_are_no_matter() -> None:
    text = HEAD.encode() + b"init 8 -> size<999\nfree 0 8 -> ok\n"
    assert written.parse(BUDDY, b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"), "e") == written.parse(BUDDY, text, "e")


def test_a_file_that_is_a_link_or_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"#" * (written.MAX_FILE + 1))
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").mkdir()
    for name, why in (("large", "has more than 64 KiB"), ("link", "is a link"), ("folder", "is no plain file"),
                      ("gone", "can't be read: No such file")):
        with pytest.raises(GraderError, match=f"x {why}"):
            written.read(tmp_path / name, "x")


def run(*records: Record, stops: tuple[Stop, ...] = ()) -> Run:
    return Run(0, "one", list(records), list(stops), finished=not stops)


INIT, FREE = Record(1, "init", (8,), {"size": 64}), Record(2, "free", (0, 8), {})


def got(count: int, start: int) -> Record:
    return Record(3, "alloc", (3, 3), {"count": count, "start": start})


def judge(lines: str, right: list[Run], *impostors: Run) -> Judged:
    examples = written.parse(BUDDY, (HEAD + lines).encode(), "x")
    return judged.judged(BUDDY, BASE, examples, Tried([[each] for each in right], [[each] for each in impostors]))


def objection(lines: str, *right: Run) -> Objection:
    return judge(lines, list(right)).objections["one"]


def test_an_answer_that_no_right_design_gives_is_decided_by_the_contract() -> None:
    found = objection("init 8\nfree 0 8\nalloc 3 3 -> count=4", run(INIT, FREE, got(3, 0)))
    assert (found.line, found.operation, found.held) == (6, "alloc 3 3", 0)
    assert found.rule.name == "never more than max" and found.rule.header == "kernel/mm/buddy.h"


def test_an_answer_is_decided_where_nothing_was_to_be_had() -> None:
    nothing = Record(2, "alloc", (1, 8), {"count": 0})
    assert objection("init 8\nalloc 1 8 -> count=8", run(INIT, nothing)).rule.name == "starts empty"


def test_a_panic_that_is_forgotten_is_decided_by_the_contract() -> None:
    panic = Record(3, "free", (4, 1), {}, panicked=True)
    found = objection("init 8\nfree 0 8\nfree 4 1 -> ok", run(INIT, FREE, panic))
    assert found.rule.name == "double free panics"


def test_an_answer_that_some_right_designs_give_is_more_than_is_promised() -> None:
    """Which of two equal blocks is taken is nobody's business."""
    lower, upper = Record(4, "alloc", (1, 1), {"count": 1, "start": 0}), Record(4, "alloc", (1, 1), {"count": 1, "start": 4})
    frees = [Record(2, "free", (0, 1), {}), Record(3, "free", (4, 1), {})]
    found = objection("init 8\nfree 0 1\nfree 4 1\nalloc 1 1 -> start=0", run(INIT, *frees, lower), run(INIT, *frees, upper))
    assert (found.held, found.of, found.rule) == (1, 2, None)


def test_what_the_player_refuses_is_no_example() -> None:
    found = objection("free 0 8", run(Record(1, "free", (0, 8), {}, refused="there is no allocator yet: init UNITS")))
    assert found.why == "it can't be played: there is no allocator yet: init UNITS"
    assert told.in_short("x", Judged(("one",), {"one": found})).endswith("so it is on all 1 right designs")


ONE = "init 8\nfree 0 8\nalloc 3 3 -> count=3"


def test_an_impostor_is_caught_by_what_is_expected_and_by_nothing_else() -> None:
    """The second hands out a unit twice, and the oracle would say so; the student has not."""
    right, wrong, also_wrong = run(INIT, FREE, got(3, 0)), run(INIT, FREE, got(4, 0)), run(INIT, FREE, got(3, 1))
    found = judge(ONE, [right], wrong, also_wrong)
    assert found.impostors == [Catch("one", 6, "alloc 3 3 -> count=3", "count=4 start=0"), None]


@pytest.mark.parametrize("stop", ["exception", "hang", "panic"])
def test_an_impostor_is_caught_where_it_stops_and_no_right_design_does(stop: str) -> None:
    stopped = run(INIT, stops=(Stop(2, stop, "so it is", 0, (), ""),))
    found = judge(ONE, [run(INIT, FREE, got(3, 0))], stopped)
    assert found.impostors == [Catch("one", 5, "free 0 8", f"{stop}: so it is")]


def test_a_panic_that_is_left_open_catches_nobody() -> None:
    panic = Record(2, "free", (0, 9), {}, panicked=True)
    found = judge("init 8\nfree 0 9", [run(INIT, panic)], run(INIT, Record(2, "free", (0, 9), {})), run(INIT, panic))
    assert found.impostors == [None, None]


def test_an_example_that_is_not_valid_catches_nobody() -> None:
    found = judge("init 8\nfree 0 8\nalloc 3 3 -> count=4", [run(INIT, FREE, got(3, 0))], run(INIT, FREE, got(5, 0)))
    assert found.impostors == [None] and list(found.objections) == ["one"]


def test_a_hint_comes_after_some_attempts_that_differ(tmp_path: Path) -> None:
    found, invalid = Judged(["one"], {}, [None]), Judged(["one"], {"one": Objection(1, "", "", 0, 1)}, [None])
    counted = [attempts.escaped(tmp_path / "known.json", content, each)[0] for content, each in (
        (b"1", found), (b"1", found), (b"2", invalid), (b"3", found), (b"4", found))]
    assert counted == [1, 1, 1, 2, attempts.UNTIL_A_HINT]
    assert attempts.hints([2], found, ["look"]) == {} and attempts.hints([3], found, ["look"]) == {1: "look"}


@pytest.mark.parametrize("lab", OWN, ids=lambda lab: lab.slug)
def test_there_are_examples_that_are_valid_and_catch_every_impostor(lab: labs.Lab, toolchain: build.Toolchain) -> None:
    done = exercise(lab, toolchain, written.path(lab, ROOT / "solutions"), lab.slug)
    assert done.judged.objections == {}
    assert [number for number, catch in enumerate(done.judged.impostors, 1) if catch is None] == []
    assert len(done.judged.impostors) == 12 and all(design.hint for design in done.designs.impostors)


FOUR = """\
marionette-scenario 1
lab buddy

scenario nothing-at-first
init 8
alloc 1 8 -> count=0

scenario three-of-eight
init 8
free 0 8 -> ok
a = alloc 3 3 -> count=3 start=0
alloc 4 4 -> count=4 start=4
alloc 1 1 -> start=a+3

scenario all-of-it-again
init 8
free 5 1
free 0 1
free 3 1
free 4 1
free 2 1
free 7 1
free 1 1
free 6 1
alloc 8 8 -> count=8

scenario free-already
init 8
free 4 1
free 1 4 -> panic
alloc 1 8 -> count=1
alloc 1 8 -> count=0
alloc 0 8 -> count=0
"""
MORE = """\

scenario as-much-as-there-is
init 8
free 3 5
alloc 1 1 -> start=3
alloc 1 8 -> count=4
free 4 4
alloc 5 8 -> count=0
alloc 0 8 -> count=4
free 4 3
alloc 1 8 -> count=2 start=4
alloc 1 8 -> count=1
alloc 1 8 -> count=0
"""


def make_examples(folder: Path) -> str:
    done = subprocess.run(["make", "-s", "examples", "LAB=buddy", f"SUBMISSION={folder}"], cwd=ROOT, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.stdout + done.stderr


def test_the_way_of_a_student(tmp_path: Path) -> None:
    """Nothing of the lab is written yet."""
    file = tmp_path / "examples" / "buddy.scenario"
    assert "there is no" in make_examples(tmp_path)
    file.parent.mkdir()
    file.write_text(FOUR.replace("alloc 4 4 -> count=4", "alloc 4 4 -> count=5"), encoding="ascii")
    said = make_examples(tmp_path)
    assert "not valid  three-of-eight" in said and "kernel/mm/buddy.h: “Allocates between `min` and `max` consecutive units.”" in said
    file.write_text(FOUR, encoding="ascii")
    said = make_examples(tmp_path)
    assert "not valid" not in said and "of 12 impostors caught" in said and "12 of 12" not in said
    file.write_text(FOUR + MORE, encoding="ascii")
    assert "12 of 12 impostors caught" in make_examples(tmp_path)


def test_what_valid_examples_catch_earns_points(tmp_path: Path, toolchain: build.Toolchain) -> None:
    """In the proportion of the impostors; in a folder of its own in the submission, or beside its files."""
    file = tmp_path / "submission" / "buddy.scenario"
    file.parent.mkdir()
    file.write_text(FOUR, encoding="ascii")
    found = points.scored([BUDDY], tmp_path / "submission", toolchain, 24)
    [lab] = found["labs"]
    assert (lab["examples"], lab["valid"], lab["impostors"], found["max_score"]) == (4, 4, 12, 24)
    assert 0 < lab["caught"] < 12 and found["score"] == lab["score"] == 2 * lab["caught"]
    assert lab["message"].startswith("not caught: impostors ")
    assert points.scored([BUDDY], tmp_path, toolchain, 24)["labs"][0]["message"] == points.NONE
    file.write_text("lab buddy\n", encoding="ascii")
    found = points.scored([BUDDY], tmp_path / "submission", toolchain, 24)
    assert found["score"] == 0 and found["labs"][0]["message"].startswith("examples/buddy.scenario:1: expected: ")


def test_what_lies_where_in_a_designs_code_catches_nobody(tmp_path: Path, toolchain: build.Toolchain) -> None:
    """A design is known by what it does: in kits are objects to link, in whose images to look for a word of each
    impostor's code that no right design has there."""
    lab = labs.find("paging")
    there = designs.of(lab, toolchain)
    right, wrong = ([executed.code_of(design.image(lab, toolchain, "")) for design in some]
                    for some in (there.right, there.impostors))
    rows = []
    for code in wrong:
        at = next(at for at in range(0, len(code.text) - 4, 4) if all(
            at + 4 <= len(other.text) and other.text[at:at + 4] != code.text[at:at + 4] for other in right))
        word = int.from_bytes(code.text[at:at + 4], "little")
        rows.append(f"peek {code.physical + at:#x} -> value!={word:#x}")
    (tmp_path / "peeks").write_text("\n".join(["marionette-scenario 1", "lab paging", "scenario words", "init", *rows, ""]))
    # A function's first word may stand there by chance in one of them; then it is no valid example.
    assert exercise(lab, toolchain, tmp_path / "peeks", "x").judged.caught == 0


_RANDOM = Stream("examples", "places")
_A_PLACE = [_RANDOM.between(1, 0x1a) * 4096 + _RANDOM.between(0, 1023) * 4 for _ in range(60)]
GUESSED = {
    "the kernel in memory": ("paging", "init", [f"peek {0x100000 + at:#x} -> value%8<7" for at in _A_PLACE]),
    "the kernel, mapped": ("paging", "boot\nd = create\nmap d 0x100000 0x400000 32 7\nswitch d",
                           [f"read {0x400000 + at:#x} 0 -> value%8<7" for at in _A_PLACE]),
    "the kernel, in a number": ("kvmalloc", "boot", [f"sum base+{at // 4096 * 4096:#x} {at % 16 + 2} -> sum%8<7" for at in _A_PLACE]),
}


@pytest.mark.parametrize(("slug", "before", "lines"), GUESSED.values(), ids=GUESSED)
def test_who_guesses_what_lies_in_the_kernel_catches_nobody(slug: str, before: str, lines: list[str], tmp_path: Path,
                                                            toolchain: build.Toolchain) -> None:
    """Of nine images one has any number anywhere: sixty guesses caught eleven of twelve impostors."""
    text = "".join(f"scenario s{i}\n{before}\n{line}\n" for i, line in enumerate(lines))
    (tmp_path / "x").write_text(f"marionette-scenario 1\nlab {slug}\n{text}")
    found = exercise(labs.find(slug), toolchain, tmp_path / "x", "x").judged
    assert found.caught == 0 and {objection.why for objection in found.objections.values()} == {kernels_own.WHY}


def test_where_the_kernel_lies_may_be_mapped_and_its_page_tables_read(tmp_path: Path, toolchain: build.Toolchain) -> None:
    (tmp_path / "x").write_text("marionette-scenario 1\nlab paging\nscenario x\nboot\nd = create\n"
                                "map d 0x100000 base-0x1000 2 7 -> error!=0\nmap d 0x100000 0x400000 3 7 -> ok\n"
                                "translate d 0x401000 -> physical=0x101000\nt = describe 0\npeek t\npeek 0xffffc\n")
    assert exercise(labs.find("paging"), toolchain, tmp_path / "x", "x").judged.objections == {}


def test_examples_that_take_too_long_are_refused_and_spoil_nothing(tmp_path: Path, toolchain: build.Toolchain,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tried, "MOST_INSTRUCTIONS", 20_000_000)
    long = "".join(f"scenario s{i}\ninit 60000\ncomb 0 1 20000\ncomb 20000 1 20000\n" for i in range(20))
    (tmp_path / "long").write_text(f"marionette-scenario 1\nlab buddy\n{long}", encoding="ascii")
    (tmp_path / "short").write_text(FOUR, encoding="ascii")
    with pytest.raises(GraderError, match="x: a right design needs too long for all that comes before `scenario s"):
        exercise(BUDDY, toolchain, tmp_path / "long", "x")
    assert exercise(BUDDY, toolchain, tmp_path / "short", "x").judged.objections == {}


@pytest.mark.parametrize(("asked", "command", "names"), [
    ("", "grade", ["buddy.cpp"]), ("1", "examples", ["buddy.scenario"])])
def test_watching_tries_examples_where_that_is_asked_for(asked: str, command: str, names: list[str], tmp_path: Path,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    called, watched = [], []

    def watch(folder: Path, files: list[str], act: Callable[[], None]) -> None:
        watched.extend(files)
        act()
    monkeypatch.setattr("grader.student.watch.watch", watch)
    monkeypatch.setattr(subprocess, "run", lambda words, **_: called.append(words[1]))
    options = argparse.Namespace(examples=asked, lab="buddy", submission=str(tmp_path), build=ROOT / "build")
    assert commands.module("watch").run(options) == 0
    assert (called, watched) == ([command], names)
