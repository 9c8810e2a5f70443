"""The oracle of lab 1: it names the rule that was broken, and finds nothing where none was."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from judging import judged

from grader.course.labs import Lab
from grader.judging.verdict import Verdict
from grader.scenarios.stream import Stream


EIGHT = "init 8 -> size=64; free 0 8 -> ok; "

# For each rule, records of which the last one breaks it, and what the finding says of it.
BROKEN = {
    "state_size": [
        ("init 1 -> size=4113", "buddy_state_size(1) = 4113"),
        ("init 1048576 -> size=16781313 lent=0", "= 16781313")],
    "keeps_to_its_state": [
        ("init 8 -> size=64 damage=3", "3 of the bytes around it have changed"),
        (EIGHT + "alloc 1 1 -> count=1 start=0 damage=1", "1 of the bytes"),
        ("init 8 -> size=64; free 0 8 -> damage=4", "4 of the bytes")],
    "writes_nothing_beside_start": [
        (EIGHT + "alloc 1 1 -> count=1 start=0 start_damage=1 behind=0", "from its very end on"),
        (EIGHT + "alloc 1 1 -> count=1 start=0 start_damage=2 before=4", "4 bytes before it")],
    "writes_nothing_beside_the_struct": [
        ("init 8 -> size=64 struct_damage=4 behind=8", "8 bytes behind its end")],
    "remembers_in_its_state": [
        (EIGHT + "beside -> count=8 start=0", "8 units from 0 on"),
        (EIGHT + "beside -> count=0", "0 units"),
        ("crowd 9 -> count=9 starts=29 again=0", "whose numbers add up to 29"),
        ("crowd 9 -> count=9 starts=28 again=1", "and 1 the second time")],
    "says_what_it_is": [
        ("init 8 -> size=64; members -> units=7 state=0", "b->units is 7"),
        ("init 8 -> size=64; members -> units=8 state=16", "b->state is another address")],
    "starts_empty": [
        ("init 8 -> size=64; alloc 1 1 -> count=1 start=0", "1 unit: unit 0"),
        ("init 8 -> size=64; alloc 1 8 -> count=8 start=0", "8 units: units 0 to 7")],
    "one_owner": [
        (EIGHT + "alloc 4 4 -> count=4 start=0; alloc 2 2 -> count=2 start=3", "units 3 to 4"),
        (EIGHT + "alloc 8 8 -> count=8 start=0; alloc 1 1 -> count=1 start=7", "unit 7"),
        (EIGHT + "alloc 2 2 -> count=2 start=7", "units 7 to 8"),
        ("world 1 1 1 -> a=4096 b=4112 c=16", "1 unit: unit 0"),
        (EIGHT + "other -> turn=1; init 4 -> size=64; free 0 4 -> ok; alloc 4 4 -> count=4 start=0; "
         "other -> turn=0; alloc 4 4 -> count=4 start=0; alloc 4 4 -> count=4 start=0", "units 0 to 3"),
        ("init 8 -> size=64; free 0 2 -> ok; alloc 2 2 -> count=2 start=4294967294", "429496")],
    "never_more_than_max": [
        (EIGHT + "alloc 3 3 -> count=4 start=0", "4 units: units 0 to 3")],
    "never_less_than_min": [
        ("init 8 -> size=64; free 0 4 -> ok; alloc 5 8 -> count=4 start=0", "4 units")],
    "smallest_sufficient_block": [
        ("init 8 -> size=64; free 0 4 -> ok; free 6 2 -> ok; alloc 2 2 -> count=2 start=0",
         "in the block 0-3"),
        (EIGHT + "alloc 2 2 -> count=2 start=2", "units 2 to 3, in the block 0-7")],
    "max_if_it_can_be_had": [
        (EIGHT + "alloc 2 8 -> count=2 start=0", "2 units: units 0 to 1"),
        (EIGHT + "alloc 2 3 -> count=2 start=0", "2 units: units 0 to 1")],
    "the_rest_is_freed_again": [
        (EIGHT + "alloc 3 3 -> count=3 start=0; alloc 4 4 -> count=0", "0: nothing"),
        (EIGHT + "alloc 3 3 -> count=3 start=0; alloc 1 1 -> count=0", "0: nothing")],
    "coalescing": [
        ("init 8 -> size=64; free 0 4 -> ok; free 4 4 -> ok; alloc 8 8 -> count=0", "0: nothing"),
        ("init 8 -> size=64; free 0 2 -> ok; free 2 2 -> ok; alloc 1 8 -> count=2 start=2",
         "2 units"),
        (EIGHT + "alloc 3 3 -> count=3 start=0; free 0 3 -> ok; alloc 8 8 -> count=0",
         "0: nothing")],
    "largest_block": [
        ("world 1 1 1 -> a=4096 b=16 c=0", "0: nothing"),
        ("init 8 -> size=64; free 0 4 -> ok; alloc 2 8 -> count=2 start=0", "2 units"),
        ("init 8 -> size=64; free 0 4 -> ok; free 6 1 -> ok; alloc 1 8 -> count=1 start=6",
         "unit 6"),
        ("init 8 -> size=64; free 0 4 -> ok; alloc 2 8 -> count=0", "0: nothing"),
        ("init 8 -> size=64; free 2 4 -> ok; alloc 3 4 -> count=3 start=2", "3 units")],
    "nothing_to_be_had": [
        ("init 8 -> size=64; alloc 1 1 -> count=0 start=0", "0 written there"),
        (EIGHT + "alloc 9 10 -> count=0 start=5", "5 written there")],
    "strange_requests": [
        (EIGHT + "alloc 0 1 -> count=0", "0: nothing"),
        (EIGHT + "alloc 0 0 -> count=1 start=0", "unit 0"),
        (EIGHT + "alloc 3 2 -> count=3 start=0", "3 units"),
        (EIGHT + "alloc 3 2 -> count=2 start=0", "2 units")],
    "freed_units_are_available": [
        (EIGHT + "alloc 8 8 -> count=0", "0: nothing"),
        ("init 16 -> size=64; free 3 1 -> ok; alloc 1 1 -> count=0", "0: nothing"),
        (EIGHT + "churn 99 1 1 -> count=0 fewest=0", "0: nothing"),
        (EIGHT + "churn 99 3 3 -> count=3 start=0 fewest=2", "2 once")],
    "double_free_panics": [
        (EIGHT + "free 7 1 -> ok", "it returned, and went on"),
        ("init 8 -> size=64; free 3 1 -> ok; free 0 8 -> ok", "it returned"),
        ("init 8 -> size=64; comb 3 0 2 -> ok", "it returned")],
    "freeing_what_does_not_exist_panics": [
        ("init 8 -> size=64; free 8 1 -> ok", "it returned"),
        ("init 8 -> size=64; free 7 2 -> ok", "it returned"),
        ("init 8 -> size=64; free 4294967295 1 -> ok", "it returned"),
        ("init 8 -> size=64; comb 0 2 2 -> ok; comb 5 3 2 -> ok", "it returned")],
}


@pytest.mark.parametrize("text", [
    "init 1 -> size=4112",
    "world 1 1 1 -> a=4096 b=16 c=16",
    "crowd 9 -> count=9 starts=28 again=0",
    "init 8 -> size=0; alloc 1 1 -> count=0; alloc 0 8 -> count=0",
    "init 8 -> size=64; free 0 0 -> ok; free 4294967295 0 -> ok; alloc 1 1 -> count=0",
    "init 8 -> size=64; free 8 1 -> panic; free 4 5 -> panic; alloc 1 1 -> count=0",
    EIGHT + "free 3 1 -> panic; alloc 8 100 -> count=8 start=0",
    EIGHT + "alloc 3 3 -> count=3 start=0; alloc 1 8 -> count=4 start=4; "
    "alloc 1 1 -> count=1 start=3",
    # 13 free units are 8 + 4 + 1.
    "init 13 -> size=64; free 0 13 -> ok; alloc 13 13 -> count=0; alloc 1 13 -> count=8 start=0; "
    "alloc 1 13 -> count=4 start=8; alloc 1 13 -> count=1 start=12; alloc 1 13 -> count=0",
    "init 8 -> size=64; churn 9 1 1 -> count=0 fewest=0; free 4 1 -> ok; churn 9 1 3 -> count=1 start=4 fewest=1; "
    "alloc 1 1 -> count=1 start=4; alloc 1 1 -> count=0",
    # Either of two equal blocks will do.
    "init 8 -> size=64; free 0 2 -> ok; free 4 2 -> ok; alloc 2 2 -> count=2 start=0",
    "init 8 -> size=64; free 0 2 -> ok; free 4 2 -> ok; alloc 2 2 -> count=2 start=4",
    # What a comb had freed before it came upon a free unit stays free.
    "init 8 -> size=64; free 4 1 -> ok; comb 0 2 4 -> panic; comb 6 1 1 -> ok; "
    "alloc 1 1 -> count=1 start=2; free 2 1 -> ok; free 2 1 -> panic",
])
def test_nothing_is_found_where_nothing_is_wrong(buddy: Lab, text: str) -> None:
    assert judged(buddy, text) is None


@pytest.mark.parametrize("text", [
    "init 8 -> panic", EIGHT + "alloc 1 1 -> panic", "init 8 -> size=64; free 0 8 -> panic",
    "init 8 -> size=64; free 9 0 -> panic", "init 8 -> size=64; comb 0 2 4 -> panic",
    EIGHT + "churn 99 1 1 -> panic",
])
def test_a_panic_without_a_reason_is_a_crash(buddy: Lab, text: str) -> None:
    finding = judged(buddy, text)
    assert finding.verdict is Verdict.CRASH
    assert finding.rule == "a panic where there is no reason for one"
    assert finding.operation == text.count(";") + 1


def test_a_wrong_refusal_tells_where_the_block_came_from(buddy: Lab) -> None:
    finding = judged(buddy, "init 8 -> size=64; free 0 2 -> ok; free 2 2 -> ok; "
                            "alloc 4 4 -> count=0")
    assert finding.expected == ("4 units of the free block 0-3; 0-3: freed by operation 2, "
                                "freed by operation 3")


def test_the_picture_shows_the_memory_before_the_operation(buddy: Lab) -> None:
    finding = judged(buddy, "init 40 -> size=64; free 20 4 -> ok; free 30 3 -> ok; "
                            "alloc 2 2 -> count=2 start=20")
    assert finding.picture.splitlines() == [
        "0               16              32",
        "####################....######...#######",
        "                    ^^        ==",
        "free blocks: 20-23, 30-31, 32    (. free  # allocated  ^ this operation  = right)"]


@pytest.mark.parametrize(("answer", "marks", "more"), [
    ("count=8 start=5", ["     ^^^^^^^^", "                ========"], []),
    ("count=8 start=32764", ["========", " " * 44 + "^^^^^"],
     ["this operation: units 32764 to 32771, beyond the last one, 32768"]),
    ("count=0", ["================"], []),
])
def test_the_picture_holds_what_was_answered_and_what_was_right(buddy: Lab, answer: str, marks: list[str],
                                                                 more: list[str]) -> None:
    """However far apart, or beyond the end."""
    freed = "free 32000 8 -> ok; " if "start=5" in answer else ""
    wanted = "alloc 16 16" if answer == "count=0" else "alloc 8 8"
    lines = judged(buddy, f"init 32769 -> size=9; free 0 16 -> ok; {freed}{wanted} -> {answer}").picture.splitlines()
    assert [line for line in lines if set(line) <= set(" ^=")] == marks
    assert lines[2 * len(marks) + len(marks) + 1:] == more


def test_the_last_units_are_in_the_picture_however_many_there_are(buddy: Lab) -> None:
    for last in range(256, 336):
        lines = judged(buddy, f"init {last + 1} -> size=9; free {last} 1 -> ok; alloc 1 1 -> count=0").picture.splitlines()
        assert lines[-2].strip() == "=" and lines[-3][len(lines[-2]) - 1] == "."
        assert lines[-1].startswith(f"free blocks: {last} ")


def test_the_picture_of_a_refusal_is_where_the_block_is(buddy: Lab) -> None:
    finding = judged(buddy, "init 1000 -> size=64; free 800 8 -> ok; alloc 8 8 -> count=0")
    assert "800-807" in finding.picture
    assert "........" in finding.picture


class NaiveBuddy:
    """The contract in the most obvious way: a set of free units, from which blocks are computed."""

    def __init__(self, units: int, choose: Callable[[list[int]], int]) -> None:
        self.units = units
        self.choose = choose  # among the first units of equal blocks
        self.free: set[int] = set()

    def blocks(self) -> dict[int, list[int]]:
        """The maximal aligned blocks, by size."""
        found: dict[int, list[int]] = {}
        left = set(self.free)
        for order in range(self.units.bit_length(), -1, -1):
            size = 1 << order
            for start in range(0, self.units, size):
                block = range(start, start + size)
                if left.issuperset(block):
                    left.difference_update(block)
                    found.setdefault(size, []).append(start)
        return found

    def alloc(self, low: int, high: int) -> tuple[int, int]:
        """count and start; (0, 0) if there is nothing."""
        blocks = self.blocks()
        if high == 0 or low > high or not blocks:
            return 0, 0
        sufficient = [size for size in blocks if size >= high]
        size = min(sufficient) if sufficient else max(blocks)
        count = min(size, high)
        if count < low:
            return 0, 0
        start = self.choose(blocks[size])
        self.free.difference_update(range(start, start + count))
        return count, start

    def release(self, start: int, count: int) -> bool:
        """False for a panic."""
        units = range(start, start + count)
        if count and (units.stop > self.units or not self.free.isdisjoint(units)):
            return False
        self.free.update(units)
        return True


def play(naive: NaiveBuddy, stream: Stream, length: int) -> list[str]:
    """Random operations, and what the naive buddy does, as records."""
    lines = [f"init {naive.units} -> size=0"]
    held: list[tuple[int, int]] = [(0, naive.units)]
    for _ in range(length):
        if stream.chance(1, 2):
            low = stream.below(6)
            high = stream.between(0, 12) if stream.chance(3, 4) else naive.units
            count, start = naive.alloc(low, high)
            if count:
                held.append((start, count))
            lines.append(f"alloc {low} {high} -> count={count}" + (f" start={start}" * bool(count)))
        else:
            if held and stream.chance(4, 5):  # a held run, or the first part of it
                start, count = held.pop(stream.below(len(held)))
                part = stream.between(1, count)
                if part < count:
                    held.append((start + part, count - part))
            else:
                start, part = stream.below(naive.units + 2), stream.below(5)
                for first, count in list(held):  # what is freed under its holder is held no more
                    if start < first + count and first < start + part:
                        held.remove((first, count))
            outcome = "ok" if naive.release(start, part) else "panic"
            lines.append(f"free {start} {part} -> {outcome}")
    return lines


PLACEMENTS = {
    "the first": min,
    "the last": max,
    "one in the middle": lambda blocks: blocks[len(blocks) // 2],
}


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("units", [1, 2, 13, 64, 100])
def test_a_correct_buddy_never_breaks_a_rule(buddy: Lab, units: int, placement: str) -> None:
    lines = play(NaiveBuddy(units, PLACEMENTS[placement]), Stream(units, placement), 400)
    assert judged(buddy, "\n".join(lines)) is None
    outcomes = " ".join(lines)
    assert "panic" in outcomes
    assert "count=0" in outcomes
    assert " start=" in outcomes


@pytest.mark.parametrize("units", [13, 64, 100])
def test_a_correct_buddys_records_with_any_count_changed_break_one(buddy: Lab, units: int) -> None:
    lines = play(NaiveBuddy(units, min), Stream("changed", units), 40)
    changed = 0
    for i, line in enumerate(lines):
        if match := re.search(r"count=([1-9]\d*)", line):
            wrong = line.replace(match[0], f"count={int(match[1]) - 1}")
            finding = judged(buddy, "\n".join([*lines[:i], wrong, *lines[i + 1:]]))
            assert finding is not None, wrong
            assert finding.operation == i + 1
            changed += 1
    assert changed >= 5
