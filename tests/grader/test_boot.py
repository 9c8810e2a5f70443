"""The kernel boots: by QEMU itself and by GRUB, wherever its addresses begin; and it is small."""

from __future__ import annotations

import io
import json
import platform
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import FULL_MARKS, ROOT, make_kernel, sampled, skeleton
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

from grader.bench import grading
from grader.building import build, sandbox, stage, symbols
from grader.course import labs
from grader.emulators import machine, qemu
from grader.evidence import records
from grader.grading.stage_grading import PUBLIC_SEED, StageGrading
from grader.grading.workloads import of_test
from grader.judging.judge import Ending
from grader.scenarios import scenario

PLAYED = ("init 100\nfree 0 100\na = alloc 3 3\nfree a+1 1\nfree 2 1\nb = alloc 60 100\n"
          "free b\nfree 0 1\nalloc 1 1\n")


def script_of(lab: labs.Lab) -> scenario.Scenario:
    """A scenario with results, names and panics in it."""
    return scenario.Scenario(lab.slug, "t", scenario.operations(PLAYED))


def boot_iso(iso: Path, folder: Path) -> bytes:
    """The serial log of a CD in a PC with a BIOS."""
    log = folder / "log"
    done = subprocess.run(
        [machine.program("qemu-system-i386"), "-accel", "tcg", "-M", "pc", "-m", "64", "-nodefaults", "-display",
         "none", "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-cdrom", iso,
         "-serial", f"file:{log}"], stdin=subprocess.DEVNULL, capture_output=True, timeout=900,
        check=False)
    assert done.returncode == 1, done.stderr
    return log.read_bytes()


def test_qemu_and_grub_boot_it_alike(reference_image: Path, buddy: labs.Lab, build_folder: Path,
                                     tmp_path: Path) -> None:
    wanted = script_of(buddy)
    (tmp_path / "my.scenario").write_text(scenario.script([wanted]))
    from grader.debug import interactive
    iso = tmp_path / "marionette.iso"
    interactive.cd(build_folder, ROOT / "solutions", str(tmp_path / "my.scenario"), iso)

    by_grub = records.read(boot_iso(iso, tmp_path))
    by_qemu = records.read(qemu.boot(reference_image, scenario.script([wanted])).log)
    (run,) = by_grub.runs
    assert run.finished
    assert by_grub.complete
    assert [r.outcome for r in run.records if r.panicked] == ["panic"] * 2
    assert run.records == by_qemu.runs[0].records
    assert len(run.records) == len(wanted.operations)


def test_make_iso(build_folder: Path) -> None:
    done = subprocess.run(["make", "iso", "SUBMISSION=solutions"], cwd=ROOT, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "build/marionette.iso" in done.stdout
    assert (ROOT / "build" / "marionette.iso").stat().st_size > 1 << 19  # GRUB and the kernel


def loaded_bytes(image: Path) -> int:
    """What a boot loader has to read: the sections that are allocated and have contents."""
    listing = subprocess.run(["i686-linux-gnu-readelf", "-SW", image], capture_output=True,
                             text=True, check=True).stdout
    total = 0
    for line in listing.splitlines():
        words = line.partition("]")[2].split()
        if len(words) > 7 and words[1] == "PROGBITS" and "A" in words[6]:
            total += int(words[4], 16)
    return total


def test_no_variable_says_where_code_lies_that_the_kit_calls(build_folder: Path) -> None:
    """Whoever wrote to it would be called in the kit's place."""
    objects = {path: ELFFile(io.BytesIO(path.read_bytes())) for top in ("kernel", "labs", "solutions")
               for path in build_folder.glob(f"{top}/**/*.o")}
    code = {symbol.name for elf in objects.values() for symbol in elf.get_section_by_name(".symtab").iter_symbols()
            if symbol["st_info"]["type"] == "STT_FUNC"}
    assert len(code) > 300
    assert {f"{path.name}: {section}" for path, elf in objects.items()
            for section in _writable_with(elf, code)} == set()


def _writable_with(elf: ELFFile, code: set[str]) -> Iterator[str]:
    """The sections that can be written to and hold an address of code: a function's, or one in a section of code."""
    for listed in elf.iter_sections("SHT_REL"):
        section, symbols = elf.get_section(listed["sh_info"]), elf.get_section(listed["sh_link"])
        for each in listed.iter_relocations() if section["sh_flags"] & SH_FLAGS.SHF_WRITE else ():
            symbol = symbols.get_symbol(each["r_info_sym"])
            place = symbol["st_shndx"]
            if symbol.name in code or isinstance(place, int) and (
                    elf.get_section(place)["sh_flags"] & SH_FLAGS.SHF_EXECINSTR):
                yield section.name


def test_the_image_is_small(reference_image: Path) -> None:
    assert 10_000 < loaded_bytes(reference_image) < 256 * 1024


@pytest.mark.parametrize("memory", [32, 64, 512])
def test_it_boots_with_little_memory_and_with_more(reference_image: Path, buddy: labs.Lab,
                                                   memory: int) -> None:
    log = qemu.boot(reference_image, scenario.script([script_of(buddy)]), memory=memory).log
    (run,) = records.read(log).runs
    assert run.finished


@pytest.mark.parametrize("base", sampled(["0x60400000", "0x40000000"]))  # an odd one, the lowest; the highest is the usual one
def test_wherever_the_kernels_addresses_begin(tmp_path: Path, base: str) -> None:
    """All labs: full marks for the reference, nothing and `todo` for the stubs."""
    assert build.Toolchain.load(make_kernel(base)).kernel_base == int(base, 16)
    reference = graded_at(base, tmp_path / "reference", "SUBMISSION=solutions")
    assert (reference["score"], reference["max_score"]) == (FULL_MARKS, FULL_MARKS)
    assert {test["verdict"] for test in reference["integrated"]["tests"]} == {"pass"}
    stubs = graded_at(base, tmp_path / "stubs")
    assert (stubs["score"], stubs["max_score"]) == (0, FULL_MARKS)
    tests = [test for lab in [*stubs["labs"], stubs["integrated"]] for test in lab["tests"]]
    assert {test["verdict"] for test in tests} == {"todo"}


def graded_at(base: str, out: Path, *options: str) -> dict:
    """The results of `make grade`, all labs, with that KERNEL_BASE."""
    done = subprocess.run(["make", "grade", f"KERNEL_BASE={base}", f"OUT={out}", *options],
                          cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((out / "results.json").read_text())


def test_the_records_say_where_the_kernel_is(toolchain: build.Toolchain, buddy: labs.Lab,
                                             reference_image: Path) -> None:
    log = qemu.boot(reference_image, scenario.script([script_of(buddy)])).log
    first = log.splitlines()[0].decode()
    assert first.startswith("# marionette-records 1 lab=buddy "
                            f"kernel_base={toolchain.kernel_base:#x} ~")


def test_a_scenario_that_no_lab_can_play(reference_image: Path) -> None:
    log = qemu.boot(reference_image, "marionette-scenario 1\nlab bunny\nscenario a\n").log
    assert "lab NAME, a lab that this kernel was built with" in records.read(log).error


@pytest.mark.parametrize(("budget", "least", "most"), [(1, 1, 1), (5_000_000, 2, 90), (10 ** 12, 100, 100)])
def test_no_scenario_is_begun_when_the_budget_is_spent(reference_image: Path, buddy: labs.Lab, budget: int,
                                                       least: int, most: int) -> None:
    log = records.read(qemu.boot(reference_image,
                                 scenario.script(100 * [script_of(buddy)], budget=budget)).log)
    assert log.complete
    assert least <= len(log.runs) <= most
    assert all(run.finished for run in log.runs)


def test_counting_what_is_handed_out_again_and_again_comes_to_an_end(toolchain: build.Toolchain,
                                                                    tmp_path: Path) -> None:
    wrong = tmp_path / "buddy.cpp"
    wrong.write_text(skeleton("*start = 0; return max;"))
    image = build.image(toolchain, {"buddy.cpp": wrong})
    played = scenario.Scenario("malloc", "t", scenario.operations("boot\nframes\n"))
    boot = qemu.boot(image, scenario.script([played]), hurry=True)
    assert boot.ending is Ending.POWER_OFF
    (run,) = records.read(boot.log).runs
    assert run.records[1].results["free"] >= (1 << 20) - 1


def test_a_script_of_another_version(reference_image: Path) -> None:
    log = qemu.boot(reference_image, "marionette-scenario 2\nlab buddy\nscenario a\n").log
    assert records.read(log).error == "expected: marionette-scenario 1"


def test_grades_need_no_more_than_32_mib(grade: Callable) -> None:
    assert machine.MEMORY == 32
    assert grade(ROOT / "solutions").results["score"] == 100


def test_the_integrated_stage_is_one_boot_with_the_last_scenario_of_each_test(
        toolchain: build.Toolchain) -> None:
    boots = []

    def boot(image: Path, script: str, **options: object) -> machine.Boot:
        boots.append(script)
        return qemu.boot(image, script, **options)

    every = labs.all_labs()
    graded = StageGrading(stage.together(), ROOT / "solutions", toolchain, PUBLIC_SEED, boot=boot)
    outcomes = graded.run(graded.workloads())
    assert list(outcomes) == [f"{lab.slug}/{name}" for lab in every for name in lab.integrated]
    for name, outcome in outcomes.items():
        lab = labs.find(name.split("/")[0])
        last = of_test(lab, lab.graded_tests[name.split("/")[1]], PUBLIC_SEED).scenarios[-1]
        assert [entry.scenario.operations for entry in outcome.played] == [last.operations]
        assert outcome.finding is None and outcome.played[0].run.finished
    assert len(boots) == 1


@pytest.mark.parametrize(("second", "verbs"), [("malloc", [["init"], ["boot", "malloc"]]),
                                               ("bunny", [["init"]])])
def test_scenarios_of_several_labs_in_one_script(reference_image: Path, second: str,
                                                 verbs: list[list[str]]) -> None:
    text = (f"{scenario.FIRST_LINE}\nlab buddy\nscenario a\ninit 16\n"
            f"lab {second}\nscenario b\nboot\nmalloc 1\n")
    boot = qemu.boot(reference_image, text)
    log = records.read(boot.log)
    assert [[record.verb for record in run.records] for run in log.runs] == verbs
    assert log.complete == (second == "malloc")
    assert (b"lab NAME, a lab that this kernel was built with" in boot.log) == (second == "bunny")


# How a boot may end without power_off, in buddy_alloc: what the emulator makes of it. (A newer one goes on for a moment.)
ENDS = {
    "the emulator's own exit": ('void watchdog_stop(); watchdog_stop(); '
                                'for (;;) asm volatile("outb %0, %1; hlt" : : "a"(char{0}), "d"(short{0xf4}));',
                                Ending.POWER_OFF),
    "a triple fault": (f"{grading.TRIPLE_FAULT}", Ending.RESET),
    "endless output": ("void serial_write(const char *); void watchdog_stop(); "
                       "watchdog_stop(); for (;;) serial_write(\"...\");", Ending.OUTPUT),
}


@pytest.mark.parametrize("how", ENDS)
def test_nothing_that_was_said_before_a_sudden_end_is_lost(toolchain: build.Toolchain, buddy: labs.Lab,
                                                           tmp_path: Path, how: str) -> None:
    body, ending = ENDS[how]
    wrong = tmp_path / "buddy.cpp"
    wrong.write_text(grading.BROKEN.format(body=body.replace("\n", " ")))
    image = build.image(toolchain, {"buddy.cpp": wrong}, gated=False)
    played = scenario.operations("init 100\nfree 0 100\nfree 7 1\nalloc 1 1")
    boot = qemu.boot(image, scenario.script([scenario.Scenario(buddy.slug, "t", played)]))
    assert boot.ending is ending
    (run,) = records.read(boot.log).runs
    assert [record.verb for record in run.records] == ["init", "free", "free"]
    assert (len(boot.log) == machine.MAX_OUTPUT) is (ending is Ending.OUTPUT)


def test_a_triple_fault_began_where_the_handler_that_is_mapped_no_more_was_needed(toolchain: build.Toolchain,
                                                                                 tmp_path: Path) -> None:
    """Not in the handler, which faults itself until the stack is full."""
    wrong = tmp_path / "paging.cpp"
    wrong.write_text((ROOT / "solutions/mm/paging.cpp").read_text().replace(
        "std::fill_n(initial_directory, user_entries, pte());",
        "std::generate_n(initial_directory, table_entries, []"
        "{ flush_page(kernel_base); flush_page(reinterpret_cast<uintptr_t>(&create_init_pagedir) & -page_size);"
        " return pte(); });"))
    image = build.image(toolchain, {"paging.cpp": wrong})
    played = scenario.script([scenario.Scenario("paging", "t", scenario.operations("init"))])
    boot = qemu.boot(image, played, trace=True)
    assert boot.ending is Ending.RESET and boot.fault
    assert symbols.backtrace(image, boot.fault, ())[0].file == "kernel/mm/paging.cpp"
    assert symbols.backtrace(image, boot.fault, (0, 0)) == symbols.backtrace(image, boot.fault, ())  # nobody calls from null


def test_a_machine_that_filters_no_system_calls_boots_all_the_same(reference_image: Path,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_SECCOMP", {platform.machine(): 99999})  # no kernel has so many
    monkeypatch.setattr(sandbox, "unfiltered", sandbox.unfiltered.__wrapped__)
    assert "the kernel of this machine filters no system calls" in sandbox.unfiltered()
    assert "-sandbox" not in qemu.command(reference_image)
