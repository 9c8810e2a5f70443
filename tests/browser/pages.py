"""Makes the pages that the browser tests open: `pages.py FOLDER`. Nothing is booted for them.

labs-N.html   every lab, every test of it failed, by the oracles' own test records
story.html    a buddy that takes of a larger block than it should, at the fourth operation
long.html     a film of 5,000 operations
hostile.html  a submission that writes markup and terminal escapes wherever it can
passed.html   every test passed: an example each
class.html    a class of 200, with all labs, times, and what they have not understood; some of it hostile
handouts/     all handouts and their index, where Asciidoctor is installed
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from datetime import datetime, timezone
from fractions import Fraction
from itertools import count, takewhile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "grader")]

from broken import KERNEL_BASE, TABLES, grading, results_of  # noqa: E402
from judging import played  # noqa: E402

from grader.cohort.intake import gather  # noqa: E402
from grader.cohort.intake.times import HandedIn  # noqa: E402
from grader.cohort.telling import comparison, summary  # noqa: E402
from grader.cohort.telling import misconceptions as class_map  # noqa: E402
from grader.cohort.telling.figures import Row  # noqa: E402
from grader.cohort.work.store import Key, Record  # noqa: E402
from grader.course import handouts, labs  # noqa: E402
from grader.grading.outcome import Outcome, Story  # noqa: E402
from grader.grading.play import Played  # noqa: E402
from grader.judging.judge import Ending, Finding  # noqa: E402
from grader.judging.verdict import Verdict  # noqa: E402
from grader.mutants import misconceptions  # noqa: E402
from grader.page import report  # noqa: E402
from grader.reporting.origin import Origin  # noqa: E402
from grader.reporting.results import Results, TestResult  # noqa: E402
from grader.scenarios.stream import Stream  # noqa: E402

HOSTILE = ("</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
           "<svg onload='window.hacked = 1'>{{7*7}} <b>bold</b> \x1b[31mred\u2028 &amp; \"'`${1}")
OPERATIONS = 5000


def long_run() -> str:
    """Units of 1000 are taken, 1 to 8 at a time, and come back in any order; by first fit."""
    numbers, lines = Stream("pages"), ["init 1024 -> size=512", "free 0 1024 -> ok"]
    live: list[tuple[int, int]] = []
    while len(lines) < OPERATIONS - 1:
        if live and (numbers.chance(1, 2) or len(live) > 60):
            start, size = live.pop(numbers.below(len(live)))
            lines.append(f"free {start} {size} -> ok")
            continue
        size = 1 << numbers.below(4)
        used = {start // 8 for start, _ in live}
        start = next(8 * place for place in count() if place not in used)
        live.append((start, size))
        lines.append(f"alloc {size} {size} -> count={size} start={start}")
    start = live[0][0]
    return "\n".join([*lines, f"alloc 1 1 -> count=1 start={start}"])


def one_test(slug: str, text: str, verdict: Verdict, **finding: object) -> Story:
    """A lab's first test, that ended with these records; the last of them went wrong."""
    lab = labs.find(slug)
    scenario, run = played(lab, text)
    found = Finding(verdict, "one owner", len(run.records), run.records[-1].text,
                    expected="units that are free", seen="1 unit", **finding)
    result = TestResult(lab.tests[0].name, verdict, 4, Fraction(0), "one owner", "an idea")
    return Story(lab, result, Outcome([], found, scenario, run), found, ("make run",))


STORY = "init 8 -> size=64; free 0 4 -> ok; free 6 2 -> ok; alloc 2 2 -> count=2 start=0"


def hostile() -> tuple[Results, list[Story]]:
    """Whatever can hold a student's text holds some that is bad."""
    story = one_test("buddy", "init 8 -> size=64; free 0 8 -> ok; alloc 1 1 -> count=1 start=9",
                     Verdict.FAIL, output=[HOSTILE] * 3, sentence=HOSTILE, picture=HOSTILE)
    finding = replace(story.finding, rule=HOSTILE, expected=HOSTILE, seen=f"{HOSTILE}\n{HOSTILE}")
    records = story.outcome.run.records
    records[1] = replace(records[1], line=f"@2 free 0 8 -> {HOSTILE}")
    outcome = replace(story.outcome, finding=finding)
    story = replace(story, finding=finding, outcome=outcome, commands=(HOSTILE,))
    found = replace(results_of([story]), extra={"degraded": [HOSTILE]}, integrated={
        "score": 0, "max_score": 1, "weight": 0, "weighted_score": 0, "tests": [
            {"name": "buddy/x", "verdict": "fail", "score": 0, "max_score": 1,
             "message": HOSTILE}]})
    return found, [story]


def passed() -> tuple[Results, list[Story]]:
    """Two labs without a fault."""
    texts = {"buddy": "init 8 -> size=64; free 0 8 -> ok; alloc 3 3 -> count=3 start=0",
             "malloc": "boot -> ok; malloc 50 -> address=0xffff0010; free 0xffff0010 -> changed=0"}
    stories = []
    for slug, text in texts.items():
        lab = labs.find(slug)
        outcome = Outcome([Played(*played(lab, text), Ending.POWER_OFF)])
        stories += [Story(lab, TestResult(test.name, Verdict.PASS, test.points, Fraction(1),
                                          idea=test.idea), outcome) for test in lab.tests]
    return results_of(stories), stories


ORIGIN = Origin(HOSTILE, {"Kit": HOSTILE, "Again": f"make grade SUBMISSION={HOSTILE}"})


def a_class() -> str:
    """The page about 200: each lacks some tests of some labs, and has handed in at another time."""
    numbers, everybody, rows = Stream("class"), labs.all_labs(), []
    for i in range(200):
        done = []
        for lab in everybody[:2 + numbers.below(5)]:
            wrong = numbers.below(3)
            tests = [{"name": test.name, "verdict": "fail" if k < wrong else "pass", "score": 0 if k < wrong else test.points,
                      "max_score": test.points, "message": "buddies join again" if k < wrong else ""}
                     for k, test in enumerate(lab.tests)]
            done.append({"lab": lab.slug, "score": sum(test["score"] for test in tests), "max_score": 100, "tests": tests})
        name = HOSTILE if i == 7 else f"student-{i:03}@university.example"
        results = {"score": sum(lab["score"] for lab in done), "max_score": 600, "labs": done,
                   "integrated": {"score": 12, "max_score": 12, "weight": 0, "weighted_score": 0, "tests": []}}
        known = {lab.slug: not_understood(lab, i) for lab, graded in zip(everybody, done) if graded["score"] < 100}
        key = Key("", "kit", "1", "", "0xC0000000")
        rows.append(Row(gather.Entry(name, f"s{i}", name, lambda names: gather.Taken(), remark=HOSTILE if i == 7 else ""),
                        Record(name, "", key, results=results, alike={"buddy.cpp": 0.75} if i == 9 else {}, diagnosis=known),
                        HandedIn(datetime(2030, 10, 1 + i % 28, 12, 30, tzinfo=timezone.utc))))
    before = comparison.Earlier(HOSTILE, {rows[3].entry.id: replace(rows[3].record, problem=HOSTILE)})
    return summary.html(rows, everybody, Path("/nowhere"), comparison.compare(rows, before),
                        [gather.NotTaken(HOSTILE, "whose it is can't be told")],
                        class_map.of_class(rows, everybody, before))


def not_understood(lab: labs.Lab, student: int) -> dict:
    """A diagnosis as `make class` keeps it: one of the lab's known mistakes, or, of some students, none."""
    behind = list(misconceptions.load(lab).items())
    if student % 5 == 0:
        return {"mistakes": [], "misconception": "", "section": "", "said": []}
    name, one = behind[student % len(behind)]
    words = name.replace("_", " ") if student != 7 else HOSTILE
    return {"mistakes": [{"name": name, "words": words}], "misconception": one.words, "section": one.section, "said": []}


def main(folder: Path) -> None:
    """Writes them all."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.html"):
        old.unlink()
    long = one_test("buddy", long_run(), Verdict.FAIL)
    story = one_test("buddy", STORY, Verdict.FAIL, picture="....##..")
    pages = {"story": (results_of([story]), [story]), "long": (results_of([long]), [long]),
             "hostile": hostile(), "passed": passed()}
    turns = takewhile(lambda made: made[1], (grading(TABLES, turn) for turn in count()))
    pages |= {f"labs-{number}": made for number, made in enumerate(turns, 1)}
    for name, (found, stories) in pages.items():
        path = folder / f"{name}.html"
        path.write_text(report.html(found, stories, KERNEL_BASE, ORIGIN), encoding="utf-8")
        print(f"{path}: {path.stat().st_size:,} bytes")
    (folder / "class.html").write_text(a_class(), encoding="utf-8")
    shutil.rmtree(folder / "handouts", ignore_errors=True)
    if shutil.which("asciidoctor"):
        handouts.build(handouts.all_handouts(), folder / "handouts", print, printed=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
