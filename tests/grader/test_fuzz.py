"""Whatever a submission makes of what the grader reads: it takes a second at most, 200 MiB, and no traceback."""

from __future__ import annotations

import base64
import io
import json
import random
import re
import socket
import subprocess
import tarfile
import threading
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import pytest
from corpus import works
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.building import build
from grader.cohort.intake import refs, unpack
from grader.cohort.intake.archive import Refused
from grader.course import labs
from grader.debug.follower import Follower
from grader.emulators import qemu
from grader.emulators.ports import Ring
from grader.emulators.qmp import Attendant
from grader.errors import GraderError, Unplayable
from grader.evidence import executed, records
from grader.judging.judge import Ending, judge
from grader.page import film
from grader.reporting import explain
from grader.scenarios import scenario
from grader.scenarios.scenario import Scenario

FUZZ = settings(derandomize=True, database=None, max_examples=20, deadline=None)
LARGE = 1 << 20  # bytes: half of what a log may have
NUMBERS = ["0", "1", "-1", "4096", "0xc0000000", "0xffffffff", "4294967296", "1000000000000000", "0xffffffffffffffff",
           "9" * 25, "1" * 5000, "x", ""]


@contextmanager
def frugal() -> Iterator[None]:
    """A second of processor time at most."""
    began = time.process_time()
    yield
    assert time.process_time() - began < 1


def signed(lines: list[str], key: int) -> bytes:
    """A log of these lines, each with the check word that the player would give it (docs/records.md)."""
    log, check = [], 0
    for line in lines:
        text = line.encode("latin-1", "replace")
        if text[:1] in b"#>.":
            index = re.match(rb"> (\d{1,9})\b", text)
            check = 0 if text[:1] == b"#" else key + int(index[1] if index else 0) & 0xFFFFFFFF
        check = zlib.crc32(text, check)
        log.append(text + b" ~%04x" % ((check ^ check >> 16) & 0xFFFF))
    return b"\n".join(log) + b"\n"


@cache
def honest(slug: str, build_folder: Path) -> list[tuple[Scenario, list[str]]]:
    """A lab's shorter scenarios, and the reference's records of each."""
    found = [s for work in works(labs.find(slug), "1")[::2] for s in work.scenarios[:1] if len(s.operations) < 60]
    image = build.image(build.Toolchain.load(build_folder), {})
    log = qemu.boot(image, scenario.script(found[:12])).log.decode("latin-1")
    parts = re.findall(r"^> \d+ .*?^< \d+.*?$", log, re.MULTILINE | re.DOTALL)
    return [(s, [line.rpartition(" ~")[0].strip() for line in part.splitlines()])
            for s, part in zip(found, parts, strict=False)]


def spoilt(lines: list[str], by: random.Random) -> list[str]:
    """The lines with some changed as a forger might: numbers, names, lines twice, elsewhere or not at all."""
    lines = ["> 0 forged", *lines[1:]]
    for _ in range(by.randint(1, 6)):
        at = by.randrange(1, len(lines))
        words = re.split(r"(?<=[ =])", lines[at])
        i = by.randrange(len(words))
        words[i] = by.choice([by.choice(NUMBERS) + " ", "", words[i] * 2, by.choice(words)])
        lines[at:at + 1] = by.choice([["".join(words)], [lines[at], "".join(words)], [], [by.choice(lines), lines[at]]])
        lines.append("< 0")
    return lines


@pytest.mark.parametrize("slug", [lab.slug for lab in labs.all_labs()])
def test_records_of_any_numbers_are_judged(slug: str, build_folder: Path) -> None:
    lab = labs.find(slug)
    base = build.Toolchain.load(build_folder).kernel_base

    @FUZZ
    @given(st.randoms(use_true_random=False))
    def judged(by: random.Random) -> None:
        wanted, lines = by.choice(honest(slug, build_folder))
        log = signed(spoilt(lines, by), 0)
        with frugal(), suppress(Unplayable):
            run = records.read(log).runs[0]
            finding = judge(wanted, run, by.choice(list(Ending)), lab.new_oracle(base))
            if finding:
                explain.message(finding, [], [])
            film.make(lab, wanted, run, finding, base)
    judged()


@FUZZ
@given(st.sampled_from(["", "# marionette-records 1 lab=buddy kernel_base=0xc0000000"]),
       st.sampled_from(["", "> 0 ", "> 0 x", *(f"> 0 {lab.slug}" for lab in labs.all_labs())]),
       st.lists(st.sampled_from(["boot", "init", "alloc", "free", "map", "create", "malloc", "switch"]), max_size=4),
       st.lists(st.sampled_from(NUMBERS), max_size=5))
def test_whatever_a_kernel_prints_at_the_prompt_is_followed(head: str, title: str, verbs: list[str], numbers: list[str],
                                                            ) -> None:
    follower = Follower(Path("no image"), 0xC0000000)
    told = " ".join(f"{name}={number}" for name, number in zip(("start", "count", "address", "size"), numbers))
    lines = [head, title, *(f"@{i} {verb} {' '.join(numbers)} -> {told}" for i, verb in enumerate(verbs, 1))]
    with frugal():
        for line in [b"= judge on", *signed(list(filter(None, lines)), 0).splitlines(), b"= maps", b"= judge off"]:
            follower.shown(line + b"\n")


@FUZZ
@given(st.binary(max_size=2000), st.integers(0, 2**32 - 1), st.integers(0, 9))
def test_any_bytes_are_a_log(part: bytes, key: int, kind: int) -> None:
    lines = [b"@!<>?#."[kind % 7:kind % 7 + 1].decode() + " " + line for line in part.decode("latin-1").split("\n")]
    for log in (part, signed(["> 0 x", *lines], key), signed(["> 0 x", *lines], key) * 50):
        with frugal():
            records.read(log, key)
    with frugal():
        executed.without_code(part * 100)


LONG = {
    "letters": lambda: signed(["> 0 x", "!1 " + "a" * LARGE], 0),
    "letters, a line each": lambda: b"a\n" * (LARGE // 2),
    "fields": lambda: signed(["> 0 x", *["!1 hang " + 'a="' * 1300] * 500], 0),
    "words": lambda: signed(["> 0 x", *["!1 hang " + "a" * 4000] * 500], 0),
    "operations": lambda: signed(["> 0 x", *(f"@{i} a -> ok" for i in range(LARGE // 22))], 0),
    "calls": lambda: signed(["> 0 x", *["!1 hang trace=" + "1," * 2000] * 500], 0),
    "runs": lambda: signed([f"> {i} x" for i in range(LARGE // 16)], 0),
    "spaces": lambda: b" " * LARGE,
}


@pytest.mark.parametrize("name", LONG)
def test_a_log_as_long_as_can_be_is_read_in_no_time(name: str) -> None:
    log = LONG[name]()
    began = time.process_time()
    records.read(log)
    assert time.process_time() - began < 5  # of a machine with much else to do; quadratic would be minutes
    tracemalloc.start()
    records.read(log[:LARGE // 8])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 25 << 20


@FUZZ
@given(st.text(alphabet="a1 =+-#\n\t0x_", max_size=400))
def test_any_text_is_a_scenario_or_says_why_not(text: str) -> None:
    with frugal(), suppress(GraderError):
        scenario.parse(f"marionette-scenario 1\nlab buddy\nscenario a\n{text}", "x")


def archived(kind: str, names: list[str]) -> bytes:
    """An archive of files of these names."""
    made = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(made, "w") as file:
            for name in names:
                file.writestr(name, b"int x;")
    else:
        with tarfile.open(fileobj=made, mode=f"w:{kind}") as tar:
            for name in names:
                info = tarfile.TarInfo(name)
                info.size = 6
                tar.addfile(info, io.BytesIO(b"int x;"))
    return made.getvalue()


@FUZZ
@given(st.sampled_from(["zip", "", "gz", "bz2", "xz"]),
       st.lists(st.sampled_from(["buddy.cpp", "mm/buddy.cpp", "../buddy.cpp", "a/b/c", "x/buddy.cpp"]), max_size=4),
       st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=3)), max_size=4))
def test_any_bytes_are_an_archive_or_say_why_not(tmp_path_factory: pytest.TempPathFactory, kind: str, names: list[str],
                                                 changes: list[tuple[int, bytes]]) -> None:
    content = bytearray(archived(kind, names))
    for at, by in changes:
        content[at % max(1, len(content)):at % max(1, len(content)) + len(by)] = by
    path = tmp_path_factory.getbasetemp() / "archive"
    path.write_bytes(content)
    with frugal(), suppress(unpack.Refused):
        unpack.take(path, ["buddy.cpp"])


SAID = [{"return": {}}, {"return": "x"}, {"return": {"icount": 9}}, {"return": {"icount": 10 ** 12}}, {"return": base64.b64encode(b"@1 a -> ok ~0000\n" * 3).decode()},
        {"return": "HLT=1"}, {"error": {"class": "GenericError", "desc": "no"}}, {"error": {}}, {"event": 3}, {"QMP": {}}, {}, [],
        *({"event": name, "timestamp": {}} for name in ("STOP", "RESUME", "GUEST_PANICKED", "GUEST_CRASHLOADED",
                                                         "SHUTDOWN", "WATCHDOG", "RTC_CHANGE"))]


@FUZZ
@given(st.lists(st.one_of(st.sampled_from([json.dumps(each).encode() for each in SAID]), st.binary(max_size=30)), max_size=60))
def test_whatever_an_emulator_says_is_heard_to_its_end(lines: list[bytes]) -> None:
    attendant = Attendant(Ring(), 32, inspect=False, contents=0, most=LARGE, stops=2)
    emulator = attendant._theirs.dup()
    emulator.sendall(b"\n".join(lines) + b"\n")
    emulator.shutdown(socket.SHUT_WR)  # as one that ends
    with emulator, frugal(), suppress(GraderError):
        attendant.watch()


@pytest.mark.parametrize(("event", "times", "ending"), [
    ("WATCHDOG", 200, None),  # it ticks while an operation takes long, as often as that takes
    ("WATCHDOG", 5000, Ending.EVENTS),
    ("GUEST_CRASHLOADED", 20, Ending.EVENTS),
])
def test_events_without_end_are_no_machines(event: str, times: int, ending: Ending | None) -> None:
    attendant = Attendant(Ring(), 32, inspect=False, contents=0, most=LARGE, stops=2)
    emulator = attendant._theirs.dup()

    def speak() -> None:
        """As an emulator does: answers each command; the machine runs from `cont` to `quit`."""
        with emulator, emulator.makefile("rb") as commands:
            for command in commands:
                emulator.sendall(json.dumps({"return": {"icount": 0} if b"replay" in command else ""}).encode() + b"\n")
                if b"cont" in command:
                    emulator.sendall((json.dumps({"event": event}).encode() + b"\n") * times)
                if b"quit" in command or (b"registers" in command and not ending):
                    return

    speaker = threading.Thread(target=speak)
    speaker.start()
    attendant.watch()
    speaker.join()
    assert attendant.ending == ending


MODES = [b"100644", b"100755", b"120000", b"160000", b"40000", b"040000", b"0", b"77777777777", b"x"]
NAMES = [b"buddy.cpp", b"mm", b"kernel", b"..", b".", b".git", b"a/b", b"", b"\xff\xfe", b"a\nb", "\u2028".encode()]


@settings(FUZZ, max_examples=8)
@given(st.lists(st.lists(st.tuples(st.sampled_from(MODES), st.sampled_from(NAMES), st.integers(0, 5)), max_size=5),
                min_size=1, max_size=4), st.binary(max_size=60))
def test_any_trees_are_a_submission_or_say_why_not(tmp_path_factory: pytest.TempPathFactory,
                                                   trees: list[list[tuple[bytes, bytes, int]]], other: bytes) -> None:
    repository = tmp_path_factory.getbasetemp() / "repository"
    git = ["git", "-C", repository, "-c", "user.name=A", "-c", "user.email=a@b"]
    if not repository.exists():
        subprocess.run(["git", "init", "-q", repository], check=True)

    def kept(kind: str, content: bytes) -> str:
        return subprocess.run([*git, "hash-object", "-t", kind, "-w", "--stdin", "--literally"], input=content,
                              capture_output=True, check=True).stdout.decode().strip()

    known = [kept("blob", b"int x;"), "0" * 39 + "1"]  # the second one is not there
    for entries in trees:
        known.append(kept("tree", b"".join(mode + b" " + name + b"\0" + bytes.fromhex(known[which % len(known)])
                                           for mode, name, which in entries)))
    for tree in (known[-1], kept("tree", other)):
        commit = kept("commit", f"tree {tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 99999999999999 +9999\n\n".encode())
        with frugal(), suppress(Refused, GraderError):
            refs.dates(repository, [commit])
        with frugal(), suppress(Refused, GraderError):
            refs.take(repository, commit, ["buddy.cpp"])


def test_the_signs_are_those_of_the_player(build_folder: Path) -> None:
    """Or else nothing above would be a record."""
    wanted, lines = honest("buddy", build_folder)[0]
    run = records.read(signed(lines, 0)).runs[0]
    assert (len(run.records), run.finished) == (len(wanted.operations), True)
