"""Writes golden/*.log again: serial logs of real boots, each with its scenario beside it.

    /usr/bin/python3 tests/grader/make_golden.py

Run it after a change of the record format, look at what `git diff` says, and commit the result. The
logs `truncated-…` and `garbled` are the log `pass` with the damage done to it here.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from conftest import make_kernel, mutant_text, skeleton  # noqa: E402: needs the path above

from grader.building import build  # noqa: E402
from grader.course import labs# noqa: E402
from grader.emulators import qemu  # noqa: E402
from grader.scenarios import scenario  # noqa: E402

KEY = 0xC0FFEE  # of all golden logs
GOLDEN = HERE / "golden"

STUB = (labs.ROOT / "kernel/mm/buddy.cpp").read_text()
REFERENCE = (labs.ROOT / "solutions/mm/buddy.cpp").read_text()
FORGETFUL = mutant_text("buddy", "forgets_the_rest")

HISTORY = """\
init 8
free 0 8
a = alloc 3 3
b = alloc 4 4
free a+1 2
free b
alloc 2 8
"""

# A log's name -> the submission, and the operations that it played.
BOOTS = {
    "pass": (REFERENCE, HISTORY),
    "fail": (FORGETFUL, HISTORY),
    "todo": (STUB, HISTORY),
    "panic": (skeleton('panic("out of %s", "luck");'), HISTORY),
    "panic-expected": (REFERENCE, "init 8\nfree 2 4\nfree 0 3\nfree 7 2\nalloc 8 8\nalloc 1 4\n"),
    "exception": (skeleton("return *reinterpret_cast<volatile size_t *>(0x7f000010);"), HISTORY),
    "hang": (skeleton("for (;;) asm volatile(\"\");"), HISTORY),
    "refused": (REFERENCE, "init 8\nfree 0 8\nfree c 2\n"),
    # Output of the student's own, without a line's end before the record.
    "output": (skeleton(r'print("one \x1b[31m\ntwo\n\n@7 alloc? "); return 0;'),
               "init 8\nalloc 1 1\n"),
    # What a true record would look like, the check word guessed, from code that then hangs.
    "forged": (skeleton(r'print("@2 alloc 1 1 -> count=0 ~1234\n< 0 ~1234\n. scenarios=1 ~1234\n");'
                        ' for (;;) asm volatile("");'), "init 8\nalloc 1 1\n"),
}


def main() -> None:
    toolchain = build.Toolchain.load(make_kernel())
    GOLDEN.mkdir(exist_ok=True)
    for name, (text, played) in BOOTS.items():
        wanted = scenario.Scenario("buddy", name, scenario.operations(played))
        save(name, wanted, boot(toolchain, text, wanted))
    damage(scenario.Scenario("buddy", "pass", scenario.operations(HISTORY)))


def boot(toolchain: build.Toolchain, text: str, wanted: scenario.Scenario) -> bytes:
    """The serial log of a submission that plays one scenario."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "buddy.cpp"
        source.write_text(text)
        image = build.image(toolchain, {"buddy.cpp": source})
    return qemu.boot(image, scenario.script([wanted], KEY)).log


def damage(wanted: scenario.Scenario) -> None:
    """Saves what is left of the log `pass` after it was cut or hit."""
    log = (GOLDEN / "pass.log").read_bytes()
    fifth = log.index(b"@5 ")
    save("truncated-in-a-line", wanted, log[:fifth + 9])
    save("truncated-between-lines", wanted, log[:fifth])
    save("truncated-before-the-end", wanted, log[:log.index(b"< 0")])
    hit = bytearray(log)
    for at in (fifth + 1, fifth + 5):
        hit[at] ^= 0x01
    save("garbled", wanted, bytes(hit))
    save("empty", wanted, b"")


def save(name: str, wanted: scenario.Scenario, log: bytes) -> None:
    """Writes the two files of one golden log."""
    (GOLDEN / f"{name}.scenario").write_text(scenario.script([wanted], KEY))
    (GOLDEN / f"{name}.log").write_bytes(log)


if __name__ == "__main__":
    main()
