"""The same image and script give the same bytes on the serial line, and the same submission the same
verdicts, however busy the machine is.

RUNS=50 makes it 50 runs. GRADINGS=1000 makes it 1,000 gradings of the reference, all labs of it and not one, and a
fifth as many of one that hangs (docs/trust.md has what came of it).
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import FULL_MARKS, ROOT, mutant_text

from grader.building import build
from grader.course import labs
from grader.emulators import bochs, machine, qemu
from grader.scenarios import scenario, stream, workload

RUNS = int(os.environ.get("RUNS", "5"))
GRADINGS = int(os.environ.get("GRADINGS", "2"))
FEW = () if "GRADINGS" in os.environ else ("--lab", "paging")


@pytest.fixture(scope="module")
def forking() -> SimpleNamespace:
    """In no environment: here it is always the program itself that is run, several at a time."""
    return SimpleNamespace(environment=None)


def burn() -> None:
    """Keeps a core busy."""
    while True:
        pass


@pytest.fixture
def busy_cores() -> Iterator[None]:
    """Every core has something else to do."""
    context = multiprocessing.get_context("fork")
    burners = [context.Process(target=burn, daemon=True) for _ in range(os.cpu_count() or 1)]
    for burner in burners:
        burner.start()
    yield
    for burner in burners:
        burner.kill()
        burner.join()


def script_of(lab: labs.Lab, text: str) -> str:
    """The scenario several times over, with every operation's cost written down."""
    played = scenario.operations(text)
    return scenario.script([scenario.Scenario(lab.slug, "t", played, measure=True, test=f"t{i}")
                            for i in range(3)], key=7)


def random_history() -> str:
    """Some hundred operations, the same ones each time."""
    numbers = stream.Stream("determinism")
    lines = ["init 1000", "free 0 1000"]
    for i in range(150):
        low = numbers.between(1, 9)
        lines.append(f"r{i} = alloc {low} {low + numbers.below(20)}")
        if i % 3:
            lines.append(f"free r{i - numbers.below(2)}" if i % 3 == 1 else "free 0 2000")
    return "\n".join(lines)


@pytest.mark.usefixtures("busy_cores")
def test_the_same_bytes_each_time(reference_image: Path, buddy: labs.Lab) -> None:
    script = script_of(buddy, random_history())
    logs = {qemu.boot(reference_image, script).log for _ in range(RUNS)}
    assert len(logs) == 1
    (log,) = logs
    assert log.count(b" cost=") > 300
    assert b". scenarios=3 ~" in log


@pytest.mark.usefixtures("busy_cores")
def test_a_hang_is_cut_off_at_the_same_instruction(toolchain: build.Toolchain,
                                                   buddy: labs.Lab, tmp_path: Path) -> None:
    wrong = tmp_path / "buddy.cpp"
    wrong.write_text(mutant_text("buddy", "loops_when_full"))
    image = build.image(toolchain, {"buddy.cpp": wrong})
    script = script_of(buddy, "init 8\nfree 0 8\nalloc 8 8\nalloc 1 1")
    logs = {qemu.boot(image, script).log for _ in range(RUNS)}
    assert len(logs) == 1
    assert logs.pop().count(b"!4 hang ") == 3


class Changing(dict):
    """An environment of which a variable goes whenever somebody copies it."""

    def __iter__(self) -> Iterator[str]:
        raise KeyError("PYTEST_CURRENT_TEST")

    keys = __iter__


@pytest.mark.parametrize("emulator", [qemu, bochs])
def test_a_boot_while_another_thread_changes_the_environment(
        emulator: machine.Emulator, reference_image: Path, buddy: labs.Lab,
        monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest does that at each test's beginning and end, while labs are being graded."""
    monkeypatch.setattr(os, "environ", Changing(os.environ))
    script = script_of(buddy, "init 8\nfree 0 8\nalloc 8 8")
    assert b". scenarios=3 ~" in emulator.boot(reference_image, script).log


def all_said(marionette: Callable, submission: Path, out: Path, options: Sequence[str]) -> str:
    """What one grading said of each test."""
    done = marionette("grade", "--submission", str(submission), "--out", str(out), *options)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((out / "results.json").read_text().replace(str(out), "OUT"))
    shutil.rmtree(out)
    return json.dumps([results["score"], results["labs"], results["integrated"]], indent=1)


def in_a_crowd(marionette: Callable, submission: Path, folder: Path, times: int, *options: str) -> Counter[str]:
    """What many gradings said, more of them at a time than there are cores, and how often."""
    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        return Counter(pool.map(lambda i: all_said(marionette, submission, folder / str(i), options),
                                range(times)))


def test_gradings_of_the_reference_end_alike(marionette: Callable, tmp_path: Path) -> None:
    said = in_a_crowd(marionette, ROOT / "solutions", tmp_path, GRADINGS, *FEW)
    assert [json.loads(text)[0] for text in said] == [labs.find("paging").points if FEW else FULL_MARKS], said


def test_gradings_of_one_that_hangs_end_alike(marionette: Callable, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    (wrong / "buddy.cpp").write_text(mutant_text("buddy", "loops_when_full"))
    said = in_a_crowd(marionette, wrong, tmp_path, max(GRADINGS // 5, 2))
    assert len(said) == 1, said
    assert said.popitem()[0].count('"hang"') > 5


def test_the_same_image_for_the_same_files(toolchain: build.Toolchain, tmp_path: Path) -> None:
    text = (ROOT / "solutions/alternatives/buddy/array.cpp").read_text() + f"// {tmp_path}\n"
    images = set()
    for name in ("one", "two"):
        source = tmp_path / name / "buddy.cpp"
        source.parent.mkdir()
        source.write_text(text)
        images.add(build.image(toolchain, {"buddy.cpp": source}))
    assert len(images) == 1


def made(lab: labs.Lab, seed: str) -> list[str]:
    """The text of a generated workload."""
    def numbers(random: stream.Stream, index: int) -> tuple[scenario.Operation, ...]:
        return scenario.operations("\n".join(f"free {random.word()} {index}" for _ in range(3)))

    scenarios = workload.generated(numbers, 2).scenarios(lab.folder, lab.slug, "t", seed)
    return [line for s in scenarios for line in s.text.split("\n")]


def test_a_seed_makes_the_same_workload_and_another_seed_another(buddy: labs.Lab) -> None:
    assert made(buddy, "1") == made(buddy, "1")
    assert made(buddy, "1") != made(buddy, "2")


def test_the_stream_never_changes() -> None:
    """Numbers written down when it was made: a grade of today can be had again in years."""
    numbers = stream.Stream("1", "buddy", "t", 0)
    assert [numbers.word() for _ in range(3)] == [
        15165323142791372481, 16228461462076431687, 14546080120758413588]
    assert stream.Stream("1").shuffled(range(8)) == [7, 2, 4, 6, 0, 1, 5, 3]
