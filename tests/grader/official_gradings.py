"""Grades right solutions in official runs: what does not pass, or anything wrong in how it ended, is printed.

    /usr/bin/python3 tests/grader/official_gradings.py TIMES [FIRST]

after `make kernel`. Each grading is another student's, with another seed: the reference, then each lab's alternatives
in turn, all six labs and the integrated stage. FIRST is the number of the first one (0 if not given), from which all
else follows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from grader.course import secret  # noqa: E402: needs the path above
from grader.course.labs import ROOT, all_labs  # noqa: E402
from grader.mutants import sources  # noqa: E402

BUILD = ROOT / "build" / "0xC0000000"


def main(times: int, first: int = 0) -> int:
    """1 if a right solution did not pass."""
    ended: Counter[str] = Counter()
    for number in range(first, first + times):
        with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
            slow = _hand_in(number, Path(folder))
            wrong = _graded(number, Path(folder), slow)
        ended["other than expected" if wrong else "as expected"] += 1
        print(number, *(wrong or ["as expected"]), sep="\n  " if wrong else " ", flush=True)
    print(f"{times} gradings: {dict(ended)}")
    return int("other than expected" in ended)


def _hand_in(number: int, folder: Path) -> set[str]:
    """Lays out the designs that it is the turn of; the tests, `lab/name`, that these say they are slow in."""
    slow = set()
    for lab in all_labs():
        designs = [None, *sources.alternatives(lab)]
        design = designs[number % len(designs)]
        text = design.text if design else sources.reference(lab).read_text(encoding="utf-8")
        slow |= {f"{lab.slug}/{test}" for test in (design.slow_in if design else ())}
        (folder / lab.files[0]).write_text(text, encoding="utf-8")
    return slow


def _graded(number: int, folder: Path, slow: set[str]) -> list[str]:
    """What came otherwise in one grading."""
    seed = secret.official_seed(b"right solutions", f"student {number}", "1")
    done = subprocess.run(
        [ROOT / "grader" / "marionette", "grade", "--build", BUILD, "--submission", folder, "--out", folder / "out",
         "--seed", seed], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        return [f"status {done.returncode}", done.stdout + done.stderr]
    results = json.loads((folder / "out" / "results.json").read_text(encoding="utf-8"))
    return [f"{lab['lab']}/{test['name']}: {test['verdict']}, {test['score']}: {test['message']}"
            for lab in results["labs"] for test in lab["tests"]
            if test["verdict"] != "pass" and f"{lab['lab']}/{test['name']}" not in slow]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("times", type=int)
    parser.add_argument("first", type=int, nargs="?", default=0)
    arguments = parser.parse_args()
    sys.exit(main(arguments.times, arguments.first))
