"""What operations took, counted outside of the machine: alike for right solutions, and nothing can be hidden from
it."""

from __future__ import annotations

import zlib
from dataclasses import replace
from itertools import pairwise

import pytest
from conftest import ROOT

from grader.building import build
from grader.course import labs
from grader.emulators import qemu
from grader.evidence import instructions, records
from grader.evidence.instructions import Unsaid
from grader.judging.judge import Ending, judge
from grader.scenarios.scenario import Scenario, operations, script

MEASURED = Scenario("buddy", "b", operations("init 64\nfree 0 64\na = alloc 3 8\nfree a\nquiet\nalloc 1 1\nfree 0 1\nloud\n"
                                             "alloc 5 7\nalloc 65 70"), measure=True)
RECORDED = bytes.fromhex("00e0200c" "0000000000000000" "1c0011223344556677" "25" "0000000005" "160000000100000001"
                         "0000000007" "160000000100000001" "01" "0000000100" "160000000100000001" "0e" "27")


def played(toolchain: build.Toolchain, sources: dict, **options: dict) -> tuple[qemu.Boot, records.Run]:
    """The scenario on an image with these files; its boot, and what came of it."""
    boot = qemu.boot(build.image(toolchain, sources), script([MEASURED], 7), watched=False, **options)
    return boot, records.read(boot.log, 7).runs[0]


def test_instructions_are_counted_at_each_byte_of_the_log(toolchain: build.Toolchain) -> None:
    boot, run = played(toolchain, {}, dealt={})
    assert len(boot.instructions) == len(boot.log)
    assert all(a < b for a, b in pairwise(boot.instructions))
    assert boot.log == played(toolchain, {})[0].log
    seen = instructions.unsaid(run, boot.instructions)
    assert sorted(seen) == [2, 3, 4, 5, 8, 9, 10]
    assert all(3000 < each.instructions < 40_000 for each in seen.values())


@pytest.mark.parametrize("other", ["array", "lists"])
def test_the_players_part_is_alike_for_right_solutions(toolchain: build.Toolchain, other: str) -> None:
    path = ROOT / "solutions" / "alternatives" / "buddy" / f"{other}.cpp"
    (ours, run), (usual, usual_run) = (played(toolchain, sources, dealt={}) for sources in ({"buddy.cpp": path}, {}))
    seen, as_usual = instructions.unsaid(run, ours.instructions), instructions.unsaid(usual_run, usual.instructions)
    assert instructions.hidden(run, seen, as_usual) == ""
    less = replace(run, records=[replace(record, results={**record.results, "cost": record.results.get("cost", 0) - 4500})
                                 if record.number == 4 else record for record in run.records])
    told = instructions.hidden(less, instructions.unsaid(less, ours.instructions), as_usual)
    assert told.startswith("operation 4, `free ")


def test_any_bytes_are_recorded_instructions_or_none() -> None:
    assert instructions.at_bytes(RECORDED) == [5, 12, 268]
    for end in range(len(RECORDED)):
        assert instructions.at_bytes(RECORDED[:end]) == [5, 12, 268][:len(instructions.at_bytes(RECORDED[:end]))]
    assert instructions.at_bytes(b"\0\xe0\x20\x0d" + RECORDED[4:]) == []
    assert instructions.at_bytes(RECORDED[:12] + b"\xff" + RECORDED[12:]) == []


def some(letters: int) -> instructions.Letters:
    """Those of operation 1, whose record has one number."""
    return {(1, "start"): letters}


def test_letters_and_what_the_player_fills_are_no_hidden_instructions() -> None:
    run = records.Run(0, "a", [records.Record(number, "alloc", (), {}) for number in (1, 2)])
    usual = {1: Unsaid(9_000, some(4)), 2: Unsaid(400_000, some(4))}
    assert instructions.hidden(run, {1: Unsaid(13_500, some(9)), 2: Unsaid(420_000, some(4))}, usual) == ""
    assert "operation 1" in instructions.hidden(run, {1: Unsaid(13_500, some(4))}, usual)
    assert "operation 2" in instructions.hidden(run, {2: Unsaid(430_000, some(4))}, usual)
    assert instructions.hidden(run, {3: Unsaid(10**9, some(4))}, usual) == ""


def test_letters_that_no_number_needs_excuse_nothing() -> None:
    def took(outcome: str) -> dict[int, Unsaid]:
        lines = [b"@1 alloc 2 2 -> count=2 start=4 cost=90", b"@2 alloc 2 2 -> " + outcome.encode()]
        log = b"".join(signed(lines))
        run = records.read(log).runs[0]
        return instructions.unsaid(run, [10_000 * (i >= log.rindex(b"@2")) for i in range(len(log))])

    usual = took("count=2 start=6 cost=90")
    run = records.Run(0, "a", [records.Record(number, "alloc", (2, 2), {}) for number in (1, 2)])
    for longer in (" ." + 300 * ".", " a=" + 18 * "9", " a=1 b=1 c=1"):
        slow = {2: took("count=2 start=6 cost=90" + longer)[2]._replace(instructions=15_000)}
        assert "operation 2" in instructions.hidden(run, slow, usual)
    noughts = {2: took("count=2 start=0x" + 90 * "0" + "6 cost=90")[2]._replace(instructions=15_000)}
    assert "operation 2" in instructions.hidden(run, noughts, usual)
    assert instructions.hidden(run, {2: took("count=2 start=0x61234567 cost=90")[2]._replace(instructions=14_500)}, usual) == ""


def signed(lines: list[bytes]) -> list[bytes]:
    """These, as the player would write them into a scenario's run."""
    check, found = 0, []
    for line in (b"> 0 a", *lines, b"< 0"):
        check = zlib.crc32(line, check)
        found.append(b"%s ~%04x\n" % (line, (check ^ check >> 16) & 0xFFFF))
    return found


def test_a_little_each_time_is_seen_of_all_together() -> None:
    run = records.Run(0, "a", [records.Record(number, "alloc", (), {}) for number in range(40)])
    usual = {number: Unsaid(9_000, {}) for number in range(40)}
    assert instructions.hidden(run, {number: Unsaid(9_450, {}) for number in range(40)}, usual) == ""
    assert "together took 24,000" in instructions.hidden(run, {number: Unsaid(9_600, {}) for number in range(40)}, usual)
    stretch = records.Run(0, "a", [records.Record(9, "loud", (), {})])
    assert instructions.hidden(stretch, {9: Unsaid(20_270_000, {}, 1800)}, {9: Unsaid(20_000_000, {}, 1800)}) == ""
    assert instructions.hidden(stretch, {9: Unsaid(20_280_000, {}, 1800)}, {9: Unsaid(20_000_000, {}, 1800)})


def test_what_one_operation_says_too_much_excuses_no_other_one() -> None:
    run = records.Run(0, "a", [records.Record(number, "alloc", (), {}) for number in range(40)])
    usual = {number: Unsaid(9_000, {}) for number in range(40)}
    slow = {number: Unsaid(12_900, {}) for number in range(39)}
    assert "together took 152,100" in instructions.hidden(run, {**slow, 39: Unsaid(5_100, {})}, usual)
    told = instructions.hidden(run, {**slow, 0: Unsaid(-150_000, {})}, usual)
    assert told.startswith("operation 0, `alloc`, took 159,000 instructions less than its record says")
    shorter = {0: Unsaid(4_500, some(1)), 1: Unsaid(9_000, some(9))}
    assert instructions.hidden(run, shorter, {0: Unsaid(9_000, some(9)), 1: Unsaid(9_000, some(1))}) == ""


def test_what_was_refused_took_no_more_than_it_says() -> None:
    def took(cost: int, message: str, by: int = 60_000) -> tuple[records.Run, dict[int, Unsaid]]:
        stop = f'!2 panic eip=0x1 trace=0x1 cost={cost} during="free 2" message="{message}"'
        log = b"".join(signed([b"@1 free 1 -> ok cost=90", stop.encode(), b"@2 free 2 -> panic"]))
        run = records.read(log).runs[0]
        return run, instructions.unsaid(run, [by * (i >= log.rindex(b"@2")) for i in range(len(log))])

    run, usual = took(50, "free already")
    assert usual[2].instructions == 59_950
    assert instructions.hidden(*took(50, "those units were free already, as far as I can see", 70_000), usual) == ""
    assert "operation 2, `free 2`, took 8,000" in instructions.hidden(*took(50, "free already", 68_000), usual)
    assert "less than its record says" in instructions.hidden(*took(50_000, "free already"), usual)


def test_where_each_is_measured_each_says_what_it_took() -> None:
    def found(*lines: bytes) -> str | None:
        run = records.read(b"".join(signed([b"@1 init 4 -> size=64 cost=9", *lines]))).runs[0]
        wanted = replace(MEASURED, operations=operations("init 4\nfree 0 9"))
        seen = judge(wanted, run, Ending.POWER_OFF, labs.find("buddy").new_oracle(0xC0000000))
        return seen and seen.rule

    stop = b'!2 panic eip=0x1 trace=0x1%s during="free 0 9" message="no"'
    assert found(stop % b" cost=5", b"@2 free 0 9 -> panic") is None
    assert found(stop % b"", b"@2 free 0 9 -> panic") == "the records are not those of this scenario"
    wanted = replace(MEASURED, operations=operations("init 4"))
    bare = records.read(b"".join(signed([b"@1 init 4 -> size=64"]))).runs[0]
    assert judge(wanted, bare, Ending.POWER_OFF, labs.find("buddy").new_oracle(0xC0000000)).rule == (
        "the records are not those of this scenario")


def test_a_record_more_in_a_quiet_stretch_excuses_nothing() -> None:
    run = records.Run(0, "a", [records.Record(9, "loud", (), {})])
    usual, more = {(9, "sum"): 5}, {(9, "sum"): 5, (4, "address"): 10, (4, "cost"): 3}
    seen = {9: Unsaid(20_008_400, more, 20)}
    assert "took 8,400 instructions more" in instructions.hidden(run, seen, {9: Unsaid(20_000_000, usual, 20)})


def test_a_sum_is_told_of_what_is_not_measured_one_by_one() -> None:
    assert MEASURED.tells_costs
    assert replace(MEASURED, measure=False).tells_costs
    assert not replace(MEASURED, measure=False, operations=operations("init 4\nquiet\nfree 0 4")).tells_costs
