"""Backtraces in words: every function between the fault and the player's call, each at its own line."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT

from grader.building import build, stage, symbols
from grader.course import labs
from grader.grading.play import Player
from grader.judging.judge import Finding
from grader.judging.verdict import Verdict
from grader.reporting import explain
from grader.scenarios import scenario

BEGIN = "void buddy_free(buddy *b, size_t start, size_t count)\n{"
WRONG = """\
#include <algorithm>
[[gnu::noinline]] static size_t least(const size_t *from, size_t n)
{
    return *std::min_element(from, from + n); // in a header
}
namespace {
struct unnamed {
    static size_t peek(const size_t *where)
    {
        return *where; // no name for the linker
    }
};
}
struct inner {
    volatile int *where;
    void poke() const
    {
        *where = 3; // the fault
    }
};
[[gnu::noinline]] static void outer(volatile int *where)
{
    inner{where}.poke(); // inlined
}
[[gnu::noinline]] static void last(size_t count)
{
    if (count == 8)
        panic("eight"); // the first
    if (count == 7)
        panic("seven");
}
"""
CALLS = """
    last(count); // one
    if (count == 6)
        start = least(reinterpret_cast<size_t *>(0xd0001234), count); // three
    if (count == 5)
        start = unnamed::peek(reinterpret_cast<size_t *>(0xd0001234)); // four
    outer(reinterpret_cast<int *>(0xd0001234)); // two
"""


@pytest.mark.parametrize("within", ["/home/anna/labs", "/root/kernel/solutions", "", "."])
def test_a_file_is_named_from_the_top_of_the_kit_whatever_it_lies_in(within: str) -> None:
    said = ["0xc0001000", "buddy_free(buddy*, unsigned int)", f"{within}/solutions/mm/buddy.cpp:12".lstrip("/")]
    assert [str(place) for place in symbols.read(said)] == ["buddy_free at solutions/mm/buddy.cpp:12"]


@pytest.fixture(scope="module")
def wrong(toolchain: build.Toolchain, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """An image whose buddy_free goes wrong in small functions, and the file's lines."""
    folder = tmp_path_factory.mktemp("wrong")
    right = (ROOT / "solutions" / "mm" / "buddy.cpp").read_text()
    assert BEGIN in right
    text = right.replace(BEGIN, WRONG + BEGIN + CALLS)
    (folder / "buddy.cpp").write_text(text)
    return stage.image(toolchain, folder, [labs.find("buddy")]).image, text.splitlines()


@pytest.mark.parametrize(("count", "chain"), [
    # Neither has a frame of its own: what called them is known from the unwind information.
    (4, [("inner::poke", "the fault"), ("outer", "inlined"), ("buddy_free", "two")]),
    # The call does not return, so what is behind it is of another line.
    (8, [("last", "the first"), ("buddy_free", "one")]),
    # addr2line takes it for buddy_free.
    (5, [("unnamed::peek", "no name for the linker"), ("buddy_free", "four")]),
    # What is the C++ library's tells nobody anything.
    (6, [("least", "in a header"), ("buddy_free", "three")]),
])
def test_no_caller_is_lost(wrong: tuple[Path, list[str]], count: int, chain: list[tuple[str, str]],
                             tmp_path: Path) -> None:
    image, lines = wrong
    (tmp_path / "t").write_text(f"marionette-scenario 1\nlab buddy\nscenario t\ninit 8\nfree 0 {count}\n")
    played = Player(image).play_alone(scenario.load(tmp_path / "t")[0])
    finding = Finding(Verdict.CRASH, "wrong", operation=2, stop=played.run.stops[0])
    places = explain.locate(finding, image, None)
    at = {comment: next(i for i, line in enumerate(lines, 1) if line.endswith(f"// {comment}")) for _, comment in chain}
    assert [str(place) for place in places] == [
        f"{function} at kernel/mm/buddy.cpp:{at[comment]}" for function, comment in chain]
    told = explain.message(finding, places, [])
    assert all(told.count(str(place)) == 1 for place in places)


@pytest.mark.parametrize(("verdict", "first"), [
    (Verdict.CRASH, "wrong, in buddy_free, called by ppfree at kernel/mm/ppalloc.cpp:7"),
    (Verdict.HANG, "wrong, in ppfree at kernel/mm/ppalloc.cpp:7")])
def test_the_first_place_that_is_told_is_one_that_students_have(verdict: Verdict, first: str) -> None:
    chain = [symbols.Place("buddy_free", "solutions/mm/buddy.cpp", 90), symbols.Place("ppfree", "kernel/mm/ppalloc.cpp", 7),
             symbols.Place("unusual", "kernel/mm/ppalloc.cpp", 20)]
    told = explain.message(Finding(verdict, "wrong", operation=1), chain, [])
    assert told.splitlines()[0] == first and "solutions" not in told
    assert "called by\n  unusual at kernel/mm/ppalloc.cpp:20" in told
