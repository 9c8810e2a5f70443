"""The corpus of attacks (tests/grader/attacks/): what a hostile submission tries, and what must come of it.

A file is an attack: LAB/NAME.cpp is a submission's file for that lab, files/NAME.sh a shell script that
lays a submission out. It begins with comment lines `key: value`:

    attack    what it tries, in a sentence
    route     the group it belongs to
    class     stopped (before it is booted), detected, or residual
    verdict   the verdicts of the lab's tests, any of these; none: the grading itself refuses
    message   what is said of it, among other things; where compilers differ, either, with ` | ` between
    seed      of the run; an official one if not given
    points    what is earned; 0 if not given. Only a residual attack may earn any
    played    only these tests: it takes long, or leaves the others alone

In the text, @KIT@ stands for the kit's folder, @NEIGHBOUR@ for another submission's, @SECRET@ for a file of
the host, @KERNEL_BASE@ for the number, @REFERENCE@ for the reference's text, @ASSEMBLY@ for what the
compiler makes of it, with nops between, as a string's content, @ADDRESS:symbol@ for an address in the image that
everybody can build, @CODE:symbol@ for the bytes that a function begins with (-1 where they depend on the layout),
@PUBLIC_KEY@ for the key of the public seed,
@HONEST_LOG@ for calls of record() with what the reference's first scenario writes, and @PART:name@ for
parts/name.inc, which several attacks share.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.building import build, stage, symbols
from grader.course import labs, secret
from grader.course.labs import ROOT
from grader.emulators import qemu
from grader.evidence import executed
from grader.grading.stage_grading import PUBLIC_SEED, StageGrading
from grader.grading.workloads import Workload, of_test
from grader.grading.outcome import NotPassed, Outcome
from grader.reporting import explain
from grader.scenarios import scenario

FOLDER = ROOT / "tests" / "grader" / "attacks"
OFFICIAL = secret.official_seed(b"the secret of the attacks", "mallory", "1")
_CODE = 40  # bytes by which a function is found
CANARY = "a word that stands in a file of the host"


@dataclass(frozen=True)
class Attack:
    """One file of the corpus."""

    path: Path
    head: dict[str, str]

    @property
    def name(self) -> str:
        """`LAB/NAME`, or `files/NAME`."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def lab(self) -> str:
        """The lab that it is graded in."""
        return "buddy" if self.path.suffix == ".sh" else self.path.parent.name

    @property
    def kind(self) -> str:
        """Its class."""
        return self.head["class"]

    @property
    def verdicts(self) -> set[str]:
        """Those that its tests may have."""
        return set(self.head["verdict"].split())

    @property
    def seed(self) -> str:
        """The run's."""
        return self.head.get("seed", OFFICIAL)

    @property
    def played(self) -> list[str]:
        """The tests that it is graded with, if not with all."""
        return self.head.get("played", "").split()

    @property
    def whole(self) -> bool:
        """Whether it is graded by the command, with all tests, also where time counts."""
        return not self.played and (self.path.suffix == ".sh" or self.kind == "residual")

    @property
    def points(self) -> float:
        """What it earns."""
        return float(self.head.get("points", 0))


@dataclass(frozen=True)
class Came:
    """What came of an attack: the tests, as results.json has them; `score` is None where the grading
    refused, or was only a sample. Time in seconds."""

    status: int
    output: str
    score: float | None
    tests: list[dict]
    seconds: float

    @property
    def said(self) -> str:
        """All that anybody gets to read."""
        return "\n".join([self.output, *(test["message"] for test in self.tests)])


def attacks() -> list[Attack]:
    """The whole corpus, by name."""
    paths = [*FOLDER.glob("*/*.cpp"), *FOLDER.glob("*/*.sh")]
    return [Attack(path, _head(path)) for path in sorted(paths)]


def _head(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    return dict(re.fullmatch(r"(?://|#) (\w+): ?(.*)", line).groups() for line in lines)


def lay_out(attack: Attack, folder: Path, toolchain: build.Toolchain) -> Path:
    """Makes the submission's folder, with a neighbour and a file of the host beside it."""
    submission, neighbour = folder / "submission", folder / "neighbour"
    for made in (submission, neighbour):
        made.mkdir()
    shutil.copy(ROOT / "solutions" / "mm" / "buddy.cpp", neighbour)
    (folder / "secret.txt").write_text(f"#error {CANARY}\n")
    if attack.path.suffix == ".sh":
        subprocess.run(["sh", "-e", attack.path], cwd=submission, check=True,
                       env={"PATH": os.environ["PATH"], "KIT": str(ROOT)})
    else:
        (submission / f"{attack.lab}.cpp").write_text(filled_in(attack, folder, toolchain))
    return submission


def filled_in(attack: Attack, folder: Path, toolchain: build.Toolchain) -> str:
    """A submission's file, as it is handed in; `folder` has the neighbour's, and the file of the host."""
    text = re.sub(r"@PART:(\w+)@\n", lambda found: _part(found[1]), attack.path.read_text("utf-8"))
    reference = (ROOT / "solutions" / "mm" / f"{attack.lab}.cpp").read_text(encoding="utf-8")
    for name, value in {"KIT": ROOT, "NEIGHBOUR": folder / "neighbour", "REFERENCE": reference,
                        "SECRET": folder / "secret.txt",
                        "KERNEL_BASE": f"{toolchain.kernel_base:#x}",
                        "PUBLIC_KEY": f"{secret.key(PUBLIC_SEED, attack.lab):#x}"}.items():
        text = text.replace(f"@{name}@", str(value))
    if "@ASSEMBLY@" in text:
        text = text.replace("@ASSEMBLY@", _assembly(attack, toolchain))
    if "@HONEST_LOG@" in text:
        text = text.replace("@HONEST_LOG@", _honest_log(attack, toolchain))
    if "@ADDRESS:" in text:
        text = _with_addresses(text, f"{attack.lab}.cpp", toolchain)
    return re.sub(r"@CODE:(\w+)@", lambda found: _code(found[1], toolchain), text)


def _with_addresses(text: str, name: str, toolchain: build.Toolchain) -> str:
    """The text of a file of that name, with the places of the kernel's variables in the image that is made with it: its
    size moves them."""
    own: dict[str, Path] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            table = symbols.table(build.image(toolchain, own, gated=False))
            filled = re.sub(r"@ADDRESS:(\w+)@", lambda found: f"{table[found[1]]:#x}", text)
            own = {name: Path(folder) / name}
            own[name].write_text(filled, encoding="utf-8")
    return filled


@cache
def _code(symbol: str, toolchain: build.Toolchain) -> str:
    """The beginning of a function's code, as numbers; none if there is no such function."""
    found = []
    for layout in ("", *"abcdefg"):
        image = build.image(toolchain, {}, layout=layout)
        code, address = executed.code_of(image), symbols.table(image).get(symbol)
        found.append(code.text[address - code.virtual:][:_CODE] if address else b"")
    return ", ".join(str(bytes_[0] if len(set(bytes_)) == 1 else -1) for bytes_ in zip(*found))


def _part(name: str) -> str:
    text = (FOLDER / "parts" / f"{name}.inc").read_text(encoding="utf-8")
    return re.sub(r"@PART:(\w+)@\n", lambda found: _part(found[1]), text)


def _assembly(attack: Attack, toolchain: build.Toolchain) -> str:
    """The reference's code as the compiler writes it down, a nop behind each instruction, without line ends."""
    command = [*toolchain.compile, "-g0", "-S", f"solutions/mm/{attack.lab}.cpp", "-o", "-"]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    spread = (line + "\n\tnop" if re.match(r"\t[a-z]", line) else line for line in lines)
    return json.dumps("\n".join(spread))[1:-1]


def _honest_log(attack: Attack, toolchain: build.Toolchain) -> str:
    """All records of the first scenario but its last, in C++."""
    lab = labs.find(attack.lab)
    first = work(lab, lab.tests[0].name, PUBLIC_SEED).scenarios[0]
    log = qemu.boot(build.image(toolchain, {}), scenario.script([first])).log.decode()
    lines = log[log.index("> 0 "):log.index("< 0")].splitlines()
    return "".join(f'record("{line.rpartition(" ~")[0]}");' for line in lines)


def grade(attack: Attack, submission: Path, build_folder: Path) -> Came:
    """Grades the whole lab, as an instructor would: in an official run, unless it says otherwise."""
    out = submission.parent / "out"
    began = time.monotonic()
    done = subprocess.run(
        [ROOT / "grader" / "marionette", "grade", "--build", build_folder, "--lab", attack.lab,
         "--submission", submission, "--out", out, "--seed", attack.seed],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=900, check=False)
    seconds = time.monotonic() - began
    output = (done.stdout + done.stderr).decode("utf-8", "backslashreplace")
    path = out / "results.json"
    if not path.exists():
        return Came(done.returncode, output, None, [], seconds)
    lab = json.loads(path.read_text())["labs"][0]
    return Came(done.returncode, output, lab["score"], lab["tests"], seconds)


def sample(attack: Attack, submission: Path, toolchain: build.Toolchain) -> Came:
    """Grades a few tests of the lab, without shrinking: enough to see what comes of it."""
    lab = labs.find(attack.lab)
    grading = StageGrading(stage.alone(lab), submission, toolchain, attack.seed, rounds=0)
    tests = [test.name for test in lab.tests]
    wanted = attack.played or [tests[i] for i in (0, len(tests) // 2, -1)]
    chosen = [work(lab, name, attack.seed) for name in tests if name in wanted]
    began = time.monotonic()
    outcomes = grading.run(chosen)
    seconds = time.monotonic() - began
    return Came(0, "", None, [_test(lab, name, outcome) for name, outcome in outcomes.items()], seconds)


def _test(lab: labs.Lab, name: str, outcome: Outcome) -> dict:
    try:
        lab.graded_tests[name](outcome)
    except NotPassed as error:
        return {"verdict": error.finding.verdict.value, "message": explain.message(error.finding, outcome.places, [])}
    return {"verdict": "pass", "message": ""}


def complaints(attack: Attack, came: Came) -> list[str]:
    """What did not come as the attack's file says; and what nobody should read."""
    verdicts = {test["verdict"] for test in came.tests}
    wrong = {
        f"status {came.status}: {came.output}": came.status != (0 if attack.verdicts else 2),
        f"verdicts {sorted(verdicts)}": not verdicts <= attack.verdicts,
        f"score {came.score}": came.score not in (None, attack.points),
        "the message is not said: " + came.said: not any(
            message in " ".join(came.said.split()) for message in attack.head["message"].split(" | ")),
        "a file of the host is read": CANARY in came.said,
        "unprintable": not all(c == "\n" or c.isprintable() for c in came.said),
    }
    return [complaint for complaint, is_so in wrong.items() if is_so]


def works(lab: labs.Lab, seed: str) -> list[Workload]:
    """What the lab's tests play with that seed, made anew each time."""
    module = runpy.run_path(str(lab.test_file))
    return [of_test(lab, module[f"test_{test.name}"], seed) for test in lab.tests]


def work(lab: labs.Lab, name: str, seed: str) -> Workload:
    """What one of the lab's tests plays with that seed."""
    return of_test(lab, lab.graded_tests[name], seed)
