"""Each verdict, through the whole pipeline: the student's file, QEMU, the report, results.json."""

from __future__ import annotations

import hashlib
import re
import shutil
import signal
import stat
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import BODY_LINE, ROOT, SHORT_LAB, Graded, copy_oracle, make_lab, mutant_text, skeleton, tool_folder

from grader.building import build, compiler, room, stage
from grader.building.toolchain import run
from grader.course import labs, verbs
from grader.emulators import machine, qemu
from grader.errors import Infrastructure
from grader.grading import again, shrink
from grader.grading.outcome import Outcome
from grader.grading.plugin import GradingPlugin
from grader.grading.stage_grading import PUBLIC_SEED, StageGrading
from grader.grading.workloads import of_test
from grader.judging.judge import Ending, Finding
from grader.judging.verdict import Verdict
from grader.scenarios import scenario
from grader.scenarios.scenario import Scenario, operations

STUB = (ROOT / "kernel" / "mm" / "buddy.cpp").read_text()
WHERE = f"kernel/mm/buddy.cpp:{BODY_LINE}"
HEAD = f"kernel/mm/buddy.cpp:{BODY_LINE - 1}"  # where a frame is made
LENT = f"kernel/mm/buddy.cpp:{BODY_LINE + 1}"  # behind another header
SPIN = 'asm volatile("");'


def needs_assembly(body: str) -> bool:
    """Whether the gate would stop it before it could crash or hang."""
    return bool(re.search(r'asm volatile\("[^"]', body))


def all_alike(graded: Graded, verdict: str) -> str:
    """Every test has the verdict, and a message; returns that of the first test."""
    assert set(graded.verdicts.values()) == {verdict}, graded.output
    assert all(test["message"] for test in graded.tests.values())
    return graded.tests["starts_empty"]["message"]


def test_pass(grade: Callable) -> None:
    graded = grade(ROOT / "solutions")
    assert graded.status == 0
    assert set(graded.verdicts.values()) == {"pass"}
    assert graded.results["score"] == graded.results["max_score"] == 100
    assert all(test["message"] == "" for test in graded.tests.values())


def test_fail(submission: Callable, grade_short: Callable) -> None:
    graded = grade_short(submission(skeleton("*start = 0; return max;")))
    assert graded.verdicts["starts_empty"] == "fail"
    message = graded.tests["starts_empty"]["message"].splitlines()
    assert message[0] == "starts empty"
    assert message[1] == "operation 2:  alloc 1 1"
    assert message[2] == "expected:     0: no unit is free"
    assert message[3] == "seen:         1 unit: unit 0"


def test_todo(submission: Callable, grade_short: Callable) -> None:
    graded = grade_short(submission(STUB))
    message = all_alike(graded, "todo")
    assert re.fullmatch(r"buddy_state_size is not written yet \(kernel/mm/buddy.cpp:\d+\)", message)
    line = int(re.search(r":(\d+)", message)[1])
    assert STUB.splitlines()[line - 1].strip() == "todo();"
    assert (graded.status, graded.results["score"]) == (0, 0)


def test_what_happens_first_decides(submission: Callable, grade_short: Callable) -> None:
    """A broken rule before a todo() is a fail; a todo() first is a todo."""
    graded = grade_short(submission(skeleton("if (max == 16) todo(); *start = 0; return max;")))
    assert graded.verdicts["starts_empty"] == "fail"  # alloc 1 1 comes before alloc 1 16
    graded = grade_short(submission(skeleton("if (max != 16) todo(); *start = 0; return max;")))
    assert graded.verdicts["starts_empty"] == "todo"


CRASHES = {
    "null dereference": ("*reinterpret_cast<volatile int *>(0x7f000000) = 1; return 0;",
                         "page fault"),
    "division": ("volatile unsigned zero = 0; return max / zero;", "division by zero or overflow"),
    "invalid instruction": ("__builtin_trap();", "invalid instruction"),
    "stack overflow": ("volatile size_t n = buddy_alloc(b, min, max, start); return n + 1;",
                       "stack overflow"),
    "stack overflow by frames of a page": ("volatile char page[4096]; page[0] = 1; "
                                "return buddy_alloc(b, min, max, start) + page[0];",
                                "stack overflow"),
    "a frame larger than the stack": ("volatile size_t marks[2000000]; marks[0] = 1; return marks[min];",
                                      "stack overflow"),
    "a frame that reaches the page tables": ("volatile char marks[44 << 10]; for (auto &m : marks) m = 0; return marks[min];",
                                             "stack overflow"),
    "a frame that is larger than the image": ("volatile char marks[64 << 20]; marks[0] = 1; return marks[min];",
                                              "stack overflow"),
    "triple fault": ("struct [[gnu::packed]] { unsigned short limit; unsigned base; } none{0, 0}; "
                     'asm volatile("lidt %0; int3" : : "m"(none)); return 0;', "triple fault"),
    "stack wrecked": ('asm volatile("movl $0x7f000000, %esp\\n1: jmp 1b"); return 0;',
                      "double fault"),
    "panic": ('panic("no luck with %u", 7);', "a panic where there is no reason for one"),
}


@pytest.mark.parametrize("name", CRASHES)
def test_crash(submission: Callable, grade_short: Callable, name: str) -> None:
    body, rule = CRASHES[name]
    graded = grade_short(submission(skeleton(body)), gated=not needs_assembly(body))
    assert graded.status == 0
    assert graded.verdicts["starts_empty"] == "crash"
    assert graded.verdicts["frees_only"] == "pass"
    message = graded.tests["starts_empty"]["message"].splitlines()
    assert message[0] == f"{rule}, in buddy_alloc at {HEAD if 'frame' in name else WHERE}"
    assert message[1] == "operation 2:  alloc 1 1"
    callers = [f"  buddy_alloc at {WHERE}"] if name == "stack overflow" else []  # it recurses
    assert [line for line in message[1:] if WHERE in line] == callers


# Undefined in C++; each once led to some other mistake's message.
AS_WRITTEN = {
    "no return": ("if (max > 1) return 0;", "crash", "invalid instruction, in buddy_alloc at ",
                  "at the end of a function that should have returned a value"),
    "a loop without effect": ("size_t n = 1; while (n != max - 1) n += 2; return 0;", "hang",
                              "it does not come back, in buddy_alloc at ", "it did not come back within 3500000 instructions"),
    "null": ("*start = max; return b->units + *static_cast<volatile size_t *>(nullptr);", "crash",
             "page fault, in buddy_alloc at ", "address 0x00000000"),
    "near null": ("reinterpret_cast<volatile size_t *>(4 * max)[1000] = 1; return 0;", "crash",
                  "page fault, in buddy_alloc at ", "address 0x00000fa4"),
}


@pytest.mark.parametrize("name", AS_WRITTEN)
def test_what_is_undefined_stops_where_it_is_written(submission: Callable, grade_short: Callable, name: str) -> None:
    body, verdict, headline, seen = AS_WRITTEN[name]
    graded = grade_short(submission(skeleton(body)))
    message = graded.tests["starts_empty"]["message"]
    assert graded.verdicts["starts_empty"] == verdict
    assert message.startswith(headline) and seen in " ".join(message.split()), message


def test_what_is_written_to_beside_start_is_seen(submission: Callable, grade_short: Callable) -> None:
    message = grade_short(submission(skeleton("start[1] = 0; return 0;"))).tests["starts_empty"]["message"]
    assert message.startswith("writes nothing beside start\n")
    assert "4 of the bytes around it have changed, from its very end on" in " ".join(message.split())
    assert "The bytes there:\n  address     should be                is\n" in message
    assert re.search(r"  0x[0-9a-f]{8}  .*15 15 15 15.*  .*00 00 00 00.*  <-\n", message), message


@pytest.mark.parametrize(("body", "said"), [
    ("static_cast<volatile char *>(b->state)[4096 + 5] = 1; return 0;",
     "bytes behind the end of the state, which has as many bytes as buddy_state_size said)"),
    ("*reinterpret_cast<volatile int *>(0x1db000) = 0; return 0;", "(address 0x001db000: none of the kernel's; is it a physical"),
    ("size_t *volatile none = nullptr; none[3] = 0; return 0;", "(address 0x0000000c: 12 bytes from null, "),
    ("memset(b->state, 0, 1 << 20); return 0;", "return 0;"),  # the student's line, not only memset's
])
def test_a_fault_tells_what_its_address_lies_beside(submission: Callable, grade_short: Callable, body: str,
                                                    said: str) -> None:
    text = '#include "lib/string.h"\n' + skeleton(body)
    message = grade_short(submission(text)).tests["starts_empty"]["message"]
    assert message.startswith("page fault, in ")
    assert said in " ".join(message.split()), message
    assert ("The bytes beside it:\n  address     is\n" in message) == ("behind the end of the state" in message), message


@pytest.mark.parametrize(("body", "said"), [
    ('for (;;) print("again\\n");', f"it does not come back, in buddy_alloc at {LENT}"),
    ("for (;;) memset(b->state, 0, 9);", f"it does not come back, in buddy_alloc at {LENT}"),
    ("memset(b->state, 0, 1 << 20); return 0;", f"page fault, in memset, called by buddy_alloc at {LENT}"),
])
def test_what_happens_in_a_function_of_the_kits_is_told_of_who_called_it(submission: Callable, grade_short: Callable,
                                                                         body: str, said: str) -> None:
    """Wherever it is caught in it, also before it has a frame: all tests tell of one cause."""
    graded = grade_short(submission('#include "lib/string.h"\n' + skeleton(body)))
    headlines = {test["message"].splitlines()[0] for name, test in graded.tests.items() if name != "frees_only"}
    assert headlines == {said}


def test_a_panic_that_is_wrong_is_not_said_to_be_right(submission: Callable, grade_short: Callable) -> None:
    message = grade_short(submission(skeleton('panic("no");'))).tests["starts_empty"]["message"]
    assert re.search(r"^  alloc 1 1 +# -> panic$", message, re.MULTILINE)


def test_operations_that_are_no_functions_are_explained_where_they_are_met() -> None:
    asking = scenario.Scenario("buddy", "asking", scenario.operations("init 8\nfree 0 8\nask 1 1\nask 2 2"))
    said = again.glossary(labs.find("buddy"), asking, Finding(Verdict.FAIL, "", operation=4))
    assert said == ["  ask: as alloc, but *start is not looked at where it gets none"]


@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.slug)
def test_what_operations_do_can_be_said(lab: labs.Lab) -> None:
    """Of all that the lab's own scenarios have."""
    known = verbs.of(lab)
    for path in lab.folder.glob("scenarios/*.scenario"):
        assert not [op.verb for each in scenario.load(path) for op in each.operations if not known.get(op.verb)], path


def test_another_signature_is_shown_beside_the_one_that_is_asked_for(submission: Callable, grade_short: Callable) -> None:
    text = skeleton("return 0;").replace("size_t buddy_state_size(size_t", "size_t buddy_state_size(unsigned char", 1)
    message = all_alike(grade_short(submission(text)), "build")
    assert "not defined: buddy_state_size(unsigned int); defined instead: buddy_state_size(unsigned char)" in message
    assert message.count("not defined") == 1


def test_what_is_declared_nowhere_is_named_with_what_there_is_instead(submission: Callable, grade_short: Callable) -> None:
    message = all_alike(grade_short(submission(skeleton('printf("no"); return 0;'))), "build")
    assert message.splitlines()[0].endswith("in this scope. To print, there is print() in lib/print.h")


def test_what_is_no_kernels_is_named_with_its_line_and_what_there_is_instead(submission: Callable,
                                                                              grade_short: Callable) -> None:
    text = 'extern "C" int printf(const char *, ...);\n' + skeleton('return printf("%u", min);')
    message = all_alike(grade_short(submission(text)), "rejected")
    assert "it uses printf, which is neither" in message
    assert f"(line {BODY_LINE + 1}). To print, there is print() in lib/print.h" in message


def test_the_compilers_warnings_are_shown(submission: Callable, grade_short: Callable) -> None:
    text = skeleton("int unused = 1; if (max = 0) return 1; return 0;")
    for _ in range(2):  # the second time the object is there already
        graded = grade_short(submission(text))
        assert graded.output.count("warning: unused variable ‘unused’") == 1
        assert f"{WHERE}:" in graded.results["warnings"]["buddy"]


def test_a_recursion_is_told_once(submission: Callable, grade_short: Callable) -> None:
    message = grade_short(submission(skeleton(CRASHES["stack overflow"][0]))).tests["starts_empty"]["message"]
    assert message.count(f"buddy_alloc at {WHERE}") == 2  # the headline, and the call chain
    assert re.search(r"… and the same \d+ times more", message)


def test_one_cause_is_told_once(submission: Callable, grade_short: Callable) -> None:
    graded = grade_short(submission(skeleton(CRASHES["panic"][0])))
    assert graded.verdicts["generated"] == "crash" and graded.tests["generated"]["message"]
    assert graded.output.count("no luck with 7") == 1
    assert f"a panic where there is no reason for one, in buddy_alloc at {WHERE}: see buddy/starts_empty" in graded.output


def test_a_panics_own_words_are_shown(submission: Callable, grade_short: Callable) -> None:
    graded = grade_short(submission(skeleton(CRASHES["panic"][0])))
    assert "seen:         panic: no luck with 7\n" in graded.tests["starts_empty"]["message"]


def test_the_call_chain_is_shown(submission: Callable, grade_short: Callable) -> None:
    text = skeleton("return helper(max);").replace(
        "size_t buddy_state_size", "[[gnu::noinline]] size_t helper(size_t n) {\n"
        "    volatile size_t m = n; *reinterpret_cast<volatile size_t *>(0x7f000000) = m; "
        "return m; }\n"
        "size_t buddy_state_size", 1)
    message = grade_short(submission(text)).tests["starts_empty"]["message"]
    assert message.startswith("page fault, in helper at kernel/mm/buddy.cpp:6\n")
    assert f"\ncalled by\n  buddy_alloc at kernel/mm/buddy.cpp:{BODY_LINE + 2}\n\n" in message


HANGS = {
    "endless loop": f"for (;;) {SPIN}",
    "interrupts off": f'asm volatile("cli"); for (;;) {SPIN}',
    "halted": 'for (;;) asm volatile("cli; hlt");',
}


@pytest.mark.parametrize("name", HANGS)
def test_hang(submission: Callable, grade_short: Callable, name: str) -> None:
    graded = grade_short(submission(skeleton(HANGS[name])), gated=not needs_assembly(HANGS[name]))
    assert graded.status == 0
    assert graded.verdicts == {"starts_empty": "hang", "generated": "hang", "frees_only": "pass"}
    headline = graded.tests["starts_empty"]["message"].splitlines()[0]
    assert headline == f"it does not come back, in buddy_alloc at {WHERE}"


def test_a_lab_that_hangs_everywhere_is_graded_all_the_same(submission: Callable,
                                                            grade_short: Callable) -> None:
    text = skeleton("return 0;").replace("*b = {units, state};", f"for (;;) {SPIN}")
    message = all_alike(grade_short(submission(text)), "hang")
    assert message.startswith("it does not come back, in buddy_init at kernel/mm/buddy.cpp:6\n")


def test_build(submission: Callable, grade_short: Callable) -> None:
    graded = grade_short(submission(skeleton("return nothing;")))
    message = all_alike(graded, "build")
    assert re.match(rf"{WHERE}:\d+: error: .nothing. was not declared in this scope", message)
    assert (graded.status, graded.results["score"]) == (0, 0)
    assert str(ROOT) not in message
    assert "/submission/" not in message


def test_what_is_defined_nowhere(submission: Callable, grade_short: Callable) -> None:
    graded = grade_short(submission(skeleton("return missing(max);").replace(
        "size_t buddy_state_size", "size_t missing(size_t);\nsize_t buddy_state_size", 1)))
    message = all_alike(graded, "rejected")
    assert "it uses missing(unsigned int), which is neither defined here nor among" in message


def test_an_empty_file_does_not_build(submission: Callable, grade_short: Callable) -> None:
    message = all_alike(grade_short(submission("")), "build")
    assert message.startswith("kernel/mm/buddy.cpp: error: not defined: buddy_alloc(")


def with_static(size: int) -> str:
    """A buddy.cpp with a static variable that is not left out."""
    return f"static bool usable[{size}];\n" + skeleton("*start = usable[max]; usable[max] = true; return max;")


def test_static_variables_that_leave_no_room_are_named(submission: Callable, grade_short: Callable) -> None:
    message = all_alike(grade_short(submission(with_static(1 << 20))), "build")
    assert message.startswith("error: static variables leave no room for the kernel: usable (kernel/mm/buddy.cpp, "
                              "1024 KiB)\n")
    assert f"can count on {room.FOR_ALL >> 10} KiB" in message


def test_static_variables_have_the_room_that_the_handout_promises(submission: Callable,
                                                                   toolchain: build.Toolchain) -> None:
    file = submission(with_static(room.FOR_ALL)) / "buddy.cpp"
    build.image(toolchain, {"buddy.cpp": file})
    assert f"count on {room.FOR_ALL >> 10} KiB" in (ROOT / "handouts" / "0-start.adoc").read_text()


def test_the_stack_has_the_room_that_students_are_told_of(submission: Callable, grade_short: Callable) -> None:
    size, = re.findall(r"KERNEL_STACK_SIZE (0x[0-9a-f]+)", (ROOT / "kernel/arch/selectors.h").read_text())
    for told in ("handouts/0-start.adoc", "kernel/mm/allocation.h", "kernel/mm/kvmalloc.h", "grader/judging/stopped.py"):
        assert f"has {int(size, 16) >> 10} KiB" in (ROOT / told).read_text()
    room, = re.findall(r"of which your functions and all that they call can count on (\d+)",
                       (ROOT / "handouts" / "0-start.adoc").read_text())
    graded = grade_short(submission(skeleton(f"volatile char room[{room} << 10]; room[0] = 1; return 0;")))
    assert graded.verdicts["starts_empty"] == "pass"


def test_the_same_message_is_told_once(submission: Callable, grade_short: Callable) -> None:
    graded = grade_short(submission("#error only once\n"))
    assert graded.output.count("error: #error only once") == 2  # the headline, then in full


# ---- infra: a tool is missing, or broke ----

def with_emulator(tmp_path: Path, script: str) -> dict[str, str]:
    """An environment in which qemu-system-i386 is a shell script; $QEMU in it is the true one."""
    script = script.replace("$QEMU", shutil.which("qemu-system-i386"))
    folder = tool_folder(tmp_path / "bin")
    program = folder / "qemu-system-i386"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def all_infra(graded: Graded) -> str:
    """No score, status 2, every test infra without points; returns the message."""
    message = all_alike(graded, "infra")
    assert graded.status == 2
    assert graded.results["score"] is None
    assert graded.results["labs"][0]["score"] is None
    assert all(test["score"] is None for test in graded.tests.values())
    return message


def test_infra_qemu_is_missing(grade_short: Callable, tmp_path: Path) -> None:
    env = {"PATH": str(tool_folder(tmp_path / "bin"))}
    message = all_infra(grade_short(ROOT / "solutions", env=env))
    assert message == "qemu-system-i386 is not installed. `make setup` installs it."


def test_infra_is_told_as_such(grade: Callable, tmp_path: Path) -> None:
    graded = grade(ROOT / "solutions", env={"PATH": str(tool_folder(tmp_path / "bin"))})
    all_infra(graded)
    assert graded.output.count("qemu-system-i386 is not installed") == 1
    assert "marionette: no score: the grading broke (see `infra` above)" in graded.output
    assert "Blocks: powers of two –/50" in graded.output  # no zero here, either


@pytest.mark.parametrize(("script", "expected"), [
    ("exit 7", "status 7"),
    ("echo no such option >&2; exit 1", "no such option"),
    ("$QEMU \"$@\" -incoming defer & sleep 0.3; kill -KILL $!; wait $!", "signal 9"),
    ("$QEMU \"$@\" -incoming defer & sleep 0.3; kill -TERM $!; wait $!", "terminating on signal 15"),
    ("$QEMU \"$@\" -no-such-option", "-no-such-option: invalid option"),
], ids=["exit 7", "exit 1", "killed", "terminated", "too old"])
def test_infra_qemu_breaks(grade_short: Callable, tmp_path: Path, script: str,
                           expected: str) -> None:
    env = with_emulator(tmp_path, script)
    assert expected in all_infra(grade_short(ROOT / "solutions", env=env))


ABORT = """case $* in *-pidfile*) touch pid;; esac
echo 'qemu: fatal: Trying to execute code outside RAM' >&2
ulimit -c 0; kill -ABRT $$"""


def test_what_the_kernel_brings_the_emulator_to_is_a_crash(
        submission: Callable, grade_short: Callable, tmp_path: Path, reference_image: Path) -> None:
    folder = submission((ROOT / "solutions/alternatives/buddy/array.cpp").read_text())
    reference = hashlib.md5(build.stripped(reference_image).read_bytes()).hexdigest()
    env = with_emulator(tmp_path, f'case $(md5sum kernel) in {reference}*) exec $QEMU "$@";; esac\n{ABORT}')
    message = all_alike(grade_short(folder, env=env), "crash")
    assert "the emulator could not go on with what the kernel did" in message


@pytest.mark.parametrize(("died_of", "said"), [
    (signal.SIGABRT, "../../hw/char/serial.c:474: serial_ioport_read: Assertion `size == 1 && addr < 8' failed."),
    (signal.SIGABRT, "ERROR:../../hw/a.c:1:f: code should not be reached"),
    (signal.SIGSEGV, ""),
], ids=["assertion", "unreachable", "segmentation fault"])
def test_an_emulator_that_a_guest_brought_down_is_no_fault_of_the_host(died_of: int, said: str) -> None:
    assert qemu._ending(-died_of, b"", said) is Ending.GAVE_UP
    with pytest.raises(Infrastructure):
        qemu._ending(-signal.SIGABRT, b"", "qemu: could not allocate memory")


def test_infra_an_emulator_that_does_not_stop_to_be_looked_at(toolchain: build.Toolchain) -> None:
    def blind(*arguments: object, **options: object) -> machine.Boot:
        return replace(qemu.boot(*arguments, **options), snapshots=[])

    lab = labs.find("paging")
    graded = StageGrading(stage.alone(lab), ROOT / "solutions", toolchain, PUBLIC_SEED, boot=blind, rounds=0)
    work = of_test(lab, lab.graded_tests["first_directory"], PUBLIC_SEED)
    finding = graded.run([replace(work, scenarios=work.scenarios[:1])])[work.test].finding
    assert finding.verdict is Verdict.INFRA
    assert "its own reference" in finding.rule


def test_what_shrinking_made_of_a_scenario_is_told_only_if_the_contract_allows_it(
        toolchain: build.Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of a block was freed then, of which the reference fails, too: that is no word about the machine."""
    def partly(wanted: Scenario, *_: object) -> Scenario:
        return replace(wanted, operations=operations(
            "boot\npages\nleave 1140 1\na = alloc 1100\nfree a 1\nalloc 1200\npages"))

    lab = labs.find("kvmalloc")
    monkeypatch.delattr(type(lab.new_oracle(0)), "misuse")
    monkeypatch.setattr(shrink, "shrink", partly)
    (tmp_path / "kvmalloc.cpp").write_text(mutant_text("kvmalloc", "keeps_the_addresses"))
    graded = StageGrading(stage.alone(lab), tmp_path, toolchain, PUBLIC_SEED)
    outcome = graded.run([of_test(lab, lab.graded_tests["scattered_frames"], PUBLIC_SEED)])["scattered_frames"]
    assert outcome.finding.verdict is Verdict.FAIL
    assert "free a 1100" in map(str, outcome.failing.operations)


def test_infra_the_reference_fails_alike(toolchain: build.Toolchain) -> None:
    def breaks(*arguments: object, **options: object) -> machine.Boot:
        return machine.Boot(b"", Ending.RESET)

    graded = StageGrading(stage.alone(labs.find("buddy")), ROOT / "solutions", toolchain, PUBLIC_SEED, boot=breaks,
                          rounds=0)
    findings = [outcome.finding for outcome in graded.run(graded.workloads()).values()]
    assert {finding.verdict for finding in findings} == {Verdict.INFRA}
    assert findings[0].rule == ("the kit does not work on this machine: its own reference, compiled by "
                                f"{toolchain.compiler}, fails here, too (the scenario did not begin)")


@pytest.mark.parametrize("broken", [{"libraries": ("-lnothing",)}, {"compile": ("i686-linux-gnu-g++", "-mnothing")}],
                         ids=["no libgcc", "an option that the compiler has not"])
def test_what_can_build_nothing_of_the_kits_either_is_no_build_failure(toolchain: build.Toolchain, tmp_path: Path,
                                                                       broken: dict) -> None:
    other = replace(toolchain, folder=tmp_path, **broken)
    with pytest.raises(Infrastructure, match="can't build the kit's own code on this machine(.|\n)*nothing"):
        build.image(other, {"buddy.cpp": ROOT / "solutions" / "mm" / "buddy.cpp"})


def test_that_it_once_was_built_here_says_nothing(toolchain: build.Toolchain, monkeypatch: pytest.MonkeyPatch) -> None:
    build.prove(toolchain)
    monkeypatch.setattr(compiler, "LIMITS", replace(compiler.LIMITS, memory=16 << 20))
    with pytest.raises(Infrastructure, match="can't build the kit's own code on this machine"):
        build.prove(toolchain)


def test_a_file_that_includes_itself_is_told_so(submission: Callable, grade_short: Callable) -> None:
    graded = grade_short(submission('#include "buddy.cpp"\n'))
    assert set(graded.verdicts.values()) == {"build"}
    assert "error: #include nested depth" in graded.output and graded.output.count("from kernel/mm/buddy.cpp:1") < 5


def test_what_the_compiler_has_no_memory_for_is_told_so(submission: Callable, grade_short: Callable) -> None:
    graded = grade_short(submission('#include "/dev/zero"\n'))
    assert set(graded.verdicts.values()) == {"build"}
    assert "error: the compiler ran out of memory" in graded.output


def test_a_compiler_that_somebody_ended_has_said_nothing_of_the_file(tmp_path: Path) -> None:
    said = "i686-linux-gnu-g++: fatal error: Killed signal terminated program cc1plus"
    with pytest.raises(Infrastructure, match="short of memory"):
        run(["sh", "-c", f"echo '{said}' >&2; exit 1"], tmp_path)
    with pytest.raises(build.BuildError):
        run(["sh", "-c", f"echo 'buddy.cpp:1:2: error: #error {said}' >&2; exit 1"], tmp_path)


def test_infra_the_compiler_is_missing(submission: Callable, grade_short: Callable,
                                       tmp_path: Path) -> None:
    path = tool_folder(tmp_path / "bin", "i686-linux-gnu-g++")
    folder = submission(STUB + f"// never compiled before: {tmp_path}\n")
    message = all_infra(grade_short(folder, env={"PATH": str(path)}))
    assert message == "i686-linux-gnu-g++ is not installed. `make setup` installs it."


# ---- not-run ----

OTHER_LAB = {
    "lab.toml": """\
        title = "Another lab"
        files = ["other.cpp"]
        hours = 1
        [[rung]]
        name = "one"
        title = "One"
        [[test]]
        name = "one"
        points = 5
        rung = "one"
        idea = "nothing"
        """,
    "test_other.py": """\
        from grader.scenarios.scenario import operations
        from grader.scenarios.workload import generated, plays

        @plays(generated(lambda stream, index: operations("init 8")))
        def test_one(outcome):
            outcome.keeps_the_contract()
        """,
    "oracle.py": "",
}


def test_not_run(submission: Callable, grade_labs: Callable, tmp_path: Path) -> None:
    """One of two labs is handed in: the other is not run, and earns nothing."""
    handed_in = make_lab(tmp_path / "1-buddy", SHORT_LAB)
    copy_oracle(handed_in)
    missing = make_lab(tmp_path / "9-other", OTHER_LAB)
    graded = grade_labs(submission((ROOT / "solutions/alternatives/buddy/array.cpp").read_text()),
                        handed_in, missing)
    assert graded.status == 0
    assert graded.verdicts == {"starts_empty": "pass", "generated": "pass", "frees_only": "pass",
                               "one": "not-run"}
    assert (graded.results["score"], graded.results["max_score"]) == (10, 15)
    assert graded.tests["one"]["score"] == 0
    assert graded.tests["one"]["message"].startswith("other.cpp was not handed in\n")


def test_what_breaks_in_the_integrated_stage_is_nobodys_fault(buddy: labs.Lab) -> None:
    def broken(*_) -> None:
        raise KeyError("a generator's mistake")

    plugin = GradingPlugin({}, None, jobs=1, commands=broken, on_test=broken, wait=broken)
    entry = plugin._judge_integrated(buddy, "coalescing")
    assert (entry["verdict"], entry["score"]) == ("infra", None)
    assert entry["message"] == "the grader failed: KeyError(\"a generator's mistake\")"


@pytest.mark.parametrize(("findings", "hurried"), [
    ([None, None], False), ([None, Finding(Verdict.FAIL, "coalescing")], True),
    ([KeyError("a generator's mistake"), None], False)])
def test_all_patience_is_for_whoever_may_be_right_in_all(findings: list, hurried: bool) -> None:
    plugin = GradingPlugin({}, None, jobs=1, commands=list, on_test=print, wait=print)
    for i, finding in enumerate(findings):
        future = plugin._futures[str(i)] = Future()
        if isinstance(finding, Exception):
            future.set_exception(finding)
        else:
            future.set_result({"test": Outcome([], finding)})
    together = SimpleNamespace(hurried=None, outcomes=dict)
    assert plugin._grade_together(together) == {}
    assert together.hurried is hurried
