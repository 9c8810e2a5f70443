"""Serial logs judged without booting: the golden ones of real boots, and the same ones damaged.

make_golden.py makes them, and says how.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from conftest import ROOT
from make_golden import GOLDEN, KEY

from grader.course.labs import Lab
from grader.errors import Unplayable
from grader.evidence import memory, records
from grader.judging.judge import Ending, Finding, judge
from grader.judging.verdict import Verdict
from grader.scenarios import scenario

V = Verdict

# What each golden log is judged to be: verdict, rule, operation. None: it keeps the contract.
EXPECTED = {
    "pass": None,
    "panic-expected": None,
    "output": None,
    "fail": (V.FAIL, "the rest is freed again", 4),
    "todo": (V.TODO, "not written yet", 1),
    "panic": (V.CRASH, "a panic where there is no reason for one", 3),
    "exception": (V.CRASH, "page fault", 3),
    "hang": (V.HANG, "it does not come back", 3),
    "forged": (V.HANG, "it does not come back", 2),
    "truncated-in-a-line": (V.CRASH, "the log ends early", 5),
    "truncated-between-lines": (V.CRASH, "the log ends early", 5),
    "truncated-before-the-end": (V.CRASH, "the log ends early", 7),
    "garbled": (V.CRASH, "the log ends early", 5),
    "empty": (V.CRASH, "the scenario did not begin", 0),
}


def golden(name: str) -> tuple[scenario.Scenario, bytes]:
    """A golden log, and the scenario that was played."""
    (wanted,) = scenario.load(GOLDEN / f"{name}.scenario")
    return wanted, (GOLDEN / f"{name}.log").read_bytes()


def judged(lab: Lab, wanted: scenario.Scenario, log: bytes,
           ending: Ending = Ending.POWER_OFF) -> Finding | None:
    """What is found in a log that should hold one run."""
    runs = records.read(log, KEY).runs
    return judge(wanted, runs[0] if runs else None, ending, lab.oracle.Oracle())


def told(finding: Finding | None) -> tuple[Verdict, str, int] | None:
    """A finding in short, as in EXPECTED."""
    return finding and (finding.verdict, finding.rule, finding.operation)


def test_every_golden_log_has_an_expectation() -> None:
    assert {path.stem for path in GOLDEN.glob("*.log")} == EXPECTED.keys() | {"refused"}


@pytest.mark.parametrize("name", EXPECTED)
def test_golden(buddy: Lab, name: str) -> None:
    assert told(judged(buddy, *golden(name))) == EXPECTED[name]


def test_a_refused_operation_is_the_scenarios_mistake(buddy: Lab) -> None:
    with pytest.raises(Unplayable, match="'c' is no number, and no result has that name") as caught:
        judged(buddy, *golden("refused"))
    lines = (GOLDEN / "refused.scenario").read_text().splitlines()
    assert lines[caught.value.line - 1] == "free c 2"


def test_what_was_found_in_the_failed_log(buddy: Lab) -> None:
    finding = judged(buddy, *golden("fail"))
    assert finding.text == "alloc 4 4"
    assert "4 units of the free block 4-7" in finding.expected
    assert finding.seen == "0: nothing"
    assert finding.header == "kernel/mm/buddy.h"
    assert "###....." in finding.picture


def test_what_is_known_of_an_exception() -> None:
    _, log = golden("exception")
    (run,) = records.read(log, KEY).runs
    (stop,) = run.stops
    assert (stop.number, stop.kind, stop.message) == (3, "exception", "page fault")
    assert stop.during == "alloc 3 3"
    assert stop.eip >= 0xC0000000
    assert len(stop.trace) > 3
    assert stop.registers["address"] == 0x7F000010
    assert stop.registers["vector"] == 14
    assert not run.finished


def test_the_students_output_is_kept_and_made_printable() -> None:
    _, log = golden("output")
    (run,) = records.read(log, KEY).runs
    assert run.output == ["one \\x1b[31m", "two", "@7 alloc? "]
    assert [record.text for record in run.records] == ["init 8", "alloc 1 1"]


def test_forged_records_are_output_and_suspicious() -> None:
    _, log = golden("forged")
    read = records.read(log, KEY)
    (run,) = read.runs
    assert [record.number for record in run.records] == [1]
    assert not run.finished
    assert len(run.suspicious) == 3
    assert run.suspicious[0].startswith("@2 alloc 1 1 -> count=0")


def test_a_line_that_was_hit_is_lost_and_all_that_follow() -> None:
    _, log = golden("garbled")
    (run,) = records.read(log, KEY).runs
    assert [record.number for record in run.records] == [1, 2, 3, 4]
    assert not run.finished


def cuts() -> list[int]:
    """Every place where the log `pass` can be cut before its scenario's last record."""
    _, log = golden("pass")
    return list(range(log.index(b"\n< 0 ") + len(b"\n< 0 ~0000")))


def test_no_log_that_is_cut_passes(buddy: Lab) -> None:
    wanted, log = golden("pass")
    passed = [cut for cut in cuts() if not judged(buddy, wanted, log[:cut])]
    assert passed == []


def test_no_log_with_a_flipped_bit_passes(buddy: Lab) -> None:
    wanted, log = golden("pass")
    first = log.index(b"> 0")
    for at in range(first, cuts()[-1]):
        hit = bytearray(log)
        hit[at] ^= 1 << at % 7
        assert judged(buddy, wanted, bytes(hit)), f"byte {at} flipped, and it passes"


def test_no_log_without_one_of_its_lines_passes(buddy: Lab) -> None:
    wanted, log = golden("pass")
    lines = log.splitlines(keepends=True)
    for i, line in enumerate(lines):
        if line[:1] in b">@<":
            assert judged(buddy, wanted, b"".join(lines[:i] + lines[i + 1:])), line


def test_no_log_of_another_key_passes(buddy: Lab) -> None:
    wanted, log = golden("pass")
    assert records.read(log, KEY ^ 1).runs == []
    assert not records.read(log, KEY ^ 1).complete
    assert records.read(log, KEY).complete


def test_a_log_of_another_scenario_does_not_pass(buddy: Lab) -> None:
    wanted, log = golden("pass")
    for i, operation in enumerate(wanted.operations):
        if operation.arguments[0].isdigit():
            other = list(wanted.operations)
            other[i] = scenario.operations(f"{operation.verb} 5 7")[0]
            changed = scenario.Scenario("buddy", "pass", tuple(other))
            assert judged(buddy, changed, log).verdict is V.FAIL


@pytest.mark.parametrize(("ending", "verdict", "rule"), [
    (Ending.RESET, V.CRASH, "triple fault"),
    (Ending.CPU_TIME, V.HANG, "it does not come back"),
    (Ending.WORDLESS, V.HANG, "it does not come back"),
    (Ending.OUTPUT, V.CRASH, "the log ends early"),
    (Ending.POWER_OFF, V.CRASH, "the log ends early"),
])
def test_how_the_machine_ended_tells_why_a_log_is_cut(buddy: Lab, ending: Ending, verdict: Verdict,
                                                      rule: str) -> None:
    wanted, log = golden("truncated-between-lines")
    finding = judged(buddy, wanted, log, ending)
    assert told(finding) == (verdict, rule, 5)
    assert finding.text == "free a+1 2"
    assert finding.seen == ending.value


def signed(text: str, check: int) -> tuple[bytes, int]:
    """A record's line as docs/records.md has it, and the check to go on with."""
    return signed_bytes(text.encode(), check)


def signed_bytes(text: bytes, check: int) -> tuple[bytes, int]:
    """The same for any bytes."""
    check = zlib.crc32(text, check)
    return b"%s ~%04x\n" % (text, (check ^ check >> 16) & 0xFFFF), check


def test_the_check_word_is_as_documented() -> None:
    """An independent writer's log reads as the same run."""
    head, _ = signed("# marionette-records 1 lab=buddy kernel_base=0xc0000000", 0)
    log, check = head, KEY
    for text in ("> 0 t", "@1 init 8 -> size=300", "@2 free 0 8 -> ok", "< 0"):
        line, check = signed(text, check)
        log += line
    line, _ = signed(". scenarios=1", KEY)
    read = records.read(log + line, KEY)
    assert read.started
    assert read.complete
    assert [(r.number, r.verb, r.arguments, r.results) for r in read.runs[0].records] == [
        (1, "init", (8,), {"size": 300}), (2, "free", (0, 8), {})]
    assert read.runs[0].finished


def test_the_documents_example() -> None:
    text = (ROOT / "docs" / "records.md").read_text()
    begin = text.index("    # marionette-records 1")
    example = text[begin:text.index("\n\n", begin)].replace("    ", "")
    read = records.read(example.encode())
    assert read.complete
    (run,) = read.runs
    assert [r.results for r in run.records] == [{"size": 64}, {}, {"count": 3, "start": 0}, {}]
    assert run.records[3].panicked
    assert run.output == ["hello from buddy_alloc"]
    assert (run.stops[0].kind, run.stops[0].message) == ("panic", "free already")
    assert run.finished


def test_any_bytes_are_a_log() -> None:
    noise = bytes(range(256)) * 3 + b"@1 x ~12\n> x ~zzzz\n@\n!\n? ~0000\n\r\n"
    assert records.read(noise, KEY).runs == []
    assert records.read(b"> " + b"1" * 10_000 + b" x ~1234\n", KEY).runs == []


def test_a_line_is_no_record_only_because_it_checks() -> None:
    """Whatever somebody signs who has found out the check word."""
    _, log = golden("pass")
    cut = log[:log.index(b"@3 ")]
    for text in ("@x alloc -> ok", "@3 alloc 1 1 -> count=many", "!3", "!x hang", "> x y", "%",
                 "@3 alloc 1 1 -> damage=1 memory=", "@3 alloc 1 1 -> damage=1 memory=0x10,zz",
                 "@3 alloc 1 1 -> damage=1 memory=0x10,00,0000", f"!3 exception memory=0x10,{'00' * 65}", "\xe9"):
        line, _ = signed_bytes(text.encode("latin-1"), check_after(cut))
        assert [r.number for r in records.read(cut + line, KEY).runs[0].records] == [1, 2]


def test_bytes_of_memory_are_shown_with_what_should_be_there() -> None:
    _, log = golden("pass")
    cut = log[:log.index(b"@3 ")]
    line, _ = signed_bytes(b"@3 alloc 1 1 -> count=1 damage=2 behind=0 memory=0xfff8,00000000c5c5c5c50a0b--c5,"
                           b"--------c5c5c5c5c5c5c5c5 cost=9", check_after(cut))
    record = records.read(cut + line, KEY).runs[0].records[2]
    assert record.results == {"count": 1, "damage": 2, "behind": 0, "cost": 9}
    assert record.outcome == "count=1 damage=2 behind=0 cost=9"
    assert memory.dump(record.memory).splitlines() == [
        "address     should be                is",
        "0x0000fff8  -- -- -- -- c5 c5 c5 c5  00 00 00 00 c5 c5 c5 c5",
        "0x00010000  c5 c5 c5 c5              0a 0b -- c5              <-"]


def test_memory_that_could_not_be_read_is_not_shown() -> None:
    assert memory.dump(memory.parse("0x10000000,----")) == memory.dump(None) == ""


def check_after(log: bytes) -> int:
    """The check to go on with after a log of one scenario."""
    check = KEY
    for line in log.splitlines()[1:]:
        check = zlib.crc32(line[:-6], check)
    return check


def test_numbers_are_spelled_as_the_kernel_does() -> None:
    assert [records.spelled(n) for n in (0, 0xFFFFFF, 0x1000000)] == ["0", "16777215", "0x1000000"]


def test_golden_scenarios_have_the_golden_key() -> None:
    for path in sorted(Path(GOLDEN).glob("*.scenario")):
        assert f"key 0x{KEY:08x}\n" in path.read_text()
